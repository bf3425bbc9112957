//! Packs: what a run, a job, a call or a decision left behind, in one archive that anyone can verify offline (05 §1–§8).
//!
//! A pack has a [`Manifest`] over all its entries, whose digest is the pack's id and which may be signed, a chain of
//! proof records, one an entry, and the documents of its [`PackType`]. [`build_run_pack`], [`build_job_pack`],
//! [`build_call_pack`] and [`build_authorization_pack`] make one; [`verify()`] checks one, in strict mode down to what its
//! documents tell; [`inspect()`], [`diff()`] and [`export_record`] look at one. Packs are deterministic: the same source
//! gives the same bytes.

mod authorization;
mod call;
mod contract;
mod diff;
mod digest_text;
mod entries;
mod error;
mod export;
mod inspect;
mod job;
mod manifest;
mod open;
mod payload;
mod proof;
mod replay;
mod run;
mod seal;
mod verify;
mod workspace;

pub use authorization::{AuthorizationPackError, authorization_payload, build_authorization_pack};
pub use call::{
    CALL_EVENTS_PATH, CALLPACK_MANIFEST_PATH, COMMITMENTS_PATH, CallError, CallEvent, CallRecord, CallpackManifest,
    GATE_DECISIONS_PATH, GateDecision, MAX_RECORD_BYTES, REFERENCE_DIGESTS_PATH, REQUIRED_EVENTS, ReferenceDigest,
    SPEAK_RECEIPTS_PATH, SpeakReceipt, SpeechCheck, build_call_pack,
};
pub use diff::{DIFF_SCHEMA, DiffSummary, PackDiff, diff};
pub use error::{PackError, PackFault, SourceFault, VERIFY_FAILED};
pub use export::{
    DEFAULT_TABLE, ExportMetrics, ExportRecord, OtelIds, ResultVerdict, Table, TableNameError,
    counts_as_regress_failure, export_record, otel_ids, otel_lines, result_verdict, upsert_sql,
};
pub use inspect::{CheckpointRef, Inspection, IntentResult, JobLineage, RunLineage, inspect, run_lineage};
pub use job::{JOB_EVENTS_PATH, JOB_STATE_PATH, build_job_pack};
pub use manifest::{
    DEFAULT_PRODUCER_VERSION, MANIFEST_PATH, MANIFEST_SCHEMA, MAX_MANIFEST_BYTES, Manifest, ManifestFault,
    PROOF_RECORDS_PATH, PackEntry, PackType, SCHEMA_VERSION, SOURCE_PATH, entry_type,
};
pub use open::extract_runpack;
pub use payload::{
    AUTHORIZATION_SCHEMA, AuthorizationPayload, CALL_PAYLOAD_PATH, CALL_SCHEMA, CallPayload, JOB_PAYLOAD_PATH,
    JOB_SCHEMA, JobPayload, RUN_PAYLOAD_PATH, RUN_SCHEMA, RunPayload,
};
pub use replay::ReplayFault;
pub use run::{CONTEXT_ENVELOPE_PATH, build_run_pack, context_privacy_mode, run_payload};
pub use seal::{BuildOptions, BuiltPack};
pub use verify::{Verification, VerifyOptions, verify, verify_with};
pub use workspace::{InMemory, Workspace};
