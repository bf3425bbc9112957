//! Why a runpack could not be recorded, read or worked with.

use gait_base::error::{Category, Classify};
use gait_base::jcs::CanonicalError;
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;
use gait_gate::authority::context_envelope::ContextEnvelopeError;

use crate::error::EvidenceError;

/// A failure of this module. The words of many of these are printed by commands; their class decides exit codes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunpackError {
    /// A run without an id.
    #[error("run_id is required")]
    RunIdMissing,
    /// A record's digest is missing or does not fit.
    #[error("normalize digest-bearing fields: {0}")]
    Digest(#[from] DigestFault),
    /// The references do not hold.
    #[error("normalize refs: {0}")]
    Refs(ContextEnvelopeError),
    /// Context evidence does not hold.
    #[error(transparent)]
    Context(#[from] ContextEnvelopeError),
    /// Evidence is required, but there is no digest of it.
    #[error("context evidence mode required but context_set_digest is missing")]
    ContextDigestMissing,
    /// The archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] EvidenceError),
    /// One of the five entries is not there.
    #[error("missing {0}")]
    EntryMissing(&'static str),
    /// An entry is not the document it should be.
    #[error("parse {path}: {source}")]
    Document {
        /// The entry.
        path: &'static str,
        /// What is wrong.
        source: JsonError,
    },
    /// A line of an entry is not the document it should be.
    #[error("parse {what}: line {line}: {source}")]
    Line {
        /// `intents` or `results`.
        what: &'static str,
        /// Which line, from 1; blank ones count.
        line: usize,
        /// What is wrong.
        source: JsonError,
    },
    /// A line is longer than the limit.
    #[error("parse {what}: line {line} has more than {limit} bytes")]
    LineTooLong {
        /// `intents` or `results`.
        what: &'static str,
        /// Which line, from 1.
        line: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The manifest is of another kind.
    #[error("manifest schema_id must be gait.runpack.manifest")]
    ManifestSchemaId,
    /// The manifest is of another version.
    #[error("manifest schema_version must be 1.0.0")]
    ManifestSchemaVersion,
    /// The manifest names no run.
    #[error("manifest missing run_id")]
    ManifestRunId,
    /// Listed or required entries are not there.
    #[error("missing runpack files: {}", .0.join(", "))]
    FilesMissing(Vec<String>),
    /// An entry or the manifest has another digest than recorded.
    #[error("runpack hash mismatch")]
    HashMismatch,
    /// Strict reading: entries that the manifest does not list.
    #[error("runpack has entries that its manifest does not list: {}", .0.join(", "))]
    Undeclared(Vec<String>),
    /// The manifest's signable form cannot be made.
    #[error("manifest.json has no canonical form: {0}")]
    Canonical(#[from] CanonicalError),
    /// Something has no written form.
    #[error("encode runpack: {0}")]
    Encode(#[from] EncodeError),
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The one-line footer would not be readable by other tools.
    #[error("ticket footer contract validation failed")]
    TicketFooter,
    /// Two intents with one id where ids must be unique.
    #[error("duplicate intent_id: {0}")]
    IntentRepeated(String),
    /// Two results of one intent where there must be at most one.
    #[error("duplicate result for intent_id: {0}")]
    ResultRepeated(String),
    /// Real tools cannot be run from digests.
    #[error("real replay needs a raw capture: this runpack has no args")]
    ReplayWithoutArgs,
    /// A predicate that does not exist.
    #[error("unsupported predicate: {0}")]
    PredicateUnknown(String),
    /// There is nothing to reduce.
    #[error("runpack has no intent IDs")]
    NoIntentIds,
    /// The runpack does not show what it should be reduced to.
    #[error("predicate {0} not triggered by runpack")]
    PredicateNotTriggered(&'static str),
    /// The reduced runpack does not show it either.
    #[error("reduced runpack no longer triggers predicate {0}")]
    PredicateLost(&'static str),
    /// A privacy of comparison that does not exist.
    #[error("unsupported privacy mode: {0}")]
    PrivacyUnknown(String),
}

impl Classify for RunpackError {
    fn code(&self) -> &'static str {
        match self {
            Self::RunIdMissing => "runpack_run_id_missing",
            Self::Digest(error) => error.code(),
            Self::Refs(error) | Self::Context(error) => error.code(),
            Self::ContextDigestMissing => "context_digest_missing",
            Self::Archive(error) => error.code(),
            Self::EntryMissing(_) | Self::FilesMissing(_) => "runpack_entry_missing",
            Self::Document { source, .. } | Self::Line { source, .. } => source.code(),
            Self::LineTooLong { .. } => "runpack_line_limit",
            Self::ManifestSchemaId | Self::ManifestSchemaVersion | Self::ManifestRunId => "runpack_manifest_invalid",
            Self::HashMismatch => "runpack_hash_mismatch",
            Self::Undeclared(_) => "runpack_undeclared_entries",
            Self::Canonical(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::TicketFooter => "ticket_footer_invalid",
            Self::IntentRepeated(_) | Self::ResultRepeated(_) => "runpack_record_repeated",
            Self::ReplayWithoutArgs => "replay_without_args",
            Self::PredicateUnknown(_) => "reduce_predicate_unknown",
            Self::NoIntentIds | Self::PredicateNotTriggered(_) => "reduce_not_triggered",
            Self::PredicateLost(_) => "reduce_predicate_lost",
            Self::PrivacyUnknown(_) => "diff_privacy_unknown",
        }
    }

    /// Mostly invalid input: the contract gives a content that cannot be read, a mismatch while reading included, exit
    /// code 6. Verification proper reports mismatches in its outcome.
    fn category(&self) -> Category {
        match self {
            Self::Archive(error) => error.category(),
            Self::Undeclared(_) => Category::VerificationFailed,
            Self::TicketFooter => Category::InternalFailure,
            _ => Category::InvalidInput,
        }
    }
}

/// Why the digests of records and receipts cannot be completed (04 §3 steps 3–5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestFault {
    /// Neither a digest nor anything to digest.
    #[error("{kind} {id} requires {kind_field}_digest or normalization.{payloads}", kind_field = kind.field(), payloads = kind.payloads())]
    Missing {
        /// What lacks it.
        kind: RecordKind,
        /// Its intent id.
        id: String,
    },
    /// The given digest is not that of the given payload.
    #[error("{kind} {id} {field} digest mismatch", field = kind.field())]
    Mismatch {
        /// What has it.
        kind: RecordKind,
        /// Its intent id.
        id: String,
    },
    /// A payload that is no object.
    #[error("{kind} {id}: normalization.{payloads} must be an object", payloads = kind.payloads())]
    NotAnObject {
        /// What has it.
        kind: RecordKind,
        /// Its intent id.
        id: String,
    },
    /// A payload without a canonical form.
    #[error("{kind} {id}: {source}")]
    Encode {
        /// What has it.
        kind: RecordKind,
        /// Its intent id.
        id: String,
        /// What is wrong.
        source: EncodeError,
    },
    /// A receipt without a digest.
    #[error("receipt {id} requires {field}")]
    ReceiptMissing {
        /// Its ref id.
        id: String,
        /// `query_digest` or `content_digest`.
        field: &'static str,
    },
    /// A trace receipt of an intent that is not there.
    #[error("receipt {id} references unknown intent {intent}")]
    UnknownIntent {
        /// Its ref id.
        id: String,
        /// The intent's id.
        intent: String,
    },
    /// A trace receipt of a result that is not there.
    #[error("receipt {id} references unknown result for intent {intent}")]
    UnknownResult {
        /// Its ref id.
        id: String,
        /// The intent's id.
        intent: String,
    },
    /// A trace receipt with another digest than the records give.
    #[error("receipt {id} {field} digest mismatch")]
    ReceiptMismatch {
        /// Its ref id.
        id: String,
        /// `query` or `content`.
        field: &'static str,
    },
}

/// The two kinds of records with digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// An intent, with its args.
    Intent,
    /// A result.
    Result,
}

impl RecordKind {
    const fn field(self) -> &'static str {
        match self {
            Self::Intent => "args",
            Self::Result => "result",
        }
    }

    const fn payloads(self) -> &'static str {
        match self {
            Self::Intent => "intent_args",
            Self::Result => "result_payloads",
        }
    }
}

impl std::fmt::Display for RecordKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Intent => "intent",
            Self::Result => "result",
        })
    }
}

impl Classify for DigestFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::ReceiptMissing { .. } => "runpack_digest_missing",
            Self::Mismatch { .. } | Self::ReceiptMismatch { .. } => "runpack_digest_mismatch",
            Self::NotAnObject { .. } => "runpack_payload_malformed",
            Self::Encode { source, .. } => source.code(),
            Self::UnknownIntent { .. } | Self::UnknownResult { .. } => "runpack_receipt_unknown_record",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
