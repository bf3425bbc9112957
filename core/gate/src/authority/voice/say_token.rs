//! The say token: its document, its normal form, its making (03 §14.2).

use gait_base::digest::sha256;
use gait_base::json::{self, JsonError};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_base::signature::Signature;
use gait_base::time::Timestamp;

use super::error::VoiceError;
use super::member::{Money, adopt_kind, adopt_producer, check_place, fold_class};
use crate::authority::token::{AuthorityError, TOKEN_ID_DIGITS, fold_digest, reading, require_trimmed};
use crate::mode::Mode;

const SCHEMA_ID: &str = "gait.voice.say_token";

record! {
    /// A signed permission to speak one commitment, as it stands in its file.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SayToken {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Its id: 24 hex digits over what it binds to, without the money. Validation does not recompute it.
        pub token_id: String,
        /// One of [`COMMITMENT_CLASSES`](super::COMMITMENT_CLASSES).
        pub commitment_class: String,
        /// The prepared intent that was allowed.
        pub intent_digest: String,
        /// The policy that allowed it.
        pub policy_digest: String,
        /// The call.
        pub call_id: String,
        /// The turn of the call, from 0.
        pub turn_index: i64,
        /// The place among the commitments of the call, from 1.
        pub call_seq: i64,
        /// Currency of the amounts.
        pub currency: String => omit,
        /// The least that may be quoted, in cents.
        pub quote_min_cents: i64 => omit,
        /// The most that may be quoted, in cents; 0 leaves it open.
        pub quote_max_cents: i64 => omit,
        /// The most that may be refunded, in cents.
        pub refund_ceiling_cents: i64 => omit,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Over the token in normal form, without this member.
        pub signature: Option<Signature> => omit,
    }
}

/// What a say token is to say.
#[derive(Clone, Debug, Default)]
pub struct SayTokenTerms {
    /// One of [`COMMITMENT_CLASSES`](super::COMMITMENT_CLASSES).
    pub commitment_class: String,
    /// The prepared intent that was allowed: a hex digest.
    pub intent_digest: String,
    /// The policy that allowed it: a hex digest.
    pub policy_digest: String,
    /// The call.
    pub call_id: String,
    /// The turn of the call, from 0.
    pub turn_index: i64,
    /// The place among the commitments of the call, from 1.
    pub call_seq: i64,
    /// Currency of the amounts; may be empty.
    pub currency: String,
    /// The least that may be quoted, in cents.
    pub quote_min_cents: i64,
    /// The most that may be quoted, in cents; 0 leaves it open.
    pub quote_max_cents: i64,
    /// The most that may be refunded, in cents.
    pub refund_ceiling_cents: i64,
    /// How long it lives, in nanoseconds; above 0.
    pub ttl_nanos: i64,
    /// Version of the program that makes it; blank means `0.0.0-dev`.
    pub producer_version: String,
}

impl SayToken {
    /// Reads a token file. What is read is neither normalized nor verified.
    ///
    /// # Errors
    /// Not JSON, or of other types than the members have; in strict mode also unknown, re-cased and repeated members.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        json::decode(bytes, reading(mode))
    }

    /// Makes and signs a token that begins at `now`. Whether the commitment was allowed is the caller's to know.
    ///
    /// # Errors
    /// [`VoiceError`] for the first thing wrong.
    pub fn mint(terms: SayTokenTerms, key: &SigningKey, now: &Timestamp) -> Result<Self, VoiceError> {
        if terms.ttl_nanos <= 0 {
            return Err(AuthorityError::TtlNotPositive.into());
        }
        let created_at = now.to_utc()?;
        let mut token = Self {
            created_at,
            producer_version: terms.producer_version,
            commitment_class: terms.commitment_class,
            intent_digest: terms.intent_digest,
            policy_digest: terms.policy_digest,
            call_id: terms.call_id,
            turn_index: terms.turn_index,
            call_seq: terms.call_seq,
            currency: terms.currency,
            quote_min_cents: terms.quote_min_cents,
            quote_max_cents: terms.quote_max_cents,
            refund_ceiling_cents: terms.refund_ceiling_cents,
            expires_at: created_at.plus_nanos(i128::from(terms.ttl_nanos))?,
            ..Self::default()
        };
        token.normalize_content()?;
        token.token_id = token.derived_id();
        token.signature = Some(key.sign_canonical(&token)?);
        Ok(token)
    }

    /// The token in normal form and without its signature: what is signed.
    pub(super) fn unsigned_normal(&self) -> Result<Self, VoiceError> {
        let mut token = Self { signature: None, ..self.clone() };
        require_trimmed(&mut token.token_id, "token_id")?;
        token.normalize_content()?;
        Ok(token)
    }

    /// Everything but the id and the signature.
    fn normalize_content(&mut self) -> Result<(), VoiceError> {
        adopt_kind(&mut self.schema_id, &mut self.schema_version, SCHEMA_ID)?;
        if self.created_at.is_zero() {
            return Err(AuthorityError::Missing("created_at").into());
        }
        if self.expires_at.is_zero() {
            return Err(AuthorityError::Missing("expires_at").into());
        }
        adopt_producer(&mut self.producer_version);
        fold_class(&mut self.commitment_class)?;
        fold_digest(&mut self.intent_digest, "intent_digest")?;
        fold_digest(&mut self.policy_digest, "policy_digest")?;
        require_trimmed(&mut self.call_id, "call_id")?;
        check_place(self.turn_index, self.call_seq)?;
        let money = Money {
            currency: &mut self.currency,
            quote_min_cents: self.quote_min_cents,
            quote_max_cents: self.quote_max_cents,
            refund_ceiling_cents: self.refund_ceiling_cents,
        };
        money.normalize()
    }

    /// The id of a token in normal form.
    fn derived_id(&self) -> String {
        let text = format!(
            "{}:{}:{}:{}:{}:{}:{}",
            self.intent_digest,
            self.policy_digest,
            self.call_id,
            self.turn_index,
            self.call_seq,
            self.commitment_class,
            self.expires_at
        );
        sha256(text.as_bytes()).short(TOKEN_ID_DIGITS)
    }
}
