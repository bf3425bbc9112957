//! `gate eval` as a library call, where flags meet in ways that the recorded cases do not show.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::Path;

use gait_base::error::{Classify, ExitCode};
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalTerms, ApprovalToken};
use gait_gate::authority::approved_script::{ApprovedScriptEntry, ScriptRegistry};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_host::clock::FixedClock;
use gait_host::gate_eval::{Caller, GateEvalError, GateEvalOptions, GateEvaluation, run};

const NOW: &str = "2026-03-01T00:00:00Z";
const CALLER: Caller<'_> = Caller { producer_version: "0.0.0-dev", correlation_id: "c" };
const SCRIPT: &str = r#"{"script": {"steps": [{"tool_name": "a"}, {"tool_name": "b"}]}, "context": {"identity": "i", "workspace": "/w", "risk_class": "low"}}"#;

fn evaluate(
    folder: &Path,
    policy: &str,
    intent: &str,
    set: impl FnOnce(&mut GateEvalOptions),
) -> Result<GateEvaluation, GateEvalError> {
    let named = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(named("policy.yaml"), policy).unwrap();
    std::fs::write(named("intent.json"), intent).unwrap();
    let mut options = GateEvalOptions {
        policy: named("policy.yaml"),
        intent: named("intent.json"),
        trace_out: named("trace.json"),
        mode: Mode::Compat,
        ..GateEvalOptions::default()
    };
    set(&mut options);
    run(&options, &CALLER, &FixedClock::new(Timestamp::parse(NOW).unwrap()))
}

/// Approves the script under a policy; returns the files of registry and key.
fn approve(folder: &Path, policy: &str) -> (String, String) {
    let key = SigningKey::from_seed(&[5; 32]);
    let entry = ApprovedScriptEntry {
        created_at: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
        pattern_id: "p".to_owned(),
        policy_digest: Policy::parse(policy.as_bytes(), Mode::Compat).unwrap().digest().to_hex(),
        script_hash: Intent::parse(SCRIPT.as_bytes(), Mode::Compat).unwrap().script_hash().unwrap().to_hex(),
        tool_sequence: vec!["a".to_owned(), "b".to_owned()],
        approver_identity: "boss".to_owned(),
        expires_at: Timestamp::parse("2027-01-01T00:00:00Z").unwrap(),
        ..ApprovedScriptEntry::default()
    };
    let registry = ScriptRegistry { entries: vec![entry.signed(&key).unwrap()] };
    let (registry_path, key_path) = (folder.join("registry.json"), folder.join("key.pub"));
    std::fs::write(&registry_path, registry.to_file().unwrap()).unwrap();
    std::fs::write(&key_path, key.verifying_key().to_base64()).unwrap();
    (registry_path.to_str().unwrap().to_owned(), key_path.to_str().unwrap().to_owned())
}

#[test]
fn a_simulated_approved_script_says_that_it_is_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let policy = "default_verdict: block";
    let (registry, key) = approve(folder.path(), policy);
    for simulate in [false, true] {
        let evaluation = evaluate(folder.path(), policy, SCRIPT, |options| {
            options.approved_script_registry.clone_from(&registry);
            options.approved_script_public_key.clone_from(&key);
            options.approval_token_ref = "ticket-1".to_owned();
            options.simulate = simulate;
        })
        .unwrap();
        let output = &evaluation.output;
        assert_eq!((output.verdict.as_str(), evaluation.exit), ("allow", ExitCode::Ok));
        assert_eq!((output.pre_approved, output.pattern_id.as_str()), (true, "p"));
        assert_eq!(output.registry_reason, "approved_script_match");
        assert_eq!(output.approval_ref, "ticket-1");
        if simulate {
            assert_eq!(output.reason_codes, ["approved_script_match", "simulate_mode_non_enforcing"]);
            assert_eq!(output.simulated_verdict, "allow");
            assert_eq!(output.simulated_reason_codes, ["approved_script_match"]);
            assert!(!output.would_have_blocked);
        } else {
            assert_eq!(output.reason_codes, ["approved_script_match"]);
        }
        assert_eq!(evaluation.explain.reason_codes, ["approved_script_match"]);
    }
}

