//! A gate with everything it can consult: approvals, delegations, kill switch, limits, scripts, inventory, brokers.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalRequest, ApprovalTerms, ApprovalToken};
use gait_gate::authority::approved_script::{ApprovedScriptEntry, ScriptRegistry};
use gait_gate::authority::broker::{BrokerFault, BrokerRequest, BrokerResponse, stub_response};
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::authority::token::{Presented, TrustedKeys};
use gait_gate::evaluate::{Decision, EvaluateError, Inputs};
use gait_gate::gate::{CredentialBroker, Gate};
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::state::{MemoryStore, Revision, StateStore, Swap};
use gait_gate::verdict::Verdict;

const MINUTE: i64 = 60_000_000_000;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes(), Mode::Strict).unwrap()
}

fn intent(tool: &str) -> Intent {
    let text = format!(
        r#"{{"tool_name": "{tool}", "args": {{}}, "targets": [],
            "context": {{"identity": "agent", "workspace": "/w", "risk_class": "low"}}}}"#
    );
    Intent::parse(text.as_bytes(), Mode::Strict).unwrap()
}

fn approve(request: &ApprovalRequest, approver: &str, key: &SigningKey) -> Presented<ApprovalToken> {
    let terms = ApprovalTerms {
        approver_identity: approver.to_owned(),
        reason_code: "ticket".to_owned(),
        ttl_nanos: MINUTE,
        ..request.terms()
    };
    Presented::new(ApprovalToken::mint(terms, key, &now()).unwrap())
}

fn codes(decision: &Decision) -> Vec<String> {
    decision.reason_codes.to_strings()
}

#[test]
fn two_people_with_keys_of_their_own() {
    let (alice, bob) = (key(1), key(2));
    let gate = Gate::new(policy(
        "rules: [{name: pay, effect: require_approval, min_approvals: 2, match: {tool_names: [pay]}}]\ndefault_verdict: block",
    ))
    .with_approvers(
        TrustedKeys::default()
            .with_holder(alice.verifying_key().clone(), ["alice"])
            .with_holder(bob.verifying_key().clone(), [" bob "]),
    );
    let intent = intent("pay");
    let held = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let request = ApprovalRequest::of(&intent, &held).unwrap();
    assert_eq!((request.required_approvals, request.distinct_approvers), (2, true));
    let with = |approvals: &[Presented<ApprovalToken>]| {
        gate.evaluate(&intent, &Inputs { approvals, ..Inputs::at(now()) }).unwrap()
    };
    let by_alice = approve(&request, "alice", &alice);
    let alone = with(std::slice::from_ref(&by_alice));
    assert_eq!(alone.verdict, Verdict::RequireApproval);
    // Alice cannot be Bob as well.
    let as_bob = approve(&request, "bob", &alice);
    let forged = with(&[by_alice.clone(), as_bob]);
    assert_eq!(forged.verdict, Verdict::RequireApproval);
    assert!(codes(&forged).contains(&"approval_token_approver_mismatch".to_owned()));
    // What did not suffice was not used up.
    let by_bob = approve(&request, " bob", &bob);
    let pair = [by_alice, by_bob];
    let both = with(&pair);
    assert_eq!((both.verdict, codes(&both).contains(&"approval_granted".to_owned())), (Verdict::Allow, true));
    // One was used: the other would have to find a new partner.
    let again = with(&pair);
    assert_eq!(again.verdict, Verdict::RequireApproval);
    assert!(codes(&again).contains(&"approval_token_replayed".to_owned()));
}

#[test]
fn a_strict_gate_knows_its_approvers() {
    let own = key(7);
    let gate = Gate::new(policy("default_verdict: require_approval")).with_signing_key(own.clone());
    let intent = intent("t");
    let held = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let request = ApprovalRequest::of(&intent, &held).unwrap();
    let approvals = [approve(&request, "alice", &own)];
    let refused = gate.evaluate(&intent, &Inputs { approvals: &approvals, ..Inputs::at(now()) }).unwrap();
    assert_eq!(refused.verdict, Verdict::RequireApproval);
    assert!(codes(&refused).contains(&"approval_token_signature_invalid".to_owned()));
}

#[test]
fn approvals_wait_in_the_store() {
    let alice = key(1);
    let store = Arc::new(MemoryStore::default());
    let gate = Gate::new(policy("default_verdict: require_approval"))
        .with_approvers(alice.verifying_key().clone().into())
        .with_store(store.clone());
    let intent = intent("t");
    let held = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let request = ApprovalRequest::of(&intent, &held).unwrap();
    store.request_approval(&request).unwrap();
    store.request_approval(&request).unwrap();
    assert_eq!(store.approval_requests().unwrap(), std::slice::from_ref(&request));
    store.add_approval(approve(&request, "alice", &alice).token()).unwrap();
    assert_eq!(gate.evaluate(&intent, &Inputs::at(now())).unwrap().verdict, Verdict::Allow);
    assert!(store.approval_requests().unwrap().is_empty(), "what was granted waits no longer");
    assert_eq!(gate.evaluate(&intent, &Inputs::at(now())).unwrap().verdict, Verdict::RequireApproval);
}

