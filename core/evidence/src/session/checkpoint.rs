//! Making a checkpoint: the runpack of the new events, and the record that binds it into the chain (04 §7.6).

use std::borrow::Cow;

use gait_base::digest::sha256;
use gait_base::json::{Map, Value};
use gait_base::text::trim_fold;
use gait_base::time::Timestamp;

use super::document::{CHECKPOINT_SCHEMA, Checkpoint, Event, Header, SCHEMA_VERSION};
use super::error::SessionError;
use super::relationship::{
    CHECKPOINT_EMITTED, SESSION_EVENT, TimelineTies, checkpoint_relationship, timeline_relationship,
};
use crate::runpack::{
    DEFAULT_PRODUCER_VERSION, IntentRecord, Payload, REFERENCE, ResultRecord, Run, RunpackDraft, TimelineEvent,
};

/// The digest that binds a checkpoint to its runpack, its events and the checkpoint before: over
/// `<manifest_digest>:<prev_checkpoint_digest>:<index>:<start>:<end>`.
#[must_use]
pub fn checkpoint_digest(checkpoint: &Checkpoint) -> String {
    let Checkpoint { manifest_digest, prev_checkpoint_digest, checkpoint_index, sequence_start, sequence_end, .. } =
        checkpoint;
    let text = format!("{manifest_digest}:{prev_checkpoint_digest}:{checkpoint_index}:{sequence_start}:{sequence_end}");
    sha256(text.as_bytes()).to_hex()
}

/// A checkpoint about to be made: first its runpack is recorded and written, then its record is appended.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointPlan {
    /// What to record as the runpack.
    pub draft: RunpackDraft,
    /// The record, but for the runpack's place and digests.
    record: Checkpoint,
}

impl CheckpointPlan {
    /// Plans the checkpoint of a session's new events.
    ///
    /// `events` are those that no checkpoint covers yet, in order; `last` is the last checkpoint. A blank
    /// `producer_version` means that of the header.
    ///
    /// # Errors
    /// [`SessionError::NothingNew`]; [`SessionError::Time`]; [`SessionError::SequenceExhausted`].
    pub fn new(
        header: &Header,
        last: Option<&Checkpoint>,
        events: &[Event],
        now: &Timestamp,
        producer_version: &str,
    ) -> Result<Self, SessionError> {
        let (Some(first), Some(newest)) = (events.first(), events.last()) else {
            return Err(SessionError::NothingNew);
        };
        let created_at = now.to_utc()?;
        let index = last.map_or(0, |last| last.checkpoint_index);
        let index = index.checked_add(1).ok_or(SessionError::SequenceExhausted)?;
        let candidates = [producer_version, header.producer_version.as_str(), DEFAULT_PRODUCER_VERSION];
        let producer = candidates.into_iter().find(|version| !version.trim().is_empty()).unwrap_or_default();
        let run_id = checkpoint_run_id(&header.run_id, index);

        let mut draft = RunpackDraft { capture_mode: REFERENCE.to_owned(), ..RunpackDraft::default() };
        let mut timeline = Vec::with_capacity(events.len() + 1);
        for (position, event) in events.iter().enumerate() {
            let intent_id = match event.intent_id.trim() {
                "" => format!("intent_{}", position + 1),
                id => id.to_owned(),
            };
            let at = event.created_at.to_utc()?;
            draft.intents.push(intent_of(event, header, &intent_id, at));
            draft.results.push(result_of(event, intent_id, at));
            timeline.push(entry_of(event, header, &run_id, at));
        }
        let emitted = format!("checkpoint:{index}");
        timeline.push(TimelineEvent {
            event: CHECKPOINT_EMITTED.to_owned(),
            ts: created_at,
            relationship: timeline_relationship(&TimelineTies {
                event: CHECKPOINT_EMITTED,
                run_id: &run_id,
                evidence_id: &emitted,
                ..TimelineTies::default()
            }),
            ref_id: emitted,
        });
        draft.run = Run {
            created_at,
            producer_version: producer.to_owned(),
            run_id,
            timeline: Some(timeline),
            ..Run::default()
        };

        let (safety_invariant_version, safety_invariant_hash) = safety_invariant(events);
        let record = Checkpoint {
            schema_id: Cow::Borrowed(CHECKPOINT_SCHEMA),
            schema_version: Cow::Borrowed(SCHEMA_VERSION),
            created_at,
            producer_version: producer.to_owned(),
            session_id: header.session_id.clone(),
            run_id: header.run_id.clone(),
            checkpoint_index: index,
            sequence_start: first.sequence,
            sequence_end: newest.sequence,
            prev_checkpoint_digest: last.map(|last| last.checkpoint_digest.clone()).unwrap_or_default(),
            safety_invariant_version,
            safety_invariant_hash,
            ..Checkpoint::default()
        };
        Ok(Self { draft, record })
    }

