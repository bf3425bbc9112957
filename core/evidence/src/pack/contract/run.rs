//! Packs of runs.

use std::io::{Read, Seek};

use super::{COUNT, DIGEST, MAX_DOCUMENT_BYTES, SET, SOURCE_REF, Subject, require, source};
use crate::pack::PackError;
use crate::pack::digest_text::is_digest;
use crate::pack::entries::Entries;
use crate::pack::manifest::{SCHEMA_VERSION, SOURCE_PATH};
use crate::pack::payload::{RUN_PAYLOAD_PATH, RUN_SCHEMA, RunPayload};
use crate::pack::workspace::Workspace;

pub(super) fn check<R: Read + Seek>(entries: &mut Entries<'_, R>, subject: &Subject<'_>) -> Result<(), PackError> {
    entries.require(RUN_PAYLOAD_PATH)?;
    entries.require(SOURCE_PATH)?;
    let payload: RunPayload = entries.document(RUN_PAYLOAD_PATH, MAX_DOCUMENT_BYTES)?;
    let counts = [payload.intents_count, payload.results_count, payload.refs_count, payload.context_ref_count];
    require(
        RUN_PAYLOAD_PATH,
        [
            ("schema_id", payload.schema_id == RUN_SCHEMA, RUN_SCHEMA),
            ("schema_version", payload.schema_version == SCHEMA_VERSION, SCHEMA_VERSION),
            ("created_at", !payload.created_at.is_zero(), SET),
            ("run_id", payload.run_id == subject.source_ref(), SOURCE_REF),
            ("capture_mode", ["reference", "raw"].contains(&payload.capture_mode.as_str()), "reference or raw"),
            ("manifest_digest", is_digest(&payload.manifest_digest), DIGEST),
            ("counts", counts.iter().all(|count| *count >= 0), COUNT),
            (
                "context_set_digest",
                payload.context_set_digest.is_empty() || is_digest(&payload.context_set_digest),
                DIGEST,
            ),
            (
                "context_evidence_mode",
                ["", "best_effort", "required"].contains(&payload.context_evidence_mode.as_str()),
                "empty, best_effort or required",
            ),
        ],
    )?;
    Ok(())
}

/// The embedded runpack must hold, and be what payload and context envelope say of it.
pub(super) fn check_deeply<R: Read + Seek, W: Workspace>(
    entries: &mut Entries<'_, R>,
    subject: &Subject<'_>,
    workspace: &W,
) -> Result<(), PackError> {
    let facts = source::examine(entries, subject.limits, workspace)?;
    let payload: RunPayload = entries.document(RUN_PAYLOAD_PATH, MAX_DOCUMENT_BYTES)?;
    facts.check_payload(&payload)?;
    facts.check_envelope(entries)
}
