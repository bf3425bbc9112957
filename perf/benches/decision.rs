//! The speed of decisions, each beside the reference that its budget names, in one run.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use ed25519_dalek::{Signer, Verifier};
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::evaluate::Inputs;
use gait_gate::gate::Gate;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::trace::{self, Emission, Verification};
use gait_gate::verdict::Verdict;
use sha2::{Digest, Sha256};

const INTENT: &[u8] = include_bytes!("../data/intent.json");
const POLICY: &[u8] = include_bytes!("../data/policy.yaml");
const SEED: [u8; 32] = [7; 32];

/// A policy whose last rules are those of the example, behind `count` rules for other tools.
fn policy_of(count: usize) -> Vec<u8> {
    let example = String::from_utf8(POLICY.to_vec()).unwrap();
    let (head, rules) = example.split_once("rules:\n").unwrap();
    let mut text = format!("{head}rules:\n");
    for number in 0..count {
        text.push_str(&format!(
            "  - name: team-{number}\n    priority: {priority}\n    effect: allow\n    match:\n      tool_names: [team{number}.read, team{number}.list]\n      risk_classes: [low, medium]\n      workspace_prefixes: [/srv/team{number}]\n    reason_codes: [team_{number}]\n",
            priority = 1 + number % 9,
        ));
    }
    text.push_str(rules);
    text.into_bytes()
}

/// The intent as agents send it: compact.
fn compact_intent() -> Vec<u8> {
    serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(INTENT).unwrap()).unwrap()
}

fn references(c: &mut Criterion) {
    let mut group = c.benchmark_group("reference");
    let kib = vec![0xA5u8; 1024];
    group.bench_function("sha256_1kib", |b| b.iter(|| Sha256::digest(black_box(&kib))));
    let bytes = compact_intent();
    group.bench_function("serde_json_value", |b| {
        b.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&bytes)).unwrap());
    });
    let key = ed25519_dalek::SigningKey::from_bytes(&SEED);
    let message = [0x5Au8; 32];
    group.bench_function("ed25519_sign", |b| b.iter(|| key.sign(black_box(&message))));
    let (public, signature) = (key.verifying_key(), key.sign(&message));
    group.bench_function("ed25519_verify", |b| b.iter(|| public.verify(black_box(&message), &signature).unwrap()));
    group.finish();
}

fn decisions(c: &mut Criterion) {
    let mut group = c.benchmark_group("decision");
    let bytes = compact_intent();
    let intent = Intent::parse(&bytes, Mode::Strict).unwrap();
    let inputs = Inputs::at(Timestamp::EPOCH_1980);
    let policy = Policy::parse(POLICY, Mode::Strict).unwrap();
    assert_eq!(policy.evaluate(&intent, &inputs).unwrap().verdict, Verdict::Allow);
    group.bench_function("parsed_intent", |b| b.iter(|| policy.evaluate(black_box(&intent), &inputs).unwrap()));
    group.bench_function("bytes_rust", |b| {
        b.iter(|| policy.evaluate(&Intent::parse(black_box(&bytes), Mode::Strict).unwrap(), &inputs).unwrap());
    });
    for count in [10, 10_000] {
        let policy = Policy::parse(&policy_of(count), Mode::Strict).unwrap();
        group.bench_function(format!("rules_{count}"), |b| {
            b.iter(|| policy.evaluate(black_box(&intent), &inputs).unwrap());
        });
    }
    group.finish();
}

fn traces(c: &mut Criterion) {
    let mut group = c.benchmark_group("trace");
    let key = SigningKey::from_seed(&SEED);
    let gate = Gate::new(Policy::parse(POLICY, Mode::Strict).unwrap()).with_signing_key(key.clone());
    let intent = Intent::parse(&compact_intent(), Mode::Strict).unwrap();
    let inputs = Inputs::at(Timestamp::EPOCH_1980);
    let emission = Emission::at(Timestamp::EPOCH_1980);
    group.bench_function("decide_and_sign", |b| {
        b.iter(|| {
            let decision = gate.evaluate(black_box(&intent), &inputs).unwrap();
            gate.trace(&intent, &decision, &emission).unwrap()
        });
    });
    let decision = gate.evaluate(&intent, &inputs).unwrap();
    let bytes = gait_base::json::to_indented(&gate.trace(&intent, &decision, &emission).unwrap()).unwrap();
    group.bench_function("verify", |b| {
        b.iter(|| {
            let parsed = trace::parse(black_box(&bytes), Mode::Strict).unwrap();
            assert_eq!(trace::verify(&parsed, key.verifying_key()).unwrap(), Verification::Verified);
        });
    });
    group.finish();
}

fn policies(c: &mut Criterion) {
    let mut group = c.benchmark_group("policy");
    group.sample_size(10);
    let text = policy_of(10_000);
    group.bench_function("compile_10000", |b| b.iter(|| Policy::parse(black_box(&text), Mode::Strict).unwrap()));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = references, decisions, traces, policies
}
criterion_main!(benches);
