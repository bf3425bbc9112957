//! Why a bundle cannot be packed, and why a packed one does not hold.

use std::fmt::Display;

use gait_base::error::{Category, Classify};
use gait_base::jcs::CanonicalError;
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;
use thiserror::Error;

use super::Link;

/// What is wrong with a bundle or a file that it links to. Always invalid input.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// No JSON document of this type.
    #[error("authorization bundle: {0}")]
    Json(#[from] JsonError),
    /// Another kind or version of document.
    #[error("authorization bundle: unsupported {member} {value:?}")]
    Schema {
        /// `schema_id` or `schema_version`.
        member: &'static str,
        /// What stands there.
        value: String,
    },
    /// A member that must be set is not.
    #[error("authorization bundle: {0} is required")]
    Missing(&'static str),
    /// A member that must be 64 hex digits is not.
    #[error("authorization bundle: {0} must be a SHA-256 in hex")]
    NotADigest(&'static str),
    /// An outcome that is no verdict.
    #[error("authorization bundle: outcome_status must be allow, block, dry_run or require_approval, not {0:?}")]
    OutcomeStatus(String),
    /// A digest of nothing.
    #[error("authorization bundle: {0}_digest stands without {0}_path")]
    DigestWithoutPath(Link),
    /// A path that does not stay in the bundle's folder.
    #[error("authorization bundle: {link}_path must name a file below the bundle's folder, not {path:?}")]
    Path {
        /// Which link.
        link: Link,
        /// The path, cleaned.
        path: String,
    },
    /// A linked file that calls itself JSON and is none.
    #[error("authorization bundle: {link} file {path:?}: {source}")]
    EvidenceJson {
        /// Which link.
        link: Link,
        /// Its path, cleaned.
        path: String,
        /// What is wrong with it.
        source: CanonicalError,
    },
    /// A linked file with another digest than the bundle says.
    #[error("authorization bundle: {link} file {path:?} has another digest than {link}_digest says")]
    DigestMismatch {
        /// Which link.
        link: Link,
        /// Its path, cleaned.
        path: String,
    },
    /// The time of the bundle cannot be written in UTC.
    #[error("authorization bundle: {0}")]
    Time(#[from] TimeError),
    /// Something in it has no written form.
    #[error("authorization bundle: {0}")]
    Encode(#[from] EncodeError),
}

impl Classify for BundleError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Schema { .. } => "authorization_bundle_schema_unsupported",
            Self::Missing(_) => "authorization_bundle_member_missing",
            Self::NotADigest(_) => "authorization_bundle_digest_malformed",
            Self::OutcomeStatus(_) => "authorization_bundle_outcome_unknown",
            Self::DigestWithoutPath(_) => "authorization_bundle_path_missing",
            Self::Path { .. } => "authorization_bundle_path_unsafe",
            Self::EvidenceJson { .. } => "authorization_bundle_evidence_malformed",
            Self::DigestMismatch { .. } => "authorization_bundle_digest_mismatch",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// Why a bundle could not be gathered; `E` is the error of whoever reads files.
#[derive(Debug, Error)]
pub enum GatherError<E: Display> {
    /// The bundle or one of its files is unusable.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A linked file could not be read.
    #[error("authorization bundle: {link} file {path:?}: {cause}")]
    Read {
        /// Which link.
        link: Link,
        /// Its path, cleaned.
        path: String,
        /// What the reader said.
        cause: E,
    },
}

impl<E: Classify + Display> Classify for GatherError<E> {
    fn code(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.code(),
            Self::Read { cause, .. } => cause.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Bundle(error) => error.category(),
            Self::Read { cause, .. } => cause.category(),
        }
    }
}

/// Why a packed bundle does not hold. Always a failed verification.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleFault {
    /// The bundle itself, or a file that it links to, is not as it must be.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A linked file is not in the pack.
    #[error("authorization bundle: {link} file {entry:?} is not in the pack")]
    EvidenceMissing {
        /// Which link.
        link: Link,
        /// Its name in the pack.
        entry: String,
    },
    /// What must be linked is not, or has no digest.
    #[error("authorization bundle: {0}_path and {0}_digest are required")]
    EvidenceRequired(Link),
}

impl Classify for BundleFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Bundle(error) => error.code(),
            Self::EvidenceMissing { .. } => "authorization_bundle_evidence_missing",
            Self::EvidenceRequired(_) => "authorization_bundle_evidence_required",
        }
    }

    fn category(&self) -> Category {
        Category::VerificationFailed
    }
}
