//! Decisions, row by row: policy, intent, and what must come out (02 §16).
#![allow(clippy::unwrap_used, clippy::panic)]

use gait_base::time::Timestamp;
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::intent::{Intent, decode_request};
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::policy::document::Limit;
use gait_gate::verdict::Verdict;
use serde_json::{Value, json};

/// The recorded rows and our own, which are of the same form.
fn rows() -> Vec<Value> {
    let root = std::env::var("GAIT_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    let recorded = format!("{root}/gate/eval.jsonl");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/eval.jsonl").to_owned();
    let mut rows = Vec::new();
    for path in [recorded, own] {
        match std::fs::read_to_string(&path) {
            Ok(text) => rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap())),
            Err(error) => eprintln!("skipped: {path}: {error}; GAIT_VECTORS may name the folder of the tables"),
        }
    }
    assert!(!rows.is_empty());
    rows
}

/// Far from every window and date of the rows.
fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn limit(limit: Option<Limit>) -> Value {
    limit.map_or(Value::Null, |limit| json!([limit.requests, limit.window.as_str(), limit.scope.as_str()]))
}

/// What is not empty of a decision, under the names of the table.
fn columns(policy: &Policy, intent: Option<&Intent>, decision: &Decision) -> Value {
    let mut all = json!({
        "verdict": decision.verdict.as_str(),
        "reason_codes": decision.reason_codes.to_strings(),
        "violations": decision.violations.to_strings(),
        "matched_rule": decision.matched_rule,
        "policy_digest": policy.digest().to_hex(),
        "min_approvals": decision.min_approvals,
        "require_distinct_approvers": decision.require_distinct_approvers,
        "require_broker_credential": decision.require_broker_credential,
        "require_delegation": decision.require_delegation,
        "required_delegation_scopes": decision.delegation_scopes,
        "broker_reference": decision.broker_reference,
        "broker_scopes": decision.broker_scopes,
        "rate_limit": limit(decision.rate_limit),
        "destructive_budget": limit(decision.destructive_budget),
        "dataflow_triggered": decision.dataflow_triggered,
        "freeze_window_status": decision.freeze_window.as_ref().map(|decision| decision.status.clone()),
        "sandbox_status": decision.sandbox.as_ref().map(|decision| decision.status.clone()),
        "exit": match decision.verdict { Verdict::Block => 3, Verdict::RequireApproval => 4, Verdict::Allow | Verdict::DryRun => 0 },
    });
    let columns = all.as_object_mut().unwrap();
    if let Some(facts) = &decision.script {
        columns.insert("composite_risk_class".into(), facts.composite_risk_class.into());
        let steps = gait_base::json::to_compact(&facts.step_verdicts).unwrap();
        columns.insert("step_verdicts".into(), serde_json::from_slice(&steps).unwrap());
    }
    if let Some(intent) = intent {
        columns.insert("intent_digest".into(), intent.digest().to_hex().into());
        columns.insert("args_digest".into(), intent.args_digest().to_hex().into());
        if decision.intent_digest != Some(intent.digest()) {
            columns
                .insert("prepared_intent_digest".into(), decision.intent_digest.map(|digest| digest.to_hex()).into());
        }
        if let Some(hash) = intent.script_hash() {
            columns.insert("script_hash".into(), hash.to_hex().into());
        }
    }
    all
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

#[test]
fn every_column_of_every_row_holds() {
    let mut wrong = Vec::new();
    for row in rows() {
        let (name, want) = (row["name"].as_str().unwrap(), &row["want"]);
        let policy = Policy::parse(row["policy_yaml"].as_str().unwrap().as_bytes(), Mode::Compat);
        if want["error"] == "policy" {
            if policy.is_ok() {
                wrong.push(format!("{name}: the policy is accepted"));
            }
            continue;
        }
        let policy = policy.unwrap_or_else(|error| panic!("{name}: {error}"));
        let bytes = serde_json::to_vec(&row["intent"]).unwrap();
        let intent = Intent::parse(&bytes, Mode::Compat);
        let got = match &intent {
            Ok(intent) => columns(&policy, Some(intent), &policy.evaluate(intent, &Inputs::at(now())).unwrap()),
            Err(_) => json!({"error": "intent", "exit": 6, "policy_digest": policy.digest().to_hex()}),
        };
        let mut want = want.clone();
        let library = want.as_object_mut().unwrap().remove("library");
        if let Some(library) = library {
            let (request, _) = decode_request(&bytes, Mode::Compat).unwrap();
            let (decision, intent) = policy.evaluate_request(request, &Inputs::at(now())).unwrap();
            let got = columns(&policy, intent.as_ref(), &decision);
            for (column, value) in library.as_object().unwrap() {
                if got[column] != *value {
                    wrong.push(format!("{name}: library {column}: want {value} got {}", got[column]));
                }
            }
        }
        if want["error"] == "intent" {
            // Rows recorded before errors were classified by type say 1.
            want["exit"] = 6.into();
        }
        let names = want.as_object().unwrap().keys().chain(got.as_object().unwrap().keys());
        for column in names.collect::<std::collections::BTreeSet<_>>() {
            let (want, got) = (&want[column], &got[column]);
            if want != got && !(is_empty(want) && is_empty(got)) {
                wrong.push(format!("{name}: {column}: want {want} got {got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
