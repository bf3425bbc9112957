//! Rate limits and destructive budgets: how many requests a window of time admits (03 §6).
//!
//! Counting is a function on [`CounterState`]; the host loads and stores it under its lock, by the wall clock.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gait_base::error::{Category, Classify};
use gait_base::json::{self, EncodeError, JsonError, Reading};
use gait_base::record;
use gait_base::time::Timestamp;
use thiserror::Error;

use crate::intent::{IntentRequest, SCRIPT_TOOL, Target};
use crate::mode::Mode;
use crate::policy::document::{Limit, LimitScope, LimitWindow};

const SCHEMA_ID: &str = "gait.gate.rate_limit_state";
const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// The state document.
    #[derive(Clone, Debug)]
    struct StateDocument {
        schema_id: String,
        schema_version: String,
        counters: Vec<Counter>,
    }
}

record! {
    /// One counter of the document.
    #[derive(Clone, Debug)]
    struct Counter {
        key: String,
        count: i64,
    }
}

/// How many requests were admitted, by window, scope, bucket of time and who asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CounterState {
    counts: BTreeMap<String, i64>,
}

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

impl CounterState {
    /// Reads a state file. Counters with a blank key or nothing counted are passed over.
    ///
    /// # Errors
    /// [`LimitError`] when the file is malformed.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, LimitError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let document: StateDocument = json::decode(bytes, reading)?;
        let counters =
            document.counters.into_iter().filter(|counter| !counter.key.trim().is_empty() && counter.count > 0);
        Ok(Self { counts: counters.map(|counter| (counter.key, counter.count)).collect() })
    }

    /// The state as it stands in its file: indented, counters sorted by key.
    ///
    /// # Errors
    /// None in practice: nothing in a state lacks a written form.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        let counters = self.counts.iter().map(|(key, count)| Counter { key: key.clone(), count: *count }).collect();
        json::to_indented(&StateDocument {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            counters,
        })
    }

    /// Admits a request and counts it, or refuses it and leaves the state as it is.
    ///
    /// Counting also drops the counters of past windows of the same length, and those that are none.
    pub fn take(&mut self, limit: &Limit, tool_name: &str, identity: &str, now: &Timestamp) -> LimitDecision {
        let bucket = bucket(limit.window, now);
        let scope_key = scope_key(limit.scope, tool_name, identity);
        let (window, scope) = (limit.window.as_str(), limit.scope.as_str());
        let key = format!("{window}|{scope}|{bucket}|{scope_key}");
        let used = self.counts.get(&key).copied().unwrap_or(0);
        let decision = |allowed, used: i64| LimitDecision {
            allowed,
            limit: limit.requests,
            used,
            remaining: limit.requests.saturating_sub(used).max(0),
            scope: limit.scope,
            scope_key,
        };
        if used >= limit.requests {
            return decision(false, used);
        }
        self.prune(window, &bucket);
        let used = used.saturating_add(1);
        self.counts.insert(key, used);
        decision(true, used)
    }

    fn prune(&mut self, window: &str, bucket: &str) {
        self.counts.retain(|key, _| {
            let mut parts = key.splitn(4, '|');
            match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(of_window), Some(_), Some(of_bucket), Some(_)) => of_window != window || of_bucket == bucket,
                _ => false,
            }
        });
    }
}

/// The start of the minute or hour that `now` lies in, in UTC.
fn bucket(window: LimitWindow, now: &Timestamp) -> String {
    let length = match window {
        LimitWindow::Minute => 60,
        LimitWindow::Hour => 3600,
    };
    let seconds = now.unix_seconds();
    // Only a clock outside the years 0 to 9999 has no start that can be written; all of those share one bucket.
    let start = Timestamp::from_unix(seconds - seconds.rem_euclid(length), 0).unwrap_or_default();
    start.to_string()
}

