//! From a call record and its runpack to a pack.

use std::io::Cursor;

use gait_base::jcs;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::error::CallError;
use super::record::{CallRecord, ReferenceDigest};
use super::{
    CALL_EVENTS_PATH, CALLPACK_MANIFEST_PATH, COMMITMENTS_PATH, GATE_DECISIONS_PATH, REFERENCE_DIGESTS_PATH,
    SPEAK_RECEIPTS_PATH,
};
use crate::archive::Limits;
use crate::pack::PackError;
use crate::pack::manifest::{PackType, SCHEMA_VERSION, SOURCE_PATH};
use crate::pack::payload::{CALL_PAYLOAD_PATH, CALL_SCHEMA, CallPayload, count};
use crate::pack::seal::{BuildOptions, BuiltPack, Contents, to_lines};
use crate::runpack::{self, VerifyOptions};

const CALLPACK_MANIFEST_SCHEMA: &str = "gait.voice.callpack_manifest";

record! {
    /// What a pack of a call holds, in numbers.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CallpackManifest {
        /// `gait.voice.callpack_manifest`.
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When the call was recorded, in UTC.
        pub created_at: Timestamp,
        /// Version of the voice runtime.
        pub producer_version: String,
        /// The call.
        pub call_id: String,
        /// `hash_only` or `dispute_encrypted`.
        pub privacy_mode: String,
        /// How many events there are.
        pub event_count: i64,
        /// How many commitments there are.
        pub commitment_count: i64,
        /// How many decisions there are.
        pub decision_count: i64,
        /// How many receipts there are.
        pub speak_receipt_count: i64,
        /// How many digests of references there are.
        pub reference_digest_count: i64,
        /// The environment of the agent.
        pub environment_fingerprint: String => omit,
    }
}

/// Packs a call with its runpack, whose bytes stay as they are.
///
/// # Errors
/// [`PackError`]: a record that is refused, a runpack that does not hold.
pub fn build_call_pack(
    record: CallRecord,
    runpack: Vec<u8>,
    options: &BuildOptions<'_>,
) -> Result<BuiltPack, PackError> {
    let record = record.normalized()?;
    let verify = VerifyOptions { key: None, require_signature: false, mode: options.mode, limits: Limits::default() };
    let verified = runpack::verify(Cursor::new(&runpack), &verify)?;
    if !verified.is_intact() || (options.mode == Mode::Strict && !verified.undeclared_files.is_empty()) {
        return Err(PackError::RunpackDamaged {
            missing: verified.missing_files.len(),
            mismatches: verified.hash_mismatches.len() + verified.undeclared_files.len(),
        });
    }

    let payload = CallPayload {
        schema_id: CALL_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: record.created_at,
        call_id: record.call_id.clone(),
        run_id: verified.run_id,
        privacy_mode: record.privacy_mode.clone(),
        event_count: count(record.events.len()),
        commitment_count: count(record.commitments.len()),
        decision_count: count(record.gate_decisions.len()),
        speak_receipt_count: count(record.speak_receipts.len()),
        reference_digest_count: count(record.reference_digests.len()),
        environment_fingerprint: record.environment_fingerprint.clone(),
    };
    let manifest = CallpackManifest {
        schema_id: CALLPACK_MANIFEST_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: record.created_at,
        producer_version: record.producer_version.clone(),
        call_id: record.call_id.clone(),
        privacy_mode: record.privacy_mode.clone(),
        event_count: payload.event_count,
        commitment_count: payload.commitment_count,
        decision_count: payload.decision_count,
        speak_receipt_count: payload.speak_receipt_count,
        reference_digest_count: payload.reference_digest_count,
        environment_fingerprint: record.environment_fingerprint.clone(),
    };
    let references: Option<&[ReferenceDigest]> =
        (!record.reference_digests.is_empty()).then_some(record.reference_digests.as_slice());
    let entries = vec![
        (CALL_PAYLOAD_PATH.to_owned(), jcs::to_canonical(&payload)?),
        (CALLPACK_MANIFEST_PATH.to_owned(), jcs::to_canonical(&manifest)?),
        (CALL_EVENTS_PATH.to_owned(), to_lines(&record.events)?),
        (COMMITMENTS_PATH.to_owned(), to_lines(&record.commitments)?),
        (GATE_DECISIONS_PATH.to_owned(), to_lines(&record.gate_decisions)?),
        (SPEAK_RECEIPTS_PATH.to_owned(), to_lines(&record.speak_receipts)?),
        (REFERENCE_DIGESTS_PATH.to_owned(), jcs::to_canonical(&references)?),
        (SOURCE_PATH.to_owned(), runpack),
    ];
    Contents { kind: PackType::Call, source_ref: record.call_id, entries }.seal(options)
}

impl CallpackManifest {
    /// The five counts.
    pub(in crate::pack) const fn counts(&self) -> [i64; 5] {
        [
            self.event_count,
            self.commitment_count,
            self.decision_count,
            self.speak_receipt_count,
            self.reference_digest_count,
        ]
    }

    /// Checks what a packed manifest must say of itself.
    pub(in crate::pack) fn check(&self) -> Result<(), CallError> {
        for (member, value, expected) in [
            ("schema_id", &self.schema_id, CALLPACK_MANIFEST_SCHEMA),
            ("schema_version", &self.schema_version, SCHEMA_VERSION),
        ] {
            if value != expected {
                return Err(CallError::Member { member, expected });
            }
        }
        if self.created_at.is_zero() {
            return Err(CallError::Missing("created_at"));
        }
        for (member, text) in [("producer_version", &self.producer_version), ("call_id", &self.call_id)] {
            if text.trim().is_empty() {
                return Err(CallError::Missing(member));
            }
        }
        super::check_privacy_mode(&self.privacy_mode)?;
        if self.counts().iter().any(|count| *count < 0) {
            return Err(CallError::Member { member: "counts", expected: "at least 0" });
        }
        Ok(())
    }
}
