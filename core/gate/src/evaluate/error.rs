//! Why a decision could not be made.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;
use thiserror::Error;

use crate::authority::approved_script::ScriptEntryFault;
use crate::intent::IntentError;
use crate::state::StateError;

/// Why an intent could not be evaluated. None of these is ever an allow.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EvaluateError {
    /// The intent is invalid.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// The intent is no JSON, or not of its shape.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The intent claims other context evidence than the envelope holds.
    #[error("context envelope mismatch: the intent claims another {claim}")]
    ContextMismatch {
        /// Which claim.
        claim: &'static str,
    },
    /// Strict mode: the intent itself makes claims that only an inventory may make, and no inventory knows its tools.
    #[error("auth_context claims {claim:?} without an inventory that knows the tool")]
    UnprovenClaim {
        /// Which claim.
        claim: &'static str,
    },
    /// A time leaves the range that can be written.
    #[error("created_at: {0}")]
    Time(#[from] TimeError),
    /// The policy is strict and the intent was read leniently: what strict reading refuses may be in it.
    #[error("the policy is strict, but the intent was read in compat mode")]
    StrictMismatch,
    /// A registry of approved scripts does not verify, where the intent is too risky to go on without it.
    #[error("approved script registry: {0}")]
    Registry(#[from] ScriptEntryFault),
    /// A store that the gate consults failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// Something in the intent has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for EvaluateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Intent(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::ContextMismatch { .. } => "context_envelope_mismatch",
            Self::UnprovenClaim { .. } => "intent_unproven_claim",
            Self::Time(error) => error.code(),
            Self::StrictMismatch => "strict_mismatch",
            Self::Registry(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Registry(_) => Category::PolicyBlocked,
            Self::State(error) => error.category(),
            _ => Category::InvalidInput,
        }
    }
}
