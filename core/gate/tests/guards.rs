//! Doors that must stay shut whatever is asked in whatever order.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::convert::Infallible;

use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalTerms, ApprovalToken};
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::token::{CheckEach, Presented, TrustedKeys};
use gait_gate::evaluate::{Decision, EvaluateError, Inputs, KillSwitchInput};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::settle::Settling;
use gait_gate::verdict::Verdict;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn policy(text: &str, mode: Mode) -> Policy {
    Policy::parse(text.as_bytes(), mode).unwrap()
}

fn intent(members: &str, auth_context: &str, risk_class: &str) -> Intent {
    let text = format!(
        r#"{{{members}, "context": {{"identity": "i", "workspace": "/w", "risk_class": "{risk_class}", "auth_context": {{{auth_context}}}}}}}"#
    );
    Intent::parse(text.as_bytes(), Mode::Strict).unwrap()
}

fn approval_for(decision: &Decision, key: &SigningKey, now: &Timestamp) -> ApprovalToken {
    let request = ApprovalTerms {
        approver_identity: "boss".to_owned(),
        reason_code: "fine".to_owned(),
        intent_digest: decision.intent_digest.unwrap().to_hex(),
        policy_digest: decision.policy_digest.to_hex(),
        scope: vec!["*".to_owned()],
        ttl_nanos: 60_000_000_000,
        ..ApprovalTerms::default()
    };
    ApprovalToken::mint(request, key, now).unwrap()
}

#[test]
fn an_approval_lifts_no_block() {
    let (key, now) = (SigningKey::from_seed(&[3; 32]), at("2026-01-01T00:00:00Z"));
    let intent = intent(r#""tool_name": "t""#, "", "low");
    for (default, expected) in
        [("block", Verdict::Block), ("dry_run", Verdict::DryRun), ("require_approval", Verdict::Allow)]
    {
        let policy = policy(&format!("default_verdict: {default}"), Mode::Strict);
        let decision = policy.evaluate(&intent, &Inputs::at(now)).unwrap();
        let token = approval_for(&decision, &key, &now);
        let mut settling = Settling::new(&policy, &intent, decision);
        let tokens = [Presented::new(token)];
        let Ok(()) =
            settling.approve::<Infallible>(&tokens, &key.verifying_key().clone().into(), &now, &CheckEach, None);
        settling.delegate(&[], &TrustedKeys::default(), &now, &CheckEach);
        let settled = settling.finish();
        assert_eq!(settled.verdict, expected, "{default}");
        assert_eq!(settled.reason_codes.contains("approval_granted"), expected == Verdict::Allow);
        assert!(!settled.reason_codes.contains("delegation_token_missing"));
    }
}

#[test]
fn what_nobody_answered_for_does_not_pass() {
    let now = at("2026-01-01T00:00:00Z");
    let intent = intent(r#""tool_name": "t""#, "", "low");
    let table = [
        ("effect: allow, rate_limit: {requests: 1}", Verdict::Block, "rate_limit_exceeded"),
        ("effect: allow, require_broker_credential: true", Verdict::Block, "broker_credential_required"),
        ("effect: require_approval", Verdict::RequireApproval, "approval_token_missing"),
    ];
    for (rule, verdict, reason) in table {
        let policy = policy(&format!("rules: [{{name: r, {rule}}}]"), Mode::Strict);
        let decision = policy.evaluate(&intent, &Inputs::at(now)).unwrap();
        let settled = Settling::new(&policy, &intent, decision).finish();
        assert_eq!(settled.verdict, verdict, "{rule}");
        assert!(settled.reason_codes.contains(reason), "{rule}: {:?}", settled.reason_codes);
    }
}

const TRUSTS_CLAIMS: &str =
    "default_verdict: block\nrules: [{name: public, effect: allow, match: {context_data_classes: [public]}}]";

#[test]
fn claims_of_the_request_are_no_inventory() {
    let now = at("2026-01-01T00:00:00Z");
    let claim = r#""wrkr.data_class": "public""#;
    let inventory = Inventory::parse(br#"[{"tool_name": "known", "data_class": "secret"}]"#, Mode::Strict).unwrap();
    let calls = [
        (r#""tool_name": "known""#, true),
        (r#""tool_name": "other""#, false),
        (r#""script": {"steps": [{"tool_name": "known"}, {"tool_name": "known"}]}"#, true),
        (r#""script": {"steps": [{"tool_name": "known"}, {"tool_name": "other"}]}"#, false),
    ];
    let strict = policy(TRUSTS_CLAIMS, Mode::Strict);
    for (call, known) in calls {
        let intent = intent(call, claim, "low");
        for inventory in [Some(&inventory), None] {
            let outcome = strict.evaluate(&intent, &Inputs { inventory, ..Inputs::at(now) });
            if known && inventory.is_some() {
                // The inventory's word stands in place of the claim.
                assert_eq!(outcome.unwrap().verdict, Verdict::Block, "{call}");
            } else {
                let error = EvaluateError::UnprovenClaim { claim: "wrkr.data_class" };
                assert_eq!(outcome.unwrap_err(), error, "{call}");
            }
        }
        // The reference believes what no inventory contradicts.
        let compat = policy(TRUSTS_CLAIMS, Mode::Compat);
        assert_eq!(compat.evaluate(&intent, &Inputs::at(now)).unwrap().verdict, Verdict::Allow);
    }
    let closed = policy(&format!("{TRUSTS_CLAIMS}\nfail_closed: {{enabled: true}}"), Mode::Strict);
    let decision = closed.evaluate(&intent(calls[1].0, claim, "high"), &Inputs::at(now)).unwrap();
    assert_eq!((decision.verdict, decision.evaluable), (Verdict::Block, false));
    assert!(decision.reason_codes.contains("fail_closed_intent_invalid"));
}

#[test]
fn the_machines_zone_must_be_told() {
    let text = "default_verdict: block\nrules: [{name: r, effect: allow, freeze_window: {timezone: Local, effect: require_approval, windows: [{start: '2026-07-01T00:00:00', end: '2026-07-02T00:00:00'}]}}]";
    let intent = intent(r#""tool_name": "t""#, "", "low");
    let status = |policy: &Policy| {
        let decision = policy.evaluate(&intent, &Inputs::at(at("2026-06-30T23:00:00Z"))).unwrap();
        (decision.freeze_window.unwrap().status, decision.verdict)
    };
    let unknown = policy(text, Mode::Strict);
    assert_eq!(status(&unknown), ("invalid".to_owned(), Verdict::Block));
    let berlin = unknown.clone().with_local_zone("Europe/Berlin");
    assert_eq!(status(&berlin), ("active".to_owned(), Verdict::RequireApproval));
    assert_eq!(status(&unknown.clone().with_local_zone("UTC")), ("inactive".to_owned(), Verdict::Allow));
    assert_eq!(status(&unknown.clone().with_local_zone("Nowhere/X")), ("invalid".to_owned(), Verdict::Block));
    assert_eq!(berlin.digest(), unknown.digest());
}

#[test]
fn an_unreadable_kill_switch_blocks_in_utc() {
    let policy = policy("default_verdict: allow", Mode::Strict);
    let inputs = Inputs { kill_switch: KillSwitchInput::Unavailable, ..Inputs::at(at("2026-01-01T01:00:00+01:00")) };
    let decision = policy.evaluate(&intent(r#""tool_name": "t""#, "", "low"), &inputs).unwrap();
    assert_eq!(decision.verdict, Verdict::Block);
    assert_eq!(decision.kill_switch.unwrap().evaluated_at.to_string(), "2026-01-01T00:00:00Z");
}
