//! `gait.VerifiedEnvelope`: context evidence whose digest was checked.

use std::path::PathBuf;
use std::sync::Arc;

use gait_gate::authority::context_envelope;
use gait_gate::mode::Mode;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::document::{mode, read_document, read_file, to_object};
use crate::fault;

/// What an agent had read when it proposed an action, with a digest that holds.
#[pyclass(frozen, module = "gait")]
pub(crate) struct VerifiedEnvelope {
    inner: Arc<context_envelope::VerifiedEnvelope>,
}

impl VerifiedEnvelope {
    /// Reads an envelope, or takes one that was read.
    pub(crate) fn read(document: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Arc<context_envelope::VerifiedEnvelope>> {
        if let Ok(envelope) = document.cast::<Self>() {
            return Ok(Arc::clone(&envelope.get().inner));
        }
        let parse = |text: &[u8]| context_envelope::VerifiedEnvelope::parse(text, mode);
        read_document(document, "context_envelope", mode, parse).map(Arc::new)
    }
}

#[pymethods]
impl VerifiedEnvelope {
    /// Reads an envelope from JSON text, bytes or a mapping and checks its digest.
    #[staticmethod]
    #[pyo3(signature = (document, *, strict = true))]
    fn parse(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        Self::read(document, mode(strict)).map(|inner| Self { inner })
    }

    /// Reads an envelope from a file and checks its digest.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = true))]
    fn load(py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Self> {
        let read = context_envelope::VerifiedEnvelope::parse(&read_file(py, &path)?, mode(strict));
        read.map(|inner| Self { inner: Arc::new(inner) }).map_err(|error| fault::of_document(py, error, true))
    }

    /// The digest of its records.
    #[getter]
    fn digest(&self) -> &str {
        self.inner.digest_hex()
    }

    /// `best_effort` or `required`.
    #[getter]
    fn evidence_mode(&self) -> &str {
        self.inner.mode()
    }

    /// The ids of its records, sorted.
    #[getter]
    fn ref_ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.ref_ids())
    }

    /// The envelope in normal form as a new dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_object(py, self.inner.envelope())
    }

    fn __repr__(&self) -> String {
        format!("VerifiedEnvelope({:.12}…, evidence_mode={})", self.digest(), self.evidence_mode())
    }
}
