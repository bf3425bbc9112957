//! Submitting a job (05 §16.1).

use gait_base::time::Timestamp;

use super::error::JobError;
use super::event::{EventDraft, event_type, payload, reason_code, unless_empty};
use super::identity::job_id;
use super::mutation::Mutation;
use super::state::{self, JobState, PolicyBinding};
use super::status::JobStatus;

/// What a new job starts with. Texts are trimmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// Its name.
    pub job_id: String,
    /// The program that submits it; blank for a development version.
    pub producer_version: String,
    /// Who submits it.
    pub actor: String,
    /// Who it runs as; the actor when blank.
    pub identity: String,
    /// The environment it runs in; must not be blank for the environment to count on resume.
    pub environment_fingerprint: String,
    /// The policy it is bound to.
    pub policy: PolicyBinding,
}

impl Submission {
    /// The mutation that starts the job.
    ///
    /// # Errors
    /// [`JobError::InvalidId`]; [`JobError::Time`].
    pub fn mutation(&self, now: &Timestamp) -> Result<Mutation, JobError> {
        let job_id = job_id(&self.job_id)?;
        let now = now.to_utc()?;
        let (actor, policy) = (self.actor.trim(), self.policy.trimmed());
        let identity = match self.identity.trim() {
            "" => actor,
            given => given,
        };
        let fingerprint = self.environment_fingerprint.trim();
        let producer_version = match self.producer_version.trim() {
            "" => "0.0.0-dev",
            given => given,
        };
        let draft = EventDraft {
            kind: event_type::SUBMITTED,
            reason_code: reason_code::SUBMITTED,
            actor,
            payload: payload([
                ("environment_fingerprint", Some(fingerprint.into())),
                ("policy_digest", unless_empty(&policy.digest)),
                ("policy_ref", unless_empty(&policy.reference)),
                ("identity", unless_empty(identity)),
            ]),
        };
        let mut updated = JobState {
            schema_id: state::SCHEMA_ID.to_owned(),
            schema_version: state::SCHEMA_VERSION.to_owned(),
            created_at: now,
            updated_at: now,
            producer_version: producer_version.to_owned(),
            job_id: job_id.to_owned(),
            environment_fingerprint: fingerprint.to_owned(),
            policy_digest: policy.digest,
            policy_ref: policy.reference,
            identity: identity.to_owned(),
            revision: 1,
            ..JobState::default()
        };
        updated.enter(JobStatus::Running, reason_code::SUBMITTED);
        updated.fill_ledger();
        Ok(Mutation::start(updated, draft))
    }
}
