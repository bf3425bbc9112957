//! The delegation token: its document, its normal form, its making.

use gait_base::digest::{Digest, sha256};
use gait_base::jcs;
use gait_base::json::{self, JsonError};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_base::signature::Signature;
use gait_base::text::{set_fold, trim_fold_in_place};
use gait_base::time::Timestamp;

use crate::authority::token::{
    AuthorityError, DEFAULT_PRODUCER_VERSION, SignedToken, TOKEN_ID_DIGITS, adopt_schema, fold_digest, reading,
    require_trimmed,
};
use crate::mode::Mode;

const SCHEMA_ID: &str = "gait.gate.delegation_token";
const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// A signed hand-over of authority, as it stands in its file (03 §3.1).
    #[derive(Clone, Debug, PartialEq)]
    pub struct DelegationToken {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Its id: 24 hex digits over what it says. Validation does not recompute it.
        pub token_id: String,
        /// Who delegates.
        pub delegator_identity: String,
        /// To whom.
        pub delegate_identity: String,
        /// What is delegated; `*` is everything.
        pub scope: Vec<String>,
        /// Class of what is delegated; counts as one more scope value.
        pub scope_class: String => omit,
        /// The prepared intent it is for, when bound to one.
        pub intent_digest: String => omit,
        /// The policy it is for, when bound to one.
        pub policy_digest: String => omit,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Over the token in normal form, without this member.
        pub signature: Option<Signature> => omit,
    }
}

/// What a delegation token is to say.
#[derive(Clone, Debug, Default)]
pub struct DelegationTerms {
    /// Who delegates.
    pub delegator_identity: String,
    /// To whom; the delegator itself is allowed.
    pub delegate_identity: String,
    /// What is delegated.
    pub scope: Vec<String>,
    /// Class of what is delegated; may be empty.
    pub scope_class: String,
    /// The prepared intent it is for: a hex digest, or empty.
    pub intent_digest: String,
    /// The policy it is for: a hex digest, or empty.
    pub policy_digest: String,
    /// How long it lives, in nanoseconds; above 0.
    pub ttl_nanos: i64,
    /// Version of the program that makes it; empty means `0.0.0-dev`.
    pub producer_version: String,
}

impl DelegationToken {
    /// Reads a token file. What is read is neither normalized nor verified.
    ///
    /// # Errors
    /// Not JSON, or of other types than the members have; in strict mode also unknown, re-cased and repeated members.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        json::decode(bytes, reading(mode))
    }

    /// Makes and signs a token that begins at `now` (03 §3.2).
    ///
    /// # Errors
    /// [`AuthorityError`] for the first thing wrong, in the order of 03 §3.2.
    pub fn mint(request: DelegationTerms, key: &SigningKey, now: &Timestamp) -> Result<Self, AuthorityError> {
        if request.ttl_nanos <= 0 {
            return Err(AuthorityError::TtlNotPositive);
        }
        if request.scope.is_empty() {
            return Err(AuthorityError::ScopeEmpty);
        }
        let created_at = now.to_utc()?;
        let mut token = Self {
            created_at,
            producer_version: request.producer_version,
            delegator_identity: request.delegator_identity,
            delegate_identity: request.delegate_identity,
            scope: request.scope,
            scope_class: request.scope_class,
            intent_digest: request.intent_digest,
            policy_digest: request.policy_digest,
            expires_at: created_at.plus_nanos(i128::from(request.ttl_nanos))?,
            ..Self::default()
        };
        token.normalize_content()?;
        token.token_id = token.derived_id();
        token.signature = Some(key.sign_canonical(&token)?);
        Ok(token)
    }

    /// The token in normal form, its signature as it stands: what validation compares (03 §3.3 step 1). Nothing is
    /// verified.
    ///
    /// # Errors
    /// [`AuthorityError`] for the first member that has no normal form.
    pub fn normalized(&self) -> Result<Self, AuthorityError> {
        Ok(Self { signature: self.signature.clone(), ..self.unsigned_normal()? })
    }

    /// Whether the id is the one that minting derives from what the token says. Validation does not ask; a token whose
    /// id is another one was written by something else than a minting program.
    ///
    /// # Errors
    /// As [`normalized`](Self::normalized), or when the end has no UTC form.
    pub fn id_fits_content(&self) -> Result<bool, AuthorityError> {
        let mut token = self.unsigned_normal()?;
        token.expires_at = token.expires_at.to_utc()?;
        Ok(token.token_id == token.derived_id())
    }

    /// The digest that the signature must be over: that of the canonical normal form without the signature (03 §1.1).
    ///
    /// # Errors
    /// As [`normalized`](Self::normalized), or when a time has no written form.
    pub fn content_digest(&self) -> Result<Digest, AuthorityError> {
        Ok(jcs::digest_of(&self.unsigned_normal()?)?)
    }

    /// Everything but the id and the signature.
    fn normalize_content(&mut self) -> Result<(), AuthorityError> {
        adopt_schema(&mut self.schema_id, SCHEMA_ID, "schema_id")?;
        adopt_schema(&mut self.schema_version, SCHEMA_VERSION, "schema_version")?;
        if self.producer_version.is_empty() {
            self.producer_version.push_str(DEFAULT_PRODUCER_VERSION);
        }
        require_trimmed(&mut self.delegator_identity, "delegator_identity")?;
        require_trimmed(&mut self.delegate_identity, "delegate_identity")?;
        set_fold(&mut self.scope);
        if self.scope.is_empty() {
            return Err(AuthorityError::ScopeEmpty);
        }
        trim_fold_in_place(&mut self.scope_class);
        for (digest, member) in [(&mut self.intent_digest, "intent_digest"), (&mut self.policy_digest, "policy_digest")]
        {
            trim_fold_in_place(digest);
            if !digest.is_empty() {
                fold_digest(digest, member)?;
            }
        }
        if self.created_at.is_zero() {
            return Err(AuthorityError::Missing("created_at"));
        }
        if self.expires_at.is_zero() {
            return Err(AuthorityError::Missing("expires_at"));
        }
        Ok(())
    }

    /// The id of a token in normal form.
    fn derived_id(&self) -> String {
        let text = format!(
            "{}:{}:{}:{}:{}:{}:{}",
            self.delegator_identity,
            self.delegate_identity,
            self.scope.join(","),
            self.scope_class,
            self.intent_digest,
            self.policy_digest,
            self.expires_at
        );
        sha256(text.as_bytes()).short(TOKEN_ID_DIGITS)
    }
}

impl SignedToken for DelegationToken {
    fn unsigned_normal(&self) -> Result<Self, AuthorityError> {
        let mut token = Self {
            schema_id: self.schema_id.clone(),
            schema_version: self.schema_version.clone(),
            created_at: self.created_at,
            producer_version: self.producer_version.clone(),
            token_id: self.token_id.clone(),
            delegator_identity: self.delegator_identity.clone(),
            delegate_identity: self.delegate_identity.clone(),
            scope: self.scope.clone(),
            scope_class: self.scope_class.clone(),
            intent_digest: self.intent_digest.clone(),
            policy_digest: self.policy_digest.clone(),
            expires_at: self.expires_at,
            signature: None,
        };
        require_trimmed(&mut token.token_id, "token_id")?;
        token.normalize_content()?;
        Ok(token)
    }

    fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }

    fn parse_token(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        Self::parse(bytes, mode)
    }
}
