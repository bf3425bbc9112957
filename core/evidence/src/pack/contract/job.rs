//! Packs of jobs.

use std::io::{Read, Seek};

use super::{COUNT, DIGEST, SET, SOURCE_REF, Subject, require};
use crate::job::{JobEvent, JobState, JobStatus, MAX_STATE_BYTES};
use crate::pack::digest_text::is_digest;
use crate::pack::entries::Entries;
use crate::pack::job::{JOB_EVENTS_PATH, JOB_STATE_PATH};
use crate::pack::manifest::{SCHEMA_VERSION, is_blank};
use crate::pack::payload::{JOB_PAYLOAD_PATH, JOB_SCHEMA, JobPayload, count};
use crate::pack::replay::Replay;
use crate::pack::{PackError, PackFault};

const STATE_SCHEMA: &str = "gait.job.runtime";
const STATUS: &str = "a status of a job";

pub(super) fn check<R: Read + Seek>(entries: &mut Entries<'_, R>, subject: &Subject<'_>) -> Result<(), PackError> {
    for path in [JOB_PAYLOAD_PATH, JOB_STATE_PATH, JOB_EVENTS_PATH] {
        entries.require(path)?;
    }
    let payload: JobPayload = entries.document(JOB_PAYLOAD_PATH, MAX_STATE_BYTES)?;
    require(
        JOB_PAYLOAD_PATH,
        [
            ("schema_id", payload.schema_id == JOB_SCHEMA, JOB_SCHEMA),
            ("schema_version", payload.schema_version == SCHEMA_VERSION, SCHEMA_VERSION),
            ("created_at", !payload.created_at.is_zero(), SET),
            ("job_id", !is_blank(&payload.job_id), SET),
            ("status", JobStatus::parse(&payload.status).is_some(), STATUS),
            ("stop_reason", !is_blank(&payload.stop_reason), SET),
            ("status_reason_code", !is_blank(&payload.status_reason_code), SET),
            ("environment_fingerprint", !is_blank(&payload.environment_fingerprint), SET),
            (
                "safety_invariant_hash",
                payload.safety_invariant_version.is_empty() || is_digest(&payload.safety_invariant_hash),
                DIGEST,
            ),
            ("counts", payload.checkpoint_count >= 0 && payload.approval_count >= 0, COUNT),
        ],
    )?;
    let state: JobState = entries.document(JOB_STATE_PATH, MAX_STATE_BYTES)?;
    require(
        JOB_STATE_PATH,
        [
            ("schema_id", state.schema_id == STATE_SCHEMA, STATE_SCHEMA),
            ("schema_version", state.schema_version == SCHEMA_VERSION, SCHEMA_VERSION),
            ("created_at", !state.created_at.is_zero(), SET),
            ("job_id", !is_blank(&state.job_id), SET),
            ("status", JobStatus::parse(&state.status).is_some(), STATUS),
            ("stop_reason", !is_blank(&state.stop_reason), SET),
            ("status_reason_code", !is_blank(&state.status_reason_code), SET),
            ("environment_fingerprint", !is_blank(&state.environment_fingerprint), SET),
            (
                "safety_invariant_hash",
                state.safety_invariant_version.is_empty() || is_digest(&state.safety_invariant_hash),
                DIGEST,
            ),
        ],
    )?;
    let job_id = payload.job_id.as_str();
    entries.documents(JOB_EVENTS_PATH, |line, event: JobEvent| {
        if event.job_id == job_id {
            return Ok(());
        }
        let expected = "that of the payload";
        Err(PackFault::Member { entry: JOB_EVENTS_PATH, line: Some(line), member: "job_id", expected }.into())
    })?;
    require(JOB_PAYLOAD_PATH, [("job_id", job_id == subject.source_ref(), SOURCE_REF)])?;
    for (member, same) in [
        ("job_id", state.job_id == job_id),
        ("checkpoint_count", payload.checkpoint_count == count(state.checkpoints.len())),
        ("approval_count", payload.approval_count == count(state.approvals.len())),
    ] {
        if !same {
            return Err(PackFault::Disagreement { entry: JOB_PAYLOAD_PATH, other: JOB_STATE_PATH, member }.into());
        }
    }
    Ok(())
}

/// The payload must be what the state says, and the journal must lead to the state.
pub(super) fn check_deeply<R: Read + Seek>(entries: &mut Entries<'_, R>) -> Result<(), PackError> {
    let payload: JobPayload = entries.document(JOB_PAYLOAD_PATH, MAX_STATE_BYTES)?;
    let state: JobState = entries.document(JOB_STATE_PATH, MAX_STATE_BYTES)?;
    for (member, same) in [
        ("created_at", payload.created_at.cmp_instant(&state.created_at).is_eq()),
        ("status", payload.status == state.status),
        ("stop_reason", payload.stop_reason == state.stop_reason),
        ("status_reason_code", payload.status_reason_code == state.status_reason_code),
        ("environment_fingerprint", payload.environment_fingerprint == state.environment_fingerprint),
        ("safety_invariant_version", payload.safety_invariant_version == state.safety_invariant_version.trim()),
        ("safety_invariant_hash", payload.safety_invariant_hash == state.safety_invariant_hash.trim()),
    ] {
        if !same {
            return Err(PackFault::Disagreement { entry: JOB_PAYLOAD_PATH, other: JOB_STATE_PATH, member }.into());
        }
    }
    let mut replay = Replay::towards(&state);
    entries.documents(JOB_EVENTS_PATH, |line, event: JobEvent| {
        Ok(replay.event(line, &event).map_err(PackFault::Replay)?)
    })?;
    Ok(replay.finish().map_err(PackFault::Replay)?)
}
