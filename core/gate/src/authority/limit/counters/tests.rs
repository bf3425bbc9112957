use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn limit(requests: i64, window: LimitWindow, scope: LimitScope) -> Limit {
    Limit { requests, window, scope }
}

fn keys(state: &CounterState) -> Vec<String> {
    state.counters().into_iter().map(|counter| counter.key).collect()
}

fn take(state: &mut CounterState, limit: &Limit, tool_name: &str, identity: &str, now: &Timestamp) -> LimitDecision {
    state.take(limit, tool_name, identity, now).unwrap()
}

#[test]
fn requests_are_counted_until_the_window_is_full() {
    let mut state = CounterState::default();
    let limit = limit(2, LimitWindow::Minute, LimitScope::ToolIdentity);
    let now = at("2026-11-22T14:38:59.9Z");
    let first = take(&mut state, &limit, "tool.write", "alice", &now);
    assert_eq!((first.allowed, first.used, first.remaining), (true, 1, 1));
    assert_eq!(first.scope_key, "tool.write|alice");
    let second = take(&mut state, &limit, "tool.write", "alice", &now);
    assert_eq!((second.allowed, second.used, second.remaining), (true, 2, 0));
    let before = state.clone();
    let third = take(&mut state, &limit, "tool.write", "alice", &now);
    assert_eq!((third.allowed, third.used, third.remaining), (false, 2, 0));
    assert_eq!(state, before);
    assert!(take(&mut state, &limit, "tool.write", "bob", &now).allowed);
    assert!(take(&mut state, &limit, "tool.write", "alice", &at("2026-11-22T14:39:00Z")).allowed);
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
        assert_eq!(state.take(&limit(1, window, scope), "t", "a", &now).unwrap().scope_key, scope_key);
        assert_eq!(keys(&state), [key]);
    }
    let early = bucket_start(LimitWindow::Hour, &at("1969-12-31T23:59:59Z"));
    assert_eq!(bucket_name(early), "1969-12-31T23:00:00Z");
}

#[test]
fn odd_counters_are_dropped_where_the_contract_says_so() {
    let file = br#"{"schema_id":"other","counters":[{"key":"nopipes","count":3},
        {"key":"hour|tool|2001-01-01T00:00:00Z|x","count":9},{"key":"minute|tool|2001-01-01T00:00:00Z|x","count":4},
        {"key":"minute|tool|2001-01-01T00:00:00Z|neg","count":-4},{"key":" ","count":4}]}"#;
    let mut state = CounterState::parse(file, Mode::Compat).unwrap();
    assert_eq!(state.counters().len(), 3);
    let full = limit(9, LimitWindow::Hour, LimitScope::Tool);
    let before = state.clone();
    assert!(!take(&mut state, &full, "x", "a", &at("2001-01-01T00:30:00Z")).allowed);
    assert_eq!(state, before);
    let limit = limit(5, LimitWindow::Hour, LimitScope::ToolIdentity);
    take(&mut state, &limit, "tool.write", "alice", &at("2026-11-22T14:38:28Z"));
    let expected = ["hour|tool_identity|2026-11-22T14:00:00Z|tool.write|alice", "minute|tool|2001-01-01T00:00:00Z|x"];
    assert_eq!(keys(&state), expected);
    let written = String::from_utf8(state.to_file().unwrap()).unwrap();
    assert!(
        written.starts_with("{\n  \"schema_id\": \"gait.gate.rate_limit_state\",\n  \"schema_version\": \"1.0.0\",\n")
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

#[test]
fn keys_of_others_stay_or_go_by_the_rules_and_never_meet_ours() {
    let file = br#"{"counters":[{"key":"day|tool|2026-11-22T00:00:00Z|x","count":1},
        {"key":"minute|odd|2026-11-22T14:38:00Z|x","count":2},{"key":"minute|odd|2026-11-22T14:37:00Z|x","count":3},
        {"key":"minute|tool|2026-11-22T14:38:01Z|x","count":4},{"key":"minute|tool|2026-11-22T14:38:00Z","count":5},
        {"key":"minute|tool|2026-11-22T14:38:00Z|x|y","count":6},{"key":"hour2|tool|b|x","count":7},
        {"key":"minute|tool|2026-11-22T14:38:00Z|x","count":8},{"key":"minute|tool|2026-11-22T14:38:00Z|x","count":1}]}"#;
    let mut state = CounterState::parse(file, Mode::Compat).unwrap();
    let sorted = keys(&state);
    assert!(sorted.is_sorted() && sorted.len() == 8, "{sorted:?}");
    let limit = limit(2, LimitWindow::Minute, LimitScope::Tool);
    assert_eq!(take(&mut state, &limit, "x", "a", &at("2026-11-22T14:38:28Z")).used, 2);
    let kept = [
        "day|tool|2026-11-22T00:00:00Z|x",
        "hour2|tool|b|x",
        "minute|odd|2026-11-22T14:38:00Z|x",
        "minute|tool|2026-11-22T14:38:00Z|x",
        "minute|tool|2026-11-22T14:38:00Z|x|y",
    ];
    assert_eq!(keys(&state), kept);
    take(&mut state, &limit, "x", "a", &at("2026-11-22T14:39:28Z"));
    assert_eq!(
        keys(&state),
        ["day|tool|2026-11-22T00:00:00Z|x", "hour2|tool|b|x", "minute|tool|2026-11-22T14:39:00Z|x"]
    );
}

