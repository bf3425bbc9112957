//! Runpacks: the evidence of one run of an agent, in one deterministic archive (04).
//!
//! A runpack holds what was proposed ([`IntentRecord`]), what came of it ([`ResultRecord`]), what was read for it
//! ([`Refs`]) and where and when ([`Run`]), each by digest, payloads only if wanted, and a [`Manifest`] over all of it
//! that may be signed. [`record`] makes one, [`verify`] checks one without looking at its documents, [`read`] checks and
//! reads one; the rest works on what was read.

mod capture;
mod demo;
mod diff;
mod digest;
mod document;
mod error;
mod footer;
mod inspect;
mod integrity;
mod migrate;
mod read;
mod record;
mod reduce;
mod reference;
mod replay;
mod verify;

pub use gait_gate::authority::context_envelope::{ReferenceReceipt as Receipt, References as Refs};

pub use capture::{CAPTURE_SCHEMA, CaptureReceipt, is_complete_trace};
pub use demo::{DEMO_RUN_ID, demo};
pub use diff::{DiffPrivacy, DiffResult, DiffSummary, diff, diff_chains};
pub use digest::args_digest;
pub use document::{
    DEFAULT_PRODUCER_VERSION, INTENT_SCHEMA, INTENTS_PATH, IntentRecord, MANIFEST_PATH, MANIFEST_SCHEMA, Manifest,
    ManifestFile, Payload, REFS_PATH, REFS_SCHEMA, RESULT_SCHEMA, RESULTS_PATH, RUN_PATH, RUN_SCHEMA, ResultRecord,
    Run, RunEnvironment, SCHEMA_VERSION, TimelineEvent,
};
pub use error::{DigestFault, RecordKind, RunpackError};
pub use footer::{checked_ticket_footer, ticket_footer};
pub use inspect::{InspectedIntent, Inspection, UnmatchedResult, inspect};
pub use integrity::{EntryDigests, HashMismatch, SignatureReport, SignatureStatus, mismatch};
pub use migrate::{migrate, migrated_file_name};
pub use read::{MAX_LINE_BYTES, Runpack, check_evidence, read, read_within};
pub use record::{MAX_DRAFT_BYTES, Normalization, RAW, REFERENCE, RecordOptions, Recorded, RunpackDraft, record};
pub use reduce::{Predicate, REDUCE_REPORT_SCHEMA, ReduceReport, Reduced, reduce, reduced_file_name, reduced_run_id};
pub use reference::{apply_envelope, envelope_of};
pub use replay::{Executed, Replay, ReplayStep, check_replayable, replay, stub_digest, stub_type};
pub use verify::{DUPLICATE_ENTRIES, Verification, VerifyOptions, verify};
