//! What a job reports on its way (05 §16.2).

use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::error::JobError;
use super::event::{EventDraft, event_type, payload};
use super::mutation::Mutation;
use super::state::{Checkpoint, JobState};
use super::status::JobStatus;

/// The longest summary, in bytes.
pub(super) const MAX_SUMMARY_BYTES: usize = 512;

/// The types of checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckpointType {
    /// What the job means to do.
    Plan,
    /// How far it is.
    Progress,
    /// It needs somebody's decision and waits.
    DecisionNeeded,
    /// It cannot go on.
    Blocked,
    /// It is done.
    Completed,
}

impl CheckpointType {
    /// Every type, as documents name them.
    pub const NAMES: [&'static str; 5] = ["plan", "progress", "decision-needed", "blocked", "completed"];

    /// The type of that name, trimmed, letter for letter.
    ///
    /// # Errors
    /// [`JobError::CheckpointType`].
    pub fn parse(text: &str) -> Result<Self, JobError> {
        match text.trim() {
            "plan" => Ok(Self::Plan),
            "progress" => Ok(Self::Progress),
            "decision-needed" => Ok(Self::DecisionNeeded),
            "blocked" => Ok(Self::Blocked),
            "completed" => Ok(Self::Completed),
            other => Err(JobError::CheckpointType(other.to_owned())),
        }
    }

    /// The type as it stands in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Progress => "progress",
            Self::DecisionNeeded => "decision-needed",
            Self::Blocked => "blocked",
            Self::Completed => "completed",
        }
    }

    const fn reason_code(self) -> &'static str {
        match self {
            Self::Plan => "checkpoint_plan",
            Self::Progress => "checkpoint_progress",
            Self::DecisionNeeded => "checkpoint_decision_needed",
            Self::Blocked => "checkpoint_blocked",
            Self::Completed => "checkpoint_completed",
        }
    }

    /// The status that it sets.
    const fn status(self) -> Option<JobStatus> {
        match self {
            Self::Plan | Self::Progress => None,
            Self::DecisionNeeded => Some(JobStatus::DecisionNeeded),
            Self::Blocked => Some(JobStatus::Blocked),
            Self::Completed => Some(JobStatus::Completed),
        }
    }
}

/// A checkpoint to be added. Texts are trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointDraft {
    /// Its type.
    pub kind: CheckpointType,
    /// What happened: some 500 bytes at most, not blank.
    pub summary: String,
    /// What somebody must do; needed for a decision, dropped for all else.
    pub required_action: String,
    /// Who reports it.
    pub actor: String,
}

impl JobState {
    /// Adds a checkpoint; the new one stands last in the state after.
    ///
    /// # Errors
    /// [`JobError`] for a blank or long summary or a decision without an action; [`JobError::Transition`] when the
    /// checkpoint would set a cancelled or emergency-stopped job to another status, or in strict mode a completed one.
    pub fn add_checkpoint(&self, draft: &CheckpointDraft, mode: Mode, now: &Timestamp) -> Result<Mutation, JobError> {
        let (summary, actor) = (draft.summary.trim(), draft.actor.trim());
        if summary.is_empty() {
            return Err(JobError::SummaryMissing);
        }
        if summary.len() > MAX_SUMMARY_BYTES {
            return Err(JobError::SummaryTooLong(summary.len()));
        }
        let required_action = match (draft.kind, draft.required_action.trim()) {
            (CheckpointType::DecisionNeeded, "") => return Err(JobError::RequiredActionMissing),
            (CheckpointType::DecisionNeeded, action) => action,
            _ => "",
        };
        let status = draft.kind.status();
        if status.is_some() && !self.takes_status(mode) {
            return Err(JobError::Transition { operation: "move by a checkpoint", status: self.status.clone() });
        }
        let checkpoint_id = format!("cp_{:04}", self.checkpoints.len().saturating_add(1));
        let event = EventDraft {
            kind: event_type::CHECKPOINT_ADDED,
            reason_code: draft.kind.reason_code(),
            actor,
            payload: payload([
                ("checkpoint_id", Some(checkpoint_id.as_str().into())),
                ("checkpoint_type", Some(draft.kind.as_str().into())),
                ("required_action", Some(required_action.into())),
            ]),
        };
        Mutation::of(self, now, event, |state, now| {
            state.checkpoints.push(Checkpoint {
                checkpoint_id,
                created_at: *now,
                kind: draft.kind.as_str().to_owned(),
                summary: summary.to_owned(),
                required_action: required_action.to_owned(),
                reason_code: draft.kind.reason_code().to_owned(),
                actor: actor.to_owned(),
            });
            if let Some(status) = status {
                state.enter(status, status.as_str());
            }
        })
    }

    /// Whether a checkpoint may set another status.
    fn takes_status(&self, mode: Mode) -> bool {
        let Some(status) = self.known_status() else { return true };
        let is_done = mode.is_strict() && status == JobStatus::Completed;
        !is_done && !status.is_ended_by_person()
    }

    /// How many decisions were ever asked for.
    pub(super) fn decisions(&self) -> usize {
        let decision = CheckpointType::DecisionNeeded.as_str();
        self.checkpoints.iter().filter(|checkpoint| checkpoint.kind == decision).count()
    }
}
