//! One entry: its document, its normal form, its signature (03 §4.2).

use gait_base::error::{Category, Classify};
use gait_base::jcs;
use gait_base::key::{SigningKey, VerifyingKey};
use gait_base::record;
use gait_base::signature::Signature;
use gait_base::text::set_fold;
use gait_base::time::Timestamp;
use thiserror::Error;

use crate::authority::token::{
    Authentic, AuthorityError, SignatureCheck, TrustedKeys, authenticate, fold_digest, require_trimmed,
};

const SCHEMA_ID: &str = "gait.gate.approved_script_entry";
const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// A script that passes under one policy, as it stands in the registry.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ApprovedScriptEntry {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Its name; a later entry of the same name replaces it.
        pub pattern_id: String,
        /// The policy it is for.
        pub policy_digest: String,
        /// The script it is for.
        pub script_hash: String,
        /// The tools of the script, sorted and without repeats.
        pub tool_sequence: Vec<String>,
        /// Conditions on the intent, all of which must hold.
        pub scope: Vec<String> => omit,
        /// Who approved.
        pub approver_identity: String,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Over the entry in normal form, without this member.
        pub signature: Option<Signature> => omit,
    }
}

/// Why an entry does not verify: the first check that failed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptEntryFault {
    /// It has no normal form.
    #[error("approved script entry is malformed: {0}")]
    Invalid(#[from] AuthorityError),
    /// It is not signed.
    #[error("approved script entry is not signed")]
    SignatureMissing,
    /// It is over.
    #[error("approved script entry has expired")]
    Expired,
    /// There is no key to verify with.
    #[error("approved script entry cannot be verified without a key")]
    KeyMissing,
    /// The signature does not hold.
    #[error("approved script entry signature does not verify")]
    SignatureInvalid,
}

impl Classify for ScriptEntryFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(error) => error.code(),
            Self::SignatureMissing => "script_entry_signature_missing",
            Self::Expired => "script_entry_expired",
            Self::KeyMissing => "script_entry_key_missing",
            Self::SignatureInvalid => "script_entry_signature_invalid",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Invalid(error) => error.category(),
            _ => Category::VerificationFailed,
        }
    }
}

impl ApprovedScriptEntry {
    /// Brings the entry into normal form; the signature stays as it is.
    ///
    /// # Errors
    /// [`AuthorityError`] for the first member that has no normal form.
    pub fn normalized(mut self) -> Result<Self, AuthorityError> {
        adopt_blank_schema(&mut self.schema_id, SCHEMA_ID, "schema_id")?;
        adopt_blank_schema(&mut self.schema_version, SCHEMA_VERSION, "schema_version")?;
        self.created_at = if self.created_at.is_zero() { Timestamp::EPOCH_1980 } else { self.created_at.to_utc()? };
        require_trimmed(&mut self.pattern_id, "pattern_id")?;
        fold_digest(&mut self.policy_digest, "policy_digest")?;
        fold_digest(&mut self.script_hash, "script_hash")?;
        set_fold(&mut self.tool_sequence);
        if self.tool_sequence.is_empty() {
            return Err(AuthorityError::Missing("tool_sequence"));
        }
        set_fold(&mut self.scope);
        require_trimmed(&mut self.approver_identity, "approver_identity")?;
        self.expires_at = self.expires_at.to_utc()?;
        if self.created_at.is_before(&self.expires_at) { Ok(self) } else { Err(AuthorityError::ExpiresBeforeCreated) }
    }

    /// Brings the entry into normal form and signs it; an earlier signature goes.
    ///
    /// # Errors
    /// As [`ApprovedScriptEntry::normalized`].
    pub fn signed(self, key: &SigningKey) -> Result<Self, AuthorityError> {
        let mut entry = Self { signature: None, ..self }.normalized()?;
        entry.signature = Some(key.sign_canonical(&entry)?);
        Ok(entry)
    }

    /// Whether the entry is whole, signed, not over and signed by this key.
    ///
    /// # Errors
    /// The first failing check, in the order of 03 §4.2.
    pub fn verify(
        &self,
        key: Option<&VerifyingKey>,
        now: &Timestamp,
        check: &dyn SignatureCheck,
    ) -> Result<(), ScriptEntryFault> {
        self.verify_trusted(&key.cloned().map(TrustedKeys::from).unwrap_or_default(), now, check)
    }

    /// As [`ApprovedScriptEntry::verify`], with several keys.
    ///
    /// # Errors
    /// As [`ApprovedScriptEntry::verify`]; a key of somebody with another name is no key of the approver.
    pub fn verify_trusted(
        &self,
        trusted: &TrustedKeys,
        now: &Timestamp,
        check: &dyn SignatureCheck,
    ) -> Result<(), ScriptEntryFault> {
        let normal = Self { signature: None, ..self.clone() }.normalized()?;
        let signature = self.signature.as_ref().ok_or(ScriptEntryFault::SignatureMissing)?;
        if !now.is_before(&normal.expires_at) {
            return Err(ScriptEntryFault::Expired);
        }
        if trusted.is_empty() {
            return Err(ScriptEntryFault::KeyMissing);
        }
        match authenticate(jcs::digest_of(&normal).ok(), Some(signature), trusted, &normal.approver_identity, check) {
            Authentic::Yes => Ok(()),
            _ => Err(ScriptEntryFault::SignatureInvalid),
        }
    }
}

/// Unlike in tokens, a blank value takes the default and a padded one is kept as it is.
fn adopt_blank_schema(value: &mut String, default: &str, member: &'static str) -> Result<(), AuthorityError> {
    match value.trim() {
        "" => default.clone_into(value),
        given if given == default => {}
        _ => return Err(AuthorityError::Schema(member)),
    }
    Ok(())
}
