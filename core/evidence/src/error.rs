//! What can go wrong with evidence, classified (09 §2).

use std::io;

use gait_base::error::{Category, Classify};

/// Why an evidence artifact could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A path that an archive entry cannot have.
    #[error("invalid archive path {path:?}: {reason}")]
    EntryPath {
        /// The path, undecodable bytes replaced.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two entries to be written have the same path.
    #[error("duplicate archive path {path:?}")]
    EntryRepeated {
        /// The path, undecodable bytes replaced.
        path: String,
    },
    /// The bytes are not a zip archive, or a cut or contradictory one.
    #[error("open zip: {detail}")]
    ArchiveMalformed {
        /// What the reader stumbled over.
        detail: String,
    },
    /// The archive has more entries than the limit allows.
    #[error("zip has more than {limit} entries")]
    ArchiveEntries {
        /// The limit that was exceeded.
        limit: usize,
    },
    /// The directory of the archive is larger than the limit allows.
    #[error("zip directory has more than {limit} bytes")]
    ArchiveDirectory {
        /// The limit that was exceeded, in bytes.
        limit: u64,
    },
    /// All entries together would inflate to more than the limit allows.
    #[error("zip inflates to more than {limit} bytes")]
    ArchiveTotal {
        /// The limit that was exceeded, in bytes.
        limit: u64,
    },
    /// Two entries have the same name once it is trimmed.
    #[error("zip contains duplicate entries: {}", names.join(", "))]
    ArchiveDuplicates {
        /// The code that the reader of the artifact reports for this.
        code: &'static str,
        /// The trimmed names, sorted, each once.
        names: Vec<String>,
    },
    /// An entry is larger than the limit allows.
    #[error("zip entry too large: {size}")]
    EntryTooLarge {
        /// The name, undecodable bytes replaced.
        path: String,
        /// The declared size in bytes.
        size: u64,
    },
    /// An entry uses what this reader does not support: a method other than stored and deflated, encryption.
    #[error("zip entry {path:?} is not supported: {detail}")]
    EntryUnsupported {
        /// The name, undecodable bytes replaced.
        path: String,
        /// What is not supported.
        detail: String,
    },
    /// The content of an entry is not what the archive declares: cut, of another size, of another checksum.
    #[error("zip entry {path:?} is corrupt: {detail}")]
    EntryCorrupt {
        /// The name, undecodable bytes replaced.
        path: String,
        /// What does not hold.
        detail: String,
    },
    /// No entry has the index or name asked for.
    #[error("no zip entry {entry}")]
    EntryMissing {
        /// The index or name.
        entry: String,
    },
    /// The source of the bytes failed.
    #[error("read zip: {0}")]
    Source(#[source] io::Error),
}

impl Classify for EvidenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::EntryPath { .. } => "archive_entry_path",
            Self::EntryRepeated { .. } => "archive_entry_repeated",
            Self::ArchiveMalformed { .. } => "archive_malformed",
            Self::ArchiveEntries { .. } => "archive_entries_limit",
            Self::ArchiveDirectory { .. } => "archive_directory_limit",
            Self::ArchiveTotal { .. } => "archive_total_limit",
            Self::ArchiveDuplicates { code, .. } => code,
            Self::EntryTooLarge { .. } => "archive_entry_limit",
            Self::EntryUnsupported { .. } => "archive_entry_unsupported",
            Self::EntryCorrupt { .. } => "archive_entry_corrupt",
            Self::EntryMissing { .. } => "archive_entry_missing",
            Self::Source(_) => "archive_source_failure",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::ArchiveDuplicates { .. } => Category::VerificationFailed,
            Self::Source(_) => Category::IoFailure,
            Self::EntryPath { .. }
            | Self::EntryRepeated { .. }
            | Self::ArchiveMalformed { .. }
            | Self::ArchiveEntries { .. }
            | Self::ArchiveDirectory { .. }
            | Self::ArchiveTotal { .. }
            | Self::EntryTooLarge { .. }
            | Self::EntryUnsupported { .. }
            | Self::EntryCorrupt { .. }
            | Self::EntryMissing { .. } => Category::InvalidInput,
        }
    }
}
