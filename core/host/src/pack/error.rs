//! What goes wrong with packs in files.

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_base::key::KeyError;
use gait_evidence::pack::{AuthorizationPackError, PackError};

use crate::error::HostError;
use crate::runpack::RunpackFileError;

/// A failure with a pack in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackFileError {
    /// An argument is missing or has no such value.
    #[error("{0}")]
    Option(String),
    /// The file.
    #[error(transparent)]
    Host(#[from] HostError),
    /// What is in it.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A runpack or chain of checkpoints to be packed.
    #[error(transparent)]
    Runpack(#[from] RunpackFileError),
    /// An authorization to be packed.
    #[error(transparent)]
    Authorization(Box<AuthorizationPackError<HostError>>),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What should be written has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl From<AuthorizationPackError<HostError>> for PackFileError {
    fn from(error: AuthorizationPackError<HostError>) -> Self {
        Self::Authorization(Box::new(error))
    }
}

impl PackFileError {
    pub(super) fn option(text: impl Into<String>) -> Self {
        Self::Option(text.into())
    }
}

impl Classify for PackFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Option(_) => "invalid_argument",
            Self::Host(error) => error.code(),
            Self::Pack(error) => error.code(),
            Self::Runpack(error) => error.code(),
            Self::Authorization(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Option(_) => Category::InvalidInput,
            Self::Host(error) => error.category(),
            Self::Pack(error) => error.category(),
            Self::Runpack(error) => error.category(),
            Self::Authorization(error) => error.category(),
            Self::Key(error) => error.category(),
            Self::Encode(error) => error.category(),
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Host(error) => error.retryable(),
            other => other.category().retryable(),
        }
    }
}
