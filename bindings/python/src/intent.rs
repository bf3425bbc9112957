//! `gait.Intent`, and everything that may stand in its place.

use std::path::PathBuf;
use std::sync::Arc;

use gait_base::json::{Decode as _, Notice, Reading};
use gait_gate::intent::{self, IntentError, IntentRequest};
use gait_gate::mode::Mode;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyTuple, PyType};

use crate::document::{bytes_of, mode, read_file, to_object, value_of};
use crate::fault;
use crate::policy::python_bool;
use crate::source::{self, Fault, ObjectSource};

/// Text from this size on is parsed while other threads run; below it, handing over costs more than it gives.
const DETACH_FROM_BYTES: usize = 64 << 10;

/// A normalized intent with what was not kept exactly when it was read.
#[derive(Clone)]
pub(crate) struct Proposal {
    pub(crate) intent: Arc<intent::Intent>,
    pub(crate) notices: Vec<Notice>,
}

impl Proposal {
    /// Reads a mapping, JSON text, bytes, or a `gait.Intent`.
    pub(crate) fn read(object: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Self> {
        if let Ok(intent) = object.cast::<Intent>() {
            return Ok(intent.get().proposal.clone());
        }
        let py = object.py();
        if let Some(bytes) = text_of(object)? {
            let parsed = if bytes.len() < DETACH_FROM_BYTES {
                intent::Intent::parse(&bytes, mode)
            } else {
                py.detach(|| intent::Intent::parse(&bytes, mode))
            };
            let intent = parsed.map_err(|error| fault::of_intent(py, &error))?;
            let notices = intent.notices().to_vec();
            return Ok(Self { intent: Arc::new(intent), notices });
        }
        let (intent, notices) = read_object(object, mode, |source| intent::Intent::decode(source, mode))?;
        Ok(Self { intent: Arc::new(intent), notices })
    }

    /// The notices as pairs of name and place; objects have no places.
    pub(crate) fn notices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        static NOTICE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let from_text = !self.intent.notices().is_empty();
        let notices = self
            .notices
            .iter()
            .map(|notice| value_of(py, &NOTICE, "Notice", (notice.kind.as_str(), from_text.then_some(notice.offset))));
        PyTuple::new(py, notices.collect::<PyResult<Vec<_>>>()?)
    }
}

/// Reads a request without normalizing it; `None` for a `gait.Intent`, which is normalized already.
pub(crate) fn request_of(object: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Option<(IntentRequest, Vec<Notice>)>> {
    if object.is_instance_of::<Intent>() {
        return Ok(None);
    }
    let py = object.py();
    if let Some(bytes) = text_of(object)? {
        return intent::decode_request(&bytes, mode).map(Some).map_err(|error| fault::of_intent(py, &error));
    }
    let decode = |source: &mut ObjectSource<'_>| {
        let mut request = IntentRequest::default();
        request.decode(source).map(|()| request).map_err(IntentError::from)
    };
    read_object(object, mode, decode).map(Some)
}

fn text_of<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Option<std::borrow::Cow<'a, [u8]>>> {
    if object.is_exact_instance_of::<PyDict>() { Ok(None) } else { bytes_of(object) }
}

fn read_object<'py, T>(
    object: &Bound<'py, PyAny>,
    mode: Mode,
    decode: impl Fn(&mut ObjectSource<'py>) -> Result<T, IntentError>,
) -> PyResult<(T, Vec<Notice>)> {
    if !object.is_instance_of::<PyDict>() && object.cast::<PyMapping>().is_err() {
        let found = object.get_type().name()?;
        let message = format!("intent must be a mapping, JSON text, bytes or gait.Intent, not {found}");
        return Err(PyTypeError::new_err(message));
    }
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    source::read(object, reading, decode).map_err(|fault| match fault {
        Fault::Reader(error) => fault::of_intent(object.py(), &error),
        Fault::Python(error) => error,
    })
}

/// A proposed tool call, read and normalized once. Immutable; any number of threads may use it at the same time.
#[pyclass(frozen, subclass, module = "gait")]
pub(crate) struct Intent {
    pub(crate) proposal: Proposal,
    strict: bool,
}

#[pymethods]
impl Intent {
    #[new]
    #[pyo3(signature = (document, *, strict = true))]
    fn new(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        if let Ok(other) = document.cast::<Self>() {
            let other = other.get();
            if strict && !other.strict {
                // What was read leniently cannot be told apart from what strict reading would have refused.
                let message = "a compat intent cannot be made strict: read its document again";
                let invalid = gait_base::error::Category::InvalidInput;
                return Err(fault::plain(document.py(), invalid, "strict_mismatch", message));
            }
            return Ok(Self { proposal: other.proposal.clone(), strict });
        }
        Ok(Self { proposal: Proposal::read(document, mode(strict))?, strict })
    }

    /// Reads an intent from a mapping, JSON text or bytes.
    #[classmethod]
    #[pyo3(signature = (document, **options))]
    fn parse<'py>(
        cls: &Bound<'py, PyType>,
        document: &Bound<'py, PyAny>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        cls.call((document,), options)
    }

    /// Reads an intent from a JSON file.
    #[classmethod]
    #[pyo3(signature = (path, **options))]
    fn load<'py>(
        cls: &Bound<'py, PyType>,
        path: PathBuf,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = read_file(cls.py(), &path)?;
        cls.call((PyBytes::new(cls.py(), &text),), options)
    }

    /// Whether it was read strictly.
    #[getter]
    fn strict(&self) -> bool {
        self.strict
    }

    /// The name of the tool, normalized.
    #[getter]
    fn tool_name(&self) -> &str {
        &self.proposal.intent.request().tool_name
    }

    /// The digest of the request, 64 hex digits.
    #[getter]
    fn digest(&self) -> String {
        self.proposal.intent.digest().to_hex()
    }

    /// The digest of the arguments.
    #[getter]
    fn args_digest(&self) -> String {
        self.proposal.intent.args_digest().to_hex()
    }

    /// The digest of the steps of a script; `None` for a single call.
    #[getter]
    fn script_hash(&self) -> Option<String> {
        self.proposal.intent.script_hash().map(|hash| hash.to_hex())
    }

    /// The digest of the targets, which credentials are bound to.
    #[getter]
    fn targets_digest(&self) -> String {
        self.proposal.intent.targets_digest().to_hex()
    }

    /// What was not kept exactly (compat only), as pairs of name and byte offset.
    #[getter]
    fn notices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.proposal.notices(py)
    }

    /// The canonical bytes whose SHA-256 is `digest`.
    fn canonical<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.proposal.intent.canonical())
    }

    /// The normalized request as a new dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_object(py, self.proposal.intent.request())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.proposal.intent.digest() == other.proposal.intent.digest()
    }

    fn __hash__(&self) -> u64 {
        let digest = self.proposal.intent.digest();
        digest.as_bytes().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    }

    fn __repr__(&self) -> String {
        let digest = self.proposal.intent.digest().short(12);
        format!("Intent(tool_name={:?}, strict={}, digest={digest}…)", self.tool_name(), python_bool(self.strict))
    }
}

/// The intents of a batch, each read or not.
pub(crate) fn read_all(intents: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Vec<PyResult<Proposal>>> {
    let mut read = Vec::with_capacity(intents.len().unwrap_or(0).min(1 << 16));
    for intent in intents.try_iter()? {
        read.push(Proposal::read(&intent?, mode));
    }
    Ok(read)
}
