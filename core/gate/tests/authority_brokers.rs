//! Replays the recorded cases of credential brokers: what the stub, the environment and (by its recorded output) a
//! command answer, how the answer is held against the rules, and the evidence of it (03 §10).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use gait_base::digest::sha256;
use gait_base::json;
use gait_base::time::Timestamp;
use gait_gate::authority::audit::{AuditedDecision, BrokerCredentialRecord};
use gait_gate::authority::broker::{
    BrokerFault, BrokerKind, BrokerRequest, BrokerResponse, DEFAULT_ENV_PREFIX, ReceiptDemand, check_receipt,
    command_response, env_response, requested_scope, stub_response,
};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::document::CredentialRule;
use serde_json::{Value, json};

/// What a case's broker says.
type Answer = Result<BrokerResponse, BrokerFault>;

struct Case {
    folder: PathBuf,
    document: Value,
}

/// A case; none, with a note, where the cases are not at hand.
fn case(name: &str) -> Option<Case> {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    let folder = root.join("authority").join(name);
    match fs::read(folder.join("case.json")) {
        Ok(bytes) => Some(Case { document: serde_json::from_slice(&bytes).unwrap(), folder }),
        Err(error) => {
            eprintln!("skipped: {}: {error}; GAIT_VECTORS may name the folder of the cases", folder.display());
            None
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

/// The credential demands of the only rule.
fn demands(rule: &Value) -> CredentialRule {
    CredentialRule {
        block_standing: rule["block_standing_credentials"] == json!(true),
        require_jit: rule["require_jit_credential"] == json!(true),
        sources: texts(&rule["allowed_credential_sources"]),
        issuers: texts(&rule["allowed_credential_issuers"]),
        access_types: texts(&rule["allowed_credential_access_types"]),
        max_ttl_seconds: rule["max_credential_ttl_seconds"].as_i64().unwrap_or(0),
    }
}

impl Case {
    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join("in").join(file)).unwrap()
    }

    /// What the broker of a step answers; nothing where that takes running a program.
    fn answer(&self, args: &[String], env: &Value, request: &BrokerRequest) -> Option<Answer> {
        let flag = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
        Some(match BrokerKind::parse(flag("--credential-broker")?).ok()?? {
            BrokerKind::Stub => stub_response(request, &now()),
            BrokerKind::Env => {
                let prefix = flag("--credential-env-prefix").map_or(DEFAULT_ENV_PREFIX, String::as_str);
                env_response(prefix, request, &now(), &|name| env[name].as_str().map(str::to_owned), Mode::Compat)
            }
            BrokerKind::Command => {
                let file = flag("--credential-command-args")?.strip_prefix("-c,cat ")?;
                command_response(&self.read(file), b"", request, &now(), Mode::Compat)
            }
        })
    }

    /// Replays every step that ends with a decision; gives how many.
    fn replay(&self) -> usize {
        let policy: Value = serde_json::from_slice(&self.read("policy.yaml")).unwrap();
        let rule = &policy["rules"][0];
        let intent = Intent::parse(&self.read("intent.json"), Mode::Compat).unwrap();
        let steps = self.document["steps"].as_array().unwrap();
        let mut replayed = 0;
        for (index, step) in steps.iter().enumerate() {
            let (args, output) = (texts(&step["args"]), &step["stdout"]);
            let added = |name: &str| {
                let at = args.iter().position(|arg| arg == name);
                at.and_then(|at| args.get(at + 1)).cloned().unwrap_or_default()
            };
            let scope = requested_scope(&texts(&rule["broker_scopes"]), &added("--credential-scopes"));
            let request = self.request(&intent, rule, &added("--credential-ref"), &scope);
            let Some(answer) = self.answer(&args, &step["env"], &request) else { continue };
            let name = format!("{} step {index}", self.folder.display());
            replayed += 1;
            let Ok(response) = answer else {
                assert_eq!(texts(&output["violations"]), ["broker_credential_missing"], "{name}");
                assert_eq!(output["credential_ref"], Value::Null, "{name}");
                continue;
            };
            let demand = ReceiptDemand {
                request_digest: request.digest().unwrap(),
                requested_scope: &scope,
                context: &intent.request().context,
                target_binding: intent.targets_digest(),
            };
            let codes = check_receipt(&response, &demand, [&demands(rule)]);
            assert_eq!(codes.to_strings(), texts(&output["violations"]), "{name}");
            assert_eq!(response.credential_ref, text(&output["credential_ref"]), "{name}");
            assert_eq!(response.source, text(&output["credential_source"]), "{name}");
            assert_eq!(response.access_type, text(&output["credential_access_type"]), "{name}");
            assert_eq!(response.issuer_shown(), text(&output["credential_issuer"]), "{name}");
            assert_eq!(response.ttl_seconds, output["credential_ttl_seconds"].as_i64().unwrap_or(0), "{name}");
            if index + 1 == steps.len() {
                self.check_evidence(&intent, output, (&request, &scope, &response));
            }
        }
        replayed
    }

    fn request(&self, intent: &Intent, rule: &Value, reference: &str, scope: &[String]) -> BrokerRequest {
        let context = &intent.request().context;
        let reference =
            if reference.trim().is_empty() { text(&rule["broker_reference"]) } else { reference.to_owned() };
        let request = BrokerRequest {
            tool_name: intent.request().tool_name.clone(),
            identity: context.identity.clone(),
            workspace: context.workspace.clone(),
            session_id: context.session_id.clone(),
            request_id: context.request_id.clone(),
            run_id: context.run_id.clone(),
            job_id: context.job_id.clone(),
            reference,
            scope: scope.to_vec(),
            target_binding: intent.targets_digest().to_hex(),
        };
        request.normalized().unwrap()
    }

    /// Compares the evidence of the last step with the recorded file, but for the stub's clock.
    fn check_evidence(
        &self,
        intent: &Intent,
        output: &Value,
        (request, scope, response): (&BrokerRequest, &[String], &BrokerResponse),
    ) {
        let member = |name: &str| output[name].as_str().unwrap();
        let decision = AuditedDecision {
            created_at: intent.request().created_at,
            producer_version: "0.0.0-dev",
            trace_id: member("trace_id"),
            tool_name: &intent.request().tool_name,
            intent_digest: member("intent_digest"),
            policy_digest: member("policy_digest"),
        };
        let record = BrokerCredentialRecord::new(&decision, request, scope, response).unwrap();
        let bytes = json::to_indented(&record).unwrap();
        for file in self.document["files"].as_array().unwrap().iter().filter(|file| file["path"] == json!("ev.json")) {
            if file["kind"] == json!("bytes") {
                assert_eq!(sha256(&bytes).to_hex(), text(&file["value"]), "{}", self.folder.display());
            } else {
                let (mut written, mut wanted): (Value, Value) =
                    (serde_json::from_slice(&bytes).unwrap(), file["value"].clone());
                for pointer in texts(&file["volatile"]) {
                    *written.pointer_mut(&pointer).unwrap() = Value::Null;
                    *wanted.pointer_mut(&pointer).unwrap() = Value::Null;
                }
                assert_eq!(written, wanted, "{}", self.folder.display());
            }
        }
    }
}

#[test]
fn recorded_brokers_answer_as_recorded() {
    for (name, steps) in [
        ("gate-broker-stub", 2),
        ("gate-broker-scope-flag-case-mismatch", 1),
        ("gate-broker-env", 5),
        ("gate-broker-provider-receipts", 12),
        ("gate-broker-receipt-policy", 4),
    ] {
        if let Some(case) = case(name) {
            assert_eq!(case.replay(), steps, "{name}");
        }
    }
}
