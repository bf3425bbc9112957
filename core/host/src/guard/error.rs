//! What goes wrong with guard packs, retention and encryption in files.

use std::path::PathBuf;
use std::time::Duration;

use gait_base::error::{Category, Classify};
use gait_base::key::KeyError;
use gait_base::time::TimeError;
use gait_evidence::guard::GuardError;
use gait_evidence::guard::encryption::EncryptionError;
use gait_evidence::guard::retention::HoldError;
use gait_evidence::runpack::RunpackError;

use crate::error::HostError;
use crate::process::ProcessError;
use crate::runpack_path::NotFound;

/// A failure of this module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardFileError {
    /// The file.
    #[error(transparent)]
    Host(#[from] HostError),
    /// No runpack of that name.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The runpack.
    #[error(transparent)]
    Runpack(#[from] RunpackError),
    /// The pack.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A piece of evidence.
    #[error("{path}: {source}", path = path.display())]
    Evidence {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: GuardError,
    },
    /// More evidence beside a runpack than a pack can hold.
    #[error("more than {limit} files of evidence in {folder}", folder = folder.display())]
    TooManyFiles {
        /// Where.
        folder: PathBuf,
        /// The most that is taken.
        limit: usize,
    },
    /// The signing or verifying key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What should be read or written was not named.
    #[error("an input path is required")]
    InputMissing,
    /// No key for encryption was named.
    #[error("a key is required: name an environment variable or a command that prints it")]
    KeyMissing,
    /// The variable is not there.
    #[error("environment variable {0} is not set")]
    KeyVariable(String),
    /// The command could not be run.
    #[error("key command {command}: {source}")]
    KeyCommand {
        /// The command.
        command: String,
        /// Why.
        source: ProcessError,
    },
    /// The command is in no absolute folder of the search path.
    #[error("key command {0} was not found")]
    KeyCommandMissing(String),
    /// The command ended badly, or wrote more than a key.
    #[error("key command {0} failed")]
    KeyCommandFailed(String),
    /// The command did not end in time.
    #[error("key command {command} did not end within {limit:?}")]
    KeyCommandTimedOut {
        /// The command.
        command: String,
        /// How long it had.
        limit: Duration,
    },
    /// Sealing or opening.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    /// A list of legal holds cannot be used; nothing was removed.
    #[error("{path}: {source}", path = path.display())]
    Hold {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        source: HoldError,
    },
    /// A folder is nested too deeply, or holds too much; nothing was removed.
    #[error("{path} goes deeper than {depth} folders or holds more than {files} artifacts", path = path.display())]
    TooMuch {
        /// Where it was noticed.
        path: PathBuf,
        /// The deepest that is looked at.
        depth: usize,
        /// The most artifacts that are looked at.
        files: usize,
    },
    /// Strict: nothing is removed without a report.
    #[error("strict mode removes nothing without a report: name its file, or ask for a dry run")]
    ReportMissing,
    /// A time cannot be written.
    #[error(transparent)]
    Time(#[from] TimeError),
}

impl Classify for GuardFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) => error.code(),
            Self::NotFound(error) => error.code(),
            Self::Runpack(error) => error.code(),
            Self::Guard(error) | Self::Evidence { source: error, .. } => error.code(),
            Self::TooManyFiles { .. } => "guard_pack_too_large",
            Self::Key(error) => error.code(),
            Self::InputMissing => "input_missing",
            Self::KeyMissing => "encryption_key_missing",
            Self::KeyVariable(_) => "encryption_key_variable_not_set",
            Self::KeyCommand { .. } | Self::KeyCommandMissing(_) | Self::KeyCommandFailed(_) => {
                "encryption_key_command_failed"
            }
            Self::KeyCommandTimedOut { .. } => "encryption_key_command_timed_out",
            Self::Encryption(error) => error.code(),
            Self::Hold { source, .. } => source.code(),
            Self::TooMuch { .. } => "retention_too_much",
            Self::ReportMissing => "retention_report_missing",
            Self::Time(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Host(error) => error.category(),
            Self::Runpack(error) => error.category(),
            Self::Guard(error) | Self::Evidence { source: error, .. } => error.category(),
            Self::Key(error) => error.category(),
            Self::Encryption(error) => error.category(),
            // A time-out of a child passes by itself (00 D1).
            Self::KeyCommandTimedOut { .. } => Category::NetworkTransient,
            Self::NotFound(_)
            | Self::TooManyFiles { .. }
            | Self::InputMissing
            | Self::KeyMissing
            | Self::KeyVariable(_)
            | Self::KeyCommand { .. }
            | Self::KeyCommandMissing(_)
            | Self::KeyCommandFailed(_)
            | Self::Hold { .. }
            | Self::TooMuch { .. }
            | Self::ReportMissing
            | Self::Time(_) => Category::InvalidInput,
        }
    }
}
