//! Durable jobs: their documents and what each operation does to them (05 §14–§16).
//!
//! A job is a state and a journal of the events that led to it. Every operation takes the state as it stands and gives a
//! [`Mutation`]: the next state and its event. Who stores them keeps them together with a [`PendingMutation`], from which a
//! mutation that was interrupted is completed or taken back; [`PendingMutation::recovery`] decides which. Nothing here
//! touches a file or a clock.

mod checkpoint;
mod diagnosis;
mod dispatch;
mod environment;
mod error;
mod event;
mod identity;
mod journal;
mod mutation;
mod resume;
mod revocation;
mod safety;
mod state;
mod status;
mod submit;
mod transition;

pub use checkpoint::{CheckpointDraft, CheckpointType};
pub use diagnosis::{IssueKind, JobIssue, StoredJob, diagnose};
pub use dispatch::BlockedDispatch;
pub use environment::Environment;
pub use error::JobError;
pub use event::{JobEvent, event_type, reason_code};
pub use identity::{MAX_ID_BYTES, is_job_id, job_id};
pub use journal::{Journal, MAX_JOURNAL_BYTES, Tail};
pub use mutation::{MAX_MARKER_BYTES, Mutation, PendingMutation, Recovery};
pub use resume::Resumption;
pub use revocation::Revocations;
pub use safety::{SAFETY_INVARIANT_VERSION, safety_invariant_hash, safety_invariants};
pub use state::{Approval, Checkpoint, JobState, MAX_STATE_BYTES, PolicyBinding};
pub use status::JobStatus;
pub use submit::Submission;

use gait_base::json::Reading;
use gait_gate::mode::Mode;

/// How a stored document of at most `max_bytes` is read.
pub(crate) const fn reading(mode: Mode, max_bytes: usize) -> Reading {
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    Reading { max_bytes, ..reading }
}
