//! The index against a plain scan: a policy decides as its rules do one by one, put together by hand (02 §6.3).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use gait_base::time::Timestamp;
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::verdict::Verdict;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const TOOLS: [&str; 3] = ["fs.read", "fs.write", "net.call"];
const PEOPLE: [&str; 2] = ["alice", "bob"];
const RISKS: [&str; 3] = ["low", "medium", "high"];
const KINDS: [&str; 4] = ["path", "url", "bucket", "other"];
const OPERATIONS: [&str; 4] = ["read", "write", "delete", "post"];
const LABELS: [&str; 2] = ["pii", "public"];
const CLASSES: [&str; 5] = ["fs.read", "fs.write", "fs.delete", "net.http", "other"];
const SOURCES: [&str; 4] = ["user", "tool_output", "external", "system"];
const METHODS: [&str; 2] = ["mcp", "unknown"];
const EFFECTS: [&str; 4] = ["allow", "dry_run", "require_approval", "block"];

/// More than the index merges without an allocation.
const VALUES: usize = 14;

fn value(number: usize) -> String {
    format!("/v/{number}")
}

/// A condition that is set in some rules only.
fn condition(name: &'static str, words: Vec<String>) -> impl Strategy<Value = Option<(String, Value)>> {
    let most = words.len();
    prop::option::weighted(0.22, subsequence(words, 1..=most))
        .prop_map(move |set| set.map(|set| (name.to_owned(), json!(set))))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn rule() -> impl Strategy<Value = Value> {
    let values = || (0..VALUES).map(value).collect::<Vec<_>>();
    let conditions = [
        condition("tool_names", words(&TOOLS)).boxed(),
        condition("identities", words(&PEOPLE)).boxed(),
        condition("risk_classes", words(&RISKS)).boxed(),
        condition("target_kinds", words(&KINDS)).boxed(),
        condition("destination_kinds", words(&KINDS)).boxed(),
        condition("target_values", values()).boxed(),
        condition("destination_values", values()).boxed(),
        condition("data_classes", words(&LABELS)).boxed(),
        condition("destination_operations", words(&OPERATIONS)).boxed(),
        condition("endpoint_classes", words(&CLASSES)).boxed(),
        condition("provenance_sources", words(&SOURCES)).boxed(),
        condition("discovery_method", words(&METHODS)).boxed(),
        condition("workspace_prefixes", words(&["/repo", "/srv"])).boxed(),
    ];
    let constraint = prop_oneof![
        4 => Just(json!({})),
        1 => Just(json!({"dataflow": {"enabled": true}})),
        1 => Just(json!({"endpoint": {"path_allowlist": ["/v/1*"], "action": "require_approval"}})),
        1 => Just(json!({"require_agent_owner": true})),
        1 => (1..4i64).prop_map(|requests| json!({"rate_limit": {"requests": requests}})),
    ];
    (Vec::from(conditions), select(&EFFECTS[..]), -1..3i64, 0..3i64, constraint).prop_map(
        |(conditions, effect, priority, approvals, constraint)| {
            let conditions: Map<String, Value> = conditions.into_iter().flatten().collect();
            let mut rule =
                json!({"effect": effect, "priority": priority, "min_approvals": approvals, "match": conditions});
            rule.as_object_mut().unwrap().extend(constraint.as_object().unwrap().clone());
            rule
        },
    )
}

fn intent() -> impl Strategy<Value = Value> {
    let target = (select(&KINDS[..]), 0..VALUES, select(&OPERATIONS[..]), select(&LABELS[..]), select(&METHODS[..])).prop_map(
        |(kind, number, operation, label, method)| {
            json!({"kind": kind, "value": value(number), "operation": operation, "sensitivity": label, "discovery_method": method})
        },
    );
    let targets =
        prop_oneof![3 => prop::collection::vec(target.clone(), 0..4), 1 => prop::collection::vec(target, 10..40)];
    let sources = prop::collection::vec(select(&SOURCES[..]), 0..3);
    (select(&TOOLS[..]), targets, sources, select(&PEOPLE[..]), select(&RISKS[..]), select(&["/repo", "/home"][..]))
        .prop_map(|(tool, targets, sources, who, risk, workspace)| {
            let origins: Vec<_> = sources.iter().map(|source| json!({"arg_path": "a", "source": source})).collect();
            json!({"tool_name": tool, "args": {}, "targets": targets, "arg_provenance": origins,
                "context": {"identity": who, "workspace": workspace, "risk_class": risk}})
        })
}

fn policy(rules: &[Value]) -> Policy {
    let text = serde_json::to_vec(&json!({"default_verdict": "dry_run", "rules": rules})).unwrap();
    Policy::parse(&text, Mode::Strict).unwrap()
}

fn decide(rules: &[Value], intent: &Intent) -> Decision {
    policy(rules).evaluate(intent, &Inputs::at(Timestamp::EPOCH_1980)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_decides_as_its_rules_do_one_by_one(rules in prop::collection::vec(rule(), 0..16), intent in intent()) {
        let mut rules = rules;
        for (number, rule) in rules.iter_mut().enumerate() {
            rule.as_object_mut().unwrap().insert("name".into(), json!(format!("r{number:02}")));
        }
        let intent = Intent::parse(&serde_json::to_vec(&intent).unwrap(), Mode::Strict).unwrap();
        let decision = decide(&rules, &intent);

        let alone: Vec<_> = rules.iter().map(|rule| decide(std::slice::from_ref(rule), &intent)).collect();
        let matching: Vec<_> = rules.iter().zip(&alone).filter(|(_, one)| !one.matched_rule.is_empty()).collect();
        let priority = |rule: &Value| rule["priority"].as_i64().unwrap();
        let Some(first) = matching.iter().map(|(rule, _)| priority(rule)).min() else {
            prop_assert_eq!(decision.verdict, Verdict::DryRun);
            prop_assert!(decision.matched_rule.is_empty() && decision.matched_rules.is_empty());
            return Ok(());
        };
        let collected: Vec<_> = matching.into_iter().filter(|(rule, _)| priority(rule) == first).map(|(_, one)| one).collect();
        let verdict = collected.iter().map(|one| one.verdict).max().unwrap();
        let deciding: Vec<_> = collected.iter().filter(|one| one.verdict == verdict).collect();
        let union = |of: fn(&Decision) -> Vec<String>| deciding.iter().flat_map(|one| of(one)).collect::<BTreeSet<_>>();

        prop_assert_eq!(decision.verdict, verdict);
        let names: Vec<_> = collected.iter().map(|one| &*one.matched_rule).collect();
        prop_assert_eq!(&decision.matched_rule, &names.join(","));
        let whole = policy(&rules);
        let numbered: BTreeSet<_> = decision.matched_rules.iter().map(|number| &*whole.document().rules[*number].name).collect();
        prop_assert_eq!(Vec::from_iter(numbered), names);
        prop_assert_eq!(decision.reason_codes.to_strings(), Vec::from_iter(union(|one| one.reason_codes.to_strings())));
        prop_assert_eq!(decision.violations.to_strings(), Vec::from_iter(union(|one| one.violations.to_strings())));
        prop_assert_eq!(decision.min_approvals, deciding.iter().map(|one| one.min_approvals).max().unwrap());
        prop_assert_eq!(
            decision.rate_limit.map(|limit| limit.requests),
            deciding.iter().filter_map(|one| one.rate_limit).map(|limit| limit.requests).min()
        );
        prop_assert_eq!(decision.dataflow_triggered, deciding.iter().any(|one| one.dataflow_triggered));
        prop_assert_eq!(decision.intent_digest, Some(intent.digest()));
    }
}
