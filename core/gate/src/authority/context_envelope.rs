//! Context envelopes: what the agent had read when it proposed an action, with digests (03 §11, 04 §2.5).
//!
//! [`VerifiedEnvelope`] is the only way to hand one to an evaluation, and checking its set digest is the only way to get
//! one. Its claims replace those of the intent.

mod drift;
mod privacy;

use gait_base::error::{Category, Classify};
use gait_base::jcs;
use gait_base::json::{Decode, EncodeError, JsonError, Map, Reader, Reading};
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, sort_dedup, trim_fold_in_place, trim_in_place};
use gait_base::time::{TimeError, Timestamp};
use thiserror::Error;

pub use drift::{ReferenceDrift, ReferenceReceipt, References, reference_drift};

use crate::mode::Mode;

/// The only accepted `schema_id`.
pub const SCHEMA_ID: &str = "gait.context.envelope";
/// The only accepted `schema_version`.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// The most bytes an envelope may have.
pub const MAX_BYTES: usize = 1 << 20;

const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";
/// Evidence mode: what is missing is tolerated.
pub const BEST_EFFORT: &str = "best_effort";
/// Evidence mode: what is missing is an error.
pub const REQUIRED: &str = "required";

record! {
    /// The envelope as it is written.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ContextEnvelope {
        /// [`SCHEMA_ID`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Id of the set.
        pub context_set_id: String,
        /// Digest of the records.
        pub context_set_digest: String,
        /// `best_effort` or `required`.
        pub evidence_mode: String,
        /// What was read.
        pub records: Vec<ContextRecord>,
    }
}

record! {
    /// One thing that was read.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ContextRecord {
        /// Its id.
        pub ref_id: String,
        /// Kind of source.
        pub source_type: String,
        /// Where it lies in the source.
        pub source_locator: String,
        /// Digest of the query.
        pub query_digest: String,
        /// Digest of the content.
        pub content_digest: String,
        /// When it was read.
        pub retrieved_at: Timestamp,
        /// What was removed from it.
        pub redaction_mode: String,
        /// `unknown`, `mutable` or `immutable`.
        pub immutability: String,
        /// How sensitive it is.
        pub sensitivity_label: String => omit,
        /// How old it may become, in seconds.
        pub freshness_sla_seconds: i64 => omit,
        /// How it was found.
        pub retrieval_params: Map => omit,
    }
}

/// An envelope in normal form whose set digest is that of its records.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedEnvelope(ContextEnvelope);

impl VerifiedEnvelope {
    /// Reads and verifies an envelope. Unknown members are refused in every mode; what follows the first JSON value is
    /// ignored, in strict mode refused.
    ///
    /// # Errors
    /// [`ContextEnvelopeError`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, ContextEnvelopeError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::CLOSED };
        let mut reader = Reader::new(bytes, Reading { max_bytes: MAX_BYTES, ..reading })?;
        let mut envelope = ContextEnvelope::default();
        envelope.decode(&mut reader)?;
        if mode.is_strict() {
            reader.finish()?;
        }
        Self::verify(envelope)
    }

    /// Brings an envelope to its normal form and checks its set digest; a blank one is computed.
    ///
    /// # Errors
    /// [`ContextEnvelopeError`].
    pub fn verify(mut envelope: ContextEnvelope) -> Result<Self, ContextEnvelopeError> {
        normalize(&mut envelope)?;
        let computed = set_digest(&envelope.records)?;
        let given = &mut envelope.context_set_digest;
        trim_fold_in_place(given);
        if !given.is_empty() && !is_lower_hex_digest(given) {
            return Err(ContextEnvelopeError::NotADigest("context_set_digest"));
        }
        if !given.is_empty() && *given != computed {
            return Err(ContextEnvelopeError::DigestMismatch);
        }
        *given = computed;
        Ok(Self(envelope))
    }

    /// The envelope in normal form.
    #[must_use]
    pub const fn envelope(&self) -> &ContextEnvelope {
        &self.0
    }

    /// The envelope in normal form, no longer marked as verified.
    #[must_use]
    pub fn into_envelope(self) -> ContextEnvelope {
        self.0
    }

    /// The digest of the records.
    #[must_use]
    pub fn digest_hex(&self) -> &str {
        &self.0.context_set_digest
    }

    /// `best_effort` or `required`.
    #[must_use]
    pub fn mode(&self) -> &str {
        &self.0.evidence_mode
    }

    /// The ids of the records, sorted, without repeats.
    #[must_use]
    pub fn ref_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.0.records.iter().map(|record| record.ref_id.clone()).collect();
        sort_dedup(&mut ids);
        ids
    }

    /// Age of the oldest record in whole seconds, of the envelope itself when it has none. What lies in the future is of
    /// age 0.
    #[must_use]
    pub fn age_seconds(&self, now: &Timestamp) -> i64 {
        let age = |time: &Timestamp| now.seconds_since(time).max(0);
        let oldest = self.0.records.iter().map(|record| age(&record.retrieved_at)).max();
        oldest.unwrap_or_else(|| age(&self.0.created_at))
    }
}