#[test]
fn a_disabled_fast_path_finds_no_fault_with_an_intent() {
    let folder = tempfile::tempdir().unwrap();
    let invalid = SCRIPT.replace("\"low\"", "\"high\"").replace("\"a\"", "\" \"");
    for (policy, blocked) in
        [("default_verdict: block", true), ("rules: [{name: r, effect: allow, require_context_evidence: true}]", false)]
    {
        let (registry, key) = approve(folder.path(), policy);
        let error = evaluate(folder.path(), policy, &invalid, |options| {
            options.approved_script_registry = registry;
            options.approved_script_public_key = key;
        })
        .unwrap_err();
        assert_eq!(
            error.category().exit_code(),
            if blocked { ExitCode::PolicyBlocked } else { ExitCode::InvalidInput },
            "{error}"
        );
    }
}

#[test]
fn in_strict_mode_one_time_governs_all() {
    let folder = tempfile::tempdir().unwrap();
    let intent = r#"{"tool_name": "t", "context": {"identity": "i", "workspace": "/w", "risk_class": "low"}}"#;
    let policy = "rules: [{name: r, effect: allow, require_broker_credential: true, freeze_window: {timezone: UTC, windows: [{start: '2000-01-01T00:00:00', end: '2000-01-02T00:00:00'}]}}]";
    let given = "2020-05-05T05:05:05Z";
    for (mode, clock) in [(Mode::Compat, NOW), (Mode::Strict, given)] {
        let evaluation = evaluate(folder.path(), policy, intent, |options| {
            options.mode = mode;
            options.evaluation_time = given.to_owned();
            options.credential_broker = "stub".to_owned();
            options.credential_evidence_out = folder.path().join("evidence.json").to_str().unwrap().to_owned();
        })
        .unwrap();
        assert_eq!(evaluation.output.freeze_window.unwrap().evaluated_at.to_string(), given);
        for (file, member) in [("trace.json", "observed_at"), ("evidence.json", "issued_at")] {
            let bytes = std::fs::read(folder.path().join(file)).unwrap();
            let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(document[member], clock, "{file} {mode:?}");
        }
    }
}

#[test]
fn strict_mode_accepts_an_approval_once() {
    const POLICY: &str = "default_verdict: require_approval";
    const CALL: &str = r#"{"tool_name": "t", "args": {}, "targets": [], "context": {"identity": "i", "workspace": "/w", "risk_class": "low"}}"#;
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let key = SigningKey::from_seed(&[5; 32]);
    let terms = ApprovalTerms {
        approver_identity: "alice".to_owned(),
        reason_code: "ticket".to_owned(),
        intent_digest: Intent::parse(CALL.as_bytes(), Mode::Strict).unwrap().digest().to_hex(),
        policy_digest: Policy::parse(POLICY.as_bytes(), Mode::Strict).unwrap().digest().to_hex(),
        scope: vec!["tool:t".to_owned()],
        ttl_nanos: 60_000_000_000,
        ..ApprovalTerms::default()
    };
    let token = ApprovalToken::mint(terms, &key, &Timestamp::parse(NOW).unwrap()).unwrap();
    std::fs::write(named("token.json"), gait_base::json::to_indented(&token).unwrap()).unwrap();
    std::fs::write(named("key.pub"), key.verifying_key().to_base64()).unwrap();
    let decide = |mode, simulate| {
        let evaluated = evaluate(folder.path(), POLICY, CALL, |options| {
            options.mode = mode;
            options.simulate = simulate;
            options.approval_token = named("token.json");
            options.approval_public_key = named("key.pub");
            options.rate_limit_state = named("limits.json");
            options.approval_audit_out = named("audit.json");
        });
        evaluated.map(|evaluated| (evaluated.exit, evaluated.output.reason_codes.to_vec()))
    };
    assert_eq!(decide(Mode::Strict, true).unwrap().0, ExitCode::Ok);
    assert_eq!(decide(Mode::Strict, false).unwrap().0, ExitCode::Ok);
    let (exit, reasons) = decide(Mode::Strict, false).unwrap();
    assert_eq!(exit, ExitCode::ApprovalRequired);
    assert!(reasons.iter().any(|reason| *reason == "approval_token_replayed"), "{reasons:?}");
    let ledger = std::fs::read_to_string(named("gate_used_tokens.json")).unwrap();
    assert!(!ledger.contains("alice"), "the ledger holds digests alone: {ledger}");
    // A ledger that cannot be read lets nothing pass.
    std::fs::write(named("gate_used_tokens.json"), "[").unwrap();
    assert!(matches!(decide(Mode::Strict, false), Err(GateEvalError::State(_))));
    assert_eq!(decide(Mode::Compat, false).unwrap().0, ExitCode::Ok, "the reference has no ledger");
}
