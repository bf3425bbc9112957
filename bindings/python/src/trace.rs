//! `gait.Trace`: the signed record of a decision.

use std::path::PathBuf;
use std::sync::OnceLock;

use gait_base::error::Category;
use gait_base::json::{Decode as _, Reading, to_indented};
use gait_gate::trace::{TraceRecord, Verification, parse, verify};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyIterator};

use crate::document::{bytes_of, load_json, mode, read_file, write_private};
use crate::fault::{self, Subject};
use crate::key::VerifyingKey;
use crate::source::{self, Fault};

/// The record of one decision, signed where the gate has a key. A read-only mapping of its members.
#[pyclass(frozen, mapping, module = "gait")]
pub(crate) struct Trace {
    record: TraceRecord,
    json: OnceLock<Vec<u8>>,
    members: PyOnceLock<Py<PyDict>>,
}

impl Trace {
    pub(crate) const fn new(record: TraceRecord) -> Self {
        Self { record, json: OnceLock::new(), members: PyOnceLock::new() }
    }

    /// The bytes of the file.
    fn file(&self, py: Python<'_>) -> PyResult<&[u8]> {
        if let Some(json) = self.json.get() {
            return Ok(json);
        }
        let json = to_indented(&self.record).map_err(|error| fault::exception(py, &error, Subject::Document))?;
        Ok(self.json.get_or_init(|| json))
    }

    fn members<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyDict>> {
        let members = self.members.get_or_try_init(py, || self.to_dict(py).map(Bound::unbind))?;
        Ok(members.bind(py))
    }

    /// Reads text, bytes, a mapping or a trace.
    fn read(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<TraceRecord> {
        let py = document.py();
        if let Ok(trace) = document.cast::<Self>() {
            return Ok(trace.get().record.clone());
        }
        if let Some(bytes) = bytes_of(document)? {
            return parse(&bytes, mode(strict)).map_err(|error| fault::of_trace(py, &error));
        }
        if document.hasattr("items")? {
            let reading = if strict { Reading::STRICT } else { Reading::COMPAT };
            let decode = |source: &mut source::ObjectSource<'_>| {
                let mut record = TraceRecord::default();
                record.decode(source).map(|()| record)
            };
            return source::read(document, reading, decode).map(|(record, _)| record).map_err(|fault| match fault {
                Fault::Reader(error) => fault::of_trace(py, &error.into()),
                Fault::Python(error) => error,
            });
        }
        Err(PyTypeError::new_err("trace must be a gait.Trace, a mapping, str or bytes"))
    }
}

#[pymethods]
impl Trace {
    /// Reads a trace from JSON text, bytes or a mapping. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(name = "parse", signature = (document, *, strict = true))]
    fn from_document(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        Self::read(document, strict).map(Self::new)
    }

    /// Reads a trace from a file. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = true))]
    fn load(py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Self> {
        let text = read_file(py, &path)?;
        parse(&text, mode(strict)).map(Self::new).map_err(|error| fault::of_trace(py, &error))
    }

    /// The id of the decision: the same for the same policy, intent and verdict.
    #[getter]
    fn trace_id(&self) -> &str {
        &self.record.trace_id
    }

    /// The verdict.
    #[getter]
    fn verdict(&self) -> &str {
        &self.record.verdict
    }

    /// The id of the key that signed it; `None` for an unsigned trace.
    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.record.signature.as_ref().map(|signature| signature.key_id.as_str())
    }

    /// Whether it carries a signature, good or bad.
    #[getter]
    fn is_signed(&self) -> bool {
        self.record.signature.is_some()
    }

    /// The bytes of the trace file: indented JSON with a final line break.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self.file(py)?))
    }

    /// The trace as a new dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(load_json(py, self.file(py)?)?.cast_into()?)
    }

    /// Writes the trace file, readable for its owner only; returns the path. Other threads run meanwhile.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<PathBuf> {
        write_private(py, path, self.file(py)?)
    }

    /// A member, or a default.
    #[pyo3(signature = (name, default = None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        use pyo3::types::PyDictMethods as _;
        Ok(self.members(py)?.get_item(name)?.or(default))
    }

    /// The names of the members that are present.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("keys")
    }

    /// The values of the members that are present.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("values")
    }

    /// The members that are present, as pairs.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.call_method0("items")
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.members(py)?.as_any().get_item(name)
    }

    fn __contains__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.members(py)?.contains(name)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.members(py)?.try_iter()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.members(py)?.len())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.record == other.record
    }

    fn __repr__(&self) -> String {
        let key = self.key_id().map_or_else(|| "unsigned".to_owned(), |id| format!("key_id={:.12}…", id));
        format!("Trace({}, verdict={}, {key})", self.record.trace_id, self.record.verdict)
    }
}

/// Checks the signature of a trace; gives the trace back, so that only what was verified is used.
#[pyfunction]
#[pyo3(signature = (trace, key, *, strict = true))]
pub(crate) fn verify_trace(trace: &Bound<'_, PyAny>, key: &Bound<'_, VerifyingKey>, strict: bool) -> PyResult<Trace> {
    let py = trace.py();
    let record = Trace::read(trace, strict)?;
    match verify(&record, &key.get().inner) {
        Ok(Verification::Verified) => Ok(Trace::new(record)),
        Ok(Verification::Failed) => {
            Err(fault::plain(py, Category::VerificationFailed, "signature_invalid", "the signature does not hold"))
        }
        Err(error) => Err(fault::of_trace(py, &error)),
    }
}
