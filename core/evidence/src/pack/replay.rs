//! The journal of a job, done again: every event must be the one that its operation gives, and the last one must lead to
//! the state beside it (05 §20.4).

use gait_base::json::Value;
use gait_gate::mode::Mode;

use crate::job::{
    Approval, BlockedDispatch, Checkpoint, CheckpointDraft, CheckpointType, JobError, JobEvent, JobState, Mutation,
    PolicyBinding, Resumption, Submission, event_type,
};

/// Why a journal does not lead to its state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayFault {
    /// There is no event at all.
    #[error("job_events.jsonl: the journal is empty, which leads to no state")]
    Empty,
    /// The first event is not that of submitting the job.
    #[error("job_events.jsonl line {line}: the journal must begin with the job's submission")]
    Beginning {
        /// Which line, from 1.
        line: usize,
    },
    /// The job was submitted twice, or an event has a type that no operation gives.
    #[error("job_events.jsonl line {line}: no operation gives an event of type {kind:?} here")]
    Unexpected {
        /// Which line, from 1.
        line: usize,
        /// The type.
        kind: String,
    },
    /// The operation was not possible in the state that the events before lead to.
    #[error("job_events.jsonl line {line}: {source}")]
    Refused {
        /// Which line, from 1.
        line: usize,
        /// Why it was not.
        source: JobError,
    },
    /// The operation gives another event.
    #[error("job_events.jsonl line {line}: {member} is not what the events before lead to")]
    Differs {
        /// Which line, from 1.
        line: usize,
        /// The first member that differs.
        member: &'static str,
    },
    /// The events lead to another state.
    #[error("job_state.json: {member} is not what the journal leads to")]
    State {
        /// The first member that differs.
        member: &'static str,
    },
}

/// Does the operations of a journal again.
///
/// Operations ask of earlier checkpoints and approvals only how many there are. So none is carried along: each is
/// compared with the goal's when it is made, and a journal takes time in proportion to its length.
pub(super) struct Replay<'s> {
    /// Where it must lead. Texts that no event tells, such as summaries, are taken from here.
    goal: &'s JobState,
    /// What was reached, without checkpoints and approvals.
    reached: Option<JobState>,
    checkpoints: usize,
    /// How many of the checkpoints asked for a decision.
    decisions: usize,
    approvals: usize,
    /// The first list in which the goal has something else.
    astray: Option<&'static str>,
}

impl<'s> Replay<'s> {
    pub(super) const fn towards(goal: &'s JobState) -> Self {
        Self { goal, reached: None, checkpoints: 0, decisions: 0, approvals: 0, astray: None }
    }

    /// Does what the next event tells of.
    pub(super) fn event(&mut self, line: usize, event: &JobEvent) -> Result<(), ReplayFault> {
        let mutation = match &self.reached {
            None if event.kind == event_type::SUBMITTED => self.submission(event),
            None => return Err(ReplayFault::Beginning { line }),
            Some(state) => match self.operation(state, event) {
                Some(result) => result,
                None => return Err(ReplayFault::Unexpected { line, kind: event.kind.clone() }),
            },
        };
        let Mutation { mut updated, event: mut done, .. } =
            mutation.map_err(|source| ReplayFault::Refused { line, source })?;
        if event.kind == event_type::CHECKPOINT_ADDED {
            self.checkpoint_made(&mut updated, &mut done);
        } else if event.kind == event_type::APPROVED {
            self.compare("approvals", updated.approvals.last(), self.goal.approvals.get(self.approvals));
            self.approvals = self.approvals.saturating_add(1);
        }
        if let Some(member) = difference(event, &done) {
            return Err(ReplayFault::Differs { line, member });
        }
        updated.checkpoints.clear();
        updated.approvals.clear();
        self.reached = Some(updated);
        Ok(())
    }

    /// Gives the checkpoint that was just made its number, and compares it with the goal's.
    fn checkpoint_made(&mut self, updated: &mut JobState, done: &mut JobEvent) {
        let Some(made) = updated.checkpoints.last_mut() else { return };
        made.checkpoint_id = format!("cp_{:04}", self.checkpoints.saturating_add(1));
        done.payload.insert("checkpoint_id".to_owned(), made.checkpoint_id.as_str().into());
        self.compare("checkpoints", Some(made), self.goal.checkpoints.get(self.checkpoints));
        self.checkpoints = self.checkpoints.saturating_add(1);
        if made.kind == CheckpointType::DecisionNeeded.as_str() {
            self.decisions = self.decisions.saturating_add(1);
        }
    }

    fn compare<T: PartialEq>(&mut self, list: &'static str, made: Option<&T>, goal: Option<&T>) {
        if made != goal {
            self.astray.get_or_insert(list);
        }
    }

