//! Why a guard pack could not be built or looked at.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;

use crate::error::EvidenceError;

/// A failure of this module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] EvidenceError),
    /// The archive has no manifest.
    #[error("missing pack_manifest.json")]
    ManifestMissing,
    /// The manifest is no such document.
    #[error("parse pack_manifest.json: {0}")]
    Manifest(JsonError),
    /// Strict: the manifest is of another kind or version.
    #[error("pack_manifest.json is no guard pack manifest 1.0.0")]
    ManifestKind,
    /// Strict: the pack has another id than its contents give.
    #[error("pack_id {declared} does not fit the contents, which give {computed}")]
    PackId {
        /// The id in the manifest.
        declared: String,
        /// The id that it should be.
        computed: String,
    },
    /// A piece of evidence is not what it should be.
    #[error("parse {what}: {source}")]
    Evidence {
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        source: JsonError,
    },
    /// Strict: a piece of evidence says that it is something else.
    #[error("{what} must be a {expected} 1.0.0, not {found}")]
    EvidenceKind {
        /// What it should be.
        what: &'static str,
        /// The kind of document that it should name.
        expected: &'static str,
        /// What it names.
        found: String,
    },
    /// More entries than a reader of the pack would accept.
    #[error("a guard pack may have at most {limit} entries")]
    TooManyEntries {
        /// The limit.
        limit: usize,
    },
    /// More bytes than a reader of the pack would accept.
    #[error("a guard pack may have at most {limit} bytes of entries")]
    TooManyBytes {
        /// The limit in bytes.
        limit: u64,
    },
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for GuardError {
    fn code(&self) -> &'static str {
        match self {
            Self::Archive(error) => error.code(),
            Self::ManifestMissing => "guard_pack_manifest_missing",
            Self::Manifest(_) => "guard_pack_manifest_malformed",
            Self::ManifestKind => "guard_pack_manifest_kind",
            Self::PackId { .. } => "guard_pack_id_mismatch",
            Self::Evidence { .. } => "guard_evidence_malformed",
            Self::EvidenceKind { .. } => "guard_evidence_kind",
            Self::TooManyEntries { .. } | Self::TooManyBytes { .. } => "guard_pack_too_large",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Archive(error) => error.category(),
            Self::ManifestKind | Self::PackId { .. } => Category::VerificationFailed,
            Self::Encode(error) => error.category(),
            _ => Category::InvalidInput,
        }
    }
}
