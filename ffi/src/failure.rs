//! A failure on its way to the caller: what becomes a status, and an error when the caller asks for one.

use gait_base::error::{Category, Classify};
use gait_base::jcs::CanonicalError;
use gait_base::json::{EncodeError, JsonError};
use gait_base::key::KeyError;
use gait_base::signature::SignatureError;
use gait_base::time::TimeError;
use gait_gate::authority::approval::{ApprovalFault, RequestError};
use gait_gate::authority::context_envelope::ContextEnvelopeError;
use gait_gate::authority::delegation::DelegationFault;
use gait_gate::authority::inventory::InventoryError;
use gait_gate::authority::kill_switch::KillSwitchError;
use gait_gate::authority::token::AuthorityError;
use gait_gate::evaluate::EvaluateError;
use gait_gate::intent::IntentError;
use gait_gate::policy::PolicyError;
use gait_gate::state::StateError;
use gait_gate::trace::TraceError;
use gait_host::error::HostError;

use crate::status::gait_status;

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a call did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure(Box<Details>);

#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) status: gait_status,
    pub(crate) code: &'static str,
    pub(crate) category: Category,
    pub(crate) retryable: bool,
    pub(crate) message: String,
    pub(crate) member: String,
    pub(crate) place: Place,
}

/// Where in an input.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) offset: Option<usize>,
    /// Line and column from 1.
    pub(crate) line: Option<(u32, u32)>,
}

impl Failure {
    /// Misuse of the interface.
    #[cold]
    pub(crate) fn misuse(status: gait_status, message: impl Into<String>) -> Self {
        let category = if status == gait_status::Panic { Category::InternalFailure } else { Category::InvalidInput };
        Self(Box::new(Details {
            status,
            code: status.name(),
            category,
            retryable: false,
            message: message.into(),
            member: String::new(),
            place: Place::default(),
        }))
    }

    /// A check that was made and did not hold.
    #[cold]
    pub(crate) fn signature_invalid() -> Self {
        let mut failure = Self::misuse(gait_status::VerificationFailed, "the signature is wrong");
        failure.0.code = "signature_invalid";
        failure.0.category = Category::VerificationFailed;
        failure
    }

    /// A decision about something that never became an intent.
    #[cold]
    pub(crate) fn without_intent() -> Self {
        let mut failure =
            Self::misuse(gait_status::InvalidInput, "the decision is about an intent that could not be evaluated");
        failure.0.code = "decision_without_intent";
        failure
    }

    /// A decision that no approval would change.
    #[cold]
    pub(crate) fn without_request() -> Self {
        let mut failure = Self::misuse(gait_status::InvalidInput, "the decision waits for no approval");
        failure.0.code = "decision_without_request";
        failure
    }

    pub(crate) fn status(&self) -> gait_status {
        self.0.status
    }

    pub(crate) fn into_details(self) -> Box<Details> {
        self.0
    }
}

/// What an error says about the place of the fault.
pub(crate) trait Located: Classify {
    /// Where in the input.
    fn place(&self) -> Place {
        Place::default()
    }

    /// In which member, as `targets[0].kind`.
    fn member(&self) -> &str {
        ""
    }
}

impl<E: Located> From<E> for Failure {
    #[cold]
    fn from(error: E) -> Self {
        Self(Box::new(Details {
            status: error.category().into(),
            code: error.code(),
            category: error.category(),
            retryable: error.retryable(),
            message: error.to_string(),
            member: error.member().to_owned(),
            place: error.place(),
        }))
    }
}

impl Located for JsonError {
    fn place(&self) -> Place {
        Place { offset: self.offset(), line: None }
    }

    fn member(&self) -> &str {
        self.path()
    }
}

impl Located for CanonicalError {
    fn place(&self) -> Place {
        Place { offset: Some(self.offset()), line: None }
    }
}

impl Located for SignatureError {
    fn place(&self) -> Place {
        match self {
            Self::Canonical(error) => error.place(),
            _ => Place::default(),
        }
    }
}

impl Located for IntentError {
    fn place(&self) -> Place {
        match self {
            Self::Malformed(error) => error.place(),
            _ => Place::default(),
        }
    }

    fn member(&self) -> &str {
        self.path()
    }
}

impl Located for EvaluateError {
    fn place(&self) -> Place {
        match self {
            Self::Intent(error) => error.place(),
            Self::Json(error) => error.place(),
            _ => Place::default(),
        }
    }

    fn member(&self) -> &str {
        match self {
            Self::Intent(error) => error.path(),
            Self::Json(error) => error.path(),
            _ => "",
        }
    }
}

impl Located for PolicyError {
    fn place(&self) -> Place {
        let offset = match self {
            Self::NotUtf8 { offset } => Some(*offset),
            _ => None,
        };
        Place { offset, line: self.position().map(|at| (at.line, at.column)) }
    }
}

impl Located for TraceError {
    fn place(&self) -> Place {
        match self {
            Self::Malformed(error) => error.place(),
            _ => Place::default(),
        }
    }

    fn member(&self) -> &str {
        match self {
            Self::Malformed(error) => error.path(),
            _ => "",
        }
    }
}

impl Located for AuthorityError {
    fn place(&self) -> Place {
        match self {
            Self::Json(error) => error.place(),
            _ => Place::default(),
        }
    }

    fn member(&self) -> &str {
        match self {
            Self::Json(error) => error.path(),
            Self::Missing(member) | Self::NotADigest(member) | Self::NegativeLimit(member) | Self::Schema(member) => {
                member
            }
            Self::TtlNotPositive => "ttl",
            Self::ScopeEmpty => "scope",
            _ => "",
        }
    }
}

impl Located for RequestError {
    fn place(&self) -> Place {
        match self {
            Self::Json(error) => error.place(),
            Self::Member(error) => error.place(),
        }
    }

    fn member(&self) -> &str {
        match self {
            Self::Json(error) => error.path(),
            Self::Member(error) => error.member(),
        }
    }
}

impl Located for ApprovalFault {}
impl Located for DelegationFault {}
impl Located for StateError {}
impl Located for KeyError {}
impl Located for TimeError {}
impl Located for EncodeError {}
impl Located for KillSwitchError {}
impl Located for InventoryError {}
impl Located for ContextEnvelopeError {}
impl Located for HostError {}
