//! Properties of reading and formatting policies: formatting keeps the digest, no text makes the reader panic, no text
//! costs much more than its length.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use gait_gate::mode::Mode;
use gait_gate::policy::PolicyDocument;
use proptest::prelude::*;

const MODES: [Mode; 2] = [Mode::Strict, Mode::Compat];

/// A text as a YAML string that every reader takes for exactly this text.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let _ = write!(out, "\\U{:08x}", u32::from(c));
    }
    out.push('"');
    out
}

/// Texts that are delicate in YAML.
fn delicate() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(" "),
        Just("\t"),
        Just("\n"),
        Just("\r"),
        Just("-"),
        Just("?"),
        Just(":"),
        Just("#"),
        Just("~"),
        Just("null"),
        Just("true"),
        Just("no"),
        Just("1"),
        Just("0x"),
        Just("."),
        Just("_"),
        Just("e"),
        Just("inf"),
        Just("2026-01-01"),
        Just("T00:00:00Z"),
        Just("a"),
        Just("é"),
        Just("\u{85}"),
        Just("\u{2028}"),
        Just("\u{FEFF}"),
        Just("\0"),
        Just("\u{1b}"),
        Just("\u{7f}"),
        Just("\""),
        Just("'"),
        Just("\\"),
        Just("|"),
        Just(">"),
        Just("<<"),
        Just("="),
        Just("["),
        Just("{"),
        Just("]"),
        Just("}"),
        Just(","),
        Just("&"),
        Just("*"),
        Just("!"),
        Just("%"),
        Just("@"),
        Just("`"),
        Just("..."),
        Just("---"),
        Just("\u{1F600}"),
        Just("\u{301}"),
        Just("+"),
    ];
    prop_oneof![proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat()), any::<String>(),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn formatting_keeps_the_digest(
        name in delicate(), tool in delicate(), value in delicate(), reason in delicate(), action in "[ ]?(allow|ALLOW)[ \n]?",
        priority in any::<i32>(), window in delicate(),
    ) {
        let text = format!(
            "default_action: {}\nrules:\n- name: {}\n  effect: allow\n  priority: {priority}\n  match:\n    tool_name: {}\n    \
             target_values: [{}, {}]\n  reason_codes: [{}]\n  rate_limit: {{window: {}}}\n",
            quoted(&action), quoted(&format!("n{name}")), quoted(&tool), quoted(&value), quoted(&name), quoted(&reason),
            quoted(&window),
        );
        let policy = PolicyDocument::parse(text.as_bytes(), Mode::Compat).expect("valid");
        let formatted = policy.format();
        for mode in MODES {
            let again = PolicyDocument::parse(formatted.as_bytes(), mode);
            prop_assert_eq!(again.as_ref(), Ok(&policy), "\n{}", formatted);
            prop_assert_eq!(again.map(|again| again.digest()), Ok(policy.digest()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for mode in MODES {
            let _ = PolicyDocument::parse(&bytes, mode);
        }
    }

    #[test]
    fn no_text_makes_it_panic(pieces in proptest::collection::vec(delicate(), 0..20)) {
        for mode in MODES {
            let _ = PolicyDocument::parse(pieces.concat().as_bytes(), mode);
        }
    }

    #[test]
    fn no_change_to_a_policy_makes_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..8),
        piece in delicate(),
    ) {
        let mut bytes = include_bytes!("golden/policy/full.yaml").to_vec();
        for (index, kind, byte) in changes {
            let at = index.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, piece.bytes())),
            }
            if bytes.is_empty() {
                break;
            }
        }
        for mode in MODES {
            if let Ok(policy) = PolicyDocument::parse(&bytes, mode) {
                let again = PolicyDocument::parse(policy.format().as_bytes(), mode);
                prop_assert_eq!(again.map(|again| again.digest()), Ok(policy.digest()));
            }
        }
    }
}

fn refused_quickly(what: &str, text: &str) {
    let start = Instant::now();
    assert!(PolicyDocument::parse(text.as_bytes(), Mode::Compat).is_err(), "{what}");
    assert!(start.elapsed() < Duration::from_secs(5), "{what}: {:?}", start.elapsed());
}

#[test]
fn deep_nesting_is_refused() {
    const DEPTH: usize = 100_000;
    refused_quickly("flow lists", &"[".repeat(DEPTH));
    refused_quickly("closed flow lists", &format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH)));
    refused_quickly("flow mappings", &"{a: ".repeat(DEPTH));
    refused_quickly("block lists", &"- ".repeat(DEPTH));
    refused_quickly("complex keys", &"? ".repeat(DEPTH));
    refused_quickly("anchors", &"&a ".repeat(DEPTH));
    refused_quickly("a later document", &format!("default_verdict: allow\n---\n{}", "- ".repeat(DEPTH)));
    let mut steps = String::from("rules:\n");
    for depth in 1..2_000 {
        let _ = writeln!(steps, "{:depth$}a:", "");
    }
    refused_quickly("block mappings", &steps);
}

#[test]
fn alias_bombs_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", vec![below; 10].join(", "));
    }
    refused_quickly("nested lists", &bomb);
    let big = format!("rules:\n- &r {{name: r, effect: allow, reason_codes: [{}]}}\n", "reason, ".repeat(20_000));
    refused_quickly("a large rule many times", &format!("{big}{}", "- *r\n".repeat(20_000)));
    let long = "x".repeat(1_000_000);
    refused_quickly(
        "a long text many times",
        &format!("default_action: &x {long}\nrules: [{}]", "*x, ".repeat(100_000)),
    );
    let text = format!("rules: [{{name: &x {long}, effect: allow, violations: [{}]}}]", "*x, ".repeat(10_000));
    refused_quickly("a long text in a list", &text);
    let mut merges = String::from("m0: &m0 {k: 1}\n");
    for level in 1..10_000 {
        let _ = writeln!(merges, "m{level}: &m{level} {{<<: *m{}, k{level}: 1}}", level - 1);
    }
    refused_quickly("growing merges", &merges);
}

#[test]
fn many_repairs_end() {
    let line = "rules: [{name:\tr, effect:\tallow, match:{tool_names:[a]}}]";
    assert!(PolicyDocument::parse(line.as_bytes(), Mode::Strict).is_ok());
    let many = format!("rules: [{}]", "{name:[a]}, ".repeat(100_000));
    refused_quickly("a blank too many", &many);
}

#[test]
fn large_policies_are_read_in_linear_time() {
    let mut text = String::from("rules:\n");
    for index in 0..10_000 {
        let _ = writeln!(
            text,
            "  - name: rule-{index}\n    priority: {}\n    effect: allow\n    match:\n      tool_names: [tool.{index}, tool.b]\n      \
             risk_classes: [low, high]\n      target_kinds:\n        - path\n        - url\n    reason_codes: [reason_{index}]",
            index % 100
        );
    }
    let start = Instant::now();
    let policy = PolicyDocument::parse(text.as_bytes(), Mode::Strict).expect("valid");
    let read = start.elapsed();
    let digest = policy.digest();
    let hashed = start.elapsed();
    eprintln!("{} bytes: read in {read:?}, hashed in {:?}", text.len(), hashed.checked_sub(read).unwrap_or_default());
    assert_eq!(policy.rules.len(), 10_000);
    let formatted = policy.format();
    assert_eq!(PolicyDocument::parse(formatted.as_bytes(), Mode::Strict).map(|again| again.digest()), Ok(digest));
    assert!(start.elapsed() < Duration::from_secs(60));
}
