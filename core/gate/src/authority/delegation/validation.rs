//! Whether one delegation token covers one link of a chain (03 §3.3).

use gait_base::error::{Category, Classify};
use gait_base::text::{set_fold, trim_fold};
use gait_base::time::Timestamp;
use thiserror::Error;

use super::token::DelegationToken;
use crate::authority::token::{Authentic, Presented, SignatureCheck, TrustedKeys, authenticate};

/// Why a delegation token does not count: the first check that failed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum DelegationFault {
    /// It has no normal form: something is missing, blank, no digest, of another kind.
    #[error("delegation token is malformed")]
    Invalid,
    /// It is not signed.
    #[error("delegation token is not signed")]
    SignatureMissing,
    /// There is no key, or the signature does not hold.
    #[error("delegation token signature does not verify")]
    SignatureInvalid,
    /// It is over.
    #[error("delegation token has expired")]
    Expired,
    /// Somebody else delegates.
    #[error("delegation token is from another delegator")]
    DelegatorMismatch,
    /// It delegates to somebody else.
    #[error("delegation token is for another delegate")]
    DelegateMismatch,
    /// It is for another intent.
    #[error("delegation token is for another intent")]
    IntentMismatch,
    /// It is for another policy.
    #[error("delegation token is for another policy")]
    PolicyMismatch,
    /// It covers nothing of the required scope.
    #[error("delegation token does not cover the required scope")]
    ScopeMismatch,
    /// No link of the chain needs it.
    #[error("delegation token fits no open link of the chain")]
    ChainMismatch,
    /// Its signer is trusted, but not as the delegator that it names. Only where keys are bound to names.
    #[error("delegation token is signed with the key of somebody else")]
    SignerMismatch,
}

impl DelegationFault {
    /// The reason code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "delegation_token_invalid",
            Self::SignatureMissing => "delegation_token_signature_missing",
            Self::SignatureInvalid => "delegation_token_signature_invalid",
            Self::Expired => "delegation_token_expired",
            Self::DelegatorMismatch => "delegation_token_delegator_mismatch",
            Self::DelegateMismatch => "delegation_token_delegate_mismatch",
            Self::IntentMismatch => "delegation_token_intent_mismatch",
            Self::PolicyMismatch => "delegation_token_policy_mismatch",
            Self::ScopeMismatch => "delegation_token_scope_mismatch",
            Self::ChainMismatch => "delegation_token_chain_mismatch",
            Self::SignerMismatch => "delegation_token_signer_mismatch",
        }
    }
}

impl Classify for DelegationFault {
    fn code(&self) -> &'static str {
        self.as_str()
    }

    fn category(&self) -> Category {
        Category::VerificationFailed
    }
}

/// What a token is held against. What is empty is not compared.
#[derive(Clone, Debug, Default)]
pub struct DelegationExpectation {
    delegator_identity: String,
    delegate_identity: String,
    required_scope: Vec<String>,
    intent_digest: String,
    policy_digest: String,
}

impl DelegationExpectation {
    /// Expects nothing but a token that is whole, signed and not over.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects these identities, compared as they are.
    #[must_use]
    pub fn identities(mut self, delegator: &str, delegate: &str) -> Self {
        delegator.clone_into(&mut self.delegator_identity);
        delegate.clone_into(&mut self.delegate_identity);
        self
    }

    /// Expects one of these scope values; trims and folds them.
    #[must_use]
    pub fn any_scope(mut self, mut values: Vec<String>) -> Self {
        set_fold(&mut values);
        self.required_scope = values;
        self
    }

    /// Expects these digests where the token is bound to one; trims and folds them, but does not ask whether they are
    /// digests.
    #[must_use]
    pub fn digests(mut self, intent: &str, policy: &str) -> Self {
        self.intent_digest = trim_fold(intent);
        self.policy_digest = trim_fold(policy);
        self
    }

    fn check(&self, token: &DelegationToken) -> Result<(), DelegationFault> {
        check_identities(token, &self.delegator_identity, &self.delegate_identity)?;
        let bindings = Bindings {
            required_scope: &self.required_scope,
            intent_digest: &self.intent_digest,
            policy_digest: &self.policy_digest,
        };
        bindings.check(token)
    }
}

/// What a token must be bound to whatever the link is, all in normal form; what is empty is not compared.
pub(super) struct Bindings<'a> {
    /// Of which the token must cover one.
    pub(super) required_scope: &'a [String],
    pub(super) intent_digest: &'a str,
    pub(super) policy_digest: &'a str,
}

impl Bindings<'_> {
    /// Checks a token in normal form.
    pub(super) fn check(&self, token: &DelegationToken) -> Result<(), DelegationFault> {
        if !binds(self.intent_digest, &token.intent_digest) {
            return Err(DelegationFault::IntentMismatch);
        }
        if !binds(self.policy_digest, &token.policy_digest) {
            return Err(DelegationFault::PolicyMismatch);
        }
        let covers = |value: &str| {
            token.scope_class == value || token.scope.binary_search_by(|own| own.as_str().cmp(value)).is_ok()
        };
        let open = self.required_scope.is_empty() || covers("*");
        if !open && !self.required_scope.iter().any(|value| covers(value)) {
            return Err(DelegationFault::ScopeMismatch);
        }
        Ok(())
    }
}

/// Whether the token, in normal form, is from and for these; empty is anybody.
pub(super) fn check_identities(
    token: &DelegationToken,
    delegator: &str,
    delegate: &str,
) -> Result<(), DelegationFault> {
    if !delegator.is_empty() && token.delegator_identity != delegator {
        return Err(DelegationFault::DelegatorMismatch);
    }
    if !delegate.is_empty() && token.delegate_identity != delegate {
        return Err(DelegationFault::DelegateMismatch);
    }
    Ok(())
}

fn binds(expected: &str, own: &str) -> bool {
    expected.is_empty() || own.is_empty() || expected == own
}

/// Checks what does not depend on what is expected: form, signature, expiry. Gives the token in normal form.
pub(super) fn verified<'a>(
    token: &'a Presented<DelegationToken>,
    trusted: &TrustedKeys,
    now: &Timestamp,
    check: &dyn SignatureCheck,
) -> Result<&'a DelegationToken, DelegationFault> {
    let (normal, digest) = token.normal().ok_or(DelegationFault::Invalid)?;
    match authenticate(digest, token.token().signature.as_ref(), trusted, &normal.delegator_identity, check) {
        Authentic::Yes => {}
        Authentic::Unsigned => return Err(DelegationFault::SignatureMissing),
        Authentic::No => return Err(DelegationFault::SignatureInvalid),
        Authentic::OtherHolder => return Err(DelegationFault::SignerMismatch),
    }
    if now.is_before(&normal.expires_at) { Ok(normal) } else { Err(DelegationFault::Expired) }
}

/// Whether the token counts at the moment `now`.
///
/// # Errors
/// The first failing check, in the order of 03 §3.3; [`DelegationFault::SignerMismatch`] right after the signature.
pub fn validate(
    token: &Presented<DelegationToken>,
    trusted: &TrustedKeys,
    now: &Timestamp,
    expectation: &DelegationExpectation,
    check: &dyn SignatureCheck,
) -> Result<(), DelegationFault> {
    expectation.check(verified(token, trusted, now, check)?)
}
