//! What approval and delegation tokens have in common at this border.

use gait_base::json::{Encode, to_indented};
use gait_gate::authority::token::{Presented, SignedToken};
use gait_gate::mode::Mode;
use gait_host::environment::{producer_version, variable};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::document::read_document;
use crate::fault::{self, Subject};

/// Reads a token from JSON text, bytes or a mapping. Nothing is verified.
pub(crate) fn read<T: SignedToken>(document: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Presented<T>> {
    read_document(document, "token", mode, |text| Presented::parse(text, mode))
}

/// The bytes of a token's file.
pub(crate) fn file<'py>(py: Python<'py>, token: &impl Encode) -> PyResult<Bound<'py, PyBytes>> {
    let json = to_indented(token).map_err(|error| fault::exception(py, &error, Subject::Document))?;
    Ok(PyBytes::new(py, &json))
}

/// What stands in tokens that are made here.
pub(crate) fn producer() -> String {
    producer_version(variable, env!("CARGO_PKG_VERSION"))
}
