//! What a pack says of its content in short: one document a type (05 §3, §5.4, §6).

use gait_base::record;
use gait_base::time::Timestamp;

/// Kind of `run_payload.json`.
pub const RUN_SCHEMA: &str = "gait.pack.run";
/// Kind of `job_payload.json`.
pub const JOB_SCHEMA: &str = "gait.pack.job";
/// Kind of `call_payload.json`.
pub const CALL_SCHEMA: &str = "gait.pack.call";
/// Kind of what inspection tells of an authorization; no pack holds it.
pub const AUTHORIZATION_SCHEMA: &str = "gait.pack.authorization";

/// Place of [`RunPayload`] in the archive.
pub const RUN_PAYLOAD_PATH: &str = "run_payload.json";
/// Place of [`JobPayload`] in the archive.
pub const JOB_PAYLOAD_PATH: &str = "job_payload.json";
/// Place of [`CallPayload`] in the archive.
pub const CALL_PAYLOAD_PATH: &str = "call_payload.json";

record! {
    /// A run in short.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RunPayload {
        /// [`RUN_SCHEMA`].
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When the run began, in UTC.
        pub created_at: Timestamp,
        /// The run.
        pub run_id: String,
        /// `reference` or `raw`.
        pub capture_mode: String,
        /// Digest of the runpack's manifest.
        pub manifest_digest: String,
        /// How many intents there are.
        pub intents_count: i64,
        /// How many results there are.
        pub results_count: i64,
        /// How many references there are.
        pub refs_count: i64,
        /// Digest of the context evidence.
        pub context_set_digest: String => omit,
        /// How many references there are.
        pub context_ref_count: i64 => omit,
        /// `best_effort` or `required`.
        pub context_evidence_mode: String => omit,
        /// What all references have in common of what was removed from them, or `mixed`.
        pub context_privacy_mode: String => omit,
    }
}

record! {
    /// A job in short.
    #[derive(Clone, Debug, PartialEq)]
    pub struct JobPayload {
        /// [`JOB_SCHEMA`].
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When it was submitted, in UTC.
        pub created_at: Timestamp,
        /// Its name.
        pub job_id: String,
        /// What it is doing.
        pub status: String,
        /// Why it does not run.
        pub stop_reason: String,
        /// What led to the status.
        pub status_reason_code: String,
        /// The environment that it was submitted in.
        pub environment_fingerprint: String,
        /// The rules of the safety ledger.
        pub safety_invariant_version: String => omit,
        /// The digest of the safety ledger.
        pub safety_invariant_hash: String => omit,
        /// How many checkpoints there are.
        pub checkpoint_count: i64,
        /// How many approvals there are.
        pub approval_count: i64,
    }
}

record! {
    /// A call in short.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CallPayload {
        /// [`CALL_SCHEMA`].
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When it was recorded, in UTC.
        pub created_at: Timestamp,
        /// Its id.
        pub call_id: String,
        /// The run of the embedded runpack.
        pub run_id: String => omit,
        /// `hash_only` or `dispute_encrypted`.
        pub privacy_mode: String,
        /// How many events there are.
        pub event_count: i64,
        /// How many commitments there are.
        pub commitment_count: i64,
        /// How many decisions there are.
        pub decision_count: i64,
        /// How many receipts there are.
        pub speak_receipt_count: i64,
        /// How many digests of references there are.
        pub reference_digest_count: i64,
        /// The environment of the agent.
        pub environment_fingerprint: String => omit,
    }
}

record! {
    /// An authorization in short.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AuthorizationPayload {
        /// [`AUTHORIZATION_SCHEMA`].
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When the bundle was made.
        pub created_at: Timestamp,
        /// The trace of the decision.
        pub trace_id: String,
        /// The policy.
        pub policy_digest: String,
        /// The intent.
        pub intent_digest: String,
        /// What came of the call.
        pub outcome_status: String => omit,
        /// How many files are linked.
        pub linked_evidence_count: i64,
        /// How many of trace and outcome are linked with their digests.
        pub required_evidence_count: i64,
    }
}

/// A count as documents hold it.
pub(super) fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}
