//! Why a token or an entry cannot be made or read.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;
use thiserror::Error;

/// Why a token, an entry of the script registry or an audit record cannot be made or read. Always invalid input.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The life of a token is zero or negative.
    #[error("time to live must be greater than zero")]
    TtlNotPositive,
    /// No scope is left after trimming.
    #[error("scope must name at least one value")]
    ScopeEmpty,
    /// A member that must be there is blank.
    #[error("{0} is required")]
    Missing(&'static str),
    /// A member is not the hex form of a SHA-256 digest.
    #[error("{0} must be a SHA-256 digest in hex")]
    NotADigest(&'static str),
    /// A limit is below zero.
    #[error("{0} must not be negative")]
    NegativeLimit(&'static str),
    /// The document is of another kind or version.
    #[error("{0} is not the one of this document type")]
    Schema(&'static str),
    /// An entry ends before it begins.
    #[error("expires_at must lie after created_at")]
    ExpiresBeforeCreated,
    /// The script registry is neither a list nor an object with a list `entries`.
    #[error("script registry must be a list of entries or an object with a list \"entries\"")]
    RegistryShape,
    /// An entry of the script registry is malformed.
    #[error("script registry entry {index}: {source}")]
    RegistryEntry {
        /// Its place in the file, from 0.
        index: usize,
        /// What is wrong with it.
        source: Box<AuthorityError>,
    },
    /// The document is not JSON of its type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A time leaves the range that can be written.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something in the document has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for AuthorityError {
    fn code(&self) -> &'static str {
        match self {
            Self::TtlNotPositive => "authority_ttl_invalid",
            Self::ScopeEmpty => "authority_scope_empty",
            Self::Missing(_) => "authority_member_missing",
            Self::NotADigest(_) => "authority_digest_invalid",
            Self::NegativeLimit(_) => "authority_limit_negative",
            Self::Schema(_) => "authority_schema_mismatch",
            Self::ExpiresBeforeCreated => "authority_expiry_invalid",
            Self::RegistryShape => "script_registry_malformed",
            Self::RegistryEntry { .. } => "script_registry_entry_malformed",
            Self::Json(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
