//! What a pack tells at a look, without being verified (05 §6).

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use gait_base::json;
use gait_base::record;
use gait_gate::authority::authorization_bundle::{AuthorizationBundle, BUNDLE_ENTRY};
use gait_gate::mode::Mode;

use super::PackError;
use super::authorization::authorization_payload;
use super::entries::{MAX_LINE_BYTES, trimmed};
use super::job::{JOB_EVENTS_PATH, JOB_STATE_PATH};
use super::manifest::{Manifest, PackType, reading};
use super::open::{OpenPack, Opened, open};
use super::payload::{
    AuthorizationPayload, CALL_PAYLOAD_PATH, CallPayload, JOB_PAYLOAD_PATH, JobPayload, RUN_PAYLOAD_PATH, RunPayload,
    count,
};
use super::run::run_payload;
use crate::job::{JobEvent, JobState};
use crate::runpack::Runpack;

record! {
    /// What a pack tells. What cannot be read of it is left out.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Inspection {
        /// Its id.
        pub pack_id: String => omit,
        /// The name of its type.
        pub pack_type: String => omit,
        /// The id of what was packed.
        pub source_ref: String => omit,
        /// Its manifest.
        pub manifest: Option<Manifest> => omit,
        /// The run in short.
        pub run_payload: Option<RunPayload> => omit,
        /// The job in short.
        pub job_payload: Option<JobPayload> => omit,
        /// The call in short.
        pub call_payload: Option<CallPayload> => omit,
        /// The authorization.
        pub authorization_bundle: Option<AuthorizationBundle> => omit,
        /// The authorization in short.
        pub authorization_payload: Option<AuthorizationPayload> => omit,
        /// What happened in the run.
        pub run_lineage: Option<RunLineage> => omit,
        /// What happened to the job.
        pub job_lineage: Option<JobLineage> => omit,
        /// `runpack` for a bare runpack.
        pub legacy_type: String => omit,
    }
}

record! {
    /// What happened in a run.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RunLineage {
        /// How many events its timeline has.
        pub timeline_events: i64,
        /// How many references there are.
        pub receipt_count: i64,
        /// Its intents and results by intent id.
        pub intent_results: Vec<IntentResult> => omit,
    }
}

record! {
    /// An intent, and what came of it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IntentResult {
        /// Its id.
        pub intent_id: String,
        /// The tool.
        pub tool_name: String => omit,
        /// The status of its last result.
        pub status: String => omit,
    }
}

record! {
    /// What happened to a job.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct JobLineage {
        /// How many events there are.
        pub event_count: i64,
        /// The type of the last one.
        pub last_event_type: String => omit,
        /// Its checkpoints, sorted by id.
        pub checkpoint_refs: Vec<CheckpointRef> => omit,
    }
}

record! {
    /// A checkpoint of a job.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CheckpointRef {
        /// Its id.
        pub checkpoint_id: String,
        /// Its type.
        pub kind: String as "type",
        /// The reason code of its event.
        pub reason_code: String,
    }
}

/// Looks at a pack or a bare runpack. Nothing is verified but the form of the manifest, and a bare runpack.
///
/// # Errors
/// [`PackError`]: no archive, repeated entries (a verification failure), no usable manifest, a guard pack, a bare runpack
/// that does not hold.
pub fn inspect<R: Read + Seek>(source: R, mode: Mode) -> Result<Inspection, PackError> {
    match open(source, mode)? {
        Opened::Runpack(runpack, _) => inspect_runpack(&runpack),
        Opened::Pack(mut pack) => Ok(inspect_pack(&mut pack, mode)),
    }
}

fn inspect_runpack(runpack: &Runpack) -> Result<Inspection, PackError> {
    Ok(Inspection {
        pack_id: runpack.manifest.manifest_digest.clone(),
        pack_type: "run".to_owned(),
        source_ref: runpack.run.run_id.clone(),
        run_payload: Some(run_payload(runpack)?),
        run_lineage: Some(run_lineage(runpack)),
        legacy_type: "runpack".to_owned(),
        ..Inspection::default()
    })
}

fn inspect_pack<R: Read + Seek>(pack: &mut OpenPack<R>, mode: Mode) -> Inspection {
    let manifest = pack.manifest.clone();
    let mut found = Inspection {
        pack_id: manifest.pack_id.clone(),
        pack_type: manifest.pack_type.clone(),
        source_ref: manifest.source_ref.clone(),
        ..Inspection::default()
    };
    match manifest.pack_type() {
        Some(PackType::Run) => {
            found.run_payload = pack.document(RUN_PAYLOAD_PATH);
            found.run_lineage = pack.runpack().as_ref().map(run_lineage);
        }
        Some(PackType::Job) => {
            found.job_payload = pack.document(JOB_PAYLOAD_PATH);
            found.job_lineage = job_lineage(pack, mode);
        }
        Some(PackType::Call) => found.call_payload = pack.document(CALL_PAYLOAD_PATH),
        Some(PackType::Authorization) => {
            found.authorization_bundle = pack.document(BUNDLE_ENTRY);
            found.authorization_payload = found.authorization_bundle.as_ref().map(authorization_payload);
        }
        None => {}
    }
    found.manifest = Some(manifest);
    found
}

/// What happened in a run.
#[must_use]
pub fn run_lineage(runpack: &Runpack) -> RunLineage {
    let mut by_id: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for intent in &runpack.intents {
        by_id.entry(&intent.intent_id).or_default().0 = &intent.tool_name;
    }
    for result in &runpack.results {
        by_id.entry(&result.intent_id).or_default().1 = &result.status;
    }
    let item = |(intent_id, (tool_name, status)): (&str, (&str, &str))| IntentResult {
        intent_id: intent_id.to_owned(),
        tool_name: tool_name.to_owned(),
        status: status.to_owned(),
    };
    RunLineage {
        timeline_events: count(runpack.run.timeline.as_ref().map_or(0, Vec::len)),
        receipt_count: count(runpack.refs.receipts.len()),
        intent_results: by_id.into_iter().map(item).collect(),
    }
}

fn job_lineage<R: Read + Seek>(pack: &mut OpenPack<R>, mode: Mode) -> Option<JobLineage> {
    let state: JobState = pack.document(JOB_STATE_PATH)?;
    let journal = pack.content(JOB_EVENTS_PATH)?;
    let mut lineage = JobLineage::default();
    for line in journal.split(|byte| *byte == b'\n').map(trimmed).filter(|line| !line.is_empty()) {
        let event: JobEvent = json::decode(line, reading(mode, MAX_LINE_BYTES)).ok()?;
        lineage.event_count = lineage.event_count.saturating_add(1);
        lineage.last_event_type = event.kind;
    }
    let reference = |checkpoint: &crate::job::Checkpoint| CheckpointRef {
        checkpoint_id: checkpoint.checkpoint_id.clone(),
        kind: checkpoint.kind.clone(),
        reason_code: checkpoint.reason_code.clone(),
    };
    lineage.checkpoint_refs = state.sorted_checkpoints().iter().map(reference).collect();
    Some(lineage)
}
