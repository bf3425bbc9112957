//! Receipts that name an artifact for later steps (04 §8.12).

use gait_base::record;
use gait_base::text::is_lower_hex_digest;
use gait_gate::trace::TraceRecord;
use gait_gate::verdict::Verdict;

/// Kind of the receipt.
pub const CAPTURE_SCHEMA: &str = "gait.capture.receipt";

const TRACE_SCHEMA: &str = "gait.gate.trace";

record! {
    /// `gait.capture.receipt`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CaptureReceipt {
        /// [`CAPTURE_SCHEMA`].
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// Whether there is an artifact.
        pub ok: bool,
        /// What was named.
        pub from: String,
        /// `runpack` or `trace`.
        pub artifact_type: String,
        /// Where it lies.
        pub artifact_path: String,
        /// The chain whose checkpoint it is.
        pub session_chain_path: String => omit,
        /// The run.
        pub run_id: String => omit,
        /// Where this receipt lies.
        pub output_path: String,
    }
}

/// Whether a trace has everything that a trace must have. Its signature is not checked.
#[must_use]
pub fn is_complete_trace(trace: &TraceRecord) -> bool {
    let named = [&*trace.schema_version, &trace.producer_version, &trace.trace_id, &trace.tool_name];
    let digests = [&trace.args_digest, &trace.intent_digest, &trace.policy_digest];
    trace.schema_id.trim() == TRACE_SCHEMA
        && named.iter().all(|text| !text.trim().is_empty())
        && !trace.created_at.is_zero()
        && digests.iter().all(|digest| is_lower_hex_digest(digest))
        && Verdict::parse(trace.verdict.trim()).is_some()
}
