//! Completing the digests of intents, results and trace receipts, and checking given ones (04 §3 steps 3–5).

use std::collections::BTreeMap;

use gait_base::digest::Digest;
use gait_base::jcs::{self, CanonicalError};
use gait_base::json::Value;
use gait_base::record;
use gait_base::text::folds_to;

use super::document::{IntentRecord, Payload, ResultRecord};
use super::error::{DigestFault, RecordKind};
use super::record::Normalization;
use super::{Receipt, Refs};

const TRACE_SOURCE: &str = "gait.trace";
const TRACE_PREFIX: &str = "trace_";

/// The digest of args or of a result, given as JSON text.
///
/// # Errors
/// [`CanonicalError`] when the text is no JSON.
pub fn args_digest(payload: &[u8]) -> Result<Digest, CanonicalError> {
    jcs::digest(payload)
}

pub(super) fn complete_digests(
    intents: &mut [IntentRecord],
    results: &mut [ResultRecord],
    refs: &mut Refs,
    normalization: &Normalization,
) -> Result<(), DigestFault> {
    for intent in intents.iter_mut() {
        let given = normalization.intent_args.get(&intent.intent_id);
        complete(RecordKind::Intent, &intent.intent_id, &mut intent.args_digest, &intent.args, given)?;
    }
    for result in results.iter_mut() {
        let given = normalization.result_payloads.get(&result.intent_id);
        complete(RecordKind::Result, &result.intent_id, &mut result.result_digest, &result.result, given)?;
    }
    let records = if refs.receipts.iter().any(|receipt| traced_intent(receipt).is_some()) {
        Records::new(intents, results)
    } else {
        Records::default()
    };
    refs.receipts.iter_mut().try_for_each(|receipt| records.complete(receipt))
}

/// Sets an empty digest; checks a given one against a payload given beside the record, never against the one in it.
fn complete(
    kind: RecordKind,
    id: &str,
    digest: &mut String,
    inline: &Payload,
    given: Option<&Value>,
) -> Result<(), DigestFault> {
    let fault = |source| DigestFault::Encode { kind, id: id.to_owned(), source };
    match given {
        Some(payload @ (Value::Object(_) | Value::Null)) => {
            let expected = jcs::digest_of(payload).map_err(fault)?;
            if digest.is_empty() {
                *digest = expected.to_hex();
            } else if !digest.eq_ignore_ascii_case(&expected.hex()) {
                return Err(DigestFault::Mismatch { kind, id: id.to_owned() });
            }
        }
        Some(_) => return Err(DigestFault::NotAnObject { kind, id: id.to_owned() }),
        None if digest.is_empty() => {
            let payload = inline.as_map().ok_or_else(|| DigestFault::Missing { kind, id: id.to_owned() })?;
            *digest = jcs::digest_of(payload).map_err(fault)?.to_hex();
        }
        None => {}
    }
    Ok(())
}

/// The id of the intent that a trace receipt is about; none for other receipts.
fn traced_intent(receipt: &Receipt) -> Option<&str> {
    let id = receipt.ref_id.trim().strip_prefix(TRACE_PREFIX)?;
    folds_to(&receipt.source_type, TRACE_SOURCE).then_some(id)
}

/// The records by intent id, of several with one id the last.
#[derive(Default)]
struct Records<'a> {
    intents: BTreeMap<&'a str, &'a IntentRecord>,
    results: BTreeMap<&'a str, &'a ResultRecord>,
}

record! {
    /// What the query digest of a trace receipt is over.
    #[derive(Clone, Debug, PartialEq)]
    struct TraceQuery {
        tool_name: String,
        args_digest: String,
    }
}

impl<'a> Records<'a> {
    fn new(intents: &'a [IntentRecord], results: &'a [ResultRecord]) -> Self {
        Self {
            intents: intents.iter().map(|intent| (intent.intent_id.as_str(), intent)).collect(),
            results: results.iter().map(|result| (result.intent_id.as_str(), result)).collect(),
        }
    }

    fn complete(&self, receipt: &mut Receipt) -> Result<(), DigestFault> {
        let id = receipt.ref_id.clone();
        let Some(intent_id) = traced_intent(receipt) else {
            for (field, digest) in
                [("query_digest", &receipt.query_digest), ("content_digest", &receipt.content_digest)]
            {
                if digest.is_empty() {
                    return Err(DigestFault::ReceiptMissing { id, field });
                }
            }
            return Ok(());
        };
        let Some(intent) = self.intents.get(intent_id) else {
            return Err(DigestFault::UnknownIntent { intent: intent_id.to_owned(), id });
        };
        let query = TraceQuery { tool_name: intent.tool_name.clone(), args_digest: intent.args_digest.clone() };
        let query = jcs::digest_of(&query).map_err(|source| DigestFault::Encode {
            kind: RecordKind::Intent,
            id: intent_id.to_owned(),
            source,
        })?;
        let Some(result) = self.results.get(intent_id) else {
            return Err(DigestFault::UnknownResult { intent: intent_id.to_owned(), id });
        };
        for (field, digest, expected) in [
            ("query", &mut receipt.query_digest, &*query.hex()),
            ("content", &mut receipt.content_digest, result.result_digest.as_str()),
        ] {
            if digest.is_empty() {
                expected.clone_into(digest);
            } else if !digest.eq_ignore_ascii_case(expected) {
                return Err(DigestFault::ReceiptMismatch { id, field });
            }
        }
        Ok(())
    }
}
