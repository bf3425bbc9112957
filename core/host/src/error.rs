//! What goes wrong at the border to the machine, classified by what the operating system reported (01 §7.3).

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_evidence::job::JobError;
use gait_gate::authority::broker::BrokerFault;
use gait_gate::authority::kill_switch::KillSwitchError;
use gait_gate::authority::limit::LimitError;
use gait_gate::authority::token::AuthorityError;
use rustix::io::Errno;

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// A relative path leads out of the working folder, where only local or absolute ones are taken (01 §11.1).
    #[error("path must be local relative or absolute: {path}")]
    PathNotLocal {
        /// The path as given.
        path: String,
    },
    /// A path does not name a file: blank, a folder's name, or with a final separator.
    #[error("path does not name a file: {path}")]
    PathNotAFile {
        /// The path as given.
        path: String,
    },
    /// The operating system refused.
    #[error("{action} {path}: {source}", path = path.display())]
    Io {
        /// What was attempted, as the words before the path.
        action: &'static str,
        /// The file in question.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is larger than its reader takes.
    #[error("{path} is larger than {limit} bytes", path = path.display())]
    TooLarge {
        /// The file in question.
        path: PathBuf,
        /// The largest size taken, in bytes.
        limit: u64,
    },
    /// Somebody else held a lock for longer than we wait (01 §11.3).
    #[error("lock timeout after {waited:?}: {path}", path = path.display())]
    LockTimeout {
        /// The code of 01 §7.3 that belongs to this lock.
        code: &'static str,
        /// The lock file.
        path: PathBuf,
        /// How long we tried.
        waited: Duration,
    },
    /// The lock of the counters cannot be made or written; unlike other files always a failure of the machine.
    #[error("{action} {path}: {source}", path = path.display())]
    CounterLock {
        /// `rate_limit_lock_acquire_failed` or `rate_limit_lock_write_failed`.
        code: &'static str,
        /// What was attempted.
        action: &'static str,
        /// The lock file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file holds something else than it should.
    #[error("{what} {path}: {reason}", path = path.display())]
    Malformed {
        /// What the file should hold.
        what: &'static str,
        /// The file in question.
        path: PathBuf,
        /// What is wrong with it, for a person.
        reason: String,
    },
    /// A file stands where a new one should be made.
    #[error("{path} exists already", path = path.display())]
    Exists {
        /// The file in question.
        path: PathBuf,
    },
    /// What the caller gave cannot be used.
    #[error("{0}")]
    Argument(&'static str),
    /// A kill switch's state is invalid, or a change does not fit it.
    #[error(transparent)]
    KillSwitch(#[from] KillSwitchError),
    /// The state of the counters is malformed.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The credential broker that was chosen cannot be used.
    #[error(transparent)]
    Broker(#[from] BrokerFault),
    /// An approved script or its registry is invalid.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// An operation on a job is refused, or what is stored of the job is malformed.
    #[error(transparent)]
    Job(#[from] JobError),
    /// What should be written has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The operating system gives no random numbers.
    #[error("read random numbers: {0}")]
    Random(getrandom::Error),
}

impl HostError {
    /// An operating-system error with what was attempted on which file.
    pub(crate) fn io(action: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { action, path: path.to_path_buf(), source: source.into() }
    }
}

/// What an operating-system error says about the cause (01 §7.3): the machine's own failures are `io_failure`, those
/// that pass by themselves `network_transient`, everything a caller can mend `invalid_input`.
#[must_use]
pub fn category_of(error: &io::Error) -> Category {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::AGAIN | Errno::TIMEDOUT) => Category::NetworkTransient,
        Some(
            Errno::NOSPC
            | Errno::DQUOT
            | Errno::FBIG
            | Errno::IO
            | Errno::NOMEM
            | Errno::MFILE
            | Errno::NFILE
            | Errno::NOLCK
            | Errno::INTR
            | Errno::STALE,
        ) => Category::IoFailure,
        Some(_) => Category::InvalidInput,
        None => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Category::NetworkTransient,
            io::ErrorKind::WriteZero | io::ErrorKind::OutOfMemory | io::ErrorKind::StorageFull => Category::IoFailure,
            _ => Category::InvalidInput,
        },
    }
}

impl Classify for HostError {
    fn code(&self) -> &'static str {
        match self {
            Self::PathNotLocal { .. } => "path_not_local",
            Self::PathNotAFile { .. } => "path_not_a_file",
            Self::Io { source, .. } => match category_of(source) {
                Category::IoFailure => "io_failure",
                Category::NetworkTransient => "temporarily_unavailable",
                _ => "file_unusable",
            },
            Self::TooLarge { .. } => "file_too_large",
            Self::LockTimeout { code, .. } | Self::CounterLock { code, .. } => code,
            Self::Malformed { .. } => "file_malformed",
            Self::Exists { .. } => "file_exists",
            Self::Argument(_) => "invalid_argument",
            Self::KillSwitch(error) => error.code(),
            Self::Limit(error) => error.code(),
            Self::Broker(error) => error.code(),
            Self::Authority(error) => error.code(),
            Self::Job(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Random(_) => "random_unavailable",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::PathNotLocal { .. }
            | Self::PathNotAFile { .. }
            | Self::TooLarge { .. }
            | Self::Malformed { .. }
            | Self::Exists { .. }
            | Self::Argument(_) => Category::InvalidInput,
            Self::Io { source, .. } => category_of(source),
            Self::LockTimeout { .. } => Category::StateContention,
            Self::CounterLock { .. } => Category::IoFailure,
            Self::KillSwitch(error) => error.category(),
            Self::Limit(error) => error.category(),
            Self::Broker(error) => error.category(),
            Self::Authority(error) => error.category(),
            Self::Job(error) => error.category(),
            Self::Encode(error) => error.category(),
            Self::Random(_) => Category::InternalFailure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errno(number: Errno) -> HostError {
        HostError::io("write", Path::new("a.json"), number)
    }

    #[test]
    fn causes_decide_the_category() {
        for number in [Errno::NOENT, Errno::ACCESS, Errno::ISDIR, Errno::NOTDIR, Errno::ROFS, Errno::LOOP] {
            assert_eq!(errno(number).category(), Category::InvalidInput, "{number:?}");
        }
        for number in [Errno::NOSPC, Errno::IO, Errno::DQUOT, Errno::MFILE] {
            assert_eq!(errno(number).category(), Category::IoFailure, "{number:?}");
            assert_eq!(errno(number).code(), "io_failure");
        }
        for number in [Errno::AGAIN, Errno::TIMEDOUT] {
            assert_eq!(errno(number).category(), Category::NetworkTransient, "{number:?}");
            assert!(errno(number).retryable());
        }
    }

    #[test]
    fn a_lock_timeout_is_contention_whatever_the_file_is_called() {
        let timeout = HostError::LockTimeout {
            code: "append_lock_timeout",
            path: PathBuf::from("a.lock"),
            waited: Duration::from_secs(30),
        };
        assert_eq!(timeout.category(), Category::StateContention);
        assert!(timeout.retryable());
        assert_eq!(errno(Errno::NOENT).category(), Category::InvalidInput);
    }
}