fn scope_key(scope: LimitScope, tool_name: &str, identity: &str) -> String {
    match scope {
        LimitScope::Tool => tool_name.to_owned(),
        LimitScope::Identity => identity.to_owned(),
        LimitScope::ToolIdentity => format!("{tool_name}|{identity}"),
    }
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

/// Why the counters cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LimitError {
    /// The file is no JSON document of this type.
    #[error("rate limit state: {0}")]
    Json(#[from] JsonError),
}

impl Classify for LimitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intent::{Script, ScriptStep};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn limit(requests: i64, window: LimitWindow, scope: LimitScope) -> Limit {
        Limit { requests, window, scope }
    }

    fn keys(state: &CounterState) -> Vec<&str> {
        state.counts.keys().map(String::as_str).collect()
    }

    #[test]
    fn requests_are_counted_until_the_window_is_full() {
        let mut state = CounterState::default();
        let limit = limit(2, LimitWindow::Minute, LimitScope::ToolIdentity);
        let now = at("2026-11-22T14:38:59.9Z");
        let first = state.take(&limit, "tool.write", "alice", &now);
        assert_eq!((first.allowed, first.used, first.remaining), (true, 1, 1));
        assert_eq!(first.scope_key, "tool.write|alice");
        let second = state.take(&limit, "tool.write", "alice", &now);
        assert_eq!((second.allowed, second.used, second.remaining), (true, 2, 0));
        let before = state.clone();
        let third = state.take(&limit, "tool.write", "alice", &now);
        assert_eq!((third.allowed, third.used, third.remaining), (false, 2, 0));
        assert_eq!(state, before);
        assert!(state.take(&limit, "tool.write", "bob", &now).allowed);
        assert!(state.take(&limit, "tool.write", "alice", &at("2026-11-22T14:39:00Z")).allowed);
        assert_eq!(keys(&state), ["minute|tool_identity|2026-11-22T14:39:00Z|tool.write|alice"]);
    }

    #[test]
    fn scopes_and_windows_name_the_counter() {
        let now = at("2026-11-22T16:38:28+02:00");
        let table = [
            (LimitScope::Tool, LimitWindow::Hour, "hour|tool|2026-11-22T14:00:00Z|t", "t"),
            (LimitScope::Identity, LimitWindow::Minute, "minute|identity|2026-11-22T14:38:00Z|a", "a"),
            (LimitScope::ToolIdentity, LimitWindow::Hour, "hour|tool_identity|2026-11-22T14:00:00Z|t|a", "t|a"),
        ];
        for (scope, window, key, scope_key) in table {
            let mut state = CounterState::default();
            assert_eq!(state.take(&limit(1, window, scope), "t", "a", &now).scope_key, scope_key);
            assert_eq!(keys(&state), [key]);
        }
        let early = bucket(LimitWindow::Hour, &at("1969-12-31T23:59:59Z"));
        assert_eq!(early, "1969-12-31T23:00:00Z");
    }

    #[test]
    fn odd_counters_are_dropped_where_the_contract_says_so() {
        let file = br#"{"schema_id":"other","counters":[{"key":"nopipes","count":3},
            {"key":"hour|tool|2001-01-01T00:00:00Z|x","count":9},{"key":"minute|tool|2001-01-01T00:00:00Z|x","count":4},
            {"key":"minute|tool|2001-01-01T00:00:00Z|neg","count":-4},{"key":" ","count":4}]}"#;
        let mut state = CounterState::parse(file, Mode::Compat).unwrap();
        assert_eq!(state.counts.len(), 3);
        let full = limit(9, LimitWindow::Hour, LimitScope::Tool);
        let before = state.clone();
        assert!(!state.take(&full, "x", "a", &at("2001-01-01T00:30:00Z")).allowed);
        assert_eq!(state, before);
        let limit = limit(5, LimitWindow::Hour, LimitScope::ToolIdentity);
        state.take(&limit, "tool.write", "alice", &at("2026-11-22T14:38:28Z"));
        let expected =
            ["hour|tool_identity|2026-11-22T14:00:00Z|tool.write|alice", "minute|tool|2001-01-01T00:00:00Z|x"];
        assert_eq!(keys(&state), expected);
        let written = String::from_utf8(state.to_file().unwrap()).unwrap();
        assert!(
            written
                .starts_with("{\n  \"schema_id\": \"gait.gate.rate_limit_state\",\n  \"schema_version\": \"1.0.0\",\n")
        );
        assert_eq!(CounterState::parse(written.as_bytes(), Mode::Strict).unwrap(), state);
    }

    #[test]
    fn malformed_files() {
        for text in ["", "[", "[]", r#"{"counters":{}}"#, r#"{"counters":[{"count":1.5}]}"#] {
            assert!(CounterState::parse(text.as_bytes(), Mode::Compat).is_err(), "{text}");
        }
        assert_eq!(CounterState::parse(b"{}", Mode::Compat).unwrap(), CounterState::default());
    }

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

    proptest! {
        #[test]
        fn no_window_admits_more_than_its_number(
            requests in 1i64..5,
            hour in any::<bool>(),
            calls in proptest::collection::vec((0i64..10_000, 0usize..3), 0..60),
        ) {
            let window = if hour { LimitWindow::Hour } else { LimitWindow::Minute };
            let limit = limit(requests, window, LimitScope::Identity);
            let mut calls = calls;
            calls.sort_unstable();
            let mut state = CounterState::default();
            let mut granted = BTreeMap::new();
            for (second, who) in calls {
                let now = Timestamp::from_unix(1_700_000_000 + second, 0).unwrap();
                let decision = state.take(&limit, "t", ["a", "b", "c"][who], &now);
                if decision.allowed {
                    *granted.entry((bucket(window, &now), who)).or_insert(0) += 1;
                }
                prop_assert_eq!(decision.used + decision.remaining, requests);
            }
            prop_assert!(granted.values().all(|count| *count <= requests));
        }
    }
}
