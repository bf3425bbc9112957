//! `gait run inspect` (04 §8.6).

use gait_evidence::runpack::{InspectedIntent, UnmatchedResult, inspect};
use gait_evidence::session::Checkpoint;
use gait_host::runpack;

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run inspect` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct RunInspectOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// `runpack` or `session_chain`.
        artifact_type: String => omit,
        /// The run.
        run_id: String => omit,
        /// The session.
        session_id: String => omit,
        /// The file.
        path: String => omit,
        /// `reference` or `raw`.
        capture_mode: String => omit,
        /// How many intents there are.
        intents_total: i64 => omit,
        /// How many results there are.
        results_total: i64 => omit,
        /// How many checkpoints there are.
        checkpoint_count: i64 => omit,
        /// The checkpoints, by number.
        checkpoints: Vec<InspectedCheckpoint> => omit,
        /// The intents, in order.
        entries: Vec<InspectedIntent> => omit,
        /// Results of no intent.
        unmatched_results: Vec<UnmatchedResult> => omit,
        /// What a person should know.
        warnings: Vec<String> => omit,
    }
}

gait_base::record! {
    /// What of a checkpoint is told.
    #[derive(Clone, Debug, PartialEq)]
    struct InspectedCheckpoint {
        /// Its number.
        checkpoint_index: i64,
        /// Where its runpack is.
        runpack_path: String,
        /// Its first event.
        sequence_start: i64,
        /// Its last event.
        sequence_end: i64,
        /// Its digest.
        checkpoint_digest: String,
        /// The digest of the one before.
        prev_checkpoint_digest: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = runpack::resolve(flag_or_positional(call, "from", "expected --from <run_id|path>")?)?;
    let shown = path.display().to_string();
    let error = match runpack::read(&path, call.mode()) {
        Ok(recorded) => return of_runpack(&recorded, shown),
        Err(error) => error,
    };
    let Ok(chain) = runpack::read_chain(&path, call.mode()) else { return Err(error.into()) };
    let mut checkpoints: Vec<_> = chain.checkpoints.into_iter().map(told).collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.checkpoint_index);
    let record = RunInspectOutput {
        ok: true,
        artifact_type: "session_chain".to_owned(),
        run_id: chain.run_id,
        session_id: chain.session_id,
        path: shown,
        checkpoint_count: count(checkpoints.len()),
        checkpoints,
        ..RunInspectOutput::default()
    };
    let mut text = Text::ok("run inspect")
        .pair("artifact", &record.artifact_type)
        .pair("session_id", &record.session_id)
        .pair("run_id", &record.run_id)
        .pair("checkpoints", record.checkpoint_count);
    for one in &record.checkpoints {
        text = text.label("checkpoint").pair("index", one.checkpoint_index);
        text = text.pair("events", format_args!("{}-{}", one.sequence_start, one.sequence_end));
        text = text.pair("runpack", &one.runpack_path);
    }
    Ok(Report::new(&record, text))
}

fn of_runpack(recorded: &gait_evidence::runpack::Runpack, path: String) -> Answer {
    let inspection = inspect(recorded)?;
    let record = RunInspectOutput {
        ok: true,
        artifact_type: "runpack".to_owned(),
        run_id: recorded.run.run_id.clone(),
        path,
        capture_mode: recorded.manifest.capture_mode.clone(),
        intents_total: count(recorded.intents.len()),
        results_total: count(recorded.results.len()),
        entries: inspection.entries,
        unmatched_results: inspection.unmatched_results,
        warnings: inspection.warnings,
        ..RunInspectOutput::default()
    };
    let mut text = Text::ok("run inspect")
        .pair("artifact", &record.artifact_type)
        .pair("run_id", &record.run_id)
        .pair("capture_mode", &record.capture_mode)
        .pair("intents", record.intents_total)
        .pair("results", record.results_total);
    for entry in &record.entries {
        text = text.label("intent").pair("index", entry.index).pair("id", &entry.intent_id);
        text = text.pair("tool", &entry.tool_name);
        if !entry.status.is_empty() {
            text = text.pair("status", &entry.status);
        }
        if !entry.verdict.is_empty() {
            text = text.verdict("verdict", &entry.verdict);
        }
    }
    for result in &record.unmatched_results {
        text = text.label("result without intent").pair("id", &result.intent_id).pair("status", &result.status);
    }
    let text = text.lines("warning", &record.warnings);
    Ok(Report::new(&record, text))
}

fn told(checkpoint: Checkpoint) -> InspectedCheckpoint {
    InspectedCheckpoint {
        checkpoint_index: checkpoint.checkpoint_index,
        runpack_path: checkpoint.runpack_path,
        sequence_start: checkpoint.sequence_start,
        sequence_end: checkpoint.sequence_end,
        checkpoint_digest: checkpoint.checkpoint_digest,
        prev_checkpoint_digest: checkpoint.prev_checkpoint_digest,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
