//! What an agent is about to commit to on a call, and the gate intent that it becomes (03 §14.1).

use gait_base::json::{self, Map, Value};
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, set, set_fold, trim_fold_in_place, trim_in_place};
use gait_base::time::Timestamp;

use super::error::VoiceError;
use super::member::{Money, adopt_kind, adopt_producer, check_place, fold_class};
use crate::authority::token::{AuthorityError, fold_digest, reading, require_trimmed};
use crate::intent::{Context, Intent, IntentRequest, Target};
use crate::mode::Mode;

const SCHEMA_ID: &str = "gait.voice.commitment_intent";

record! {
    /// A commitment before it is spoken, as it stands in its file.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CommitmentIntent {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// The call.
        pub call_id: String,
        /// The turn of the call, from 0.
        pub turn_index: i64,
        /// The place among the commitments of the call, from 1.
        pub call_seq: i64,
        /// One of [`COMMITMENT_CLASSES`](super::COMMITMENT_CLASSES).
        pub commitment_class: String,
        /// Digest of what would be said.
        pub utterance_digest: String => omit,
        /// Who speaks, where, at which risk.
        pub context: CommitmentContext,
        /// Currency of the amounts.
        pub currency: String => omit,
        /// The least that is quoted, in cents.
        pub quote_min_cents: i64 => omit,
        /// The most that is quoted, in cents; 0 leaves it open.
        pub quote_max_cents: i64 => omit,
        /// The most that is refunded, in cents.
        pub refund_ceiling_cents: i64 => omit,
        /// Whether the agent believes that a person must approve.
        pub approval_required: bool => omit,
        /// References to approvals.
        pub approval_artifact_refs: Vec<String> => omit,
        /// Digests of evidence for the commitment.
        pub evidence_reference_digests: Vec<String> => omit,
    }
}

record! {
    /// Who speaks, where, at which risk. Other members of an intent's context do not exist here.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CommitmentContext {
        /// The agent.
        pub identity: String,
        /// Where it works.
        pub workspace: String,
        /// How risky the commitment is.
        pub risk_class: String,
        /// Session.
        pub session_id: String => omit,
        /// Request.
        pub request_id: String => omit,
        /// What the environment is made of.
        pub environment_fingerprint: String => omit,
    }
}

impl CommitmentIntent {
    /// Reads a document without normalizing it.
    ///
    /// # Errors
    /// Not JSON, or of other types than the members have; in strict mode also unknown, re-cased and repeated members.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, VoiceError> {
        Ok(json::decode(bytes, reading(mode))?)
    }

    /// The commitment in normal form: texts trimmed, lists as sorted sets, its time in UTC. What is normal stays as it is.
    ///
    /// # Errors
    /// [`VoiceError`] for the first member that is missing, malformed or out of bounds.
    pub fn normalized(mut self) -> Result<Self, VoiceError> {
        adopt_kind(&mut self.schema_id, &mut self.schema_version, SCHEMA_ID)?;
        if self.created_at.is_zero() {
            return Err(AuthorityError::Missing("created_at").into());
        }
        self.created_at = self.created_at.to_utc()?;
        adopt_producer(&mut self.producer_version);
        require_trimmed(&mut self.call_id, "call_id")?;
        check_place(self.turn_index, self.call_seq)?;
        fold_class(&mut self.commitment_class)?;
        trim_fold_in_place(&mut self.utterance_digest);
        if !self.utterance_digest.is_empty() {
            fold_digest(&mut self.utterance_digest, "utterance_digest")?;
        }
        self.context.normalize()?;
        let money = Money {
            currency: &mut self.currency,
            quote_min_cents: self.quote_min_cents,
            quote_max_cents: self.quote_max_cents,
            refund_ceiling_cents: self.refund_ceiling_cents,
        };
        money.normalize()?;
        set(&mut self.approval_artifact_refs);
        set_fold(&mut self.evidence_reference_digests);
        self.evidence_reference_digests.retain(|digest| is_lower_hex_digest(digest));
        Ok(self)
    }

    /// The intent by which the gate decides about the commitment: a call of the tool `voice.commitment.<class>`.
    ///
    /// # Errors
    /// As [`CommitmentIntent::normalized`].
    pub fn gate_intent(&self, mode: Mode) -> Result<Intent, VoiceError> {
        let commitment = self.clone().normalized()?;
        let args = commitment.args();
        let class = commitment.commitment_class;
        let context = commitment.context;
        let request = IntentRequest {
            created_at: commitment.created_at,
            producer_version: commitment.producer_version,
            tool_name: format!("voice.commitment.{class}"),
            args,
            targets: vec![Target {
                kind: "other".to_owned(),
                value: class,
                operation: "speak".to_owned(),
                endpoint_class: "ui.type".to_owned(),
                ..Target::default()
            }],
            context: Context {
                identity: context.identity,
                workspace: context.workspace,
                risk_class: context.risk_class,
                session_id: context.session_id,
                request_id: context.request_id,
                environment_fingerprint: context.environment_fingerprint,
                ..Context::default()
            },
            ..IntentRequest::default()
        };
        Ok(Intent::from_request(request, mode)?)
    }

    /// The arguments of the tool call; what is empty is left out, the place in the call is not.
    fn args(&self) -> Map {
        let text = |text: &String| (!text.is_empty()).then(|| Value::from(text.as_str()));
        let cents = |number: i64| (number != 0).then(|| Value::from(number));
        let list = |items: &Vec<String>| (!items.is_empty()).then(|| Value::from(items.clone()));
        let members = [
            ("call_id", Some(Value::from(self.call_id.as_str()))),
            ("turn_index", Some(Value::from(self.turn_index))),
            ("call_seq", Some(Value::from(self.call_seq))),
            ("commitment_class", Some(Value::from(self.commitment_class.as_str()))),
            ("utterance_digest", text(&self.utterance_digest)),
            ("currency", text(&self.currency)),
            ("quote_min_cents", cents(self.quote_min_cents)),
            ("quote_max_cents", cents(self.quote_max_cents)),
            ("refund_ceiling_cents", cents(self.refund_ceiling_cents)),
            ("approval_required", self.approval_required.then_some(Value::Bool(true))),
            ("approval_artifact_refs", list(&self.approval_artifact_refs)),
            ("evidence_reference_digests", list(&self.evidence_reference_digests)),
        ];
        members.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect()
    }
}

impl CommitmentContext {
    fn normalize(&mut self) -> Result<(), VoiceError> {
        require_trimmed(&mut self.identity, "context.identity")?;
        require_trimmed(&mut self.workspace, "context.workspace")?;
        trim_fold_in_place(&mut self.risk_class);
        require_trimmed(&mut self.risk_class, "context.risk_class")?;
        trim_in_place(&mut self.session_id);
        trim_in_place(&mut self.request_id);
        trim_in_place(&mut self.environment_fingerprint);
        Ok(())
    }
}