#[test]
fn a_clock_that_jumps_frees_no_slot_in_strict_mode() {
    let limit = limit(2, LimitWindow::Minute, LimitScope::Identity);
    let jumps = [
        "2026-11-22T14:38:00Z",
        "2027-11-22T14:38:00Z",
        "2026-11-22T14:38:30Z",
        "2027-11-22T14:38:00Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-23:00",
        "2026-11-22T14:39:00Z",
        "9999-12-31T23:59:30Z",
    ];
    let run = |mode| {
        let mut state = CounterState::new(mode);
        let allowed = jumps.map(|now| take(&mut state, &limit, "t", "a", &at(now)).allowed);
        (allowed, keys(&state))
    };
    let (allowed, left) = run(Mode::Strict);
    // One in 2026, two in 2027 (the first of them shown as 2026), two in the last minute that there is.
    assert_eq!(allowed, [true, true, true, false, false, false, true, true, false]);
    assert_eq!(left, ["minute|identity|9999-12-31T23:59:00Z|a"]);
    // As the contract has it: each jump begins anew.
    let (allowed, _) = run(Mode::Compat);
    assert_eq!(allowed, [true; 9]);
    // Nor after the state went through its file.
    let mut state = CounterState::new(Mode::Strict);
    take(&mut state, &limit, "t", "a", &at("2026-11-22T14:38:00Z"));
    let mut read = CounterState::parse(&state.to_file().unwrap(), Mode::Strict).unwrap();
    assert_eq!(take(&mut read, &limit, "t", "a", &at("2020-01-01T00:00:00Z")).used, 2);
    assert!(!take(&mut read, &limit, "t", "a", &at("2020-01-01T00:00:00Z")).allowed);
    // The windows keep time apart from each other.
    let hourly = Limit { window: LimitWindow::Hour, ..limit };
    take(&mut read, &hourly, "t", "a", &at("2020-01-01T00:00:00Z"));
    assert_eq!(keys(&read)[0], "hour|identity|2020-01-01T00:00:00Z|a");
}

#[test]
fn a_full_window_is_an_error_for_new_names_only() {
    let mut state = CounterState::default();
    let (now, limit) = (at("2026-11-22T14:38:00Z"), limit(9, LimitWindow::Hour, LimitScope::Identity));
    take(&mut state, &limit, "t", "first", &now);
    let start = bucket_start(LimitWindow::Hour, &now);
    let names = (1..COUNTER_CAPACITY).map(|number| (number.to_string(), 1));
    state.hour.buckets.get_mut(&start).unwrap().identity.extend(names);
    assert_eq!(state.take(&limit, "t", "new", &now), Err(LimitError::Full));
    assert_eq!(take(&mut state, &limit, "t", "first", &now).used, 2);
    assert!(state.take(&Limit { window: LimitWindow::Minute, ..limit }, "t", "new", &now).is_ok());
    assert!(state.take(&limit, "t", "new", &at("2026-11-22T15:00:00Z")).is_ok());
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
            let decision = take(&mut state, &limit, "t", ["a", "b", "c"][who], &now);
            if decision.allowed {
                *granted.entry((bucket_start(window, &now), who)).or_insert(0) += 1;
            }
            prop_assert_eq!(decision.used + decision.remaining, requests);
        }
        prop_assert!(granted.values().all(|count| *count <= requests));
    }
}