#[test]
fn reusable_and_simulated_approvals_are_not_used_up() {
    let alice = key(1);
    let gate =
        Gate::new(policy("default_verdict: require_approval")).with_approvers(alice.verifying_key().clone().into());
    let intent = intent("t");
    let held = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let request = ApprovalRequest::of(&intent, &held).unwrap();
    let approvals = [approve(&request, "alice", &alice)];
    let inputs = Inputs { approvals: &approvals, ..Inputs::at(now()) };
    let simulating = gate.clone().simulating();
    for _ in 0..2 {
        assert!(codes(&simulating.evaluate(&intent, &inputs).unwrap()).contains(&"approval_granted".to_owned()));
    }
    let reusing = gate.clone().with_reusable_approvals();
    for _ in 0..2 {
        assert_eq!(reusing.evaluate(&intent, &inputs).unwrap().verdict, Verdict::Allow);
    }
    assert_eq!(gate.evaluate(&intent, &inputs).unwrap().verdict, Verdict::Allow);
    let later = Timestamp::parse("2026-11-22T12:01:00Z").unwrap();
    let expired = gate.evaluate(&intent, &Inputs { approvals: &approvals, ..Inputs::at(later) }).unwrap();
    assert!(codes(&expired).contains(&"approval_token_expired".to_owned()));
}

#[test]
fn the_stores_kill_switch_counts_at_once() {
    let store = Arc::new(MemoryStore::default());
    let gate = Gate::new(policy("default_verdict: allow")).with_store(store.clone());
    let intent = intent("t");
    let evaluate = || gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let before = evaluate();
    assert_eq!((before.verdict, before.kill_switch.is_none()), (Verdict::Allow, true));
    let mut state = KillSwitchState::fresh("1", &now()).unwrap();
    state.add(KillSwitchEntry { tool_name: "T".to_owned(), ..KillSwitchEntry::default() }, &now()).unwrap();
    let swapped = store.replace_kill_switch(Revision::default(), state.clone()).unwrap();
    let Swap::Done(revision) = swapped else { panic!("{swapped:?}") };
    assert_eq!(evaluate().verdict, Verdict::Block);
    let stale = store.replace_kill_switch(Revision::default(), state.clone()).unwrap();
    assert_eq!(stale, Swap::Stale(revision));
    state.disable(&state.entries[0].entry_id.clone(), &now()).unwrap();
    assert!(matches!(store.replace_kill_switch(revision, state).unwrap(), Swap::Done(_)));
    assert_eq!(evaluate().verdict, Verdict::Allow);
}

#[test]
fn delegation_tokens_cover_the_chain() {
    let lead = key(3);
    let gate = Gate::new(policy(
        "rules: [{name: d, effect: allow, match: {tool_names: [t], require_delegation: true}}]\ndefault_verdict: block",
    ))
    .with_delegators(lead.verifying_key().clone().into());
    let text = r#"{"tool_name": "t", "args": {}, "targets": [],
        "context": {"identity": "agent", "workspace": "/w", "risk_class": "low"},
        "delegation": {"requester_identity": "agent", "chain": [{"delegator_identity": "lead", "delegate_identity": "agent"}]}}"#;
    let intent = Intent::parse(text.as_bytes(), Mode::Strict).unwrap();
    let terms = DelegationTerms {
        delegator_identity: "lead".to_owned(),
        delegate_identity: "agent".to_owned(),
        scope: vec!["*".to_owned()],
        ttl_nanos: MINUTE,
        ..DelegationTerms::default()
    };
    let delegations = [Presented::new(DelegationToken::mint(terms, &lead, &now()).unwrap())];
    let without = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    assert_eq!(
        (without.verdict, codes(&without).contains(&"delegation_token_missing".to_owned())),
        (Verdict::Block, true)
    );
    for _ in 0..2 {
        let with = gate.evaluate(&intent, &Inputs { delegations: &delegations, ..Inputs::at(now()) }).unwrap();
        assert_eq!((with.verdict, codes(&with).contains(&"delegation_granted".to_owned())), (Verdict::Allow, true));
    }
}

struct StubBroker(AtomicUsize);

impl CredentialBroker for StubBroker {
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault> {
        self.0.fetch_add(1, Ordering::Relaxed);
        if request.reference == "broken" {
            return Err(BrokerFault::CommandFailed);
        }
        stub_response(&request, now)
    }
}

