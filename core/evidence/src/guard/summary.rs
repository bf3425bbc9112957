//! The entries that a guard pack is made of (05 §11.5).

use std::collections::BTreeMap;

use gait_base::record;
use gait_base::time::{TimeError, Timestamp};
use gait_gate::trace::TraceRecord;

use super::source::RegressResult;
use crate::runpack::Runpack;

record! {
    /// `runpack_summary.json`.
    #[derive(Clone, Debug)]
    pub(super) struct RunpackSummary {
        pub(super) run_id: String,
        manifest_digest: String,
        capture_mode: String,
        intent_count: i64,
        result_count: i64,
        receipt_count: i64,
    }
}

impl RunpackSummary {
    pub(super) fn of(runpack: &Runpack) -> Self {
        Self {
            run_id: runpack.run.run_id.clone(),
            manifest_digest: runpack.manifest.manifest_digest.clone(),
            capture_mode: runpack.manifest.capture_mode.clone(),
            intent_count: count(runpack.intents.len()),
            result_count: count(runpack.results.len()),
            receipt_count: count(runpack.refs.receipts.len()),
        }
    }
}

record! {
    /// `referenced_runpacks.json`.
    #[derive(Clone, Debug)]
    pub(super) struct ReferencedRunpacks {
        run_id: String,
        references: i64,
        receipts: Vec<ReferencedReceipt>,
    }
}

record! {
    /// What a run had read, without what it asked for.
    #[derive(Clone, Debug)]
    struct ReferencedReceipt {
        ref_id: String,
        source_type: String,
        source_locator: String,
        content_digest: String,
        retrieved_at: Timestamp,
    }
}

impl ReferencedRunpacks {
    pub(super) fn of(runpack: &Runpack) -> Result<Self, TimeError> {
        let mut receipts = Vec::with_capacity(runpack.refs.receipts.len());
        for receipt in &runpack.refs.receipts {
            receipts.push(ReferencedReceipt {
                ref_id: receipt.ref_id.clone(),
                source_type: receipt.source_type.clone(),
                source_locator: receipt.source_locator.clone(),
                content_digest: receipt.content_digest.clone(),
                retrieved_at: receipt.retrieved_at.to_utc()?,
            });
        }
        receipts.sort_by(|a, b| a.ref_id.cmp(&b.ref_id));
        Ok(Self { run_id: runpack.run.run_id.clone(), references: count(receipts.len()), receipts })
    }
}

record! {
    /// What a guard pack tells of a trace.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct TraceLine {
        /// Its id.
        pub trace_id: String,
        /// The tool.
        pub tool_name: String,
        /// The verdict.
        pub verdict: String,
    }
}

impl From<&TraceRecord> for TraceLine {
    fn from(trace: &TraceRecord) -> Self {
        Self {
            trace_id: trace.trace_id.clone(),
            tool_name: trace.tool_name.clone(),
            verdict: trace.verdict.to_string(),
        }
    }
}

record! {
    /// `trace_summary.json`.
    #[derive(Clone, Debug)]
    pub(super) struct TraceSummary {
        total: i64,
        traces: Vec<TraceLine>,
        verdict_counts: BTreeMap<String, i64>,
    }
}

impl TraceSummary {
    pub(super) fn of(traces: &[TraceLine]) -> Self {
        let mut traces = traces.to_vec();
        traces.sort_by(|a, b| a.trace_id.cmp(&b.trace_id));
        let verdict_counts = tally(traces.iter().map(|trace| trace.verdict.as_str()));
        Self { total: count(traces.len()), verdict_counts, traces }
    }
}

record! {
    /// What a guard pack tells of a regression run.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RegressLine {
        /// The fixtures that ran.
        pub fixture_set: String,
        /// `pass` or `fail`.
        pub status: String,
        /// How many graders judged.
        pub graders: i64,
    }
}

impl From<&RegressResult> for RegressLine {
    fn from(result: &RegressResult) -> Self {
        Self {
            fixture_set: result.fixture_set.clone(),
            status: result.status.clone(),
            graders: count(result.graders.len()),
        }
    }
}

record! {
    /// `regress_summary.json`.
    #[derive(Clone, Debug)]
    pub(super) struct RegressSummary {
        results: Vec<RegressLine>,
        status_counts: BTreeMap<String, i64>,
        total: i64,
    }
}

impl RegressSummary {
    pub(super) fn of(results: &[RegressLine]) -> Self {
        let mut results = results.to_vec();
        results.sort_by(|a, b| a.fixture_set.cmp(&b.fixture_set).then_with(|| a.status.cmp(&b.status)));
        let status_counts = tally(results.iter().map(|result| result.status.as_str()));
        Self { total: count(results.len()), status_counts, results }
    }
}

record! {
    /// `policy_digests.json`.
    #[derive(Clone, Debug)]
    pub(super) struct PolicyDigests {
        pub(super) run_id: String,
        pub(super) window_from: Timestamp,
        pub(super) window_to: Timestamp,
        pub(super) policy_digests: Vec<String>,
    }
}

fn tally<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for name in names {
        let seen: &mut i64 = counts.entry(name.to_owned()).or_default();
        *seen = seen.saturating_add(1);
    }
    counts
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
