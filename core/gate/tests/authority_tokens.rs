//! Replays the recorded tables and cases of approval tokens, delegation tokens, approved scripts and broker requests
//! (03 §17).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gait_base::digest::Digest;
use gait_base::json::{self, Encode};
use gait_base::key::{SigningKey, VerifyingKey};
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{self, ApprovalExpectation, ApprovalTerms, ApprovalToken};
use gait_gate::authority::approved_script::ApprovedScriptEntry;
use gait_gate::authority::audit::{ApprovalAuditRecord, AuditedDecision, DelegationAuditRecord};
use gait_gate::authority::broker::{BrokerRequest, stub_response};
use gait_gate::authority::delegation::{self, ChainDemand, DelegationExpectation, DelegationTerms, DelegationToken};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use serde_json::{Value, json};

/// The folder of this area's cases; none, with a note, where they are not at hand.
fn area() -> Option<PathBuf> {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    let area = root.join("authority");
    if !area.is_dir() {
        eprintln!("skipped: {} is not there; GAIT_VECTORS may name the folder of the tables", area.display());
        return None;
    }
    Some(area)
}

fn rows(area: &Path, table: &str) -> Vec<Value> {
    let text = fs::read_to_string(area.join(table)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Test key A, which signed every token of the cases.
fn key_a(area: &Path) -> SigningKey {
    SigningKey::parse_file_text(&fs::read(area.join("approve-prod-normalizes-fields/in/keys/a.key")).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn written<T: Encode>(document: &T) -> Value {
    serde_json::from_slice(&json::to_compact(document).unwrap()).unwrap()
}

#[test]
fn minted_tokens_are_the_recorded_ones_byte_for_byte() {
    let Some(area) = area() else { return };
    let key = key_a(&area);
    let mut replayed = 0;
    for row in rows(&area, "mint.jsonl") {
        let (input, want) = (&row["input"], &row["want"]);
        let now = Timestamp::parse(input["now"].as_str().unwrap_or("2026-01-01T00:00:00Z")).unwrap();
        let ttl_nanos = input["ttl_ns"].as_i64().unwrap_or(0);
        let (id, file) = match input["kind"].as_str().unwrap() {
            "approval" => {
                let request = ApprovalTerms {
                    approver_identity: text(&input["approver"]),
                    reason_code: text(&input["reason_code"]),
                    intent_digest: text(&input["intent_digest"]),
                    policy_digest: text(&input["policy_digest"]),
                    delegation_binding_digest: text(&input["delegation_binding_digest"]),
                    scope: texts(&input["scope"]),
                    max_targets: input["max_targets"].as_i64().unwrap(),
                    max_ops: input["max_ops"].as_i64().unwrap(),
                    ttl_nanos,
                    producer_version: String::new(),
                };
                let token = ApprovalToken::mint(request, &key, &now).unwrap();
                assert_eq!(
                    ApprovalToken::parse(want["file"].as_str().unwrap().as_bytes(), Mode::Strict),
                    Ok(token.clone())
                );
                (token.token_id.clone(), json::to_indented(&token).unwrap())
            }
            "delegation" => {
                let request = DelegationTerms {
                    delegator_identity: text(&input["delegator"]),
                    delegate_identity: text(&input["delegate"]),
                    scope: texts(&input["scope"]),
                    scope_class: text(&input["scope_class"]),
                    intent_digest: text(&input["intent_digest"]),
                    policy_digest: text(&input["policy_digest"]),
                    ttl_nanos,
                    producer_version: String::new(),
                };
                let token = DelegationToken::mint(request, &key, &now).unwrap();
                (token.token_id.clone(), json::to_indented(&token).unwrap())
            }
            "approved_script" => {
                let given = serde_json::to_vec(&input["entry"]).unwrap();
                let entry: ApprovedScriptEntry = json::decode(&given, json::Reading::STRICT).unwrap();
                assert_eq!(written(&entry.signed(&key).unwrap()), want["entry"], "{}", row["name"]);
                replayed += 1;
                continue;
            }
            _ => continue,
        };
        assert_eq!(id, text(&want["token_id"]), "{}", row["name"]);
        assert_eq!(String::from_utf8(file).unwrap(), text(&want["file"]), "{}", row["name"]);
        replayed += 1;
    }
    assert!(replayed >= 6, "{replayed} rows");
}

#[test]
fn broker_requests_have_the_recorded_digests() {
    let Some(area) = area() else { return };
    for row in rows(&area, "broker-request.jsonl") {
        let (input, want) = (&row["input"], &row["want"]);
        let request = BrokerRequest {
            tool_name: text(&input["tool_name"]),
            identity: text(&input["identity"]),
            workspace: text(&input["workspace"]),
            session_id: text(&input["session_id"]),
            request_id: text(&input["request_id"]),
            run_id: text(&input["run_id"]),
            job_id: text(&input["job_id"]),
            reference: text(&input["reference"]),
            scope: texts(&input["scope"]),
            target_binding: text(&input["target_binding"]),
        };
        let Ok(request) = request.normalized() else {
            assert_eq!(want["error"], json!(true), "{}", row["name"]);
            continue;
        };
        assert_eq!(request.digest().unwrap().to_hex(), text(&want["request_digest"]), "{}", row["name"]);
        assert_eq!(request.scope, texts(&want["scope"]), "{}", row["name"]);
        let response = stub_response(&request, &Timestamp::EPOCH_1980).unwrap();
        assert_eq!(response.credential_ref, text(&want["stub_credential_ref"]), "{}", row["name"]);
    }
}

#[test]
fn delegations_have_the_recorded_digests() {
    let Some(area) = area() else { return };
    for row in rows(&area, "delegation-binding.jsonl") {
        let intent = json!({
            "tool_name": "t", "args": {}, "delegation": row["input"],
            "context": {"identity": "i", "workspace": "w", "risk_class": "low"},
        });
        let want = &row["want"];
        let Ok(intent) = Intent::parse(&serde_json::to_vec(&intent).unwrap(), Mode::Compat) else {
            assert_eq!(want["error"], json!(true), "{}", row["name"]);
            continue;
        };
        let delegation = intent.request().delegation.as_ref().unwrap();
        assert_eq!(written(delegation), want["normalized"], "{}", row["name"]);
        assert_eq!(delegation::binding_digest(delegation).unwrap().to_hex(), text(&want["digest"]), "{}", row["name"]);
    }
}

/// A step of a case which evaluates an intent with the public key A.
struct Step {
    folder: PathBuf,
    name: String,
    args: Vec<String>,
    output: Value,
}

impl Step {
    fn flag(&self, name: &str) -> Option<&str> {
        self.args.iter().rposition(|arg| arg == name).and_then(|at| self.args.get(at + 1)).map(String::as_str)
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join("in").join(file)).unwrap()
    }

    fn intent(&self) -> Intent {
        Intent::parse(&self.read(self.flag("--intent").unwrap()), Mode::Compat).unwrap()
    }

    /// The token files, as a sorted set of paths.
    fn tokens(&self, single: &str, chain: &str) -> BTreeSet<&str> {
        let paths = self.flag(single).into_iter().chain(self.flag(chain).into_iter().flat_map(|list| list.split(',')));
        paths.map(str::trim).filter(|path| !path.is_empty()).collect()
    }

    fn digest(&self, member: &str) -> Digest {
        Digest::parse_hex(self.output[member].as_str().unwrap()).unwrap()
    }

    /// The output's reason codes that this area gave.
    fn reasons(&self, prefix: &str) -> Vec<String> {
        let ours = |code: &String| code.starts_with(prefix);
        texts(&self.output["reason_codes"]).into_iter().filter(ours).collect()
    }

    /// The scopes that the rules of the policy, which is JSON in these cases, ask of delegations.
    fn delegation_scopes(&self) -> Vec<String> {
        let policy: Value = serde_json::from_slice(&self.read(self.flag("--policy").unwrap())).unwrap();
        let rules = policy["rules"].as_array().unwrap().iter();
        rules.flat_map(|rule| texts(&rule["match"]["delegation_scopes"])).collect()
    }
}

/// The steps of the cases that end with a decision and verify with key A.
fn steps(area: &Path, prefix: &str, key_flag: &str) -> Vec<(Vec<Step>, Value)> {
    let mut folders: Vec<PathBuf> = fs::read_dir(area).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.file_name().unwrap().to_string_lossy().starts_with(prefix));
    folders.sort();
    let case = |folder: PathBuf| {
        let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
        let steps = case["steps"].as_array().unwrap().iter().enumerate().map(|(index, step)| Step {
            folder: folder.clone(),
            name: format!("{} step {index}", folder.file_name().unwrap().to_string_lossy()),
            args: texts(&step["args"]),
            output: step["stdout"].clone(),
        });
        let decided = |step: &Step| {
            let known_key = matches!(step.flag(key_flag), Some("keys/a.pub") | None);
            step.output["ok"] == json!(true) && step.flag("--intent").is_some() && known_key
        };
        (steps.filter(decided).collect(), case["files"].clone())
    };
    folders.into_iter().map(case).collect()
}

fn audited<'a>(step: &'a Step, intent: &'a Intent) -> AuditedDecision<'a> {
    let member = |name: &str| step.output[name].as_str().unwrap();
    AuditedDecision {
        created_at: intent.request().created_at,
        producer_version: "0.0.0-dev",
        trace_id: member("trace_id"),
        tool_name: &intent.request().tool_name,
        intent_digest: member("intent_digest"),
        policy_digest: member("policy_digest"),
    }
}

/// Compares the audit of a case's last step with the recorded file.
fn check_audit<T: Encode>(step: &Step, record: &T, files: &Value) {
    for file in files.as_array().unwrap().iter().filter(|file| file["path"] == json!("audit.json")) {
        if file["kind"] == json!("json") {
            assert_eq!(written(record), file["value"], "{}", step.name);
        } else if file["kind"] == json!("bytes") {
            let bytes = json::to_indented(record).unwrap();
            assert_eq!(gait_base::digest::sha256(&bytes).to_hex(), text(&file["value"]), "{}", step.name);
        }
    }
}

/// A moment between the ends of the cases' tokens, which lie in the past or a century ahead.
fn moment() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

#[test]
fn recorded_approvals_count_as_recorded() {
    let Some(area) = area() else { return };
    let signer = key_a(&area);
    let key: &VerifyingKey = signer.verifying_key();
    let mut replayed = 0;
    for (steps, files) in steps(&area, "gate-approval-", "--approval-public-key") {
        for (index, step) in steps.iter().enumerate() {
            let paths = step.tokens("--approval-token", "--approval-token-chain");
            let own_key = step.flag("--approval-public-key").is_some();
            if step.output["required_approvals"].is_null() || !(own_key || paths.is_empty()) {
                continue;
            }
            let tokens: Vec<Presented<ApprovalToken>> =
                paths.iter().map(|path| Presented::parse(&step.read(path), Mode::Compat).unwrap()).collect();
            let intent = step.intent();
            assert_eq!(intent.digest(), step.digest("intent_digest"), "{}", step.name);
            let expectation = ApprovalExpectation::of_intent(
                &intent,
                step.digest("intent_digest"),
                step.digest("policy_digest"),
                moment(),
            );
            let required = step.output["required_approvals"].as_i64().unwrap();
            let outcome = approval::count(&tokens, &key.clone().into(), &expectation, required, &CheckEach, &[]);
            assert_eq!(outcome.reasons.to_strings(), step.reasons("approval_"), "{}", step.name);
            assert_eq!(outcome.granted, step.output["verdict"] == json!("allow"), "{}", step.name);
            assert_eq!(outcome.valid, step.output["valid_approvals"].as_i64().unwrap_or(0), "{}", step.name);
            if outcome.granted {
                assert_eq!(outcome.approval_ref, text(&step.output["approval_ref"]), "{}", step.name);
            }
            assert_eq!(texts(&step.output["violations"]), outcome.violation.as_slice(), "{}", step.name);
            if index + 1 == steps.len() {
                let record = ApprovalAuditRecord::new(&audited(step, &intent), required, outcome.entries()).unwrap();
                check_audit(step, &record, &files);
            }
            replayed += 1;
        }
    }
    assert!(replayed >= 25, "{replayed} steps");
}

#[test]
fn recorded_delegations_are_covered_as_recorded() {
    let Some(area) = area() else { return };
    let signer = key_a(&area);
    let mut replayed = 0;
    for (steps, files) in steps(&area, "gate-delegation-", "--delegation-public-key") {
        for (index, step) in steps.iter().enumerate() {
            let paths = step.tokens("--delegation-token", "--delegation-token-chain");
            let tokens: Vec<Presented<DelegationToken>> =
                paths.iter().map(|path| Presented::parse(&step.read(path), Mode::Compat).unwrap()).collect();
            let intent = step.intent();
            let demand = ChainDemand {
                delegation: intent.request().delegation.as_ref().unwrap(),
                required_scope: &step.delegation_scopes(),
                intent_digest: step.digest("intent_digest"),
                policy_digest: step.digest("policy_digest"),
                now: moment(),
            };
            let outcome =
                delegation::verify_chain(&tokens, &signer.verifying_key().clone().into(), &demand, &CheckEach);
            assert_eq!(outcome.reasons.to_strings(), step.reasons("delegation_"), "{}", step.name);
            assert_eq!(outcome.complete, step.output["verdict"] == json!("allow"), "{}", step.name);
            assert_eq!(outcome.valid, step.output["valid_delegations"].as_i64().unwrap_or(0), "{}", step.name);
            assert_eq!(outcome.delegation_ref, text(&step.output["delegation_ref"]), "{}", step.name);
            assert_eq!(texts(&step.output["violations"]), outcome.violation.as_slice(), "{}", step.name);
            if index + 1 == steps.len() {
                let decision = audited(step, &intent);
                let record = DelegationAuditRecord::new(&decision, true, &outcome.delegation_ref, outcome.entries());
                check_audit(step, &record.unwrap(), &files);
            }
            replayed += 1;
        }
    }
    assert!(replayed >= 10, "{replayed} steps");
}

#[test]
fn recorded_delegation_tokens_fail_as_recorded() {
    let Some(area) = area() else { return };
    let signer = key_a(&area);
    let mut replayed = 0;
    for case in ["delegate-verify-expectations", "delegate-verify-failure-codes"] {
        let folder = area.join(case);
        let document: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
        for step in document["steps"].as_array().unwrap() {
            let name = format!("{case}: {}", step["args"]);
            let step =
                Step { folder: folder.clone(), name, args: texts(&step["args"]), output: step["stdout"].clone() };
            let decided =
                step.output["ok"] == json!(true) || step.output["error_category"] == json!("verification_failed");
            if !decided {
                continue;
            }
            let flag = |name| step.flag(name).unwrap_or_default();
            let token = Presented::<DelegationToken>::parse(&step.read(flag("--token")), Mode::Compat).unwrap();
            let expectation = DelegationExpectation::new()
                .identities(flag("--delegator"), flag("--delegate"))
                .any_scope(flag("--scope").split(',').map(str::to_owned).collect())
                .digests(flag("--intent-digest"), flag("--policy-digest"));
            let outcome = delegation::validate(
                &token,
                &signer.verifying_key().clone().into(),
                &moment(),
                &expectation,
                &CheckEach,
            );
            let code = outcome.err().map_or("", delegation::DelegationFault::as_str);
            assert_eq!(code, text(&step.output["error_code"]), "{}", step.name);
            replayed += 1;
        }
    }
    assert!(replayed >= 12, "{replayed} steps");
}