#[test]
fn a_broker_is_asked_only_where_a_rule_says_so() {
    let broker = Arc::new(StubBroker(AtomicUsize::new(0)));
    let gate = Gate::new(policy(
        "rules: [{name: b, effect: allow, require_broker_credential: true, match: {tool_names: [t]}}]\ndefault_verdict: allow",
    ))
    .with_broker(broker.clone());
    assert_eq!(gate.evaluate(&intent("other"), &Inputs::at(now())).unwrap().verdict, Verdict::Allow);
    assert_eq!(broker.0.load(Ordering::Relaxed), 0);
    let issued = gate.evaluate(&intent("t"), &Inputs::at(now())).unwrap();
    assert_eq!((issued.verdict, broker.0.load(Ordering::Relaxed)), (Verdict::Allow, 1));
    assert!(issued.settlement.unwrap().broker.credential_ref.starts_with("stub:"));
    let inputs = Inputs { credential_reference: "broken", ..Inputs::at(now()) };
    let failed = gate.evaluate(&intent("t"), &inputs).unwrap();
    assert_eq!(
        (failed.verdict, codes(&failed).contains(&"broker_credential_missing".to_owned())),
        (Verdict::Block, true)
    );
}

fn script(risk: &str) -> Intent {
    let text = format!(
        r#"{{"tool_name": "", "args": {{}}, "targets": [],
            "context": {{"identity": "agent", "workspace": "/w", "risk_class": "{risk}"}},
            "script": {{"steps": [{{"tool_name": "a.read", "args": {{}}, "targets": []}}, {{"tool_name": "b.write", "args": {{}}, "targets": []}}]}}}}"#
    );
    Intent::parse(text.as_bytes(), Mode::Strict).unwrap()
}

#[test]
fn approved_scripts_pass_unless_the_kill_switch_says_no() {
    let alice = key(1);
    let policy = policy("default_verdict: block");
    let intent = script("low");
    let entry = ApprovedScriptEntry {
        created_at: now(),
        pattern_id: "p".to_owned(),
        policy_digest: policy.digest().to_hex(),
        script_hash: intent.script_hash().unwrap().to_hex(),
        tool_sequence: vec!["a.read".to_owned(), "b.write".to_owned()],
        approver_identity: "alice".to_owned(),
        expires_at: Timestamp::parse("2026-11-22T13:00:00Z").unwrap(),
        ..ApprovedScriptEntry::default()
    };
    let registry = Arc::new(ScriptRegistry { entries: vec![entry.signed(&alice).unwrap()] });
    let store = Arc::new(MemoryStore::default());
    let gate = |keys: TrustedKeys| {
        Gate::new(policy.clone()).with_store(store.clone()).with_approved_scripts(Arc::clone(&registry), keys)
    };
    let trusting = gate(alice.verifying_key().clone().into());
    for _ in 0..2 {
        let passed = trusting.evaluate(&intent, &Inputs::at(now())).unwrap();
        assert_eq!((passed.verdict, codes(&passed)), (Verdict::Allow, vec!["approved_script_match".to_owned()]));
    }
    let later = Inputs::at(Timestamp::parse("2026-11-22T13:00:00Z").unwrap());
    assert_eq!(trusting.evaluate(&intent, &later).unwrap().verdict, Verdict::Block);
    let stranger = gate(key(9).verifying_key().clone().into());
    assert_eq!(stranger.evaluate(&intent, &Inputs::at(now())).unwrap().verdict, Verdict::Block);
    let risky = stranger.evaluate(&script("high"), &Inputs::at(now()));
    assert!(matches!(risky, Err(EvaluateError::Registry(_))));
    let mut state = KillSwitchState::fresh("1", &now()).unwrap();
    state.add(KillSwitchEntry { tool_name: "b.write".to_owned(), ..KillSwitchEntry::default() }, &now()).unwrap();
    store.replace_kill_switch(Revision::default(), state).unwrap();
    assert_eq!(trusting.evaluate(&intent, &Inputs::at(now())).unwrap().verdict, Verdict::Block);
}

#[test]
fn an_inventory_enriches_what_the_caller_cannot_claim() {
    let inventory = Inventory::parse(br#"[{"tool_name": "t", "data_class": "pii"}]"#, Mode::Strict);
    let gate = Gate::new(policy(
        "rules: [{name: pii, effect: block, match: {context_data_classes: [pii]}}]\ndefault_verdict: allow",
    ))
    .with_inventory(Arc::new(inventory.unwrap()));
    assert_eq!(gate.evaluate(&intent("t"), &Inputs::at(now())).unwrap().verdict, Verdict::Block);
    assert_eq!(gate.evaluate(&intent("u"), &Inputs::at(now())).unwrap().verdict, Verdict::Allow);
}

#[test]
fn a_leniently_read_intent_is_none_for_a_strict_policy() {
    let text = br#"{"TOOL_NAME": "t", "args": {}, "targets": [], "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}"#;
    assert!(Intent::parse(text, Mode::Strict).is_err());
    let lenient = Intent::parse(text, Mode::Compat).unwrap();
    let gate = Gate::new(policy("default_verdict: allow"));
    assert_eq!(gate.evaluate(&lenient, &Inputs::at(now())).unwrap_err(), EvaluateError::StrictMismatch);
    let compat = Policy::parse(b"default_verdict: allow", Mode::Compat).unwrap();
    assert_eq!(Gate::new(compat).evaluate(&lenient, &Inputs::at(now())).unwrap().verdict, Verdict::Allow);
}
