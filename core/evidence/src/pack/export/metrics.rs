//! What the results of a run tell in numbers.

use gait_base::json::{Map, Value};
use gait_base::record;
use gait_base::text::{fold, folds_to, trim_fold};

use crate::pack::payload::count;
use crate::runpack::Runpack;

record! {
    /// What the results of a run tell in numbers.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ExportMetrics {
        /// How many results there are, or intents where there are no results.
        pub tool_calls_total: i64,
        /// How many results are `ok`.
        pub tool_calls_success: i64,
        /// Which part of all that is; 0 of none.
        pub tool_calls_success_rate: f64,
        /// How many were blocked.
        pub policy_blocked: i64,
        /// How many wanted approval.
        pub approval_required: i64,
        /// How many tell of a failed regression test.
        pub regress_failures: i64,
    }
}

impl ExportMetrics {
    /// Counts the results of a run.
    #[must_use]
    pub fn of(runpack: &Runpack) -> Self {
        let results = &runpack.results;
        let total = if results.is_empty() { runpack.intents.len() } else { results.len() };
        let success = results.iter().filter(|result| folds_to(&result.status, "ok")).count();
        let payloads = || results.iter().filter_map(|result| result.result.as_map());
        let verdicts = |wanted| count(payloads().filter(|payload| result_verdict(payload) == wanted).count());
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^53")]
        let rate = if total == 0 { 0.0 } else { success as f64 / total as f64 };
        Self {
            tool_calls_total: count(total),
            tool_calls_success: count(success),
            tool_calls_success_rate: rate,
            policy_blocked: verdicts(Some(ResultVerdict::Block)),
            approval_required: verdicts(Some(ResultVerdict::RequireApproval)),
            regress_failures: count(payloads().filter(|payload| counts_as_regress_failure(payload)).count()),
        }
    }
}

/// A verdict that a result tells and that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultVerdict {
    /// It was blocked.
    Block,
    /// It wanted approval.
    RequireApproval,
    /// It was allowed.
    Allow,
}

/// The verdict that a result's payload tells; none for any other.
#[must_use]
pub fn result_verdict(payload: &Map) -> Option<ResultVerdict> {
    match trim_fold(payload.get("verdict")?.as_str()?).as_str() {
        "block" => Some(ResultVerdict::Block),
        "require_approval" | "approval_required" | "needs_approval" | "needsapproval" => {
            Some(ResultVerdict::RequireApproval)
        }
        "allow" => Some(ResultVerdict::Allow),
        _ => None,
    }
}

/// Whether a result's payload tells of a failed regression test.
#[must_use]
pub fn counts_as_regress_failure(payload: &Map) -> bool {
    let member = |name: &str| payload.get(name);
    let text = |name: &str| member(name).and_then(Value::as_str);
    let counted = |name: &str| member(name).and_then(Value::as_number).is_some_and(|n| (1.0..TWO_TO_63).contains(&n));
    let failed = |name: &str| text(name).is_some_and(|told| FAILED.contains(&trim_fold(told).as_str()));
    let codes = member("reason_codes").and_then(Value::as_array).unwrap_or_default();
    let reasons =
        codes.iter().filter_map(Value::as_str).chain(["reason", "failure_reason"].into_iter().filter_map(text));
    ["regress_failures", "failed"].into_iter().any(counted)
        || ["regress_status", "status", "result_status"].into_iter().any(failed)
        || reasons
            .map(fold)
            .any(|reason| reason.contains("regress") && (reason.contains("fail") || reason.contains("drift")))
}

const FAILED: [&str; 3] = ["fail", "failed", "regress_failed"];
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
