//! What goes wrong with sessions in files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_base::time::TimeError;
use gait_evidence::runpack::RunpackError;
use gait_evidence::session::SessionError;

use super::settings::LockSettings;
use crate::error::HostError;

/// A failure with a session in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionFault {
    /// The file.
    #[error(transparent)]
    Host(#[from] HostError),
    /// What is in it, or what should go into it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Others held the lock all the time.
    #[error(
        "session state contention: lock timeout (path={path} waited={waited:?} timeout={timeout:?} retry={retry:?} \
         profile={profile})",
        path = path.display(),
        timeout = lock.timeout,
        retry = lock.retry,
        profile = lock.name()
    )]
    Contention {
        /// The lock file.
        path: PathBuf,
        /// How long we tried.
        waited: Duration,
        /// How we tried.
        lock: LockSettings,
    },
    /// The journal holds nothing: whoever made it was cut off.
    #[error("session journal {path} is empty: remove it, or start the session in strict mode", path = .0.display())]
    Empty(PathBuf),
    /// An output would replace a file of the session itself.
    #[error("{path} is a file of the session itself", path = .0.display())]
    OwnFile(PathBuf),
    /// A checkpoint is recorded, but its chain could not be written; the next checkpoint writes it anew.
    #[error("checkpoint {index} is recorded, but its chain is not written: {source}")]
    ChainUnwritten {
        /// The checkpoint.
        index: i64,
        /// Why.
        source: HostError,
    },
    /// The same failure hit several appends that were written together.
    #[error(transparent)]
    Shared(Arc<Self>),
    /// The thread that was to write this append together with its own ended before it did.
    #[error("the append was abandoned")]
    Abandoned,
}

impl From<TimeError> for SessionFault {
    fn from(error: TimeError) -> Self {
        Self::Session(error.into())
    }
}

impl From<EncodeError> for SessionFault {
    fn from(error: EncodeError) -> Self {
        Self::Session(error.into())
    }
}

impl From<RunpackError> for SessionFault {
    fn from(error: RunpackError) -> Self {
        Self::Session(error.into())
    }
}

impl Classify for SessionFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) | Self::ChainUnwritten { source: error, .. } => error.code(),
            Self::Session(error) => error.code(),
            Self::Contention { .. } => "session_lock_timeout",
            Self::Empty(_) => "session_journal_empty",
            Self::OwnFile(_) => "session_own_file",
            Self::Shared(error) => error.code(),
            Self::Abandoned => "session_append_abandoned",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Host(error) | Self::ChainUnwritten { source: error, .. } => error.category(),
            Self::Session(error) => error.category(),
            Self::Contention { .. } => Category::StateContention,
            Self::Empty(_) | Self::OwnFile(_) => Category::InvalidInput,
            Self::Shared(error) => error.category(),
            Self::Abandoned => Category::InternalFailure,
        }
    }
}
