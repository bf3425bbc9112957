//! Why a decision could not be made.

use gait_base::error::{Category, Classify};
use gait_base::json::JsonError;
use gait_base::time::TimeError;
use thiserror::Error;

use crate::intent::IntentError;

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
}

impl Classify for EvaluateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Intent(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::ContextMismatch { .. } => "context_envelope_mismatch",
            Self::UnprovenClaim { .. } => "intent_unproven_claim",
            Self::Time(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
