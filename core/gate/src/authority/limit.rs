//! Rate limits and destructive budgets: how many requests a window of time admits (03 §6).
//!
//! Counting is a function on [`CounterState`]; a store holds it under its lock, by the wall clock.

mod counters;

use std::borrow::Cow;

use gait_base::error::{Category, Classify};
use gait_base::json::JsonError;
use thiserror::Error;

pub use counters::{COUNTER_CAPACITY, CounterState};

use crate::intent::{IntentRequest, SCRIPT_TOOL, Target};
use crate::policy::document::LimitScope;

/// What a limit says about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitDecision {
    /// Whether the request is admitted.
    pub allowed: bool,
    /// How many a window admits.
    pub limit: i64,
    /// How many the current window has admitted, this one included.
    pub used: i64,
    /// How many more it admits.
    pub remaining: i64,
    /// What is counted together.
    pub scope: LimitScope,
    /// Whose requests are counted together.
    pub scope_key: String,
}

/// The tool name under which the destructive budget counts an intent in normal form.
///
/// A script is counted as `script` and so shares its counter with a rate limit of the same window and scope; any other
/// tool has a name of its own here.
#[must_use]
pub fn budget_tool_name(request: &IntentRequest) -> Cow<'_, str> {
    if request.script.is_some() {
        Cow::Borrowed(SCRIPT_TOOL)
    } else {
        Cow::Owned(format!("destructive_budget|{}", request.tool_name))
    }
}

/// Whether the destructive budget counts an intent in normal form: some target is destructive. Of a script the targets of
/// the steps are looked at, unless no step has any.
#[must_use]
pub fn counts_toward_budget(request: &IntentRequest) -> bool {
    let destructive = |target: &Target| target.destructive;
    let steps = request.script.as_ref().map(|script| script.steps.as_slice()).unwrap_or_default();
    if steps.iter().all(|step| step.targets.is_empty()) {
        return request.targets.iter().any(destructive);
    }
    steps.iter().flat_map(|step| &step.targets).any(destructive)
}

/// Why a request cannot be counted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LimitError {
    /// The file is no JSON document of this type.
    #[error("rate limit state: {0}")]
    Json(#[from] JsonError),
    /// A window has as many counters as are kept. It passes with the window.
    #[error("rate limit state: more than {COUNTER_CAPACITY} counters in one window")]
    Full,
}

impl Classify for LimitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Full => "rate_limit_state_full",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Json(_) => Category::InvalidInput,
            Self::Full => Category::StateContention,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::{Script, ScriptStep};

    fn intent(targets: &[bool], steps: Option<Vec<Vec<bool>>>) -> IntentRequest {
        let all = |flags: &[bool]| {
            flags.iter().map(|flag| Target { destructive: *flag, ..Target::default() }).collect::<Vec<_>>()
        };
        let step = |flags: &Vec<bool>| ScriptStep { targets: all(flags), ..ScriptStep::default() };
        let script = steps.map(|steps| Script { steps: steps.iter().map(step).collect() });
        IntentRequest { tool_name: "fs.purge".into(), targets: all(targets), script, ..IntentRequest::default() }
    }

    #[test]
    fn what_the_budget_counts() {
        assert!(counts_toward_budget(&intent(&[false, true], None)));
        assert!(!counts_toward_budget(&intent(&[false], None)));
        assert!(!counts_toward_budget(&intent(&[], None)));
        assert!(!counts_toward_budget(&intent(&[true], Some(vec![vec![false], vec![]]))));
        assert!(counts_toward_budget(&intent(&[false], Some(vec![vec![], vec![true]]))));
        assert!(counts_toward_budget(&intent(&[true], Some(vec![vec![], vec![]]))));
        assert_eq!(budget_tool_name(&intent(&[], None)), "destructive_budget|fs.purge");
        assert_eq!(budget_tool_name(&intent(&[], Some(Vec::new()))), "script");
    }
}
