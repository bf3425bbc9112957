//! The record of a call, as a voice runtime writes it, and its normal form.

use gait_base::json::{self, Map};
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, set, trim_fold_in_place, trim_in_place};
use gait_base::time::Timestamp;
use gait_gate::authority::voice::CommitmentIntent;
use gait_gate::mode::Mode;
use gait_gate::verdict::Verdict;

use super::error::CallError;
use super::member::{
    Checked, adopt_call, adopt_kind, check_place, check_privacy_mode, fold_class, fold_digest, require, require_class,
    require_time,
};
use super::speech::SpeechCheck;
use crate::pack::manifest::{DEFAULT_PRODUCER_VERSION, reading};

/// The largest record that is read, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 << 20;

const RECORD_SCHEMA: &str = "gait.voice.call_record";
const EVENT_SCHEMA: &str = "gait.voice.call_event";

record! {
    /// A call.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CallRecord {
        /// `gait.voice.call_record`, or blank.
        pub schema_id: String,
        /// `1.0.0`, or blank.
        pub schema_version: String,
        /// When it was recorded.
        pub created_at: Timestamp,
        /// Version of the voice runtime.
        pub producer_version: String,
        /// Its id.
        pub call_id: String,
        /// The runpack of the call, relative to the record's folder.
        pub runpack_path: String,
        /// `hash_only` (also when blank) or `dispute_encrypted`.
        pub privacy_mode: String,
        /// The environment of the agent.
        pub environment_fingerprint: String => omit,
        /// What happened.
        pub events: Vec<CallEvent>,
        /// What the agent meant to commit to.
        pub commitments: Vec<CommitmentIntent>,
        /// What was decided about it.
        pub gate_decisions: Vec<GateDecision>,
        /// What was spoken.
        pub speak_receipts: Vec<SpeakReceipt>,
        /// What it rested on.
        pub reference_digests: Vec<ReferenceDigest> => omit,
    }
}

record! {
    /// Something that happened in a call.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CallEvent {
        /// `gait.voice.call_event`.
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When.
        pub created_at: Timestamp,
        /// The call.
        pub call_id: String,
        /// Its place in the call, from 1.
        pub call_seq: i64,
        /// The turn of the call, from 0.
        pub turn_index: i64,
        /// What: one of [`REQUIRED_EVENTS`](super::REQUIRED_EVENTS) or any other text.
        pub event_type: String,
        /// The class of the commitment that it is about.
        pub commitment_class: String => omit,
        /// The intent that it is about.
        pub intent_digest: String => omit,
        /// The policy.
        pub policy_digest: String => omit,
        /// The say token that it used.
        pub say_token_id: String => omit,
        /// What was said or done.
        pub payload_digest: String => omit,
        /// Anything else.
        pub attributes: Map => omit,
    }
}

record! {
    /// What the gate decided about a commitment.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GateDecision {
        /// The call.
        pub call_id: String,
        /// Its place in the call, from 1.
        pub call_seq: i64,
        /// The turn of the call, from 0.
        pub turn_index: i64,
        /// The class of the commitment.
        pub commitment_class: String,
        /// The verdict.
        pub verdict: String,
        /// Why.
        pub reason_codes: Vec<String> => omit,
        /// The intent.
        pub intent_digest: String => omit,
        /// The policy.
        pub policy_digest: String => omit,
        /// The approval that it rests on.
        pub approval_ref: String => omit,
    }
}

record! {
    /// What was spoken, with which permission.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SpeakReceipt {
        /// The call.
        pub call_id: String,
        /// Its place in the call, from 1.
        pub call_seq: i64,
        /// The turn of the call, from 0.
        pub turn_index: i64,
        /// The class of the commitment.
        pub commitment_class: String,
        /// The say token.
        pub say_token_id: String,
        /// Digest of what was spoken.
        pub spoken_digest: String,
        /// When.
        pub emitted_at: Timestamp,
    }
}

record! {
    /// Something that a call rested on.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct ReferenceDigest {
        /// Its id.
        pub ref_id: String,
        /// Digest of its content.
        pub sha256: String,
    }
}

