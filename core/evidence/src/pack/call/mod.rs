//! Packs of calls of voice agents: what was said, what was committed to, who allowed it (05 §3.3).
//!
//! A [`CallRecord`] is what a voice runtime writes; [`build_call_pack`] brings it to its normal form and packs it with
//! the runpack of the call. [`SpeechCheck`] is the rule that nothing was committed to aloud without permission.

mod build;
mod error;
mod member;
mod record;
mod speech;

pub use build::{CallpackManifest, build_call_pack};
pub use error::CallError;
pub use record::{CallEvent, CallRecord, GateDecision, MAX_RECORD_BYTES, ReferenceDigest, SpeakReceipt};
pub use speech::{REQUIRED_EVENTS, SpeechCheck};

pub(super) use member::check_privacy_mode;
pub(super) use record::{normal_commitment, normal_references};

/// Place of [`CallpackManifest`] in the archive.
pub const CALLPACK_MANIFEST_PATH: &str = "callpack_manifest.json";
/// Place of the events in the archive.
pub const CALL_EVENTS_PATH: &str = "call_events.jsonl";
/// Place of the commitments in the archive.
pub const COMMITMENTS_PATH: &str = "commitments.jsonl";
/// Place of the decisions in the archive.
pub const GATE_DECISIONS_PATH: &str = "gate_decisions.jsonl";
/// Place of the receipts in the archive.
pub const SPEAK_RECEIPTS_PATH: &str = "speak_receipts.jsonl";
/// Place of the digests of references in the archive.
pub const REFERENCE_DIGESTS_PATH: &str = "reference_digests.json";
