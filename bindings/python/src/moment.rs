//! The moment of a decision: what `now` may be.

use gait_base::time::Timestamp;
use gait_host::clock::{Clock as _, SystemClock};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyString};

use crate::fault::{self, Subject};

/// The given moment (an aware `datetime` or RFC 3339 text), else the machine's.
pub(crate) fn moment(now: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    let Some(now) = now else { return Ok(SystemClock.now()) };
    let py = now.py();
    let written = if let Ok(text) = now.cast::<PyString>() {
        text.clone()
    } else if now.is_instance_of::<PyDateTime>() {
        if now.getattr("tzinfo")?.is_none() {
            let message = "now must be an aware datetime: give it a tzinfo";
            return Err(fault::plain(py, gait_base::error::Category::InvalidInput, "time_without_zone", message));
        }
        now.call_method0("isoformat")?.cast_into::<PyString>()?
    } else {
        return Err(PyTypeError::new_err("now must be an aware datetime or RFC 3339 text"));
    };
    let parsed = written.to_str().map_or(Err(gait_base::time::TimeError::Malformed), Timestamp::parse);
    parsed.map_err(|error| fault::exception(py, &error, Subject::Other))
}
