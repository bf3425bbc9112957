//! The state of a job, `gait.job.runtime` 1.0.0 (05 §14.2).

use gait_base::json;
use gait_base::path;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::error::JobError;
use super::reading;
use super::safety::{SAFETY_INVARIANT_VERSION, safety_invariant_hash, safety_invariants};
use super::status::JobStatus;

pub(super) const SCHEMA_ID: &str = "gait.job.runtime";
pub(super) const SCHEMA_VERSION: &str = "1.0.0";

/// The largest state that is read or written, in bytes.
pub const MAX_STATE_BYTES: usize = 64 << 20;

gait_base::record! {
    /// Everything that is known of a job now.
    #[derive(Clone, Debug, PartialEq)]
    pub struct JobState {
        /// `gait.job.runtime`; not checked on reading.
        pub schema_id: String,
        /// `1.0.0`; not checked on reading.
        pub schema_version: String,
        /// When it was submitted.
        pub created_at: Timestamp,
        /// When it changed last.
        pub updated_at: Timestamp,
        /// The program that submitted it.
        pub producer_version: String,
        /// Its name. May differ from that of its folder.
        pub job_id: String,
        /// What it is doing; mostly one of [`JobStatus`].
        pub status: String,
        /// Why it does not run; `none` while it does.
        pub stop_reason: String,
        /// What led to the status.
        pub status_reason_code: String,
        /// The environment that it was submitted in; empty accepts any on resume.
        pub environment_fingerprint: String,
        /// The rules of the safety ledger.
        pub safety_invariant_version: String => omit,
        /// The digest of the safety ledger.
        pub safety_invariant_hash: String => omit,
        /// What it was bound to when it was submitted; later changes of policy or identity leave it.
        pub safety_invariants: Vec<String> => omit,
        /// The policy it runs under.
        pub policy_digest: String => omit,
        /// Where that policy came from.
        pub policy_ref: String => omit,
        /// Who it runs as.
        pub identity: String => omit,
        /// How many events led here.
        pub revision: i64,
        /// What it reported, in order.
        pub checkpoints: Vec<Checkpoint>,
        /// Who approved, in order.
        pub approvals: Vec<Approval> => omit,
    }
}

gait_base::record! {
    /// What a job reported on its way.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Checkpoint {
        /// `cp_` and its number.
        pub checkpoint_id: String,
        /// When.
        pub created_at: Timestamp,
        /// One of [`super::CheckpointType`].
        pub kind: String as "type",
        /// What happened.
        pub summary: String,
        /// What somebody must do; for decisions only.
        pub required_action: String => omit,
        /// That of its event.
        pub reason_code: String,
        /// Who reported it.
        pub actor: String => omit,
    }
}

gait_base::record! {
    /// Somebody's word that a job may go on.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Approval {
        /// When.
        pub created_at: Timestamp,
        /// Who.
        pub actor: String,
        /// Why.
        pub reason: String,
    }
}

/// The policy that a job is bound to; empty for none. Free text unless a policy was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyBinding {
    /// The policy's digest.
    pub digest: String,
    /// Where it came from.
    pub reference: String,
}

impl PolicyBinding {
    /// The same, trimmed.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self { digest: self.digest.trim().to_owned(), reference: self.reference.trim().to_owned() }
    }

    /// The binding to a policy that was read from `path`: its own digest, and the path, cleaned, unless another
    /// reference is given.
    ///
    /// # Errors
    /// [`JobError::PolicyMismatch`] when another digest is given.
    pub fn to_policy(given: &Self, path: &str, actual_digest: &str) -> Result<Self, JobError> {
        let given = given.trimmed();
        if !given.digest.is_empty() && given.digest != actual_digest {
            return Err(JobError::PolicyMismatch { expected: given.digest, actual: actual_digest.to_owned() });
        }
        let reference = if given.reference.is_empty() { path::clean(path.trim()) } else { given.reference };
        Ok(Self { digest: actual_digest.to_owned(), reference })
    }

    /// Whether nothing is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.digest.is_empty() && self.reference.is_empty()
    }
}

impl JobState {
    /// Reads a stored state and fills its safety ledger where that is missing.
    ///
    /// # Errors
    /// [`JobError::Malformed`], or [`JobError::MissingJobId`] for a state without a name.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JobError> {
        let mut state: Self = json::decode(bytes, reading(mode, MAX_STATE_BYTES))
            .map_err(|source| JobError::Malformed { what: "job state", line: None, source })?;
        if state.job_id.trim().is_empty() {
            return Err(JobError::MissingJobId);
        }
        state.fill_ledger();
        Ok(state)
    }

    /// The state as it is stored.
    ///
    /// # Errors
    /// [`JobError::TooLarge`]; [`JobError::Encode`] when a time has no written form.
    pub fn to_file(&self) -> Result<Vec<u8>, JobError> {
        let bytes = json::to_indented(self)?;
        if bytes.len() > MAX_STATE_BYTES {
            return Err(JobError::TooLarge { what: "job state", limit: MAX_STATE_BYTES });
        }
        Ok(bytes)
    }

    /// The policy that the job is bound to.
    #[must_use]
    pub fn policy(&self) -> PolicyBinding {
        PolicyBinding { digest: self.policy_digest.clone(), reference: self.policy_ref.clone() }
    }

    /// The status, if it is one that the operations know.
    #[must_use]
    pub fn known_status(&self) -> Option<JobStatus> {
        JobStatus::parse(&self.status)
    }

    /// The checkpoint of that id.
    ///
    /// # Errors
    /// [`JobError::CheckpointNotFound`].
    pub fn checkpoint(&self, checkpoint_id: &str) -> Result<&Checkpoint, JobError> {
        let wanted = checkpoint_id.trim();
        let found = self.checkpoints.iter().find(|checkpoint| checkpoint.checkpoint_id == wanted);
        found.ok_or_else(|| JobError::CheckpointNotFound(wanted.to_owned()))
    }

    /// The checkpoints, sorted by id.
    #[must_use]
    pub fn sorted_checkpoints(&self) -> Vec<Checkpoint> {
        let mut sorted = self.checkpoints.clone();
        sorted.sort_by(|a, b| a.checkpoint_id.cmp(&b.checkpoint_id));
        sorted
    }

    pub(super) fn fill_ledger(&mut self) {
        if self.safety_invariant_version.trim().is_empty() {
            SAFETY_INVARIANT_VERSION.clone_into(&mut self.safety_invariant_version);
        }
        if self.safety_invariants.is_empty() {
            self.safety_invariants = safety_invariants(&self.policy(), &self.identity);
        }
        if self.safety_invariant_hash.trim().is_empty() {
            self.safety_invariant_hash = safety_invariant_hash(&self.safety_invariants);
        }
    }

    /// Enters a status, with its stop reason and what led to it.
    pub(super) fn enter(&mut self, status: JobStatus, reason_code: &str) {
        status.as_str().clone_into(&mut self.status);
        status.stop_reason().clone_into(&mut self.stop_reason);
        reason_code.clone_into(&mut self.status_reason_code);
    }
}
