//! `gait.canonicalize` and `gait.digest`.

use gait_base::jcs;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::document::require_bytes;
use crate::fault;

/// Documents from this size on are worked on while other threads run.
const DETACH_FROM_BYTES: usize = 64 << 10;

/// The canonical form (RFC 8785) of JSON text.
#[pyfunction]
#[pyo3(signature = (document, *, strict = false))]
pub(crate) fn canonicalize<'py>(document: &Bound<'py, PyAny>, strict: bool) -> PyResult<Bound<'py, PyBytes>> {
    let py = document.py();
    let text = require_bytes(document, "document")?;
    let work = || if strict { jcs::canonicalize_strict(&text) } else { jcs::canonicalize(&text) };
    let canonical = if text.len() < DETACH_FROM_BYTES { work() } else { py.detach(work) };
    canonical.map(|bytes| PyBytes::new(py, &bytes)).map_err(|error| fault::of_canonical(py, &error))
}

/// The SHA-256 of the canonical form of JSON text, 64 hex digits.
#[pyfunction]
#[pyo3(signature = (document, *, strict = false))]
pub(crate) fn digest(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<String> {
    let py = document.py();
    let text = require_bytes(document, "document")?;
    let work = || {
        if strict {
            jcs::canonicalize_strict(&text).map(|canonical| gait_base::digest::sha256(&canonical))
        } else {
            jcs::digest(&text)
        }
    };
    let digest = if text.len() < DETACH_FROM_BYTES { work() } else { py.detach(work) };
    digest.map(|digest| digest.to_hex()).map_err(|error| fault::of_canonical(py, &error))
}
