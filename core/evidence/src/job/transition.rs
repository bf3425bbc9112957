//! Pausing, stopping, cancelling and approving a job (05 §16.3).

use gait_base::json::Map;
use gait_base::time::Timestamp;

use super::error::JobError;
use super::event::{EventDraft, event_type, payload, reason_code};
use super::mutation::Mutation;
use super::state::{Approval, JobState};
use super::status::JobStatus::{self, Blocked, DecisionNeeded, EmergencyStopped, Paused, Running};

impl JobState {
    /// Pauses the job.
    ///
    /// # Errors
    /// [`JobError::Transition`] unless it runs or waits for a decision.
    pub fn pause(&self, actor: &str, now: &Timestamp) -> Result<Mutation, JobError> {
        let event = plain(event_type::PAUSED, reason_code::PAUSED, actor);
        self.leave(&[Running, DecisionNeeded], Paused, "pause", event, now)
    }

    /// Stops the job at once; it can only be cancelled then.
    ///
    /// # Errors
    /// [`JobError::Transition`] when it has ended or is stopped.
    pub fn stop(&self, actor: &str, now: &Timestamp) -> Result<Mutation, JobError> {
        let event = plain(event_type::EMERGENCY_STOP_ACKNOWLEDGED, reason_code::EMERGENCY_STOP_PREEMPTED, actor);
        self.leave(&[Running, Paused, DecisionNeeded, Blocked], EmergencyStopped, "stop", event, now)
    }

    /// Gives the job up for good.
    ///
    /// # Errors
    /// [`JobError::Transition`] when it is completed or cancelled.
    pub fn cancel(&self, actor: &str, now: &Timestamp) -> Result<Mutation, JobError> {
        let event = plain(event_type::CANCELLED, reason_code::CANCELLED, actor);
        let from = [Running, Paused, DecisionNeeded, Blocked, EmergencyStopped];
        self.leave(&from, JobStatus::Cancelled, "cancel", event, now)
    }

    /// Records that somebody approves. The status stays.
    ///
    /// # Errors
    /// [`JobError::ActorMissing`] when nobody does.
    pub fn approve(&self, actor: &str, reason: &str, now: &Timestamp) -> Result<Mutation, JobError> {
        let actor = actor.trim();
        if actor.is_empty() {
            return Err(JobError::ActorMissing);
        }
        let reason = match reason.trim() {
            "" => "approved",
            given => given,
        };
        let event = EventDraft {
            kind: event_type::APPROVED,
            reason_code: reason_code::APPROVAL_RECORDED,
            actor,
            payload: payload([("reason", Some(reason.into()))]),
        };
        Mutation::of(self, now, event, |state, now| {
            state.approvals.push(Approval { created_at: *now, actor: actor.to_owned(), reason: reason.to_owned() });
            reason_code::APPROVAL_RECORDED.clone_into(&mut state.status_reason_code);
        })
    }

    fn leave(
        &self,
        from: &[JobStatus],
        to: JobStatus,
        operation: &'static str,
        event: EventDraft<'_>,
        now: &Timestamp,
    ) -> Result<Mutation, JobError> {
        self.require(from, operation)?;
        let reason = event.reason_code;
        Mutation::of(self, now, event, |state, _| state.enter(to, reason))
    }

    /// Refuses an operation unless the job has one of these statuses.
    pub(super) fn require(&self, from: &[JobStatus], operation: &'static str) -> Result<(), JobError> {
        if self.known_status().is_some_and(|status| from.contains(&status)) {
            return Ok(());
        }
        Err(JobError::Transition { operation, status: self.status.clone() })
    }
}

fn plain<'a>(kind: &'static str, reason_code: &'a str, actor: &'a str) -> EventDraft<'a> {
    EventDraft { kind, reason_code, actor: actor.trim(), payload: Map::new() }
}