fn normalize(envelope: &mut ContextEnvelope) -> Result<(), ContextEnvelopeError> {
    for (member, value, expected) in [
        ("schema_id", &mut envelope.schema_id, SCHEMA_ID),
        ("schema_version", &mut envelope.schema_version, SCHEMA_VERSION),
    ] {
        if value.trim().is_empty() {
            expected.clone_into(value);
        } else if value != expected {
            return Err(ContextEnvelopeError::Schema { member, value: value.clone() });
        }
    }
    envelope.created_at = utc_or_epoch(&envelope.created_at)?;
    if envelope.producer_version.trim().is_empty() {
        DEFAULT_PRODUCER_VERSION.clone_into(&mut envelope.producer_version);
    }
    trim_in_place(&mut envelope.context_set_id);
    if envelope.context_set_id.is_empty() {
        return Err(ContextEnvelopeError::Missing("context_set_id"));
    }
    normalize_mode(&mut envelope.evidence_mode)?;
    if envelope.evidence_mode.is_empty() {
        BEST_EFFORT.clone_into(&mut envelope.evidence_mode);
    }
    envelope.records.iter_mut().try_for_each(ContextRecord::normalize)?;
    envelope.records.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(())
}

impl ContextRecord {
    fn normalize(&mut self) -> Result<(), ContextEnvelopeError> {
        for (member, value) in [
            ("ref_id", &mut self.ref_id),
            ("source_type", &mut self.source_type),
            ("source_locator", &mut self.source_locator),
            ("redaction_mode", &mut self.redaction_mode),
        ] {
            trim_in_place(value);
            if value.is_empty() {
                return Err(ContextEnvelopeError::Missing(member));
            }
        }
        for (member, digest) in [("query_digest", &mut self.query_digest), ("content_digest", &mut self.content_digest)]
        {
            trim_fold_in_place(digest);
            if !is_lower_hex_digest(digest) {
                return Err(ContextEnvelopeError::NotADigest(member));
            }
        }
        normalize_immutability(&mut self.immutability);
        if !["unknown", "mutable", "immutable"].contains(&self.immutability.as_str()) {
            return Err(ContextEnvelopeError::Immutability(self.immutability.clone()));
        }
        if self.freshness_sla_seconds < 0 {
            return Err(ContextEnvelopeError::Negative("freshness_sla_seconds"));
        }
        self.retrieved_at = utc_or_epoch(&self.retrieved_at)?;
        Ok(())
    }

    fn sort_key(&self) -> [&str; 4] {
        [&self.ref_id, &self.source_type, &self.source_locator, &self.content_digest]
    }
}

/// The digest of records in normal form and order.
fn set_digest(records: &[ContextRecord]) -> Result<String, EncodeError> {
    Ok(jcs::digest_of(records)?.to_hex())
}

/// Trims and folds an evidence mode; an empty one stays empty.
///
/// # Errors
/// [`ContextEnvelopeError::EvidenceMode`].
pub fn normalize_mode(mode: &mut String) -> Result<(), ContextEnvelopeError> {
    trim_fold_in_place(mode);
    if mode.is_empty() || mode == BEST_EFFORT || mode == REQUIRED {
        return Ok(());
    }
    Err(ContextEnvelopeError::EvidenceMode(mode.clone()))
}

fn normalize_immutability(immutability: &mut String) {
    trim_fold_in_place(immutability);
    if immutability.is_empty() {
        "unknown".clone_into(immutability);
    }
}

fn utc_or_epoch(time: &Timestamp) -> Result<Timestamp, TimeError> {
    if time.is_zero() { Ok(Timestamp::EPOCH_1980) } else { time.to_utc() }
}

/// Why context evidence is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ContextEnvelopeError {
    /// No JSON document of this type, or larger than [`MAX_BYTES`].
    #[error("context envelope: {0}")]
    Json(#[from] JsonError),
    /// Another kind or version of document.
    #[error("context envelope: unsupported {member} {value:?}")]
    Schema {
        /// `schema_id` or `schema_version`.
        member: &'static str,
        /// What stands there.
        value: String,
    },
    /// A member that must be set is not.
    #[error("context envelope: {0} is required")]
    Missing(&'static str),
    /// A member that must be 64 hex digits is not.
    #[error("context envelope: {0} must be a SHA-256 in hex")]
    NotADigest(&'static str),
    /// The given set digest is not that of the records.
    #[error("context_set_digest mismatch")]
    DigestMismatch,
    /// An evidence mode that does not exist.
    #[error("context evidence mode must be best_effort or required, not {0:?}")]
    EvidenceMode(String),
    /// An immutability that does not exist.
    #[error("context record: immutability must be unknown, mutable or immutable, not {0:?}")]
    Immutability(String),
    /// A number that must not be negative is.
    #[error("context evidence: {0} must be >= 0")]
    Negative(&'static str),
    /// A privacy mode that does not exist.
    #[error("privacy mode must be one of metadata, hashes and raw, not {0:?}")]
    PrivacyMode(String),
    /// A time cannot be written in UTC.
    #[error("context evidence: {0}")]
    Time(#[from] TimeError),
    /// Something has no written form.
    #[error("context evidence: {0}")]
    Encode(#[from] EncodeError),
}

impl Classify for ContextEnvelopeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Schema { .. } => "context_envelope_schema_unsupported",
            Self::Missing(_) => "context_envelope_member_missing",
            Self::NotADigest(_) => "context_envelope_digest_malformed",
            Self::DigestMismatch => "context_envelope_digest_mismatch",
            Self::EvidenceMode(_) => "context_evidence_mode_unknown",
            Self::Immutability(_) => "context_envelope_immutability_unknown",
            Self::Negative(_) => "context_envelope_number_negative",
            Self::PrivacyMode(_) => "context_privacy_mode_unknown",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    /// Always invalid input: the contract gives a digest mismatch exit code 6 too (03 §11.2).
    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

#[cfg(test)]
mod tests;