    /// Compares what was reached with where it must lead.
    pub(super) fn finish(self) -> Result<(), ReplayFault> {
        let (goal, reached) = (self.goal, self.reached.ok_or(ReplayFault::Empty)?);
        let same = [
            ("job_id", goal.job_id == reached.job_id),
            ("created_at", goal.created_at.cmp_instant(&reached.created_at).is_eq()),
            ("updated_at", goal.updated_at.cmp_instant(&reached.updated_at).is_eq()),
            ("status", goal.status == reached.status),
            ("stop_reason", goal.stop_reason == reached.stop_reason),
            ("status_reason_code", goal.status_reason_code == reached.status_reason_code),
            ("environment_fingerprint", goal.environment_fingerprint == reached.environment_fingerprint),
            ("safety_invariant_version", goal.safety_invariant_version == reached.safety_invariant_version),
            ("safety_invariants", goal.safety_invariants == reached.safety_invariants),
            ("safety_invariant_hash", goal.safety_invariant_hash == reached.safety_invariant_hash),
            ("policy_digest", goal.policy_digest == reached.policy_digest),
            ("policy_ref", goal.policy_ref == reached.policy_ref),
            ("identity", goal.identity == reached.identity),
            ("revision", goal.revision == reached.revision),
            ("checkpoints", goal.checkpoints.len() == self.checkpoints && self.astray != Some("checkpoints")),
            ("approvals", goal.approvals.len() == self.approvals && self.astray.is_none()),
        ];
        match same.into_iter().find(|(_, same)| !same) {
            Some((member, _)) => Err(ReplayFault::State { member }),
            None => Ok(()),
        }
    }

    fn submission(&self, event: &JobEvent) -> Result<Mutation, JobError> {
        let text = |name: &str| payload(event, name);
        let submission = Submission {
            job_id: event.job_id.clone(),
            producer_version: self.goal.producer_version.clone(),
            actor: event.actor.clone(),
            identity: text("identity"),
            environment_fingerprint: text("environment_fingerprint"),
            policy: PolicyBinding { digest: text("policy_digest"), reference: text("policy_ref") },
        };
        submission.mutation(&event.created_at)
    }

    /// The operation that an event tells of; none if there is no such operation.
    fn operation(&self, state: &JobState, event: &JobEvent) -> Option<Result<Mutation, JobError>> {
        let (actor, now) = (event.actor.as_str(), &event.created_at);
        Some(match event.kind.as_str() {
            event_type::PAUSED => state.pause(actor, now),
            event_type::CANCELLED => state.cancel(actor, now),
            event_type::EMERGENCY_STOP_ACKNOWLEDGED => state.stop(actor, now),
            event_type::APPROVED => state.approve(actor, &payload(event, "reason"), now),
            event_type::CHECKPOINT_ADDED => self.checkpoint(state, event),
            event_type::RESUMED => self.decided(state).resume(&resumption(event), now),
            event_type::DISPATCH_BLOCKED => {
                let dispatch_path = payload(event, "dispatch_path");
                let blocked = BlockedDispatch { actor, dispatch_path: &dispatch_path, reason_code: &event.reason_code };
                state.record_blocked_dispatch(blocked, now)
            }
            _ => return None,
        })
    }

    fn checkpoint(&self, state: &JobState, event: &JobEvent) -> Result<Mutation, JobError> {
        let draft = CheckpointDraft {
            kind: CheckpointType::parse(&payload(event, "checkpoint_type"))?,
            // The event does not tell it.
            summary: self.goal.checkpoints.get(self.checkpoints).map_or("", |known| &known.summary).to_owned(),
            required_action: payload(event, "required_action"),
            actor: event.actor.clone(),
        };
        // Completed jobs could be moved by a checkpoint, and were.
        state.add_checkpoint(&draft, Mode::Compat, &event.created_at)
    }

    /// The state with stand-ins for its decisions and approvals: one decision if there was any, and one approval if they
    /// are enough for all of them.
    fn decided(&self, state: &JobState) -> JobState {
        let mut state = state.clone();
        if self.decisions > 0 {
            let kind = CheckpointType::DecisionNeeded.as_str().to_owned();
            state.checkpoints.push(Checkpoint { kind, ..Checkpoint::default() });
            if self.approvals >= self.decisions {
                state.approvals.push(Approval::default());
            }
        }
        state
    }
}

fn resumption(event: &JobEvent) -> Resumption {
    let text = |name: &str| payload(event, name);
    let required = event.payload.contains_key("policy_evaluation_required");
    let policy = |name| if required { text(name) } else { String::new() };
    Resumption {
        actor: event.actor.clone(),
        reason: text("reason"),
        environment_fingerprint: text("actual_fingerprint"),
        allow_environment_mismatch: true,
        policy: PolicyBinding { digest: policy("current_policy_digest"), reference: policy("current_policy_ref") },
        identity: text("identity"),
        identity_validation_source: text("identity_validation_source"),
        ..Resumption::default()
    }
}

/// A text of an event's payload; empty when there is none.
fn payload(event: &JobEvent, name: &str) -> String {
    event.payload.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The first member in which two events differ.
fn difference(told: &JobEvent, done: &JobEvent) -> Option<&'static str> {
    let same = [
        ("schema_id", told.schema_id == done.schema_id),
        ("schema_version", told.schema_version == done.schema_version),
        ("created_at", told.created_at.cmp_instant(&done.created_at).is_eq()),
        ("job_id", told.job_id == done.job_id),
        ("revision", told.revision == done.revision),
        ("type", told.kind == done.kind),
        ("actor", told.actor == done.actor),
        ("reason_code", told.reason_code == done.reason_code),
        ("payload", told.payload == done.payload),
    ];
    same.into_iter().find(|(_, same)| !same).map(|(member, _)| member)
}
