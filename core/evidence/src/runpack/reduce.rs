//! The smallest runpack that still shows what is wrong (04 §8.10).

use std::collections::BTreeSet;

use gait_base::json::{Map, Value};
use gait_base::record;
use gait_base::text::{folds_to, trim_fold};
use gait_base::time::Timestamp;

use super::document::{IntentRecord, ResultRecord, Run};
use super::record::{Normalization, RunpackDraft};
use super::{Refs, Runpack, RunpackError};

/// Kind of the report.
pub const REDUCE_REPORT_SCHEMA: &str = "gait.runpack.reduce_report";

/// What is wrong with an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// It has no result.
    MissingResult,
    /// It has a result of another status than `ok` and `success`.
    NonOkStatus,
}

impl Predicate {
    /// The predicate of that name, trimmed and folded.
    ///
    /// # Errors
    /// [`RunpackError::PredicateUnknown`].
    pub fn parse(name: &str) -> Result<Self, RunpackError> {
        match trim_fold(name).as_str() {
            "missing_result" => Ok(Self::MissingResult),
            "non_ok_status" => Ok(Self::NonOkStatus),
            _ => Err(RunpackError::PredicateUnknown(name.to_owned())),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingResult => "missing_result",
            Self::NonOkStatus => "non_ok_status",
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::MissingResult => "missingresult",
            Self::NonOkStatus => "nonokstatus",
        }
    }

    /// The smallest id of an intent that shows it.
    fn select(self, runpack: &Runpack) -> Result<&str, RunpackError> {
        let ids: BTreeSet<&str> =
            runpack.intents.iter().map(|intent| intent.intent_id.as_str()).filter(|id| !id.is_empty()).collect();
        if ids.is_empty() {
            return Err(RunpackError::NoIntentIds);
        }
        let results = |failing: bool| -> BTreeSet<&str> {
            let counted = runpack.results.iter().filter(|result| !failing || is_failing(result));
            counted.map(|result| result.intent_id.as_str()).collect()
        };
        let found = match self {
            Self::MissingResult => {
                let with_result = results(false);
                ids.into_iter().find(|id| !with_result.contains(id))
            }
            Self::NonOkStatus => {
                let failing = results(true);
                ids.into_iter().find(|id| failing.contains(id))
            }
        };
        found.ok_or(RunpackError::PredicateNotTriggered(self.as_str()))
    }
}

fn is_failing(result: &ResultRecord) -> bool {
    !folds_to(&result.status, "ok") && !folds_to(&result.status, "success")
}

record! {
    /// What was kept of a runpack: `gait.runpack.reduce_report`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ReduceReport {
        /// [`REDUCE_REPORT_SCHEMA`].
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When the run began, in UTC.
        pub created_at: Timestamp,
        /// Version of the program that recorded the run.
        pub producer_version: String,
        /// The run.
        pub run_id: String,
        /// The id of what is left of it.
        pub reduced_run_id: String,
        /// What is wrong.
        pub predicate: String,
        /// With which intent.
        pub selected_intent_id: String,
        /// Intents before.
        pub original_intent_count: i64,
        /// Intents after.
        pub reduced_intent_count: i64,
        /// Results before.
        pub original_result_count: i64,
        /// Results after.
        pub reduced_result_count: i64,
        /// Receipts before.
        pub original_ref_count: i64,
        /// Receipts after.
        pub reduced_ref_count: i64,
        /// Whether what is left still shows it.
        pub still_failing: bool,
    }
}

/// What is left of a runpack, to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduced {
    /// The reduced run.
    pub draft: RunpackDraft,
    /// What was kept; `still_failing` is what [`Reduced::check`] makes sure of.
    pub report: ReduceReport,
    predicate: Predicate,
}

impl Reduced {
    /// Refuses a recorded reduction that no longer shows what is wrong.
    ///
    /// # Errors
    /// [`RunpackError::PredicateLost`].
    pub fn check(&self, recorded: &Runpack) -> Result<(), RunpackError> {
        self.predicate.select(recorded).map(|_| ()).map_err(|_| RunpackError::PredicateLost(self.predicate.as_str()))
    }
}

