//! Credential brokers that are Python functions.
//!
//! Whoever issues credentials is asked in the middle of a decision, by the same thread. A `KeyboardInterrupt` must not be taken
//! for a failure to issue: it lies where the thread finds it.

use std::cell::RefCell;

use gait_base::error::Classify as _;
use gait_base::time::Timestamp;
use gait_gate::authority::broker::{BrokerFault, BrokerRequest, BrokerResponse, command_response};
use gait_gate::gate::CredentialBroker;
use gait_gate::mode::Mode;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::document::{bytes_of, json_of};

thread_local! {
    /// What a broker of the decision in the making raised that must end the program rather than the call.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Makes a decision; what must end the program rather than the call is raised in its place.
pub(crate) fn deciding<T>(decide: impl FnOnce() -> T) -> PyResult<T> {
    // A broker may itself ask a gate: the outer decision goes on afterwards.
    let outer = RAISED.take();
    let decided = decide();
    match RAISED.replace(outer) {
        None => Ok(decided),
        Some(raised) => Err(raised),
    }
}

/// A Python function that gets a request as a dict and returns what it issued as a mapping or JSON text.
pub(crate) struct FunctionBroker {
    function: Py<PyAny>,
    mode: Mode,
}

impl FunctionBroker {
    pub(crate) const fn new(function: Py<PyAny>, mode: Mode) -> Self {
        Self { function, mode }
    }

    /// The answer as JSON text.
    fn ask(&self, py: Python<'_>, request: &BrokerRequest) -> PyResult<Vec<u8>> {
        let answer = self.function.bind(py).call1((request_object(py, request)?,))?;
        match bytes_of(&answer)? {
            Some(text) => Ok(text.into_owned()),
            None => json_of(&answer, "the answer of a broker", self.mode),
        }
    }
}

impl CredentialBroker for FunctionBroker {
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
        let request = request.normalized()?;
        Python::attach(|py| match self.ask(py, &request) {
            Ok(answer) => {
                let checked = command_response(&answer, b"", &request, now, self.mode);
                checked.inspect_err(|fault| tell(py, fault.code()))
            }
            Err(error) => {
                tell(py, &error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default());
                if !error.is_instance_of::<PyException>(py) {
                    RAISED.set(Some(error));
                }
                Err(BrokerFault::CommandFailed)
            }
        })
    }
}

/// Says in the log that a broker issued nothing. Only how it failed: its words may hold the secret.
fn tell(py: Python<'_>, how: &str) {
    let log = || -> PyResult<()> {
        let logger = py.import("logging")?.call_method1("getLogger", ("gait",))?;
        logger.call_method1("warning", ("the credential broker issued nothing: %s", how)).map(drop)
    };
    // Whoever configured a log that fails is not told; the decision blocks all the same.
    drop(log());
}

/// The request as a dict.
fn request_object<'py>(py: Python<'py>, request: &BrokerRequest) -> PyResult<Bound<'py, PyDict>> {
    let object = PyDict::new(py);
    for (name, value) in [
        ("tool_name", &request.tool_name),
        ("identity", &request.identity),
        ("workspace", &request.workspace),
        ("session_id", &request.session_id),
        ("request_id", &request.request_id),
        ("run_id", &request.run_id),
        ("job_id", &request.job_id),
        ("reference", &request.reference),
        ("target_binding", &request.target_binding),
    ] {
        object.set_item(name, value)?;
    }
    object.set_item("scope", &request.scope)?;
    if let Ok(digest) = request.digest() {
        object.set_item("request_digest", digest.to_hex())?;
    }
    Ok(object)
}
