//! The moment of a decision: what `now` may be.

use gait_base::time::{TimeError, Timestamp};
use gait_host::clock::{Clock as _, SystemClock};
use napi::Either;
use napi_derive::napi;

use crate::fault::{self, Subject};

/// A `Date` as its number of milliseconds, or RFC 3339 text.
pub(crate) type Moment = Either<f64, String>;

/// The range of a JavaScript `Date`, in milliseconds on both sides of 1970.
const DATE_RANGE: f64 = 8.64e15;

/// The machine's clock as RFC 3339 text: more precise than a `Date`, which is why it is asked here.
#[napi(catch_unwind)]
pub(crate) fn clock() -> String {
    SystemClock.now().to_string()
}

/// The given moment.
pub(crate) fn moment(now: &Moment) -> napi::Result<Timestamp> {
    let read = match now {
        Either::A(millis) => from_millis(*millis),
        Either::B(text) => Timestamp::parse(text),
    };
    read.map_err(|error| fault::exception(&error, Subject::Other))
}

fn from_millis(millis: f64) -> Result<Timestamp, TimeError> {
    if millis.is_nan() || millis.abs() > DATE_RANGE {
        return Err(TimeError::OutOfRange);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of a Date, which i64 holds exactly")]
    let millis = millis as i64;
    let nanos = u32::try_from(millis.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
    Timestamp::from_unix(millis.div_euclid(1000), nanos)
}
