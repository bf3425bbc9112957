//! `gait run diff` (04 §8.9).

use std::path::Path;

use gait_base::error::ExitCode;
use gait_base::json;
use gait_evidence::runpack::{DiffPrivacy, DiffResult, DiffSummary, diff, diff_chains};
use gait_host::fs::{PRIVATE, write_atomic};
use gait_host::runpack;

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run diff` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct DiffOutput {
        /// Whether nothing differs.
        ok: bool,
        /// `full` or `metadata`.
        privacy: String => omit,
        /// What differs.
        summary: DiffSummary,
        /// Where the comparison was written.
        output: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [left, right] = call.positionals("expected <left> <right>")?;
    let (left, right) = (runpack::resolve(left)?, runpack::resolve(right)?);
    let (privacy, summary) = compare(call, &left, &right)?;
    let output = call.args.text("output");
    if !output.is_empty() {
        let written = DiffResult { privacy: privacy.clone(), summary: summary.clone() };
        write_atomic(output, &json::to_compact(&written)?, PRIVATE)?;
    }
    let record = DiffOutput { ok: !summary.changed(), privacy, summary, output: output.to_owned() };
    let summary = &record.summary;
    let head = if record.ok { Text::ok("run diff") } else { Text::failed("run diff") };
    let text = head
        .pair("left", &summary.run_id_left)
        .pair("right", &summary.run_id_right)
        .pair("manifest_changed", summary.manifest_changed)
        .pair("intents_changed", summary.intents_changed)
        .pair("results_changed", summary.results_changed)
        .pair("refs_changed", summary.refs_changed)
        .lines("file", &summary.files_changed)
        .lines("left only intent", &summary.left_only_intents)
        .lines("right only intent", &summary.right_only_intents)
        .lines("left only result", &summary.left_only_results)
        .lines("right only result", &summary.right_only_results);
    let report = Report::new(&record, text);
    Ok(if record.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

/// Chains if both are, else runpacks. The privacy of chains is told as it was given.
fn compare(call: &Call<'_>, left: &Path, right: &Path) -> Result<(String, DiffSummary), Failure> {
    let mode = call.mode();
    let given = call.args.text("privacy");
    let is_document = |path: &Path| path.as_os_str().to_string_lossy().to_ascii_lowercase().ends_with(".json");
    if is_document(left)
        && is_document(right)
        && let (Ok(left), Ok(right)) = (runpack::read_chain(left, mode), runpack::read_chain(right, mode))
    {
        return Ok((given.to_owned(), diff_chains(&left, &right)));
    }
    let privacy = DiffPrivacy::parse(given)?;
    let summary = diff(&runpack::read(left, mode)?, &runpack::read(right, mode)?, privacy)?;
    Ok((privacy.as_str().to_owned(), summary))
}
