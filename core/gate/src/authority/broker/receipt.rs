//! Whether a broker's answer fits the request, the intent's claims and the rules that asked for it (03 §10.5).

use gait_base::digest::Digest;

use super::BrokerResponse;
use crate::code::CodeSet;
use crate::evaluate::check_credential_kind;
use crate::intent::Context;
use crate::policy::document::CredentialRule;

/// What an answer is held against.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptDemand<'a> {
    /// Digest of the request.
    pub request_digest: Digest,
    /// The scope as it was put together, before the request folded it: upper-case values are never met.
    pub requested_scope: &'a [String],
    /// The prepared intent's context.
    pub context: &'a Context,
    /// Digest of the prepared intent's normalized targets.
    pub target_binding: Digest,
}

/// What speaks against the answer, as reason codes which are violations too; nothing when it fits.
///
/// `rules` are the credential demands of the rules that matched: the rules themselves, not their names (00 D6).
#[must_use]
pub fn check_receipt<'r>(
    response: &BrokerResponse,
    demand: &ReceiptDemand<'_>,
    rules: impl IntoIterator<Item = &'r CredentialRule>,
) -> CodeSet {
    let mut codes = CodeSet::default();
    let mut found = |code: &'static str| codes.insert(code);
    if response.request_digest.is_empty() {
        found("broker_request_digest_missing");
    } else if response.request_digest != *demand.request_digest.hex() {
        found("broker_request_digest_mismatch");
    }
    if !demand.requested_scope.iter().all(|value| response.scope.contains(value)) {
        found("broker_scope_mismatch");
    }
    let context = demand.context;
    if !context.credential_ref.is_empty() && context.credential_ref != response.credential_ref {
        found("broker_credential_ref_mismatch");
    }
    if response.target_binding != *demand.target_binding.hex() {
        found("broker_target_binding_mismatch");
    }
    if !context.run_id.is_empty() && context.run_id != response.run_binding {
        found("broker_run_binding_mismatch");
    }
    if !context.job_id.is_empty() && context.job_id != response.job_binding {
        found("broker_job_binding_mismatch");
    }
    for rule in rules {
        let ttl = response.ttl_seconds;
        if rule.max_ttl_seconds > 0 && (ttl <= 0 || ttl > rule.max_ttl_seconds) {
            found("broker_ttl_exceeded");
        }
        if rule.require_jit && response.access_type != "jit" {
            found("credential_not_jit");
        }
        check_credential_kind(rule, &response.source, &response.issuer, &response.access_type, &mut found);
    }
    codes
}
