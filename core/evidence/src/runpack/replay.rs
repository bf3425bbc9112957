//! Going through a run again without its agent: what was recorded is told, what was not is stubbed (04 §8.8).
//!
//! Nothing is executed here; whoever may run real tools hands in how.

use std::collections::{BTreeMap, BTreeSet};

use gait_base::digest::{Digest, sha256};
use gait_base::record;
use gait_base::text::{folds_to, trim_fold};

use super::document::{IntentRecord, ResultRecord};
use super::record::REFERENCE;
use super::{Runpack, RunpackError};

record! {
    /// What became of one intent.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ReplayStep {
        /// The intent.
        pub intent_id: String,
        /// Its tool.
        pub tool_name: String,
        /// The recorded status, `stubbed`, `missing_result`, or what executing gave.
        pub status: String,
        /// `recorded`, `stubbed`, `missing` or `executed`.
        pub execution: String => omit,
        /// Kind of the stub.
        pub stub_type: String => omit,
        /// Digest of the result.
        pub result_digest: String => omit,
    }
}

/// A run gone through again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// The run.
    pub run_id: String,
    /// What became of each intent, in order.
    pub steps: Vec<ReplayStep>,
    /// Intents without a result and of no kind that can be stubbed, sorted.
    pub missing_results: Vec<String>,
}

/// What executing a tool gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Whether it worked.
    pub ok: bool,
    /// Digest of what it gave, or of the text of its error.
    pub digest: Digest,
}

/// Goes through a run. `execute` is asked for each intent first, and answers for those that it executes.
///
/// # Errors
/// [`RunpackError::IntentRepeated`], [`RunpackError::ResultRepeated`]; nothing has been executed then.
pub fn replay(
    runpack: &Runpack,
    mut execute: impl FnMut(&IntentRecord) -> Option<Executed>,
) -> Result<Replay, RunpackError> {
    let mut seen = BTreeSet::new();
    if let Some(intent) = runpack.intents.iter().find(|intent| !seen.insert(intent.intent_id.as_str())) {
        return Err(RunpackError::IntentRepeated(intent.intent_id.clone()));
    }
    let mut results: BTreeMap<&str, &ResultRecord> = BTreeMap::new();
    for result in &runpack.results {
        if results.insert(&result.intent_id, result).is_some() {
            return Err(RunpackError::ResultRepeated(result.intent_id.clone()));
        }
    }
    let mut replay = Replay { run_id: runpack.run.run_id.clone(), ..Replay::default() };
    for intent in &runpack.intents {
        let mut step = ReplayStep {
            intent_id: intent.intent_id.clone(),
            tool_name: intent.tool_name.clone(),
            ..ReplayStep::default()
        };
        let (status, execution) = if let Some(executed) = execute(intent) {
            step.result_digest = executed.digest.to_hex();
            (if executed.ok { "ok" } else { "error" }, "executed")
        } else if let Some(result) = results.get(intent.intent_id.as_str()) {
            step.result_digest.clone_from(&result.result_digest);
            (result.status.as_str(), "recorded")
        } else if let Some(stub) = stub_type(&intent.tool_name) {
            let digest = stub_digest(&replay.run_id, &intent.intent_id, &intent.tool_name, &intent.args_digest, stub);
            step.result_digest = digest.to_hex();
            stub.clone_into(&mut step.stub_type);
            ("stubbed", "stubbed")
        } else {
            replay.missing_results.push(intent.intent_id.clone());
            ("missing_result", "missing")
        };
        status.clone_into(&mut step.status);
        execution.clone_into(&mut step.execution);
        replay.steps.push(step);
    }
    replay.missing_results.sort();
    Ok(replay)
}

/// Refuses a runpack without args where tools shall run again.
///
/// # Errors
/// [`RunpackError::ReplayWithoutArgs`].
pub fn check_replayable(runpack: &Runpack) -> Result<(), RunpackError> {
    if folds_to(&runpack.manifest.capture_mode, REFERENCE) { Err(RunpackError::ReplayWithoutArgs) } else { Ok(()) }
}

/// The kind of stub that stands for a tool, told by its name.
#[must_use]
pub fn stub_type(tool_name: &str) -> Option<&'static str> {
    const STUBS: [(&str, &[&str]); 4] = [
        ("http", &["http", "fetch", "url"]),
        ("file", &["file", "path", "fs", "write"]),
        ("db", &["db", "sql", "query", "table"]),
        ("queue", &["queue", "topic", "publish", "kafka"]),
    ];
    let name = trim_fold(tool_name);
    STUBS.iter().find(|(_, words)| words.iter().any(|word| name.contains(word))).map(|(stub, _)| *stub)
}

/// The digest of the result that a stub stands for.
#[must_use]
pub fn stub_digest(run_id: &str, intent_id: &str, tool_name: &str, args_digest: &str, stub_type: &str) -> Digest {
    let (tool, args) = (trim_fold(tool_name), trim_fold(args_digest));
    sha256(format!("{run_id}:{intent_id}:{tool}:{args}:{stub_type}").as_bytes())
}