    /// The record of the checkpoint, once its runpack has a manifest digest and a place.
    #[must_use]
    pub fn into_record(self, runpack_path: &str, manifest_digest: &str) -> Checkpoint {
        let mut record = self.record;
        runpack_path.clone_into(&mut record.runpack_path);
        manifest_digest.clone_into(&mut record.manifest_digest);
        record.checkpoint_digest = checkpoint_digest(&record);
        record.relationship = checkpoint_relationship(
            &record.session_id,
            &record.run_id,
            &checkpoint_run_id(&record.run_id, record.checkpoint_index),
            &record.checkpoint_digest,
            &record.manifest_digest,
        );
        record
    }
}

/// The run id of a checkpoint's runpack.
pub(super) fn checkpoint_run_id(run_id: &str, index: i64) -> String {
    format!("{run_id}_cp_{index:04}")
}

fn intent_of(event: &Event, header: &Header, intent_id: &str, created_at: Timestamp) -> IntentRecord {
    let args: Map = [
        ("sequence", Value::from(event.sequence)),
        ("session_id", Value::from(header.session_id.as_str())),
        ("trace_id", Value::from(event.trace_id.as_str())),
        ("trace_path", Value::from(event.trace_path.as_str())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect();
    IntentRecord {
        created_at,
        intent_id: intent_id.to_owned(),
        tool_name: event.tool_name.clone(),
        args_digest: event.intent_digest.clone(),
        args: Payload(Some(args)),
        ..IntentRecord::default()
    }
}

fn result_of(event: &Event, intent_id: String, created_at: Timestamp) -> ResultRecord {
    let result: Map = [
        ("reason_codes", event.reason_codes.to_value()),
        ("trace_id", Value::from(event.trace_id.as_str())),
        ("trace_path", Value::from(event.trace_path.as_str())),
        ("verdict", Value::from(event.verdict.as_str())),
        ("violations", event.violations.to_value()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect();
    let status = if matches!(event.verdict.as_str(), "block" | "require_approval") { "error" } else { "ok" };
    ResultRecord {
        created_at,
        intent_id,
        status: status.to_owned(),
        result: Payload(Some(result)),
        ..ResultRecord::default()
    }
}

fn entry_of(event: &Event, header: &Header, run_id: &str, ts: Timestamp) -> TimelineEvent {
    TimelineEvent {
        event: SESSION_EVENT.to_owned(),
        ts,
        ref_id: event.trace_id.clone(),
        relationship: timeline_relationship(&TimelineTies {
            event: SESSION_EVENT,
            run_id,
            evidence_id: &header.session_id,
            trace_id: &event.trace_id,
            tool_name: &event.tool_name,
            policy_digest: &event.policy_digest,
        }),
    }
}

/// Version and hash of the last event that has both.
fn safety_invariant(events: &[Event]) -> (String, String) {
    let both = |event: &Event| {
        let version = event.safety_invariant_version.trim().to_owned();
        let hash = trim_fold(&event.safety_invariant_hash);
        (!version.is_empty() && !hash.is_empty()).then_some((version, hash))
    };
    events.iter().rev().find_map(both).unwrap_or_default()
}
