//! From classified errors to what JavaScript throws.
//!
//! A native error can carry text only, so the text is a JSON document behind a prefix; `node/src/errors.ts` makes the
//! exception of it and decides its class.

use gait_base::error::{Category, Classify};
use gait_base::jcs::CanonicalError;
use gait_base::json::{JsonError, to_compact};
use gait_base::record;
use gait_gate::evaluate::EvaluateError;
use gait_gate::intent::IntentError;
use gait_gate::policy::PolicyError;
use gait_gate::trace::TraceError;

/// What the text of an error begins with.
const PREFIX: &str = "gait:";

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

record! {
    /// An error on its way.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Fault {
        /// The kind of failure.
        pub(crate) category: String,
        /// The stable name.
        pub(crate) code: String,
        /// Whether trying again may help.
        pub(crate) retryable: bool,
        /// For a person.
        pub(crate) message: String,
        /// What was at fault.
        pub(crate) subject: String => omit,
        /// The code of the cause.
        pub(crate) detail: String => omit,
        /// The member.
        pub(crate) path: String => omit,
        /// The byte.
        pub(crate) offset: Option<i64> => omit,
        /// The line of a policy.
        pub(crate) line: Option<i64> => omit,
        /// The column of a policy.
        pub(crate) column: Option<i64> => omit,
    }
}

impl Fault {
    pub(crate) fn new(error: &impl Classify, subject: Subject) -> Self {
        Self {
            category: error.category().as_str().to_owned(),
            code: error.code().to_owned(),
            retryable: error.retryable(),
            message: error.to_string(),
            subject: subject.as_str().to_owned(),
            ..Self::default()
        }
    }

    fn of_json(mut self, error: &JsonError) -> Self {
        self.detail = error.code().to_owned();
        self.path = error.path().to_owned();
        self.offset = error.offset().and_then(|offset| i64::try_from(offset).ok());
        self
    }

    /// Says which intent of a batch it is about.
    pub(crate) fn in_item(mut self: Box<Self>, index: usize) -> Box<Self> {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("[{index}]{separator}{}", self.path);
        self
    }

    /// The JSON text behind its prefix.
    pub(crate) fn into_text(self) -> String {
        let json = to_compact(&self).ok().and_then(|json| String::from_utf8(json).ok());
        format!("{PREFIX}{}", json.unwrap_or_default())
    }
}

impl From<Box<Fault>> for napi::Error {
    fn from(fault: Box<Fault>) -> Self {
        (*fault).into()
    }
}

impl From<Fault> for napi::Error {
    fn from(fault: Fault) -> Self {
        Self::from_reason(fault.into_text())
    }
}

/// The exception of an error without a place.
pub(crate) fn exception(error: &impl Classify, subject: Subject) -> napi::Error {
    Fault::new(error, subject).into()
}

/// The exception of an error that the core has no type for.
pub(crate) fn plain(category: Category, code: &str, message: &str) -> napi::Error {
    let fault = Fault {
        category: category.as_str().to_owned(),
        code: code.to_owned(),
        retryable: category.retryable(),
        message: message.to_owned(),
        ..Fault::default()
    };
    fault.into()
}

/// The exception of a policy that cannot be used.
pub(crate) fn of_policy(error: &PolicyError) -> napi::Error {
    let mut fault = Fault::new(error, Subject::Policy);
    if let Some(at) = error.position() {
        (fault.line, fault.column) = (Some(at.line.into()), Some(at.column.into()));
    }
    fault.into()
}

/// An intent that cannot be used.
pub(crate) fn of_intent(error: &IntentError) -> Box<Fault> {
    let fault = Fault::new(error, Subject::Intent);
    Box::new(match error {
        IntentError::Malformed(json) => fault.of_json(json),
        _ => Fault { path: error.path().to_owned(), ..fault },
    })
}

/// An intent that cannot be decided about.
pub(crate) fn of_evaluation(error: &EvaluateError) -> Box<Fault> {
    match error {
        EvaluateError::Intent(error) => of_intent(error),
        // Not the intent's fault.
        EvaluateError::State(_) | EvaluateError::Registry(_) | EvaluateError::StrictMismatch => {
            Box::new(Fault::new(error, Subject::Other))
        }
        _ => Box::new(Fault::new(error, Subject::Intent)),
    }
}

/// The exception of text without a canonical form.
pub(crate) fn of_canonical(error: &CanonicalError) -> napi::Error {
    let offset = i64::try_from(error.offset()).ok();
    Fault { offset, ..Fault::new(error, Subject::Document) }.into()
}

/// The exception of a document that cannot be read.
pub(crate) fn of_document(error: &JsonError) -> napi::Error {
    Fault::new(error, Subject::Document).of_json(error).into()
}

/// The exception of a trace that cannot be read or does not hold.
pub(crate) fn of_trace(error: &TraceError) -> napi::Error {
    match error {
        TraceError::Malformed(json) => of_document(json),
        _ => exception(error, Subject::Document),
    }
}
