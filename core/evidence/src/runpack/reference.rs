//! Context evidence of a run: what an envelope puts into its references, and the envelope that they stand for (04 §2.5).

use gait_gate::authority::context_envelope::{ContextEnvelope, ContextRecord, VerifiedEnvelope};

use super::{Receipt, Refs, RunpackError};

/// Puts the records of an envelope in place of the receipts of a run.
pub fn apply_envelope(refs: &mut Refs, envelope: VerifiedEnvelope) {
    let envelope = envelope.into_envelope();
    refs.context_set_digest = envelope.context_set_digest;
    refs.context_evidence_mode = envelope.evidence_mode;
    refs.context_ref_count = i64::try_from(envelope.records.len()).unwrap_or(i64::MAX);
    refs.receipts = envelope.records.into_iter().map(receipt).collect();
    refs.receipts.sort_by(|a, b| a.ref_id.cmp(&b.ref_id));
}

/// The envelope that the references of a run stand for; none if there are neither receipts nor a digest.
///
/// # Errors
/// [`RunpackError::Context`] when the receipts are not what the digest says, or not what an envelope may hold.
pub fn envelope_of(refs: &Refs) -> Result<Option<VerifiedEnvelope>, RunpackError> {
    if refs.context_set_digest.trim().is_empty() && refs.receipts.is_empty() {
        return Ok(None);
    }
    let envelope = ContextEnvelope {
        created_at: refs.created_at,
        producer_version: refs.producer_version.clone(),
        context_set_id: refs.run_id.clone(),
        context_set_digest: refs.context_set_digest.clone(),
        evidence_mode: refs.context_evidence_mode.clone(),
        records: refs.receipts.iter().cloned().map(context_record).collect(),
        ..ContextEnvelope::default()
    };
    Ok(Some(VerifiedEnvelope::verify(envelope)?))
}

fn receipt(record: ContextRecord) -> Receipt {
    Receipt {
        ref_id: record.ref_id,
        source_type: record.source_type,
        source_locator: record.source_locator,
        query_digest: record.query_digest,
        content_digest: record.content_digest,
        retrieved_at: record.retrieved_at,
        redaction_mode: record.redaction_mode,
        immutability: record.immutability,
        freshness_sla_seconds: record.freshness_sla_seconds,
        sensitivity_label: record.sensitivity_label,
        retrieval_params: record.retrieval_params,
    }
}

fn context_record(receipt: Receipt) -> ContextRecord {
    ContextRecord {
        ref_id: receipt.ref_id,
        source_type: receipt.source_type,
        source_locator: receipt.source_locator,
        query_digest: receipt.query_digest,
        content_digest: receipt.content_digest,
        retrieved_at: receipt.retrieved_at,
        redaction_mode: receipt.redaction_mode,
        immutability: receipt.immutability,
        sensitivity_label: receipt.sensitivity_label,
        freshness_sla_seconds: receipt.freshness_sla_seconds,
        retrieval_params: receipt.retrieval_params,
    }
}
