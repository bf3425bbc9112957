//! Why there is neither a token nor an answer about one.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::key::KeyError;
use gait_base::time::TimeError;
use gait_gate::authority::voice::VoiceError;
use gait_gate::evaluate::EvaluateError;
use gait_gate::policy::PolicyError;

use crate::error::HostError;

/// Why a commitment could not be decided, or a token not be looked at. Never an allow.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoiceTokenError {
    /// A flag is missing or cannot be used.
    #[error("{0}")]
    Option(String),
    /// The commitment cannot be used, or no token can be made of it.
    #[error("commitment: {0}")]
    Voice(#[from] VoiceError),
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The commitment cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// The token's file holds no token.
    #[error("say token: {0}")]
    Token(#[from] JsonError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file cannot be read or written.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A time cannot be written.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for VoiceTokenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Option(_) => "invalid_option",
            Self::Voice(error) => error.code(),
            Self::Policy(error) => error.code(),
            Self::Evaluate(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Host(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Option(_) => Category::InvalidInput,
            Self::Voice(error) => error.category(),
            Self::Policy(error) => error.category(),
            Self::Evaluate(error) => error.category(),
            Self::Token(error) => error.category(),
            Self::Key(error) => error.category(),
            Self::Host(error) => error.category(),
            Self::Time(error) => error.category(),
            Self::Encode(error) => error.category(),
        }
    }
}
