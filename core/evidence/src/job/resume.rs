//! Setting a job to work again, and what must hold for it (05 §16.4).

use gait_base::json::{Map, Value};
use gait_base::time::Timestamp;

use super::error::JobError;
use super::event::{EventDraft, event_type, payload, reason_code, unless_empty};
use super::mutation::Mutation;
use super::revocation::Revocations;
use super::state::{JobState, PolicyBinding};
use super::status::JobStatus::{self, Blocked, DecisionNeeded, Paused};

/// The source that is told when a list of revocations was looked at and no other is named.
const LIST_SOURCE: &str = "revocation_list";

/// What whoever resumes a job brings. Texts are trimmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// Who resumes it.
    pub actor: String,
    /// Why; `resume` when blank.
    pub reason: String,
    /// The environment now.
    pub environment_fingerprint: String,
    /// Another environment than that of the job will do.
    pub allow_environment_mismatch: bool,
    /// The policy that was looked at; empty for none.
    pub policy: PolicyBinding,
    /// Who it is to run as.
    pub identity: String,
    /// Whoever it runs as may no longer.
    pub identity_revoked: bool,
    /// Those who may no longer.
    pub revocations: Option<Revocations>,
    /// Who says that the identity is valid.
    pub identity_validation_source: String,
}

struct PolicyCheck {
    required: bool,
    changed: bool,
    previous: PolicyBinding,
    current: PolicyBinding,
}

struct IdentityCheck {
    required: bool,
    effective: String,
}

impl JobState {
    /// Sets the job to work again.
    ///
    /// # Errors
    /// The first check of 05 §16.4 that fails: [`JobError::Transition`], [`JobError::ApprovalRequired`],
    /// [`JobError::PolicyRequired`], [`JobError::IdentityMismatch`], [`JobError::IdentityRequired`],
    /// [`JobError::IdentityRevoked`], [`JobError::EnvironmentMismatch`].
    pub fn resume(&self, resumption: &Resumption, now: &Timestamp) -> Result<Mutation, JobError> {
        self.require(&[Paused, DecisionNeeded, Blocked], "resume")?;
        self.check_approvals()?;
        let policy = self.check_policy(&resumption.policy.trimmed())?;
        let identity = self.check_identity(resumption)?;
        let current = resumption.environment_fingerprint.trim();
        let moved = self.check_environment(current, resumption.allow_environment_mismatch)?;
        let code = match (moved, policy.changed) {
            (false, false) => reason_code::RESUMED,
            (false, true) => reason_code::RESUMED_WITH_POLICY_TRANSITION,
            (true, false) => reason_code::RESUMED_WITH_ENV_OVERRIDE,
            (true, true) => reason_code::RESUMED_WITH_ENV_OVERRIDE_POLICY_TRANSITION,
        };
        let event = EventDraft {
            kind: event_type::RESUMED,
            reason_code: code,
            actor: resumption.actor.trim(),
            payload: self.resumed_payload(resumption, &policy, &identity),
        };
        Mutation::of(self, now, event, |state, _| {
            state.enter(JobStatus::Running, code);
            state.policy_digest = policy.current.digest;
            state.policy_ref = policy.current.reference;
            state.identity = identity.effective;
        })
    }

    fn check_approvals(&self) -> Result<(), JobError> {
        let (decisions, approvals) = (self.decisions(), self.approvals.len());
        // A job that waits for a decision nobody recorded has none that could be approved.
        let waits_for_none = decisions == 0 && self.known_status() == Some(DecisionNeeded);
        if decisions > approvals || waits_for_none {
            return Err(JobError::ApprovalRequired { decisions, approvals });
        }
        Ok(())
    }

    fn check_policy(&self, given: &PolicyBinding) -> Result<PolicyCheck, JobError> {
        let previous = self.policy().trimmed();
        let required = !given.is_empty() || !previous.is_empty();
        if required && given.digest.is_empty() {
            return Err(JobError::PolicyRequired);
        }
        let mut current = self.policy();
        if required {
            current.digest.clone_from(&given.digest);
        }
        if !given.reference.is_empty() {
            current.reference.clone_from(&given.reference);
        }
        let changed = required && !previous.digest.is_empty() && previous.digest != given.digest;
        Ok(PolicyCheck { required, changed, previous, current })
    }

    fn check_identity(&self, resumption: &Resumption) -> Result<IdentityCheck, JobError> {
        let (bound, given) = (self.identity.trim(), resumption.identity.trim());
        if !bound.is_empty() && !given.is_empty() && bound != given {
            return Err(JobError::IdentityMismatch { bound: bound.to_owned(), given: given.to_owned() });
        }
        let effective = if bound.is_empty() { given } else { bound };
        if effective.is_empty() {
            if resumption.revocations.is_some() {
                return Err(JobError::IdentityRequired);
            }
            return Ok(IdentityCheck { required: false, effective: self.identity.clone() });
        }
        let listed = resumption.revocations.as_ref().is_some_and(|list| list.contains(effective));
        if resumption.identity_revoked || listed {
            return Err(JobError::IdentityRevoked(effective.to_owned()));
        }
        Ok(IdentityCheck { required: true, effective: effective.to_owned() })
    }

    /// Tells whether the job goes on in another environment than its own.
    fn check_environment(&self, current: &str, allow_mismatch: bool) -> Result<bool, JobError> {
        let expected = self.environment_fingerprint.trim();
        if expected.is_empty() || expected == current {
            return Ok(false);
        }
        if !allow_mismatch {
            let (expected, actual) = (expected.to_owned(), current.to_owned());
            return Err(JobError::EnvironmentMismatch { expected, actual });
        }
        Ok(true)
    }

    fn resumed_payload(&self, resumption: &Resumption, policy: &PolicyCheck, identity: &IdentityCheck) -> Map {
        let PolicyCheck { required, changed, previous, current } = policy;
        let digests = !previous.digest.is_empty() || !current.digest.is_empty();
        let references = !previous.reference.is_empty() || !current.reference.is_empty();
        let when = |condition: bool, value: Value| condition.then_some(value);
        let reason = match resumption.reason.trim() {
            "" => "resume",
            given => given,
        };
        let source = match resumption.identity_validation_source.trim() {
            "" if resumption.revocations.is_some() => LIST_SOURCE,
            given => given,
        };
        payload([
            ("reason", Some(reason.into())),
            ("expected_fingerprint", unless_empty(self.environment_fingerprint.trim())),
            ("actual_fingerprint", unless_empty(resumption.environment_fingerprint.trim())),
            ("policy_evaluation_required", when(*required, Value::Bool(true))),
            ("previous_policy_digest", when(digests, previous.digest.as_str().into())),
            ("current_policy_digest", when(digests, current.digest.as_str().into())),
            ("policy_changed", when(digests, Value::Bool(*changed))),
            ("previous_policy_ref", when(references, previous.reference.as_str().into())),
            ("current_policy_ref", when(references, current.reference.as_str().into())),
            ("identity_validation_required", when(identity.required, Value::Bool(true))),
            ("identity", unless_empty(identity.effective.trim())),
            ("identity_validation_source", unless_empty(source)),
        ])
    }
}
