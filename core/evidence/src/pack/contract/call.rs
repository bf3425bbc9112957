//! Packs of calls.

use std::io::{Read, Seek};

use gait_gate::authority::voice::CommitmentIntent;

use super::{COUNT, MAX_DOCUMENT_BYTES, SET, SOURCE_REF, Subject, require, source};
use crate::pack::call::{
    CALL_EVENTS_PATH, CALLPACK_MANIFEST_PATH, COMMITMENTS_PATH, CallError, CallEvent, CallpackManifest,
    GATE_DECISIONS_PATH, GateDecision, REFERENCE_DIGESTS_PATH, ReferenceDigest, SPEAK_RECEIPTS_PATH, SpeakReceipt,
    SpeechCheck, check_privacy_mode, normal_commitment, normal_references,
};
use crate::pack::entries::Entries;
use crate::pack::error::SourceFault;
use crate::pack::manifest::{SCHEMA_VERSION, SOURCE_PATH, is_blank};
use crate::pack::payload::{CALL_PAYLOAD_PATH, CALL_SCHEMA, CallPayload, count};
use crate::pack::workspace::Workspace;
use crate::pack::{PackError, PackFault};

pub(super) fn check<R: Read + Seek>(entries: &mut Entries<'_, R>, subject: &Subject<'_>) -> Result<(), PackError> {
    for path in [
        CALL_PAYLOAD_PATH,
        CALLPACK_MANIFEST_PATH,
        CALL_EVENTS_PATH,
        COMMITMENTS_PATH,
        GATE_DECISIONS_PATH,
        SPEAK_RECEIPTS_PATH,
        REFERENCE_DIGESTS_PATH,
        SOURCE_PATH,
    ] {
        entries.require(path)?;
    }
    let payload: CallPayload = entries.document(CALL_PAYLOAD_PATH, MAX_DOCUMENT_BYTES)?;
    check_payload(&payload, subject)?;
    let manifest: CallpackManifest = entries.document(CALLPACK_MANIFEST_PATH, MAX_DOCUMENT_BYTES)?;
    manifest.check().map_err(|source| refused(CALLPACK_MANIFEST_PATH, None, source))?;

    let found = parts(entries, payload.call_id.trim())?;
    for (other, told) in [(CALL_PAYLOAD_PATH, counts(&payload)), (CALLPACK_MANIFEST_PATH, manifest.counts())] {
        for ((entry, counted), told) in found.into_iter().zip(told) {
            if counted != told {
                return Err(PackFault::Disagreement { entry, other, member: "count" }.into());
            }
        }
    }
    for (member, same) in [
        ("call_id", payload.call_id == manifest.call_id),
        ("privacy_mode", payload.privacy_mode == manifest.privacy_mode),
        ("environment_fingerprint", payload.environment_fingerprint.trim() == manifest.environment_fingerprint.trim()),
        ("created_at", payload.created_at.cmp_instant(&manifest.created_at).is_eq()),
    ] {
        if !same {
            return Err(
                PackFault::Disagreement { entry: CALL_PAYLOAD_PATH, other: CALLPACK_MANIFEST_PATH, member }.into()
            );
        }
    }
    Ok(())
}

fn check_payload(payload: &CallPayload, subject: &Subject<'_>) -> Result<(), PackError> {
    check_privacy_mode(&payload.privacy_mode).map_err(|source| refused(CALL_PAYLOAD_PATH, None, source))?;
    require(
        CALL_PAYLOAD_PATH,
        [
            ("schema_id", payload.schema_id == CALL_SCHEMA, CALL_SCHEMA),
            ("schema_version", payload.schema_version == SCHEMA_VERSION, SCHEMA_VERSION),
            ("created_at", !payload.created_at.is_zero(), SET),
            ("call_id", !is_blank(&payload.call_id), SET),
            ("call_id", payload.call_id == subject.source_ref(), SOURCE_REF),
            ("counts", counts(payload).iter().all(|count| *count >= 0), COUNT),
        ],
    )?;
    Ok(())
}

const fn counts(payload: &CallPayload) -> [i64; 5] {
    [
        payload.event_count,
        payload.commitment_count,
        payload.decision_count,
        payload.speak_receipt_count,
        payload.reference_digest_count,
    ]
}

/// Reads the parts of the call one by one, each against the rules of its normal form, and all against one another.
/// Gives the number of each.
fn parts<R: Read + Seek>(entries: &mut Entries<'_, R>, call_id: &str) -> Result<[(&'static str, i64); 5], PackError> {
    let mut check = SpeechCheck::default();
    let mut last_seq = i64::MIN;
    let events = entries.documents(CALL_EVENTS_PATH, |line, mut event: CallEvent| {
        event.normalize(call_id).map_err(|source| refused(CALL_EVENTS_PATH, Some(line), source))?;
        if event.call_seq < last_seq {
            return Err(refused(CALL_EVENTS_PATH, Some(line), CallError::Unsorted));
        }
        last_seq = event.call_seq;
        check.event(&event);
        Ok(())
    })?;
    let commitments = entries.documents(COMMITMENTS_PATH, |line, commitment: CommitmentIntent| {
        let normal = normal_commitment(commitment, call_id);
        normal.map(|_| ()).map_err(|source| refused(COMMITMENTS_PATH, Some(line), source))
    })?;
    let decisions = entries.documents(GATE_DECISIONS_PATH, |line, mut decision: GateDecision| {
        decision.normalize(call_id).map_err(|source| refused(GATE_DECISIONS_PATH, Some(line), source))?;
        check.decision(&decision);
        Ok(())
    })?;
    let receipts = entries.documents(SPEAK_RECEIPTS_PATH, |line, mut receipt: SpeakReceipt| {
        receipt.normalize(call_id).map_err(|source| refused(SPEAK_RECEIPTS_PATH, Some(line), source))?;
        check.receipt(&receipt);
        Ok(())
    })?;
    check.finish().map_err(|source| refused(CALL_EVENTS_PATH, None, source))?;
    let references: Vec<ReferenceDigest> = entries.document(REFERENCE_DIGESTS_PATH, MAX_DOCUMENT_BYTES)?;
    let references = normal_references(references).len();
    Ok([
        (CALL_EVENTS_PATH, count(events)),
        (COMMITMENTS_PATH, count(commitments)),
        (GATE_DECISIONS_PATH, count(decisions)),
        (SPEAK_RECEIPTS_PATH, count(receipts)),
        (REFERENCE_DIGESTS_PATH, count(references)),
    ])
}

fn refused(entry: &'static str, line: Option<usize>, source: CallError) -> PackError {
    PackFault::Call { entry, line, source }.into()
}

/// The embedded runpack must hold and be the one that the payload names.
pub(super) fn check_deeply<R: Read + Seek, W: Workspace>(
    entries: &mut Entries<'_, R>,
    subject: &Subject<'_>,
    workspace: &W,
) -> Result<(), PackError> {
    let facts = source::examine(entries, subject.limits, workspace)?;
    let payload: CallPayload = entries.document(CALL_PAYLOAD_PATH, MAX_DOCUMENT_BYTES)?;
    if payload.run_id == facts.run_id() {
        return Ok(());
    }
    let fault = SourceFault::Differs { entry: CALL_PAYLOAD_PATH, member: "run_id" };
    Err(PackFault::Source(fault).into())
}
