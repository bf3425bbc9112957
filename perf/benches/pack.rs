//! The speed of packs: building and verifying 48 MiB of evidence beside hashing, deflating and inflating the same bytes,
//! and what deep verification adds to a long journal.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Cursor, Read, Write};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use gait_base::digest::sha256;
use gait_base::key::config::KeyConfig;
use gait_base::time::Timestamp;
use gait_evidence::job::{CheckpointDraft, CheckpointType, Submission};
use gait_evidence::pack::{self, BuildOptions, BuiltPack, VerifyOptions};
use gait_gate::mode::Mode;
use gait_host::pack::{VerifyRequest, verify};

const FILES: usize = 4;
const FILE_BYTES: usize = 12 << 20;
const CHECKPOINTS: u32 = 5_000;

/// Lines of a log, each somewhat different from the others.
fn log(seed: usize) -> Vec<u8> {
    let mut text = String::with_capacity(FILE_BYTES + 200);
    let mut number = seed;
    while text.len() < FILE_BYTES {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _ = writeln!(
            text,
            "2026-05-02T00:00:00Z level=info request={:016x} path=/srv/data/{}.json took={}us",
            number,
            number >> 40 & 0xffff,
            number >> 50
        );
    }
    text.into_bytes()
}

/// An authorization with a trace and four large files.
fn authorization(files: &[Vec<u8>]) -> BuiltPack {
    let bundle = format!(
        r#"{{"created_at":"2026-05-02T00:00:00Z","trace_id":"trace_a","policy_digest":"{0}","intent_digest":"{0}","trace_path":"trace.json",
            "approval_audit_path":"0.log","credential_evidence_path":"1.log","delegation_audit_path":"2.log","outcome_path":"3.log","outcome_status":"allow"}}"#,
        "a".repeat(64)
    );
    let read = |path: &str| match path.strip_suffix(".log").and_then(|number| number.parse::<usize>().ok()) {
        Some(number) => Ok::<_, String>(files[number].clone()),
        None => Ok(br#"{"trace_id":"trace_a"}"#.to_vec()),
    };
    pack::build_authorization_pack(bundle.as_bytes(), &read, &BuildOptions::default()).unwrap()
}

/// A job that reported its progress again and again.
fn job() -> BuiltPack {
    let submission = Submission { job_id: "job".into(), environment_fingerprint: "e".into(), ..Submission::default() };
    let first = submission.mutation(&Timestamp::EPOCH_1980).unwrap();
    let (mut state, mut events) = (first.updated, vec![first.event]);
    for number in 0..CHECKPOINTS {
        let draft = CheckpointDraft {
            kind: CheckpointType::Progress,
            summary: format!("step {number}"),
            required_action: String::new(),
            actor: "agent".into(),
        };
        let next = state.add_checkpoint(&draft, Mode::Strict, &Timestamp::EPOCH_1980).unwrap();
        state = next.updated;
        events.push(next.event);
    }
    pack::build_job_pack(state, &events, "", &BuildOptions::default()).unwrap()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn packs(c: &mut Criterion) {
    let mut group = c.benchmark_group("pack");
    let files: Vec<Vec<u8>> = (0..FILES).map(log).collect();
    let built = authorization(&files);
    let streams: Vec<Vec<u8>> = files.iter().map(|content| deflated(content)).collect();

    group.bench_function("build_48mib", |b| b.iter(|| black_box(authorization(&files))));
    group.bench_function("sha256_deflate", |b| {
        b.iter(|| files.iter().for_each(|content| drop(black_box((sha256(content), deflated(content))))));
    });
    group.bench_function("verify_48mib", |b| {
        let options = VerifyOptions::default();
        b.iter(|| assert!(pack::verify(Cursor::new(black_box(&built.bytes)), &options).unwrap().ok()));
    });
    group.bench_function("verify_48mib_file_all_cores", |b| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.zip");
        std::fs::write(&path, &built.bytes).unwrap();
        let request = VerifyRequest {
            path: path.to_str().unwrap(),
            profile: "",
            require_signature: false,
            keys: KeyConfig::default(),
            mode: Mode::Strict,
        };
        b.iter(|| assert!(verify(black_box(&request)).unwrap().ok));
    });
    group.bench_function("inflate_sha256", |b| {
        b.iter(|| {
            for stream in &streams {
                let mut content = Vec::with_capacity(FILE_BYTES + 200);
                DeflateDecoder::new(stream.as_slice()).read_to_end(&mut content).unwrap();
                black_box(sha256(&content));
            }
        });
    });

    let job = job();
    for (name, mode) in [("verify_journal_5000", Mode::Compat), ("verify_journal_5000_deep", Mode::Strict)] {
        let options = VerifyOptions { mode, ..VerifyOptions::default() };
        group.bench_function(name, |b| {
            b.iter(|| assert!(pack::verify(Cursor::new(black_box(&job.bytes)), &options).unwrap().ok()));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = packs
}
criterion_main!(benches);
