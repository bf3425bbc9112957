//! The golden policies of this crate, see `golden/policy/README.md`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use gait_base::error::{Category, Classify};
use gait_base::{digest::sha256, jcs};
use gait_gate::mode::Mode;
use gait_gate::policy::{PolicyDocument, Template, lint};
use serde_json::Value;

fn rows(table: &str) -> Vec<Value> {
    table.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
}

fn text<'r>(row: &'r Value, column: &str) -> &'r str {
    row[column].as_str().expect("a text")
}

fn compat(text: &str) -> PolicyDocument {
    PolicyDocument::parse(text.as_bytes(), Mode::Compat).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn forms_of_the_same_policy() {
    for row in rows(include_str!("golden/policy/same.jsonl")) {
        let (one, other) = (compat(text(&row, "one")), compat(text(&row, "other")));
        assert_eq!(one.digest(), other.digest(), "{}:\n{one:#?}\n{other:#?}", row["name"]);
        assert_eq!(compat(&one.format()).digest(), one.digest(), "{}: formatted", row["name"]);
    }
}

#[test]
fn refused_texts() {
    for row in rows(include_str!("golden/policy/refused.jsonl")) {
        let mode = if row["mode"] == "strict" { Mode::Strict } else { Mode::Compat };
        let error = PolicyDocument::parse(text(&row, "yaml").as_bytes(), mode).expect_err(text(&row, "name"));
        assert_eq!(error.code(), text(&row, "code"), "{}: {error}", row["name"]);
        assert_eq!(error.category(), Category::InvalidInput);
        if mode.is_strict() && error.code() != "policy_non_string_key" {
            compat(text(&row, "yaml"));
        } else {
            assert!(PolicyDocument::parse(text(&row, "yaml").as_bytes(), Mode::Strict).is_err());
        }
    }
}

#[test]
fn every_field() {
    let policy = compat(include_str!("golden/policy/full.yaml"));
    let canonical = include_str!("golden/policy/full.canonical.json").trim_end();
    assert_eq!(jcs::canonicalize(canonical.as_bytes()).expect("canonical"), canonical.as_bytes());
    assert_eq!(policy.digest(), sha256(canonical.as_bytes()));
    let formatted = policy.format();
    assert_eq!(formatted, include_str!("golden/policy/full.formatted.yaml"));
    assert_eq!(compat(&formatted).format(), formatted);
    let strict = PolicyDocument::parse(formatted.as_bytes(), Mode::Strict).expect("strict too");
    assert_eq!(strict.digest(), policy.digest());
}

#[test]
fn messages_name_the_place() {
    let message = |text: &str| PolicyDocument::parse(text.as_bytes(), Mode::Strict).expect_err("refused").to_string();
    for (text, expected) in [
        (
            "rules:\n  - name: a\n    match:\n      tool_names: [x, [y]]\n",
            "policy: rules[0].match.tool_names[1]: expected a string, found a list at line 4, column 23",
        ),
        ("a: {\n  b: 1,\n  b: 2}\n", "policy: duplicate key `b` at line 3, column 3"),
        ("rules: [{name:\tr, what: 1}]", "policy: rules[0]: unknown field `what` at line 1, column 19"),
        (
            "rules: [{name: r, effect: permit}]",
            "policy: rule `r`: effect: `permit` is not one of allow, dry_run, require_approval, block",
        ),
        ("rules: [{}]", "policy: rules[0]: a rule name is required"),
        ("2: x", "policy: the key `2` at line 1, column 1 is not a string"),
        ("scripts: {max_steps: -1}", "policy: scripts.max_steps: -1 is negative"),
        ("version: 1\nname: x", "legacy policy proposal fields are not supported [version, name]"),
    ] {
        assert_eq!(message(text), expected);
    }
}

#[test]
fn invalid_utf8_is_lossy_only_in_compat() {
    let bytes = b"rules: [{name: \"a\xff\xfe\", effect: allow}]";
    let policy = PolicyDocument::parse(bytes, Mode::Compat).expect("compat");
    assert_eq!(policy.rules[0].name, "a\u{FFFD}\u{FFFD}");
    let error = PolicyDocument::parse(bytes, Mode::Strict).expect_err("strict");
    assert_eq!(error.code(), "policy_syntax");
}

#[test]
fn lints() {
    let codes = |text: &str| lint(&compat(text)).into_iter().map(|lint| lint.code).collect::<Vec<_>>();
    assert_eq!(codes(""), [""; 0]);
    assert_eq!(codes("default_verdict: allow"), ["default_allow_unchecked"]);
    let rule = |rest: &str| codes(&format!("rules: [{{name: r, effect: block, {rest}}}]"));
    assert_eq!(rule("dataflow: {enabled: true}"), ["dataflow_lowers_effect"]);
    assert_eq!(rule("dataflow: {enabled: true, action: block}"), [""; 0]);
    assert_eq!(rule("endpoint: {destructive_action: require_approval}"), ["destructive_action_overruled"]);
    assert_eq!(rule("endpoint: {destructive_action: block}"), [""; 0]);
    assert_eq!(rule("match: {risk_classes: [hihg], target_kinds: [file, url]}"), ["unknown_match_value"; 2]);
    assert_eq!(rule("sandbox: {required_read_only_roots: [/]}"), ["read_only_roots_optional"]);
}

#[test]
fn templates_are_valid_in_strict_mode() {
    for template in Template::ALL {
        let policy = PolicyDocument::parse(template.text().as_bytes(), Mode::Strict).expect("valid");
        assert!(policy.rules.len() >= 3);
        assert_eq!(Template::parse(template.name()), Some(template));
    }
}
