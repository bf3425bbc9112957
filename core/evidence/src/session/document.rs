//! The documents of a session (04 §7.2).

use std::borrow::Cow;

use gait_base::json::{Decode, Encode, Format, JsonError, Sink, Source, Value, Writer};
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::relationship::Relationship;

/// Kind of a journal's header.
pub const JOURNAL_SCHEMA: &str = "gait.runpack.session_journal";
/// Kind of an event.
pub const EVENT_SCHEMA: &str = "gait.runpack.session_event";
/// Kind of a checkpoint.
pub const CHECKPOINT_SCHEMA: &str = "gait.runpack.session_checkpoint";
/// Kind of a chain.
pub const CHAIN_SCHEMA: &str = "gait.runpack.session_chain";
/// Kind of the state beside a journal.
pub const STATE_SCHEMA: &str = "gait.runpack.session_state";
/// Version of all of these documents.
pub const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// The first record of a journal: which session this is.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Header {
        /// [`JOURNAL_SCHEMA`].
        pub schema_id: Cow<'static, str>,
        /// [`SCHEMA_VERSION`].
        pub schema_version: Cow<'static, str>,
        /// When the journal was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// The session.
        pub session_id: String,
        /// The run that the session records.
        pub run_id: String,
        /// When the session began.
        pub started_at: Timestamp,
        /// Always without content; empty in a fresh journal and absent in a compacted one.
        pub events: Option<Vec<Event>>,
        /// Passed over when read, never written.
        pub checkpoints: Vec<Checkpoint> => omit,
    }
}

record! {
    /// One decision of a gate.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Event {
        /// [`EVENT_SCHEMA`].
        pub schema_id: Cow<'static, str>,
        /// [`SCHEMA_VERSION`].
        pub schema_version: Cow<'static, str>,
        /// When it was appended.
        pub created_at: Timestamp,
        /// Version of the program that appended it.
        pub producer_version: String,
        /// The session.
        pub session_id: String,
        /// The run.
        pub run_id: String,
        /// Its number in the session, from 1, without gaps.
        pub sequence: i64,
        /// The intent that was decided.
        pub intent_id: String => omit,
        /// The tool that it names.
        pub tool_name: String => omit,
        /// Digest of the intent.
        pub intent_digest: String => omit,
        /// Digest of the policy.
        pub policy_digest: String => omit,
        /// Kind of the policy document.
        pub policy_id: String => omit,
        /// Version of the policy document.
        pub policy_version: String => omit,
        /// Names of the rules that matched, sorted.
        pub matched_rule_ids: Vec<String> => omit,
        /// The trace of the decision.
        pub trace_id: String => omit,
        /// Where that trace was written.
        pub trace_path: String => omit,
        /// The decision.
        pub verdict: String => omit,
        /// Why, sorted.
        pub reason_codes: Codes => omit,
        /// What was violated, sorted.
        pub violations: Codes => omit,
        /// How it relates to other records.
        pub relationship: Option<Relationship> => omit,
        /// Version of the safety invariant that was in force.
        pub safety_invariant_version: String => omit,
        /// Hash of the safety invariant that was in force.
        pub safety_invariant_hash: String => omit,
    }
}

record! {
    /// A stretch of events bound to a runpack, and to the checkpoint before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Checkpoint {
        /// [`CHECKPOINT_SCHEMA`].
        pub schema_id: Cow<'static, str>,
        /// [`SCHEMA_VERSION`].
        pub schema_version: Cow<'static, str>,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// The session.
        pub session_id: String,
        /// The run of the session.
        pub run_id: String,
        /// Its number in the session, from 1.
        pub checkpoint_index: i64,
        /// The first event that it covers.
        pub sequence_start: i64,
        /// The last event that it covers.
        pub sequence_end: i64,
        /// Where the runpack was written, as it was named.
        pub runpack_path: String,
        /// The digest of the runpack's manifest.
        pub manifest_digest: String,
        /// The digest of the checkpoint before; empty for the first.
        pub prev_checkpoint_digest: String => omit,
        /// See [`checkpoint_digest`](super::checkpoint_digest).
        pub checkpoint_digest: String,
        /// How it relates to other records.
        pub relationship: Option<Relationship> => omit,
        /// Version of the safety invariant of the last event that names one.
        pub safety_invariant_version: String => omit,
        /// Its hash.
        pub safety_invariant_hash: String => omit,
    }
}

record! {
    /// The checkpoints of a session, for those who verify it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Chain {
        /// [`CHAIN_SCHEMA`].
        pub schema_id: Cow<'static, str>,
        /// [`SCHEMA_VERSION`].
        pub schema_version: Cow<'static, str>,
        /// When the journal was made.
        pub created_at: Timestamp,
        /// Version of the program that made the journal.
        pub producer_version: String,
        /// The session.
        pub session_id: String,
        /// The run of the session.
        pub run_id: String,
        /// All checkpoints, in order.
        pub checkpoints: Vec<Checkpoint>,
    }
}

/// Sets a schema member that is empty.
pub(super) fn fill(text: &mut Cow<'static, str>, default: &'static str) {
    if text.is_empty() {
        *text = Cow::Borrowed(default);
    }
}

/// A list of codes. Absent and empty are written alike (not at all), but differ in the digest of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes(pub Option<Vec<String>>);

impl Codes {
    /// The codes as a sorted set; absent when there are none.
    #[must_use]
    pub fn set(mut codes: Vec<String>) -> Self {
        gait_base::text::set(&mut codes);
        Self((!codes.is_empty()).then_some(codes))
    }

    /// The list, or `null`.
    pub(super) fn to_value(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, |codes| Value::from(codes.clone()))
    }
}

impl Decode for Codes {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<(), JsonError> {
        self.0.decode(source)
    }
}

impl Encode for Codes {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        self.0.encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        self.0.as_ref().is_none_or(Vec::is_empty)
    }
}
