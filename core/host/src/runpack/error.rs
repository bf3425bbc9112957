//! What goes wrong with runpacks in files.

use std::path::PathBuf;

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::key::KeyError;
use gait_evidence::runpack::RunpackError;
use gait_evidence::session::SessionError;
use gait_gate::authority::context_envelope::ContextEnvelopeError;

use crate::error::HostError;
use crate::runpack_path::NotFound;

/// A failure with a runpack in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunpackFileError {
    /// The file.
    #[error(transparent)]
    Host(#[from] HostError),
    /// What is in it.
    #[error(transparent)]
    Runpack(#[from] RunpackError),
    /// Nothing of that name.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The input of recording is no record.
    #[error("parse input json: {0}")]
    Input(JsonError),
    /// An argument that has no such value.
    #[error("{what} must be one of {known}, not {value:?}")]
    Unknown {
        /// Which argument.
        what: &'static str,
        /// What it may be.
        known: &'static str,
        /// What it is.
        value: String,
    },
    /// A run id that may not become part of a file name (00 D6).
    #[error("run id {0:?} cannot name a file: it is blank, begins with -, or holds a separator or control character")]
    RunId(String),
    /// The envelope lies outside of where local files are.
    #[error("context envelope path must be a local filesystem path")]
    EnvelopePath,
    /// The envelope is needed and cannot be used.
    #[error("{0}")]
    Envelope(EnvelopeFault),
    /// Context in the clear without permission.
    #[error("context of {0:?} has redaction mode raw; --unsafe-context-raw takes it")]
    RawContext(String),
    /// Context evidence does not hold.
    #[error(transparent)]
    Context(#[from] ContextEnvelopeError),
    /// What was written does not verify.
    #[error("{path} does not verify after it was written", path = .0.display())]
    NotVerified(PathBuf),
    /// Input and output are one file.
    #[error("output path must differ from input path")]
    SameFile,
    /// Only archives can be migrated.
    #[error("unsupported artifact: {0} is not a .zip file")]
    NotAnArchive(String),
    /// A chain of checkpoints cannot be used, or the checkpoint is not in it.
    #[error(transparent)]
    Chain(#[from] SessionError),
    /// What should be written has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// Why an envelope is not used.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeFault {
    /// It cannot be read.
    #[error("read context envelope: {0}")]
    Unreadable(HostError),
    /// It does not hold.
    #[error("{0}")]
    Invalid(ContextEnvelopeError),
}

impl Classify for RunpackFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) | Self::Envelope(EnvelopeFault::Unreadable(error)) => error.code(),
            Self::Runpack(error) => error.code(),
            Self::NotFound(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Input(error) => error.code(),
            Self::Unknown { .. } => "invalid_argument",
            Self::RunId(_) => "run_id_unusable",
            Self::EnvelopePath => "path_not_local",
            Self::Envelope(EnvelopeFault::Invalid(error)) | Self::Context(error) => error.code(),
            Self::RawContext(_) => "context_raw_refused",
            Self::NotVerified(_) => "runpack_not_verified",
            Self::SameFile => "output_is_input",
            Self::NotAnArchive(_) => "artifact_unsupported",
            Self::Chain(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Host(error) => error.category(),
            Self::Runpack(error) => error.category(),
            Self::Key(error) => error.category(),
            Self::Chain(error) => error.category(),
            Self::NotVerified(_) => Category::VerificationFailed,
            Self::NotFound(_)
            | Self::Input(_)
            | Self::Unknown { .. }
            | Self::RunId(_)
            | Self::EnvelopePath
            | Self::Envelope(_)
            | Self::RawContext(_)
            | Self::Context(_)
            | Self::SameFile
            | Self::NotAnArchive(_)
            | Self::Encode(_) => Category::InvalidInput,
        }
    }
}
