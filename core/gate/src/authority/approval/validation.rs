//! Whether one approval token lets one intent pass (03 §2.3).

use gait_base::digest::Digest;
use gait_base::error::{Category, Classify};
use gait_base::time::Timestamp;
use thiserror::Error;

use super::demand::{operation_count, required_scope, target_count};
use super::token::ApprovalToken;
use crate::authority::token::{Authentic, Presented, SignatureCheck, TrustedKeys, authenticate};
use crate::intent::Intent;

/// Why an approval token does not count: the first check that failed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum ApprovalFault {
    /// It has no normal form: something is missing, blank, no digest, negative, of another kind.
    #[error("approval token is malformed")]
    Invalid,
    /// It is not signed.
    #[error("approval token is not signed")]
    SignatureMissing,
    /// There is no key, or the signature does not hold.
    #[error("approval token signature does not verify")]
    SignatureInvalid,
    /// It is for another intent.
    #[error("approval token is for another intent")]
    IntentMismatch,
    /// It is for another policy.
    #[error("approval token is for another policy")]
    PolicyMismatch,
    /// It is for another delegation, or for none.
    #[error("approval token is not bound to the delegation of the intent")]
    DelegationBindingMismatch,
    /// It is over.
    #[error("approval token has expired")]
    Expired,
    /// It does not cover the required scope.
    #[error("approval token does not cover the required scope")]
    ScopeMismatch,
    /// The intent has more targets than it allows.
    #[error("intent has more targets than the approval token allows")]
    MaxTargetsExceeded,
    /// The intent has more operations than it allows.
    #[error("intent has more operations than the approval token allows")]
    MaxOpsExceeded,
    /// Its signer is trusted, but not under the name that it gives. Only where keys are bound to names.
    #[error("approval token is signed with the key of somebody else")]
    ApproverMismatch,
    /// It was used before. Only where tokens may be used once.
    #[error("approval token was used before")]
    Replayed,
}

impl ApprovalFault {
    /// The reason code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "approval_token_invalid",
            Self::SignatureMissing => "approval_token_signature_missing",
            Self::SignatureInvalid => "approval_token_signature_invalid",
            Self::IntentMismatch => "approval_token_intent_mismatch",
            Self::PolicyMismatch => "approval_token_policy_mismatch",
            Self::DelegationBindingMismatch => "approval_token_delegation_binding_mismatch",
            Self::Expired => "approval_token_expired",
            Self::ScopeMismatch => "approval_token_scope_mismatch",
            Self::MaxTargetsExceeded => "approval_token_max_targets_exceeded",
            Self::MaxOpsExceeded => "approval_token_max_ops_exceeded",
            Self::ApproverMismatch => "approval_token_approver_mismatch",
            Self::Replayed => "approval_token_replayed",
        }
    }
}

impl Classify for ApprovalFault {
    fn code(&self) -> &'static str {
        self.as_str()
    }

    fn category(&self) -> Category {
        Category::VerificationFailed
    }
}

/// What a token is held against. A digest that is `None` is not compared.
#[derive(Clone, Debug)]
pub struct ApprovalExpectation {
    /// The moment.
    pub now: Timestamp,
    /// The prepared intent's digest.
    pub intent_digest: Option<Digest>,
    /// The policy's digest.
    pub policy_digest: Option<Digest>,
    /// The digest of the intent's delegation; `None` when it has none.
    pub delegation_binding_digest: Option<Digest>,
    /// The scope values that must all be covered, trimmed and lower-case.
    pub required_scope: Vec<String>,
    /// Targets of the intent.
    pub target_count: usize,
    /// Operations of the intent.
    pub operation_count: usize,
}

impl ApprovalExpectation {
    /// What the gate demands of approvals for the intent (03 §2.4). `intent_digest` is the prepared intent's.
    #[must_use]
    pub fn of_intent(intent: &Intent, intent_digest: Digest, policy_digest: Digest, now: Timestamp) -> Self {
        let request = intent.request();
        Self {
            now,
            intent_digest: Some(intent_digest),
            policy_digest: Some(policy_digest),
            delegation_binding_digest: intent.delegation_digest(),
            required_scope: required_scope(request),
            target_count: target_count(request),
            operation_count: operation_count(request),
        }
    }
}

/// Whether the token counts.
///
/// # Errors
/// The first failing check, in the order of 03 §2.3; [`ApprovalFault::ApproverMismatch`] right after the signature.
pub fn validate(
    token: &Presented<ApprovalToken>,
    trusted: &TrustedKeys,
    expectation: &ApprovalExpectation,
    check: &dyn SignatureCheck,
) -> Result<(), ApprovalFault> {
    let (normal, digest) = token.normal().ok_or(ApprovalFault::Invalid)?;
    let signature = token.token().signature.as_ref();
    match authenticate(digest, signature, trusted, &normal.approver_identity, check) {
        Authentic::Yes => {}
        Authentic::Unsigned => return Err(ApprovalFault::SignatureMissing),
        Authentic::No => return Err(ApprovalFault::SignatureInvalid),
        Authentic::OtherHolder => return Err(ApprovalFault::ApproverMismatch),
    }
    if !fits(expectation.intent_digest, &normal.intent_digest) {
        return Err(ApprovalFault::IntentMismatch);
    }
    if !fits(expectation.policy_digest, &normal.policy_digest) {
        return Err(ApprovalFault::PolicyMismatch);
    }
    if !fits(expectation.delegation_binding_digest, &normal.delegation_binding_digest) {
        return Err(ApprovalFault::DelegationBindingMismatch);
    }
    if !expectation.now.is_before(&normal.expires_at) {
        return Err(ApprovalFault::Expired);
    }
    // The scope of the normal form is sorted.
    let covers = |value: &str| normal.scope.binary_search_by(|own| own.as_str().cmp(value)).is_ok();
    if !covers("*") && !expectation.required_scope.iter().all(|value| covers(value)) {
        return Err(ApprovalFault::ScopeMismatch);
    }
    if exceeds(expectation.target_count, normal.max_targets) {
        return Err(ApprovalFault::MaxTargetsExceeded);
    }
    if exceeds(expectation.operation_count, normal.max_ops) {
        return Err(ApprovalFault::MaxOpsExceeded);
    }
    Ok(())
}

fn fits(expected: Option<Digest>, own: &str) -> bool {
    expected.is_none_or(|expected| *expected.hex() == *own)
}

fn exceeds(count: usize, limit: i64) -> bool {
    limit > 0 && i64::try_from(count).map_or(true, |count| count > limit)
}
