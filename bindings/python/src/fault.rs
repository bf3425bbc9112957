//! From classified errors to Python exceptions.
//!
//! Which class an error becomes is decided in one place, `gait._errors.build`, from its category and the kind of thing
//! that was at fault.

use gait_base::error::{Category, Classify};
use gait_base::jcs::CanonicalError;
use gait_base::json::JsonError;
use gait_gate::authority::approval::RequestError;
use gait_gate::authority::context_envelope::ContextEnvelopeError;
use gait_gate::authority::inventory::InventoryError;
use gait_gate::authority::kill_switch::KillSwitchError;
use gait_gate::evaluate::EvaluateError;
use gait_gate::intent::IntentError;
use gait_gate::policy::PolicyError;
use gait_gate::trace::TraceError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// What was at fault, where invalid input has exceptions of its own.
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    Policy,
    Intent,
    Key,
    Document,
    Other,
}

impl Subject {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Intent => "intent",
            Self::Key => "key",
            Self::Document => "document",
            Self::Other => "",
        }
    }
}

/// Where an error lies and what is behind it.
#[derive(Default)]
struct Place {
    detail: Option<&'static str>,
    path: Option<String>,
    offset: Option<usize>,
    line: Option<u32>,
    column: Option<u32>,
}

impl Place {
    fn of_json(error: &JsonError) -> Self {
        let path = Some(error.path().to_owned()).filter(|path| !path.is_empty());
        Self { detail: Some(error.code()), path, offset: error.offset(), ..Self::default() }
    }
}

/// The exception of an error without a place.
pub(crate) fn exception(py: Python<'_>, error: &impl Classify, subject: Subject) -> PyErr {
    build(py, error, subject, Place::default())
}

/// The exception of a policy that cannot be used.
pub(crate) fn of_policy(py: Python<'_>, error: &PolicyError) -> PyErr {
    let position = error.position();
    let place = Place { line: position.map(|at| at.line), column: position.map(|at| at.column), ..Place::default() };
    build(py, error, Subject::Policy, place)
}

/// The exception of an intent that cannot be used.
pub(crate) fn of_intent(py: Python<'_>, error: &IntentError) -> PyErr {
    let place = match error {
        IntentError::Malformed(json) => Place::of_json(json),
        _ => Place { path: Some(error.path().to_owned()).filter(|path| !path.is_empty()), ..Place::default() },
    };
    build(py, error, Subject::Intent, place)
}

/// The exception of an intent that cannot be decided about.
pub(crate) fn of_evaluation(py: Python<'_>, error: &EvaluateError) -> PyErr {
    match error {
        EvaluateError::Intent(error) => of_intent(py, error),
        EvaluateError::State(_) | EvaluateError::Registry(_) => exception(py, error, Subject::Other),
        _ => exception(py, error, Subject::Intent),
    }
}

/// The exception of text without a canonical form.
pub(crate) fn of_canonical(py: Python<'_>, error: &CanonicalError) -> PyErr {
    build(py, error, Subject::Document, Place { offset: Some(error.offset()), ..Place::default() })
}

/// The exception of a trace that cannot be read or does not hold.
pub(crate) fn of_trace(py: Python<'_>, error: &TraceError) -> PyErr {
    let place = match error {
        TraceError::Malformed(json) => Place::of_json(json),
        _ => Place::default(),
    };
    build(py, error, Subject::Document, place)
}

/// An error of reading a document, with the fault of its text where that is the cause.
pub(crate) trait JsonCause: Classify {
    /// The fault of the text.
    fn json_cause(&mut self) -> Option<&mut JsonError>;
}

/// The errors whose variant `$variant` holds the fault of the text.
macro_rules! caused_by_json {
    ($($error:ident :: $variant:ident),*) => {$(
        impl JsonCause for $error {
            fn json_cause(&mut self) -> Option<&mut JsonError> {
                if let Self::$variant(json) = self { Some(json) } else { None }
            }
        }
    )*};
}

caused_by_json!(RequestError::Json, KillSwitchError::Json, ContextEnvelopeError::Json, InventoryError::Json);

impl JsonCause for JsonError {
    fn json_cause(&mut self) -> Option<&mut JsonError> {
        Some(self)
    }
}

/// The exception of a document that cannot be read. One given as objects has no places in a text.
pub(crate) fn of_document<E: JsonCause>(py: Python<'_>, mut error: E, is_text: bool) -> PyErr {
    let place = error.json_cause().map(|json| {
        if !is_text {
            *json = JsonError::new(json.kind().clone()).in_member(json.path());
        }
        Place::of_json(json)
    });
    build(py, &error, Subject::Document, place.unwrap_or_default())
}

/// The exception of an error that the core has no type for.
pub(crate) fn plain(py: Python<'_>, category: Category, code: &str, message: &str) -> PyErr {
    let arguments =
        (category.as_str(), code, category.retryable(), message, Subject::Other.as_str(), None, None, None, None, None);
    call(py, arguments)
}

fn build(py: Python<'_>, error: &impl Classify, subject: Subject, place: Place) -> PyErr {
    let message = error.to_string();
    call(
        py,
        (
            error.category().as_str(),
            error.code(),
            error.retryable(),
            message.as_str(),
            subject.as_str(),
            place.detail,
            place.path.as_deref(),
            place.offset,
            place.line,
            place.column,
        ),
    )
}

type Arguments<'a> = (
    &'a str,
    &'a str,
    bool,
    &'a str,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Option<usize>,
    Option<u32>,
    Option<u32>,
);

fn call(py: Python<'_>, arguments: Arguments<'_>) -> PyErr {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let built = BUILD.import(py, "gait._errors", "build").and_then(|build| build.call1(arguments));
    built.map_or_else(|failure| failure, PyErr::from_value)
}
