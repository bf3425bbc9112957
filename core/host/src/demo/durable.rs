//! A job that waits for an approval, is refused without it and goes on with it (04 §9.2).

use std::io::ErrorKind;
use std::path::Path;

use gait_base::error::{Category, Classify};
use gait_base::time::{TimeError, Timestamp};
use gait_evidence::job::{CheckpointDraft, CheckpointType, JobError, Resumption, Submission};
use gait_evidence::pack::PackType;
use gait_gate::mode::Mode;

use crate::clock::FixedClock;
use crate::error::HostError;
use crate::job::JobStore;
use crate::pack::{self, BuildRequest, PackFileError, VerifyRequest};

/// The job.
pub const DURABLE_JOB_ID: &str = "job_demo_durable";
/// Where the job lies.
pub const DURABLE_ROOT: &str = "gait-out/jobs";
/// Where its pack lies.
pub const DURABLE_PACK_PATH: &str = "gait-out/pack_job_demo_durable.zip";

/// 2026-02-14T00:00:00Z.
const BEGIN_SECONDS: i64 = 1_771_027_200;
const ENVIRONMENT: &str = "envfp:demo-durable";
const ACTOR: &str = "demo.user";

/// What the demo made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurableDemo {
    /// What became of the job.
    pub status: String,
}

/// Why the demo failed.
#[derive(Debug, thiserror::Error)]
pub enum DurableDemoError {
    /// The job.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The pack.
    #[error(transparent)]
    Pack(Box<PackFileError>),
    /// The clock.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The job went on without its approval.
    #[error("the demo's job was resumed without an approval")]
    NotBlocked,
    /// The pack does not hold.
    #[error("the demo's pack does not verify")]
    NotVerified,
}

impl From<PackFileError> for DurableDemoError {
    fn from(error: PackFileError) -> Self {
        Self::Pack(Box::new(error))
    }
}

impl Classify for DurableDemoError {
    fn code(&self) -> &'static str {
        match self {
            Self::Host(error) => error.code(),
            Self::Pack(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::NotBlocked => "demo_not_blocked",
            Self::NotVerified => "demo_not_verified",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Host(error) => error.category(),
            Self::Pack(error) => error.category(),
            Self::Time(error) => error.category(),
            Self::NotBlocked => Category::InternalFailure,
            Self::NotVerified => Category::VerificationFailed,
        }
    }
}

/// Runs the job through its life, minute by minute, and packs it. What an earlier demo left is removed.
///
/// # Errors
/// [`DurableDemoError`].
pub fn durable(producer_version: &str) -> Result<DurableDemo, DurableDemoError> {
    let folder = Path::new(DURABLE_ROOT).join(DURABLE_JOB_ID);
    absent_is_fine(std::fs::remove_dir_all(&folder), &folder)?;
    let pack_path = Path::new(DURABLE_PACK_PATH);
    absent_is_fine(std::fs::remove_file(pack_path), pack_path)?;

    let at_minute = |minute: i64| -> Result<JobStore, DurableDemoError> {
        let now = Timestamp::from_unix(BEGIN_SECONDS + 60 * minute, 0)?;
        Ok(JobStore::new(DURABLE_ROOT, Mode::Compat)?.with_clock(FixedClock::new(now)))
    };
    let checkpoint = |kind, summary: &str, required_action: &str| CheckpointDraft {
        kind,
        summary: summary.to_owned(),
        required_action: required_action.to_owned(),
        actor: ACTOR.to_owned(),
    };
    let resumption = |reason: &str| Resumption {
        actor: ACTOR.to_owned(),
        reason: reason.to_owned(),
        environment_fingerprint: ENVIRONMENT.to_owned(),
        ..Resumption::default()
    };
    at_minute(0)?.submit(&Submission {
        job_id: DURABLE_JOB_ID.to_owned(),
        producer_version: producer_version.to_owned(),
        actor: ACTOR.to_owned(),
        environment_fingerprint: ENVIRONMENT.to_owned(),
        ..Submission::default()
    })?;
    let waits = checkpoint(CheckpointType::DecisionNeeded, "approval required to continue", "security_review");
    at_minute(1)?.add_checkpoint(DURABLE_JOB_ID, &waits)?;
    match at_minute(2)?.resume(DURABLE_JOB_ID, &resumption("resume_without_approval")) {
        Err(HostError::Job(JobError::ApprovalRequired { .. })) => {}
        Err(error) => return Err(error.into()),
        Ok(_) => return Err(DurableDemoError::NotBlocked),
    }
    at_minute(3)?.approve(DURABLE_JOB_ID, "demo.approver", "approved_for_resume")?;
    at_minute(4)?.resume(DURABLE_JOB_ID, &resumption("approved_resume"))?;
    let done = checkpoint(CheckpointType::Completed, "durable demo complete", "");
    at_minute(5)?.add_checkpoint(DURABLE_JOB_ID, &done)?;
    let status = at_minute(5)?.status(DURABLE_JOB_ID)?.state.status;

    let request = BuildRequest {
        kind: PackType::Job.as_str().to_owned(),
        from: DURABLE_JOB_ID.to_owned(),
        out: DURABLE_PACK_PATH.to_owned(),
        job_root: DURABLE_ROOT.to_owned(),
        mode: Mode::Compat,
        ..BuildRequest::default()
    };
    pack::build(&request, producer_version)?;
    let request = VerifyRequest {
        path: DURABLE_PACK_PATH,
        profile: "",
        require_signature: false,
        keys: gait_base::key::config::KeyConfig::default(),
        mode: Mode::Compat,
    };
    if !pack::verify(&request)?.ok {
        return Err(DurableDemoError::NotVerified);
    }
    Ok(DurableDemo { status })
}

fn absent_is_fine(outcome: std::io::Result<()>, path: &Path) -> Result<(), HostError> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(HostError::io("remove", path, error)),
        _ => Ok(()),
    }
}
