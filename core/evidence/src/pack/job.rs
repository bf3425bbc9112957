//! Packs of durable jobs: state and journal (05 §3.2).

use gait_base::jcs;

use super::PackError;
use super::manifest::{PackType, SCHEMA_VERSION};
use super::payload::{JOB_PAYLOAD_PATH, JOB_SCHEMA, JobPayload, count};
use super::run::utc_or_epoch;
use super::seal::{BuildOptions, BuiltPack, Contents, to_lines};
use crate::job::{JobEvent, JobState, JobStatus, reason_code};

/// Place of the state in the archive.
pub const JOB_STATE_PATH: &str = "job_state.json";
/// Place of the journal in the archive.
pub const JOB_EVENTS_PATH: &str = "job_events.jsonl";

/// Packs a job. `environment` is the fingerprint of this machine, for a job that was stored without one.
///
/// # Errors
/// [`PackError`]: a time that cannot be written, a journal that no reader would take.
pub fn build_job_pack(
    mut state: JobState,
    events: &[JobEvent],
    environment: &str,
    options: &BuildOptions<'_>,
) -> Result<BuiltPack, PackError> {
    for (text, default) in [
        (&mut state.status, JobStatus::Running.as_str()),
        (&mut state.stop_reason, JobStatus::Running.stop_reason()),
        (&mut state.status_reason_code, reason_code::SUBMITTED),
        (&mut state.environment_fingerprint, environment),
    ] {
        if text.trim().is_empty() {
            default.clone_into(text);
        }
    }
    let payload = JobPayload {
        schema_id: JOB_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: utc_or_epoch(&state.created_at)?,
        job_id: state.job_id.clone(),
        status: state.status.clone(),
        stop_reason: state.stop_reason.clone(),
        status_reason_code: state.status_reason_code.clone(),
        environment_fingerprint: state.environment_fingerprint.clone(),
        safety_invariant_version: state.safety_invariant_version.trim().to_owned(),
        safety_invariant_hash: state.safety_invariant_hash.trim().to_owned(),
        checkpoint_count: count(state.checkpoints.len()),
        approval_count: count(state.approvals.len()),
    };
    let entries = vec![
        (JOB_PAYLOAD_PATH.to_owned(), jcs::to_canonical(&payload)?),
        (JOB_STATE_PATH.to_owned(), jcs::to_canonical(&state)?),
        (JOB_EVENTS_PATH.to_owned(), to_lines(events)?),
    ];
    Contents { kind: PackType::Job, source_ref: state.job_id, entries }.seal(options)
}
