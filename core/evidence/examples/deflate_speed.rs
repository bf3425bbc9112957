//! How fast archives are written: our deflate and SHA-256 against flate2 level 6 and SHA-256, over three kinds of data.
//!
//! `cargo run --release -p gait-evidence --example deflate_speed`
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use gait_base::digest::sha256;
use gait_evidence::archive::{ArchiveWriter, Encoder, Entry};

fn main() {
    let mut encoder = Encoder::new();
    let lines: String = (0..60_000_u64)
        .map(|i| format!("{{\"intent_id\":\"intent_{i}\",\"n\":{},\"tool_name\":\"tool.{}\"}}\n", i * i % 9973, i % 7))
        .collect();
    let digests: String = (0..40_000_u32)
        .map(|i| format!("{{\"path\":\"file_{i}.json\",\"sha256\":\"{}\"}}\n", sha256(&i.to_le_bytes())))
        .collect();
    let noise: Vec<u8> = (0..130_000_u32).flat_map(|i| *sha256(&i.to_le_bytes()).as_bytes()).collect();
    for (name, data) in [("json lines", lines.as_bytes()), ("digests", digests.as_bytes()), ("noise", &noise)] {
        let mut stream = Vec::new();
        let ours = best(|| {
            stream.clear();
            encoder.encode(black_box(data), &mut stream);
            black_box(sha256(data));
        });
        let mut other = Vec::new();
        let theirs = best(|| {
            let mut deflate = DeflateEncoder::new(Vec::new(), Compression::new(6));
            deflate.write_all(black_box(data)).expect("memory does not fail");
            other = deflate.finish().expect("memory does not fail");
            black_box(sha256(data));
        });
        let hash = best(|| {
            black_box(sha256(black_box(data)));
        });
        println!(
            "{name:12} {:8} bytes: ours {ours:>9.2?} ({:.0} MB/s, {} bytes), flate2 {theirs:>9.2?} ({} bytes), sha256 {hash:.2?}, ratio {:.2}",
            data.len(),
            data.len() as f64 / ours.as_secs_f64() / 1e6,
            stream.len(),
            other.len(),
            ours.as_secs_f64() / theirs.as_secs_f64(),
        );
    }

    let files: Vec<_> = (0..5).map(|i| (format!("{i}.json"), &lines.as_bytes()[i * 900..][..800])).collect();
    let entries: Vec<_> = files.iter().map(|(path, contents)| Entry::new(path, contents)).collect();
    let mut archive = Vec::new();
    let mut writer = ArchiveWriter::new();
    let small = best(|| {
        archive.clear();
        writer.write(black_box(&entries), &mut archive).expect("an archive");
    });
    println!("archive of 5 entries of 800 bytes: {small:.2?}");
}

/// The shortest of several runs.
fn best(mut run: impl FnMut()) -> Duration {
    let times = (0..15).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}
