//! What a decision costs that has approvals, delegations, a kill switch, a rate limit and context evidence to consult,
//! beside the plain decision about the same call.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ed25519_dalek::{Signer, Verifier};
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalRequest, ApprovalTerms, ApprovalToken};
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::authority::token::Presented;
use gait_gate::evaluate::Inputs;
use gait_gate::gate::Gate;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::state::{MemoryStore, Revision, StateStore};
use gait_gate::verdict::Verdict;

const HOUR: i64 = 3_600_000_000_000;
const RULE: &str = "default_verdict: block\nrules:\n  - name: deploy\n    match:\n      tool_names: [deploy.apply]\n      risk_classes: [high]\n";
const PLAIN: &str = "    effect: allow\n";
const GUARDED: &str = "      require_delegation: true\n      delegation_scopes: [deploy]\n    effect: require_approval\n    require_context_evidence: true\n    required_context_evidence_mode: required\n    max_context_age_seconds: 3600\n    rate_limit: {requests: 2000000000, window: hour, scope: tool_identity}\n";
const INTENT: &str = r#"{"schema_id":"gait.gate.intent_request","schema_version":"1.0.0","created_at":"2026-11-22T12:00:00Z","producer_version":"1.0.0",
    "tool_name":"deploy.apply","args":{"service":"billing","version":"4.2.0","replicas":12,"region":"eu-west-1","flags":["--wait","--atomic"]},
    "targets":[{"kind":"host","value":"billing.internal.example","operation":"write"}],
    "arg_provenance":[{"arg_path":"$.version","source":"user"}],
    "context":{"identity":"agent-7","workspace":"/srv/deploy","risk_class":"high","session_id":"s-1","request_id":"r-1"},
    "delegation":{"requester_identity":"agent-7","scope_class":"deploy","chain":[{"delegator_identity":"lead@example.com","delegate_identity":"agent-7","scope_class":"deploy"}]}}"#;
const ENVELOPE: &str = r#"{"schema_id":"gait.context.envelope","schema_version":"1.0.0","created_at":"2026-11-22T11:59:00Z","context_set_id":"set-1","evidence_mode":"required",
    "records":[{"ref_id":"r1","source_type":"doc","source_locator":"doc://1","redaction_mode":"none","query_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","content_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","retrieved_at":"2026-11-22T11:59:30Z","immutability":"immutable"}]}"#;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn policy(outcome: &str) -> Policy {
    Policy::parse(format!("{RULE}{outcome}").as_bytes(), Mode::Strict).unwrap()
}

/// A gate with a kill switch of some entries, none of which is about this call.
fn gate(policy: Policy, key: &SigningKey) -> Gate {
    let store = MemoryStore::default();
    let mut state = KillSwitchState::fresh("1.0.0", &now()).unwrap();
    for number in 0..8 {
        let entry = KillSwitchEntry { tool_name: format!("tool.{number}"), ..KillSwitchEntry::default() };
        state.add(entry, &now()).unwrap();
    }
    store.replace_kill_switch(Revision::default(), state).unwrap();
    Gate::new(policy)
        .with_store(Arc::new(store))
        .with_approvers(key.verifying_key().clone().into())
        .with_delegators(key.verifying_key().clone().into())
}

fn authority(c: &mut Criterion) {
    let mut group = c.benchmark_group("authority");
    let key = SigningKey::from_seed(&[7; 32]);
    let intent = Intent::parse(INTENT.as_bytes(), Mode::Strict).unwrap();
    let envelope = VerifiedEnvelope::parse(ENVELOPE.as_bytes(), Mode::Strict).unwrap();

    let plain = Gate::new(policy(PLAIN));
    let alone = Inputs::at(now());
    assert_eq!(plain.evaluate(&intent, &alone).unwrap().verdict, Verdict::Allow);
    group.bench_function("plain", |b| b.iter(|| plain.evaluate(black_box(&intent), &alone).unwrap()));

    let guarded = policy(GUARDED);
    let delegate = |number: u32| {
        let terms = DelegationTerms {
            delegator_identity: "lead@example.com".to_owned(),
            delegate_identity: "agent-7".to_owned(),
            scope: vec!["deploy".to_owned(), format!("task-{number}")],
            ttl_nanos: HOUR,
            ..DelegationTerms::default()
        };
        [Presented::new(DelegationToken::mint(terms, &key, &now()).unwrap())]
    };
    let delegations = delegate(0);
    let inputs = Inputs { context_envelope: Some(&envelope), ..Inputs::at(now()) };
    let held = gate(guarded.clone(), &key).evaluate(&intent, &Inputs { delegations: &delegations, ..inputs }).unwrap();
    let request = ApprovalRequest::of(&intent, &held).unwrap();
    let approve = |number: u32| {
        let terms = ApprovalTerms {
            approver_identity: "alice@example.com".to_owned(),
            reason_code: format!("change-{number}"),
            ttl_nanos: HOUR,
            ..request.terms()
        };
        [Presented::new(ApprovalToken::mint(terms, &key, &now()).unwrap())]
    };

    let reusing = gate(guarded.clone(), &key).with_reusable_approvals();
    let approvals = approve(0);
    let seen = Inputs { approvals: &approvals, delegations: &delegations, ..inputs };
    assert_eq!(reusing.evaluate(&intent, &seen).unwrap().verdict, Verdict::Allow);
    group.bench_function("tokens_seen_before", |b| b.iter(|| reusing.evaluate(black_box(&intent), &seen).unwrap()));

    // Each approval is new, and used once.
    let strict = gate(guarded, &key);
    let mut number = 0;
    group.bench_function("two_new_tokens", |b| {
        b.iter_batched_ref(
            || {
                number += 1;
                (approve(number), delegate(number))
            },
            |(approvals, delegations)| {
                strict.evaluate(black_box(&intent), &Inputs { approvals, delegations, ..inputs }).unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    // The bare reference under the same conditions: signatures that were made just before, each seen once.
    let bare = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let public = bare.verifying_key();
    let mut number = 0u64;
    group.bench_function("two_verifications", |b| {
        b.iter_batched_ref(
            || {
                number += 2;
                [number, number + 1].map(|number| {
                    let digest = gait_base::digest::sha256(&number.to_le_bytes());
                    (digest, bare.sign(digest.as_bytes()))
                })
            },
            |signed| {
                for (digest, signature) in signed {
                    public.verify(black_box(digest.as_bytes()), signature).unwrap();
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = authority
}
criterion_main!(benches);
