//! Endpoint patterns against the recorded cases, and against Go's rules spelled out the slow way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use gait_gate::pattern::{DomainPattern, PathPattern};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn recorded_patterns() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let file = std::env::var_os("GAIT_VECTORS").map_or_else(beside, PathBuf::from).join("gate/patterns.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("skipped: no recorded cases at {}", file.display());
        return;
    };
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let part = |name: &str| row["input"][name].as_str().unwrap().to_owned();
        let hit = match part("kind").as_str() {
            "path" => PathPattern::new(&part("pattern")).matches(&part("value")),
            "domain" => DomainPattern::new(&part("pattern")).matches(&part("value")),
            other => panic!("unknown kind {other}"),
        };
        assert_eq!(row["want"], hit, "{line}");
    }
}

/// Stars and question marks over plain letters, by exhaustive search.
fn search(pattern: &[u8], value: &[u8]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some((b'*', rest)) => {
            let run = value.iter().take_while(|&&byte| byte != b'/').count();
            (0..=run).any(|taken| search(rest, &value[taken..]))
        }
        Some((b'?', rest)) => value.first().is_some_and(|&byte| byte != b'/') && search(rest, &value[1..]),
        Some((byte, rest)) => value.first() == Some(byte) && search(rest, &value[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn shortest_runs_find_what_search_finds(pattern in "[ab/?*]{0,8}", value in "[ab/]{0,10}") {
        let folder = pattern.strip_suffix("/**").is_some_and(|folder| {
            value == folder || value.starts_with(&format!("{folder}/"))
        });
        let expected = pattern == value || folder || search(pattern.as_bytes(), value.as_bytes());
        prop_assert_eq!(PathPattern::new(&pattern).matches(&value), expected);
    }

    #[test]
    fn any_pattern_is_safe_and_hits_itself(pattern in ".{0,24}", value in ".{0,24}") {
        prop_assert!(PathPattern::new(&pattern).matches(&pattern));
        prop_assert!(DomainPattern::new(&pattern).matches(&pattern));
        let _ = PathPattern::new(&pattern).matches(&value);
        let _ = DomainPattern::new(&pattern).matches(&value);
    }
}
