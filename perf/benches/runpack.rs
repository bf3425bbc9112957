//! The speed of runpacks: recording 50,000 intents and results beside SHA-256 and deflate of the same bytes, verifying
//! beside SHA-256 and inflating.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::io::{Cursor, Read, Write};
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use gait_base::digest::sha256;
use gait_base::time::Timestamp;
use gait_evidence::archive::{ArchiveReader, Limits};
use gait_evidence::runpack::{
    self, IntentRecord, Payload, RecordOptions, ResultRecord, Run, RunpackDraft, VerifyOptions,
};
use gait_gate::mode::Mode;

const RECORDS: usize = 50_000;

/// A run of 50,000 calls with the args and results of ordinary tools.
fn draft() -> RunpackDraft {
    let payload = |members: &[(&str, String)]| {
        Payload(Some(members.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect()))
    };
    let intents = (0..RECORDS).map(|number| IntentRecord {
        intent_id: format!("intent_{number}"),
        tool_name: format!("tool.operation_{}", number % 17),
        args: payload(&[
            ("path", format!("/srv/data/{}/{}.json", number % 101, number * 7919 % 99_991)),
            ("query", format!("select {} from events where day = {}", number % 13, number / 1000)),
        ]),
        ..IntentRecord::default()
    });
    let results = (0..RECORDS).map(|number| ResultRecord {
        intent_id: format!("intent_{number}"),
        status: if number % 50 == 0 { "error" } else { "ok" }.to_owned(),
        result: payload(&[("message", format!("{} rows", number * 31 % 1009))]),
        ..ResultRecord::default()
    });
    RunpackDraft {
        run: Run { run_id: "run_bench".to_owned(), ..Run::default() },
        intents: intents.collect(),
        results: results.collect(),
        capture_mode: "raw".to_owned(),
        ..RunpackDraft::default()
    }
}

/// The contents of an archive's entries.
fn contents(archive: &[u8]) -> Vec<Vec<u8>> {
    let mut archive = ArchiveReader::from_bytes(archive, Limits::default()).unwrap();
    (0..archive.entries().len()).map(|index| archive.read(index).unwrap()).collect()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn runpacks(c: &mut Criterion) {
    let mut group = c.benchmark_group("runpack");
    let draft = draft();
    let options = RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None };
    let archive = runpack::record(draft.clone(), &options).unwrap().bytes;
    let contents = contents(&archive);
    let streams: Vec<_> = contents.iter().map(|content| deflated(content)).collect();

    group.bench_function("record_50000", |b| {
        b.iter_batched(|| draft.clone(), |draft| runpack::record(draft, &options).unwrap(), BatchSize::PerIteration);
    });
    group.bench_function("sha256_deflate", |b| {
        b.iter(|| {
            for content in &contents {
                black_box((sha256(content), deflated(content)));
            }
        });
    });
    for (name, mode) in [("verify_50000", Mode::Compat), ("verify_50000_strict", Mode::Strict)] {
        let options = VerifyOptions { mode, ..VerifyOptions::default() };
        group.bench_function(name, |b| {
            b.iter(|| assert!(runpack::verify(Cursor::new(black_box(&archive)), &options).unwrap().ok()));
        });
    }
    group.bench_function("read_50000", |b| {
        b.iter(|| runpack::read(Cursor::new(black_box(&archive)), Mode::Compat).unwrap());
    });
    group.bench_function("inflate_sha256", |b| {
        b.iter(|| {
            for stream in &streams {
                let mut content = Vec::new();
                DeflateDecoder::new(stream.as_slice()).read_to_end(&mut content).unwrap();
                black_box(sha256(&content));
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(5));
    targets = runpacks
}
criterion_main!(benches);
