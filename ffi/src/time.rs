//! Instants as C hands them over.

use std::ffi::c_char;

use gait_base::time::Timestamp;
use gait_host::clock::{Clock, SystemClock};

use crate::border::{call_with_error, check_aligned, put, text};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::status::gait_status;

/// An instant in UTC, years 0 to 9999.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_time {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub seconds: i64,
    /// Nanoseconds after `seconds`, below 1000000000.
    pub nanos: u32,
}

impl gait_time {
    pub(crate) const fn new(time: &Timestamp) -> Self {
        Self { seconds: time.unix_seconds(), nanos: time.nanos() }
    }
}

/// The instant that the caller passes, else the system clock's.
///
/// # Safety
/// `given` is NULL or points to a readable instant.
pub(crate) unsafe fn or_now(given: *const gait_time, what: &str) -> Outcome<Timestamp> {
    if given.is_null() {
        return Ok(SystemClock.now());
    }
    check_aligned(given, what)?;
    // SAFETY: not NULL and aligned; the caller promises the rest.
    let time = unsafe { given.read() };
    Ok(Timestamp::from_unix(time.seconds, time.nanos)?)
}

/// The time now by the system's clock.
///
/// Any thread.
///
/// # Safety
/// `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_time_now(out: *mut gait_time) -> gait_status {
    // SAFETY: as the caller promises.
    crate::border::call(|| unsafe { put(out, gait_time::new(&SystemClock.now())) })
}

/// Reads RFC 3339, such as `2026-03-01T08:00:00+01:00`.
///
/// Any thread. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_time_parse(
    data: *const c_char,
    len: usize,
    out: *mut gait_time,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let time = Timestamp::parse(text(data, len, "time")?)?.to_utc()?;
            put(out, gait_time::new(&time))
        })
    }
}
