//! The moment of a decision, and lengths of time: what `now`, `ttl` and `timeout` may be.

use gait_base::error::Category;
use gait_base::time::Timestamp;
use gait_host::clock::{Clock as _, SystemClock};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDateTime, PyDelta, PyFloat, PyInt, PyString};

use crate::fault::{self, Subject};

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i128 = 86_400;

/// The given moment (an aware `datetime` or RFC 3339 text), else the machine's.
pub(crate) fn moment(now: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    now.map_or_else(|| Ok(SystemClock.now()), |now| moment_of(now, "now"))
}

/// A moment that must be given.
pub(crate) fn moment_of(moment: &Bound<'_, PyAny>, argument: &str) -> PyResult<Timestamp> {
    let py = moment.py();
    let written = if let Ok(text) = moment.cast::<PyString>() {
        text.clone()
    } else if moment.is_instance_of::<PyDateTime>() {
        if moment.getattr("tzinfo")?.is_none() {
            let message = format!("{argument} must be an aware datetime: give it a tzinfo");
            return Err(fault::plain(py, Category::InvalidInput, "time_without_zone", &message));
        }
        moment.call_method0("isoformat")?.cast_into::<PyString>()?
    } else {
        return Err(PyTypeError::new_err(format!("{argument} must be an aware datetime or RFC 3339 text")));
    };
    let parsed = written.to_str().map_or(Err(gait_base::time::TimeError::Malformed), Timestamp::parse);
    parsed.map_err(|error| fault::exception(py, &error, Subject::Other))
}

/// A length of time (seconds or a `timedelta`) in nanoseconds.
pub(crate) fn nanos(length: &Bound<'_, PyAny>, argument: &str) -> PyResult<i64> {
    let part = |name: &str| -> PyResult<i128> { length.getattr(name)?.extract() };
    let out_of_range = || {
        let message = format!("{argument} is too long or no number");
        fault::plain(length.py(), Category::InvalidInput, "duration_out_of_range", &message)
    };
    let nanos = if length.is_instance_of::<PyDelta>() {
        let seconds = part("days")? * SECONDS_PER_DAY + part("seconds")?;
        seconds * NANOS_PER_SECOND + part("microseconds")? * 1_000
    } else if length.is_instance_of::<PyInt>() && !length.is_instance_of::<PyBool>() {
        i128::from(length.extract::<i64>().map_err(|_| out_of_range())?) * NANOS_PER_SECOND
    } else if let Ok(seconds) = length.cast::<PyFloat>() {
        let nanos = (seconds.value() * 1e9).round();
        if !nanos.is_finite() {
            return Err(out_of_range());
        }
        #[expect(clippy::cast_possible_truncation, reason = "what is too large stays too large")]
        let nanos = nanos as i128;
        nanos
    } else {
        return Err(PyTypeError::new_err(format!("{argument} must be seconds or a timedelta")));
    };
    i64::try_from(nanos).map_err(|_| out_of_range())
}