impl CallRecord {
    /// Reads a record without normalizing it. Unknown members are refused in every mode.
    ///
    /// # Errors
    /// [`CallError::Json`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, CallError> {
        Ok(json::decode(bytes, reading(mode, MAX_RECORD_BYTES))?)
    }

    /// The record in normal form: texts trimmed, times in UTC, lists sorted.
    ///
    /// # Errors
    /// [`CallError`] for the first thing wrong, up to a commitment that was spoken without permission.
    pub fn normalized(mut self) -> Result<Self, CallError> {
        adopt_kind(&mut self.schema_id, &mut self.schema_version, RECORD_SCHEMA)?;
        require_time(&mut self.created_at, "created_at")?;
        trim_in_place(&mut self.producer_version);
        if self.producer_version.is_empty() {
            DEFAULT_PRODUCER_VERSION.clone_into(&mut self.producer_version);
        }
        require(&mut self.call_id, "call_id")?;
        require(&mut self.runpack_path, "runpack_path")?;
        trim_fold_in_place(&mut self.privacy_mode);
        if self.privacy_mode.is_empty() {
            "hash_only".clone_into(&mut self.privacy_mode);
        }
        check_privacy_mode(&self.privacy_mode)?;
        trim_in_place(&mut self.environment_fingerprint);

        let call_id = self.call_id.as_str();
        each(&mut self.events, "events", |event| event.normalize(call_id))?;
        self.events.sort_by(|a, b| (a.call_seq, &a.event_type).cmp(&(b.call_seq, &b.event_type)));
        let mut commitments = Vec::with_capacity(self.commitments.len());
        for (index, commitment) in self.commitments.into_iter().enumerate() {
            let commitment = normal_commitment(commitment, call_id).map_err(|e| e.in_item("commitments", index))?;
            commitments.push(commitment);
        }
        commitments.sort_by(|a, b| (a.call_seq, &a.commitment_class).cmp(&(b.call_seq, &b.commitment_class)));
        self.commitments = commitments;
        each(&mut self.gate_decisions, "gate_decisions", |decision| decision.normalize(call_id))?;
        self.gate_decisions.sort_by(|a, b| (a.call_seq, &a.commitment_class).cmp(&(b.call_seq, &b.commitment_class)));
        each(&mut self.speak_receipts, "speak_receipts", |receipt| receipt.normalize(call_id))?;
        self.speak_receipts.sort_by(|a, b| (a.call_seq, &a.commitment_class).cmp(&(b.call_seq, &b.commitment_class)));
        self.reference_digests = normal_references(self.reference_digests);

        let mut check = SpeechCheck::default();
        self.events.iter().for_each(|event| check.event(event));
        self.gate_decisions.iter().for_each(|decision| check.decision(decision));
        self.speak_receipts.iter().for_each(|receipt| check.receipt(receipt));
        check.finish()?;
        Ok(self)
    }
}

fn each<T>(items: &mut [T], list: &'static str, mut normalize: impl FnMut(&mut T) -> Checked) -> Checked {
    items
        .iter_mut()
        .enumerate()
        .try_for_each(|(index, item)| normalize(item).map_err(|error| error.in_item(list, index)))
}

/// A commitment of this call in normal form.
pub(in crate::pack) fn normal_commitment(
    commitment: CommitmentIntent,
    call_id: &str,
) -> Result<CommitmentIntent, CallError> {
    let mut normal = commitment.normalized()?;
    adopt_call(&mut normal.call_id, call_id)?;
    Ok(normal)
}

/// Digests of references as a sorted set, without those that are none.
pub(in crate::pack) fn normal_references(mut references: Vec<ReferenceDigest>) -> Vec<ReferenceDigest> {
    for reference in &mut references {
        trim_in_place(&mut reference.ref_id);
        trim_fold_in_place(&mut reference.sha256);
    }
    references.retain(|reference| !reference.ref_id.is_empty() && is_lower_hex_digest(&reference.sha256));
    references.sort_unstable();
    references.dedup();
    references
}

impl CallEvent {
    pub(in crate::pack) fn normalize(&mut self, call_id: &str) -> Checked {
        adopt_kind(&mut self.schema_id, &mut self.schema_version, EVENT_SCHEMA)?;
        require_time(&mut self.created_at, "created_at")?;
        adopt_call(&mut self.call_id, call_id)?;
        check_place(self.turn_index, self.call_seq)?;
        require(&mut self.event_type, "event_type")?;
        fold_class(&mut self.commitment_class)?;
        fold_digest(&mut self.intent_digest, "intent_digest")?;
        fold_digest(&mut self.policy_digest, "policy_digest")?;
        fold_digest(&mut self.payload_digest, "payload_digest")?;
        trim_in_place(&mut self.say_token_id);
        Ok(())
    }
}

impl GateDecision {
    pub(in crate::pack) fn normalize(&mut self, call_id: &str) -> Checked {
        adopt_call(&mut self.call_id, call_id)?;
        check_place(self.turn_index, self.call_seq)?;
        require_class(&mut self.commitment_class)?;
        trim_fold_in_place(&mut self.verdict);
        if Verdict::parse(&self.verdict).is_none() {
            let expected = "allow, block, dry_run or require_approval";
            return Err(CallError::Member { member: "verdict", expected });
        }
        set(&mut self.reason_codes);
        fold_digest(&mut self.intent_digest, "intent_digest")?;
        fold_digest(&mut self.policy_digest, "policy_digest")?;
        trim_in_place(&mut self.approval_ref);
        Ok(())
    }
}

impl SpeakReceipt {
    pub(in crate::pack) fn normalize(&mut self, call_id: &str) -> Checked {
        adopt_call(&mut self.call_id, call_id)?;
        check_place(self.turn_index, self.call_seq)?;
        require_class(&mut self.commitment_class)?;
        require(&mut self.say_token_id, "say_token_id")?;
        fold_digest(&mut self.spoken_digest, "spoken_digest")?;
        if self.spoken_digest.is_empty() {
            return Err(CallError::Missing("spoken_digest"));
        }
        require_time(&mut self.emitted_at, "emitted_at")
    }
}
