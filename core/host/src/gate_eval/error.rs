//! Why `gate eval` ended without a decision.

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_base::key::KeyError;
use gait_base::time::TimeError;
use gait_gate::authority::broker::BrokerFault;
use gait_gate::authority::context_envelope::ContextEnvelopeError;
use gait_gate::evaluate::EvaluateError;
use gait_gate::intent::IntentError;
use gait_gate::policy::PolicyError;
use gait_gate::state::StateError;

use crate::error::HostError;

/// Why there is no decision. None of these is ever an allow.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateEvalError {
    /// A flag or a combination of flags cannot be used.
    #[error("{0}")]
    Option(String),
    /// Something that a high-risk request or the profile depends on is not there: refused by policy.
    #[error("{0}")]
    Blocked(String),
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The intent cannot be used.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// The intent cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// The context envelope cannot be used.
    #[error(transparent)]
    Context(#[from] ContextEnvelopeError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The broker's settings cannot be used.
    #[error(transparent)]
    Broker(#[from] BrokerFault),
    /// A file cannot be read or written.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The counters cannot be had.
    #[error(transparent)]
    State(#[from] StateError),
    /// A time cannot be written.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for GateEvalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Option(_) => "invalid_option",
            Self::Blocked(_) => "policy_blocked",
            Self::Policy(error) => error.code(),
            Self::Intent(error) => error.code(),
            Self::Evaluate(error) => error.code(),
            Self::Context(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Broker(error) => error.code(),
            Self::Host(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Option(_) => Category::InvalidInput,
            Self::Blocked(_) => Category::PolicyBlocked,
            Self::Policy(error) => error.category(),
            Self::Intent(error) => error.category(),
            Self::Evaluate(error) => error.category(),
            Self::Context(error) => error.category(),
            Self::Key(error) => error.category(),
            // Only settings get here; a broker that fails to issue blocks instead.
            Self::Broker(_) => Category::InvalidInput,
            Self::Host(error) => error.category(),
            Self::State(error) => error.category(),
            Self::Time(error) => error.category(),
            Self::Encode(error) => error.category(),
        }
    }
}
