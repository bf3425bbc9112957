//! How two sets of references differ: not at all, by when they were read, or by what (03 §11.1, 04 §2.4).

use gait_base::jcs;
use gait_base::json::Map;
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, trim_fold_in_place};
use gait_base::time::Timestamp;

use super::{ContextEnvelopeError, normalize_immutability, normalize_mode, utc_or_epoch};

record! {
    /// The references of a run (`gait.runpack.refs`).
    #[derive(Clone, Debug, PartialEq)]
    pub struct References {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// The run.
        pub run_id: String,
        /// Digest of the context evidence.
        pub context_set_digest: String => omit,
        /// How complete the context evidence is.
        pub context_evidence_mode: String => omit,
        /// How many references there are.
        pub context_ref_count: i64 => omit,
        /// The references.
        pub receipts: Vec<ReferenceReceipt>,
    }
}

record! {
    /// One reference of a run.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ReferenceReceipt {
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
        pub immutability: String => omit,
        /// How old it may become, in seconds.
        pub freshness_sla_seconds: i64 => omit,
        /// How sensitive it is.
        pub sensitivity_label: String => omit,
        /// How it was found.
        pub retrieval_params: Map => omit,
    }
}

impl References {
    /// Brings the references to their normal form, in which they are recorded and compared.
    ///
    /// # Errors
    /// [`ContextEnvelopeError`]: an unknown evidence mode, a set digest that is none, a negative count, a time that cannot
    /// be written in UTC.
    pub fn normalize(&mut self) -> Result<(), ContextEnvelopeError> {
        normalize_mode(&mut self.context_evidence_mode)?;
        trim_fold_in_place(&mut self.context_set_digest);
        if !self.context_set_digest.is_empty() && !is_lower_hex_digest(&self.context_set_digest) {
            return Err(ContextEnvelopeError::NotADigest("context_set_digest"));
        }
        if self.context_ref_count < 0 {
            return Err(ContextEnvelopeError::Negative("context_ref_count"));
        }
        for receipt in &mut self.receipts {
            trim_fold_in_place(&mut receipt.query_digest);
            trim_fold_in_place(&mut receipt.content_digest);
            normalize_immutability(&mut receipt.immutability);
            receipt.retrieved_at = utc_or_epoch(&receipt.retrieved_at)?;
        }
        self.receipts.sort_by(|a, b| a.ref_id.cmp(&b.ref_id));
        if self.context_ref_count == 0 {
            self.context_ref_count = i64::try_from(self.receipts.len()).unwrap_or(i64::MAX);
        }
        Ok(())
    }

    /// The same references without what depends on when they were read.
    fn without_runtime(mut self) -> Self {
        self.context_set_digest.clear();
        self.receipts.iter_mut().for_each(|receipt| receipt.retrieved_at = Timestamp::EPOCH_1980);
        self
    }
}

/// How references differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceDrift {
    /// Not at all.
    None,
    /// Only by when they were read, and by the set digest that follows from it.
    RuntimeOnly,
    /// By what was read, or how.
    Semantic,
}

impl ReferenceDrift {
    /// The name in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::RuntimeOnly => "runtime_only",
            Self::Semantic => "semantic",
        }
    }

    /// Whether there is a difference.
    #[must_use]
    pub fn changed(self) -> bool {
        self != Self::None
    }
}

/// Compares the references of two runs as whole documents, by the digests of their normal forms.
///
/// # Errors
/// As [`References::normalize`], for either side; also for a creation time that cannot be written.
pub fn reference_drift(left: &References, right: &References) -> Result<ReferenceDrift, ContextEnvelopeError> {
    let (mut left, mut right) = (left.clone(), right.clone());
    left.normalize()?;
    right.normalize()?;
    let drift = if jcs::digest_of(&left)? == jcs::digest_of(&right)? {
        ReferenceDrift::None
    } else if jcs::digest_of(&left.without_runtime())? == jcs::digest_of(&right.without_runtime())? {
        // Mode and count are part of both documents, so they are equal here.
        ReferenceDrift::RuntimeOnly
    } else {
        ReferenceDrift::Semantic
    };
    Ok(drift)
}
