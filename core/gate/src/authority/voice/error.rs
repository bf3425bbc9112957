//! Why a commitment or a say token is no usable one.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;
use thiserror::Error;

use super::member::COMMITMENT_CLASSES;
use crate::authority::token::AuthorityError;
use crate::intent::IntentError;

/// Why a commitment cannot be brought before the gate, or a say token cannot be made. Always invalid input.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum VoiceError {
    /// A member is missing, malformed or out of bounds.
    #[error(transparent)]
    Member(#[from] AuthorityError),
    /// There is no such class of commitments.
    #[error("commitment_class must be one of {}", COMMITMENT_CLASSES.join(", "))]
    UnknownClass,
    /// The commitments of a call are counted from 1.
    #[error("call_seq must be at least 1")]
    CallSeq,
    /// A range that ends below its start. An end of 0 leaves it open.
    #[error("quote_max_cents must be 0 or at least quote_min_cents")]
    QuoteRange,
    /// The intent made of the commitment is none that the gate takes.
    #[error(transparent)]
    Intent(#[from] IntentError),
}

impl From<JsonError> for VoiceError {
    fn from(error: JsonError) -> Self {
        Self::Member(error.into())
    }
}

impl From<TimeError> for VoiceError {
    fn from(error: TimeError) -> Self {
        Self::Member(error.into())
    }
}

impl From<EncodeError> for VoiceError {
    fn from(error: EncodeError) -> Self {
        Self::Member(error.into())
    }
}

impl Classify for VoiceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Member(error) => error.code(),
            Self::UnknownClass => "commitment_class_unknown",
            Self::CallSeq => "commitment_call_seq_invalid",
            Self::QuoteRange => "commitment_quote_range_invalid",
            Self::Intent(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