/// The id of a run reduced to a predicate.
#[must_use]
pub fn reduced_run_id(run_id: &str, predicate: Predicate) -> String {
    let run_id = run_id.trim();
    let prefix = if run_id.starts_with("run_") { "" } else { "run_" };
    format!("{prefix}{run_id}_reduced_{}", predicate.suffix())
}

/// The file name of a run reduced to a predicate.
#[must_use]
pub fn reduced_file_name(run_id: &str, predicate: Predicate) -> String {
    format!("runpack_{run_id}_reduced_{}.zip", predicate.as_str())
}

/// Reduces a runpack to the first intent (by id) that shows what is wrong, with its result and references.
///
/// # Errors
/// [`RunpackError::NoIntentIds`], [`RunpackError::PredicateNotTriggered`], [`RunpackError::Time`].
pub fn reduce(runpack: &Runpack, predicate: Predicate) -> Result<Reduced, RunpackError> {
    let selected = predicate.select(runpack)?;
    let run_id = reduced_run_id(&runpack.run.run_id, predicate);
    let intents: Vec<IntentRecord> =
        runpack.intents.iter().find(|intent| intent.intent_id == selected).cloned().into_iter().collect();
    let results: Vec<ResultRecord> = match predicate {
        Predicate::MissingResult => Vec::new(),
        Predicate::NonOkStatus => {
            let failing = runpack.results.iter().find(|result| result.intent_id == selected && is_failing(result));
            failing.cloned().into_iter().collect()
        }
    };
    let timeline = runpack.run.timeline.iter().flatten();
    let timeline = timeline.filter(|event| event.ref_id.is_empty() || event.ref_id == selected).cloned().collect();

    let mut wanted = BTreeSet::new();
    let payloads = intents.iter().filter_map(|intent| intent.args.as_map());
    payloads
        .chain(results.iter().filter_map(|result| result.result.as_map()))
        .for_each(|map| collect(map, &mut wanted));
    let receipts = runpack.refs.receipts.iter().filter(|receipt| wanted.contains(receipt.ref_id.as_str()));
    let refs = Refs { receipts: receipts.cloned().collect(), ..runpack.refs.clone() };

    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let report = ReduceReport {
        schema_id: REDUCE_REPORT_SCHEMA.to_owned(),
        schema_version: super::SCHEMA_VERSION.to_owned(),
        created_at: runpack.run.created_at.to_utc()?,
        producer_version: runpack.run.producer_version.clone(),
        run_id: runpack.run.run_id.clone(),
        reduced_run_id: run_id.clone(),
        predicate: predicate.as_str().to_owned(),
        selected_intent_id: selected.to_owned(),
        original_intent_count: count(runpack.intents.len()),
        reduced_intent_count: count(intents.len()),
        original_result_count: count(runpack.results.len()),
        reduced_result_count: count(results.len()),
        original_ref_count: count(runpack.refs.receipts.len()),
        reduced_ref_count: count(refs.receipts.len()),
        still_failing: true,
    };
    let mut draft = RunpackDraft {
        run: Run { timeline: Some(timeline), ..runpack.run.clone() },
        intents,
        results,
        refs,
        capture_mode: runpack.manifest.capture_mode.clone(),
        normalization: Normalization::default(),
    };
    draft.set_run_id(&run_id);
    Ok(Reduced { draft, report, predicate })
}

/// Collects what looks like the id of a reference, at any depth and without recursion.
fn collect<'v>(payload: &'v Map, ids: &mut BTreeSet<&'v str>) {
    fn member<'v>((name, value): (&str, &'v Value), ids: &mut BTreeSet<&'v str>) -> &'v Value {
        if let Value::String(text) = value
            && trim_fold(name).contains("ref")
        {
            ids.insert(text.trim());
        }
        value
    }
    let mut pending: Vec<&Value> = payload.iter().map(|pair| member(pair, ids)).collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) if text.starts_with("ref_") => {
                ids.insert(text);
            }
            Value::Array(list) => pending.extend(list.iter()),
            Value::Object(map) => pending.extend(map.iter().map(|pair| member(pair, ids))),
            _ => {}
        }
    }
}
