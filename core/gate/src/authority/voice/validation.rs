//! Whether a say token lets one commitment be spoken (03 §14.4).

use gait_base::error::{Category, Classify};
use gait_base::key::VerifyingKey;
use gait_base::text::trim_fold;
use gait_base::time::Timestamp;
use thiserror::Error;

use super::say_token::SayToken;
use crate::authority::token::{CheckEach, SignatureCheck, SignedState, signed_state};

/// Why a say token does not count: the first check that failed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum SayTokenFault {
    /// It has no normal form: something is missing, out of bounds, no digest, of another kind.
    #[error("say token is malformed")]
    Invalid,
    /// It is not signed.
    #[error("say token is not signed")]
    SignatureMissing,
    /// There is no key, or the signature does not hold.
    #[error("say token signature does not verify")]
    SignatureInvalid,
    /// It is for another intent.
    #[error("say token is for another intent")]
    IntentMismatch,
    /// Another policy allowed it.
    #[error("say token is for another policy")]
    PolicyMismatch,
    /// It is for another call, turn or place in the call.
    #[error("say token is for another call or another place in it")]
    CallBindingMismatch,
    /// It is for another class of commitments.
    #[error("say token is for another commitment class")]
    ClassMismatch,
    /// It is over.
    #[error("say token has expired")]
    Expired,
}

impl SayTokenFault {
    /// The error code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "say_token_invalid",
            Self::SignatureMissing => "say_token_signature_missing",
            Self::SignatureInvalid => "say_token_signature_invalid",
            Self::IntentMismatch => "say_token_intent_mismatch",
            Self::PolicyMismatch => "say_token_policy_mismatch",
            Self::CallBindingMismatch => "say_token_call_binding_mismatch",
            Self::ClassMismatch => "say_token_class_mismatch",
            Self::Expired => "say_token_expired",
        }
    }
}

impl Classify for SayTokenFault {
    fn code(&self) -> &'static str {
        self.as_str()
    }

    fn category(&self) -> Category {
        Category::VerificationFailed
    }
}

/// What a token is held against. What is blank or `None` is not compared.
#[derive(Clone, Debug, Default)]
pub struct SayTokenExpectation {
    intent_digest: String,
    policy_digest: String,
    call_id: String,
    turn_index: Option<i64>,
    call_seq: Option<i64>,
    commitment_class: String,
}

impl SayTokenExpectation {
    /// Expects nothing but a token that is whole, signed and not over.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects these digests; trims and folds them, but does not ask whether they are digests.
    #[must_use]
    pub fn digests(mut self, intent: &str, policy: &str) -> Self {
        self.intent_digest = trim_fold(intent);
        self.policy_digest = trim_fold(policy);
        self
    }

    /// Expects this call, trimmed.
    #[must_use]
    pub fn call(mut self, call_id: &str) -> Self {
        call_id.trim().clone_into(&mut self.call_id);
        self
    }

    /// Expects this turn, from 0, and this place among the commitments of the call, from 1.
    #[must_use]
    pub const fn place(mut self, turn_index: Option<i64>, call_seq: Option<i64>) -> Self {
        self.turn_index = turn_index;
        self.call_seq = call_seq;
        self
    }

    /// Expects this class, trimmed and folded.
    #[must_use]
    pub fn class(mut self, commitment_class: &str) -> Self {
        self.commitment_class = trim_fold(commitment_class);
        self
    }

    /// Holds a token in normal form against it.
    fn check(&self, token: &SayToken) -> Result<(), SayTokenFault> {
        let fits = |expected: &str, own: &str| expected.is_empty() || expected == own;
        if !fits(&self.intent_digest, &token.intent_digest) {
            return Err(SayTokenFault::IntentMismatch);
        }
        if !fits(&self.policy_digest, &token.policy_digest) {
            return Err(SayTokenFault::PolicyMismatch);
        }
        let at_place = self.turn_index.is_none_or(|expected| expected == token.turn_index)
            && self.call_seq.is_none_or(|expected| expected == token.call_seq);
        if !fits(&self.call_id, &token.call_id) || !at_place {
            return Err(SayTokenFault::CallBindingMismatch);
        }
        if !fits(&self.commitment_class, &token.commitment_class) {
            return Err(SayTokenFault::ClassMismatch);
        }
        Ok(())
    }
}

/// Whether the token counts at the moment `now`.
///
/// # Errors
/// The first failing check: form, signature, bindings, and last of all the time.
pub fn validate(
    token: &SayToken,
    key: Option<&VerifyingKey>,
    now: &Timestamp,
    expectation: &SayTokenExpectation,
) -> Result<(), SayTokenFault> {
    validate_with(token, key, now, expectation, &CheckEach)
}

/// As [`validate`], with the caller's way of checking signatures.
///
/// # Errors
/// As [`validate`].
pub fn validate_with(
    token: &SayToken,
    key: Option<&VerifyingKey>,
    now: &Timestamp,
    expectation: &SayTokenExpectation,
    check: &dyn SignatureCheck,
) -> Result<(), SayTokenFault> {
    let normal = token.unsigned_normal().map_err(|_| SayTokenFault::Invalid)?;
    match signed_state(&normal, token.signature.as_ref(), key, check) {
        SignedState::Verified => {}
        SignedState::Missing => return Err(SayTokenFault::SignatureMissing),
        SignedState::Invalid => return Err(SayTokenFault::SignatureInvalid),
    }
    expectation.check(&normal)?;
    if now.is_before(&normal.expires_at) { Ok(()) } else { Err(SayTokenFault::Expired) }
}
