//! The speed of state: a slot of a limit in memory, and one on disk beside the bare write that it cannot do without.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;
use gait_gate::policy::document::{Limit, LimitScope, LimitWindow};
use gait_gate::state::{MemoryStore, StateStore};
use gait_host::store::{FileStore, FileStorePaths};

const NOW: Timestamp = Timestamp::EPOCH_1980;
const HOURLY: Limit = Limit { requests: i64::MAX, window: LimitWindow::Hour, scope: LimitScope::ToolIdentity };
const THREADS: u64 = 32;

/// A folder on the disk that holds the build, where a sync costs what it costs.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn store(folder: &Path) -> FileStore {
    FileStore::new(FileStorePaths::beneath(folder), Mode::Strict).unwrap()
}

/// What no durable replacement of a file can do without.
fn replace(folder: &Path, bytes: &[u8]) {
    let (draft, target) = (folder.join("draft"), folder.join("target"));
    let mut file = File::create_new(&draft).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
    std::fs::rename(&draft, &target).unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
}

fn takes(c: &mut Criterion) {
    let mut group = c.benchmark_group("state");
    let identities: Vec<_> = (0..1000).map(|number| format!("agent-{number:04}@example.test")).collect();
    let tools: Vec<_> = (0..10).map(|number| format!("tool.operation_{number}")).collect();
    let memory = MemoryStore::default();
    let mut turn = 0usize;
    group.bench_function("take_memory", |b| {
        b.iter(|| {
            // A stride that has no divisor in common with their number visits all pairs, neighbours far apart.
            turn = (turn + 7919) % 10_000;
            let (tool, identity) = (&tools[turn % 10], &identities[turn / 10]);
            assert!(memory.take(&HOURLY, black_box(tool), identity, &NOW).unwrap().allowed);
        });
    });
    let disk = folder();
    let content = vec![b'x'; 220];
    group.bench_function("durable_replace", |b| b.iter(|| replace(disk.path(), black_box(&content))));
    let file = store(disk.path());
    group.bench_function("take_file", |b| {
        b.iter(|| assert!(file.take(&HOURLY, "tool", "agent", &NOW).unwrap().allowed));
    });
    group.bench_function("take_file_32_threads", |b| {
        b.iter_custom(|count| {
            let (left, started) = (AtomicU64::new(count), Instant::now());
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        while left
                            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                            .is_ok()
                        {
                            assert!(file.take(&HOURLY, "tool", "agent", &NOW).unwrap().allowed);
                        }
                    });
                }
            });
            started.elapsed()
        });
    });
    let crowded = folder();
    let crowd = store(crowded.path());
    std::thread::scope(|scope| {
        for part in identities.chunks(32) {
            let (crowd, tools) = (&crowd, &tools);
            scope.spawn(move || {
                for (identity, tool) in part.iter().flat_map(|identity| tools.iter().map(move |tool| (identity, tool)))
                {
                    crowd.take(&HOURLY, tool, identity, &NOW).unwrap();
                }
            });
        }
    });
    group.bench_function("take_file_10000_counters", |b| {
        b.iter(|| assert!(crowd.take(&HOURLY, &tools[3], &identities[500], &NOW).unwrap().allowed));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = takes
}
criterion_main!(benches);
