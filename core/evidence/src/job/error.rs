//! Why an operation on a job is refused (05 §18).

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;

use super::identity::MAX_ID_BYTES;

/// A refusal. All are the caller's to mend; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A text that cannot name a job.
    #[error(
        "invalid job id {0:?}: a letter or digit, then letters, digits, '.', '_', ':' and '-', {MAX_ID_BYTES} bytes at most"
    )]
    InvalidId(String),
    /// No job of that name is stored.
    #[error("job not found")]
    NotFound,
    /// A job of that name is stored already.
    #[error("job {0} exists already")]
    Exists(String),
    /// A stored document cannot be read.
    #[error("parse {what}{}: {source}", line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Malformed {
        /// Which document.
        what: &'static str,
        /// The line of it, from 1, where it has lines.
        line: Option<usize>,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A stored state has no job id.
    #[error("job state has no job_id")]
    MissingJobId,
    /// A mark of an interrupted mutation belongs to another job.
    #[error("pending mutation of job {job_id}: {member} names {found:?}")]
    ForeignMarker {
        /// The job in whose folder it lies.
        job_id: String,
        /// Which member names another job.
        member: &'static str,
        /// The name found there.
        found: String,
    },
    /// What should be written is larger than any reader takes.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// Which document.
        what: &'static str,
        /// The largest size, in bytes.
        limit: usize,
    },
    /// The status does not allow the operation.
    #[error("invalid transition: cannot {operation} a job that is {status}")]
    Transition {
        /// What was asked for.
        operation: &'static str,
        /// The status that the job has.
        status: String,
    },
    /// No such type of checkpoint.
    #[error("unknown checkpoint type {0:?}: expected plan, progress, decision-needed, blocked or completed")]
    CheckpointType(String),
    /// A checkpoint says nothing.
    #[error("checkpoint summary is required")]
    SummaryMissing,
    /// A checkpoint says too much.
    #[error("checkpoint summary has {0} bytes; {limit} are allowed", limit = super::checkpoint::MAX_SUMMARY_BYTES)]
    SummaryTooLong(usize),
    /// A decision is asked for, but not which.
    #[error("required action is required for a decision-needed checkpoint")]
    RequiredActionMissing,
    /// No such checkpoint.
    #[error("checkpoint {0:?} not found")]
    CheckpointNotFound(String),
    /// An approval by nobody.
    #[error("actor is required for an approval")]
    ActorMissing,
    /// More decisions were asked for than approved.
    #[error("approval required: {decisions} decisions were asked for, {approvals} approvals were given")]
    ApprovalRequired {
        /// How many decision-needed checkpoints there are.
        decisions: usize,
        /// How many approvals there are.
        approvals: usize,
    },
    /// The policy must be looked at again, but no digest of it was given.
    #[error("policy evaluation is required: give the policy or its digest")]
    PolicyRequired,
    /// The digest given is not that of the policy given.
    #[error("policy digest mismatch: expected {expected}, the policy has {actual}")]
    PolicyMismatch {
        /// The digest given.
        expected: String,
        /// That of the policy.
        actual: String,
    },
    /// The job belongs to somebody else.
    #[error("identity mismatch: the job is bound to {bound:?}, not {given:?}")]
    IdentityMismatch {
        /// Whom it is bound to.
        bound: String,
        /// Who was named.
        given: String,
    },
    /// Whose job it is must be known, and is not.
    #[error("identity validation is required, but neither the job nor the caller names an identity")]
    IdentityRequired,
    /// Whoever runs the job may no longer.
    #[error("identity {0:?} is revoked")]
    IdentityRevoked(String),
    /// A list of revocations that is no list.
    #[error("revocation list is malformed: {0}")]
    Revocations(JsonError),
    /// The environment is another one than that of the job.
    #[error("environment fingerprint mismatch: the job has {expected}, this environment is {actual}")]
    EnvironmentMismatch {
        /// That of the job.
        expected: String,
        /// The current one.
        actual: String,
    },
    /// No further revision can be counted.
    #[error("job revision is exhausted")]
    RevisionExhausted,
    /// The moment given cannot be written.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// What should be written has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for JobError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidId(_) => "job_id_invalid",
            Self::NotFound => "job_not_found",
            Self::Exists(_) => "job_exists",
            Self::Malformed { .. } | Self::MissingJobId => "job_malformed",
            Self::ForeignMarker { .. } => "job_marker_foreign",
            Self::TooLarge { .. } => "job_too_large",
            Self::Transition { .. } => "job_transition_invalid",
            Self::CheckpointType(_) | Self::SummaryMissing | Self::SummaryTooLong(_) | Self::RequiredActionMissing => {
                "job_checkpoint_invalid"
            }
            Self::CheckpointNotFound(_) => "job_checkpoint_not_found",
            Self::ActorMissing => "job_actor_missing",
            Self::ApprovalRequired { .. } => "job_approval_required",
            Self::PolicyRequired => "job_policy_required",
            Self::PolicyMismatch { .. } => "job_policy_mismatch",
            Self::IdentityMismatch { .. } => "job_identity_mismatch",
            Self::IdentityRequired => "job_identity_required",
            Self::IdentityRevoked(_) => "job_identity_revoked",
            Self::Revocations(_) => "job_revocations_malformed",
            Self::EnvironmentMismatch { .. } => "job_environment_mismatch",
            Self::RevisionExhausted => "job_revision_exhausted",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Encode(error) => error.category(),
            _ => Category::InvalidInput,
        }
    }
}
