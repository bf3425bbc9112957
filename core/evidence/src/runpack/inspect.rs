//! A runpack as a list of what was proposed and what came of it (04 §8.6).

use std::collections::BTreeMap;

use gait_base::json::Value;
use gait_base::record;
use gait_base::text;
use gait_base::time::Timestamp;

use super::document::ResultRecord;
use super::{Runpack, RunpackError};

record! {
    /// An intent and its first result.
    #[derive(Clone, Debug, PartialEq)]
    pub struct InspectedIntent {
        /// Its place, from 1.
        pub index: i64,
        /// Its id.
        pub intent_id: String,
        /// The tool.
        pub tool_name: String,
        /// When it was proposed, in UTC.
        pub created_at: Timestamp,
        /// Digest of its args.
        pub args_digest: String => omit,
        /// Status of its result.
        pub status: String => omit,
        /// Digest of its result.
        pub result_digest: String => omit,
        /// The verdict that its result tells; only in raw captures.
        pub verdict: String => omit,
        /// The reasons that its result tells.
        pub reason_codes: Vec<String> => omit,
        /// The violations that its result tells.
        pub violations: Vec<String> => omit,
    }
}

record! {
    /// A result of an intent that is not there.
    #[derive(Clone, Debug, PartialEq)]
    pub struct UnmatchedResult {
        /// The intent.
        pub intent_id: String,
        /// The status.
        pub status: String => omit,
        /// Digest of the result.
        pub result_digest: String => omit,
        /// The verdict that it tells.
        pub verdict: String => omit,
        /// The reasons that it tells.
        pub reason_codes: Vec<String> => omit,
        /// The violations that it tells.
        pub violations: Vec<String> => omit,
    }
}

/// What inspecting a runpack gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// The intents, in order.
    pub entries: Vec<InspectedIntent>,
    /// Results of no intent, by intent id and digest.
    pub unmatched_results: Vec<UnmatchedResult>,
    /// Ids with more than one result.
    pub warnings: Vec<String>,
}

/// Lists a runpack.
///
/// # Errors
/// [`RunpackError::Time`] for a time that cannot be written in UTC.
pub fn inspect(runpack: &Runpack) -> Result<Inspection, RunpackError> {
    let mut by_intent: BTreeMap<&str, Vec<&ResultRecord>> = BTreeMap::new();
    for result in &runpack.results {
        by_intent.entry(&result.intent_id).or_default().push(result);
    }
    let repeated = by_intent.iter().filter(|(_, results)| results.len() > 1).map(|(id, _)| *id);
    let mut warnings: Vec<String> = repeated
        .map(|id| match id.trim() {
            "" => "(empty)",
            id => id,
        })
        .map(|id| format!("multiple result records for intent_id={id} (kept first)"))
        .collect();
    text::sort_dedup(&mut warnings);

    let mut entries = Vec::with_capacity(runpack.intents.len());
    for (index, intent) in (1..).zip(&runpack.intents) {
        let mut entry = InspectedIntent {
            index,
            intent_id: intent.intent_id.clone(),
            tool_name: intent.tool_name.clone(),
            created_at: intent.created_at.to_utc()?,
            args_digest: intent.args_digest.clone(),
            ..InspectedIntent::default()
        };
        if let Some(result) = by_intent.get(intent.intent_id.as_str()).and_then(|results| results.first()) {
            let told = unmatched(result);
            entry.status = told.status;
            entry.result_digest = told.result_digest;
            entry.verdict = told.verdict;
            entry.reason_codes = told.reason_codes;
            entry.violations = told.violations;
        }
        entries.push(entry);
    }
    for intent in &runpack.intents {
        by_intent.remove(intent.intent_id.as_str());
    }
    let mut unmatched_results: Vec<_> = by_intent.into_values().flatten().map(unmatched).collect();
    unmatched_results.sort_by(|a, b| (&a.intent_id, &a.result_digest).cmp(&(&b.intent_id, &b.result_digest)));
    Ok(Inspection { entries, unmatched_results, warnings })
}

/// What a result tells.
fn unmatched(result: &ResultRecord) -> UnmatchedResult {
    let member = |name: &str| result.result.as_map().and_then(|map| map.get(name));
    let set = |name: &str| {
        let mut texts: Vec<String> = match member(name) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        text::set(&mut texts);
        texts
    };
    UnmatchedResult {
        intent_id: result.intent_id.clone(),
        status: result.status.clone(),
        result_digest: result.result_digest.clone(),
        verdict: member("verdict").and_then(Value::as_str).unwrap_or_default().trim().to_owned(),
        reason_codes: set("reason_codes"),
        violations: set("violations"),
    }
}
