//! The record of a call that was blocked because its job is stopped (05 §14.4, §19).

use gait_base::time::Timestamp;

use super::error::JobError;
use super::event::{EventDraft, event_type, payload, reason_code};
use super::mutation::Mutation;
use super::state::JobState;
use super::status::JobStatus;

/// A blocked call. Texts are trimmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockedDispatch<'a> {
    /// Who blocked it.
    pub actor: &'a str,
    /// On which path; `runtime.dispatch` when blank.
    pub dispatch_path: &'a str,
    /// Why; `emergency_stop_preempted` when blank.
    pub reason_code: &'a str,
}

impl JobState {
    /// Records a blocked call. The status stays.
    ///
    /// # Errors
    /// [`JobError::Transition`] unless status and stop reason both tell of an emergency stop.
    pub fn record_blocked_dispatch(&self, blocked: BlockedDispatch<'_>, now: &Timestamp) -> Result<Mutation, JobError> {
        let operation = "record a blocked dispatch of";
        self.require(&[JobStatus::EmergencyStopped], operation)?;
        if self.stop_reason != JobStatus::EmergencyStopped.stop_reason() {
            let status = format!("{} for {}", self.status, self.stop_reason);
            return Err(JobError::Transition { operation, status });
        }
        let path = or(blocked.dispatch_path, "runtime.dispatch");
        let event = EventDraft {
            kind: event_type::DISPATCH_BLOCKED,
            reason_code: or(blocked.reason_code, reason_code::EMERGENCY_STOP_PREEMPTED),
            actor: blocked.actor.trim(),
            payload: payload([("dispatch_path", Some(path.into()))]),
        };
        Mutation::of(self, now, event, |_, _| {})
    }
}

fn or<'a>(given: &'a str, default: &'a str) -> &'a str {
    match given.trim() {
        "" => default,
        given => given,
    }
}
