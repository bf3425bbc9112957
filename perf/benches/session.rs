//! The speed of sessions: appends beside the bare durable line that each cannot do without, checkpoints, and reading.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gait_evidence::session::{EventDraft, JournalReader};
use gait_gate::mode::Mode;
use gait_host::session::{Session, SessionSettings};

const THREADS: u64 = 32;

/// A folder on the disk that holds the build, where a sync costs what it costs.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn session(folder: &Path) -> Session {
    let session = Session::open(folder.join("s.jsonl").to_str().unwrap(), SessionSettings::default()).unwrap();
    session.start("session", "run").unwrap();
    session
}

fn event() -> EventDraft {
    EventDraft {
        intent_id: "intent_0123456789".to_owned(),
        tool_name: "tool.write".to_owned(),
        intent_digest: "ab".repeat(32),
        policy_digest: "cd".repeat(32),
        trace_id: "0123456789abcdef01234567".to_owned(),
        verdict: "allow".to_owned(),
        reason_codes: vec!["matched_rule_allow".to_owned()],
        ..EventDraft::default()
    }
}

/// What no durable line can do without, however it is written: open, write, sync, close.
fn bare_line(path: &Path, line: &[u8]) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(line).unwrap();
    file.sync_all().unwrap();
}

fn appends(c: &mut Criterion) {
    let mut group = c.benchmark_group("session");
    let disk = folder();
    let session = session(disk.path());
    session.append(event()).unwrap();
    let line = std::fs::read(disk.path().join("s.jsonl")).unwrap();
    let line = line.split_inclusive(|byte| *byte == b'\n').next_back().unwrap().to_vec();
    let bare = disk.path().join("bare.jsonl");
    group.bench_function("bare_line", |b| b.iter(|| bare_line(&bare, black_box(&line))));
    group.bench_function("append", |b| b.iter(|| session.append(event()).unwrap()));
    group.bench_function("append_32_threads", |b| {
        b.iter_custom(|count| {
            let (left, started) = (AtomicU64::new(count), Instant::now());
            let more = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        while more() {
                            session.append(event()).unwrap();
                        }
                    });
                }
            });
            started.elapsed()
        });
    });
    group.bench_function("append_all_32", |b| {
        b.iter(|| session.append_all((0..THREADS).map(|_| event()).collect()).unwrap());
    });
    group.finish();
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("session");
    group.sample_size(10);
    let disk = folder();
    let session = session(disk.path());
    for _ in 0..10 {
        session.append_all((0..1_000).map(|_| event()).collect()).unwrap();
    }
    let journal = std::fs::read(disk.path().join("s.jsonl")).unwrap();
    group.bench_function("read_10000_events", |b| {
        b.iter(|| JournalReader::new(Mode::Strict).read_all(black_box(journal.as_slice()), |_| {}).unwrap());
    });
    let out = disk.path().join("cp.zip");
    group.bench_function("checkpoint_10000_events", |b| {
        b.iter_custom(|count| {
            let mut spent = Duration::ZERO;
            for _ in 0..count {
                std::fs::write(disk.path().join("s.jsonl"), &journal).unwrap();
                let started = Instant::now();
                session.checkpoint(out.to_str().unwrap(), "", None).unwrap();
                spent += started.elapsed();
            }
            spent
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = appends, reading
}
criterion_main!(benches);
