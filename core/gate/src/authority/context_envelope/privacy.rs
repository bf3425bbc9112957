//! What of an envelope goes into a captured run: everything, digests, or the bare fact (03 §11.1, 04 §2.5).

use gait_base::json::Map;
use gait_base::text::trim_fold;

use super::{ContextEnvelope, ContextEnvelopeError, ContextRecord, VerifiedEnvelope, set_digest};

impl VerifiedEnvelope {
    /// The envelope with less in it: `metadata` (also when `mode` is blank) hides digests and places, `hashes` places
    /// only, `raw` nothing. The set digest follows.
    ///
    /// # Errors
    /// [`ContextEnvelopeError::PrivacyMode`].
    pub fn with_privacy(self, mode: &str) -> Result<Self, ContextEnvelopeError> {
        let hide: fn(&mut ContextRecord) = match trim_fold(mode).as_str() {
            "" | "metadata" => |record| {
                record.query_digest = "0".repeat(64);
                record.content_digest = "0".repeat(64);
                hide_origin(record, "redacted:metadata");
            },
            "hashes" => |record| hide_origin(record, "redacted:hashes"),
            "raw" => return Ok(self),
            unknown => return Err(ContextEnvelopeError::PrivacyMode(unknown.to_owned())),
        };
        let mut records = self.0.records;
        records.iter_mut().for_each(hide);
        let context_set_digest = set_digest(&records)?;
        Ok(Self(ContextEnvelope { records, context_set_digest, ..self.0 }))
    }
}

fn hide_origin(record: &mut ContextRecord, locator: &str) {
    record.retrieval_params = Map::new();
    record.sensitivity_label.clear();
    locator.clone_into(&mut record.source_locator);
}
