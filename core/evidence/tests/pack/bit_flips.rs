//! Every bit of a small signed pack of each type, flipped by itself: verification fails, or the bit says nothing about
//! what was packed. First the bits of the archive, then those of the entries in an archive made anew.

use std::collections::{BTreeMap, BTreeSet};

use gait_evidence::pack::{MANIFEST_PATH, PackType};
use gait_gate::mode::Mode;

use crate::layout::layout;
use crate::made::{Entries, each, entries, key, passes, stored, verify, verify_signed};

/// Fields of the container that mean nothing for a reader of evidence. Neither profile reports changes there that leave
/// names and contents as they are; both report all others.
const MEANINGLESS: [&str; 24] = [
    // What stands a second time in the directory, which is what counts.
    "local: version needed",
    "local: flags",
    "local: method",
    "local: time",
    "local: checksum",
    "local: compressed size",
    "local: size",
    "local: name",
    "local: extra",
    "descriptor",
    // By what, when and with which rights an entry was written.
    "directory: made by",
    "directory: made on",
    "directory: version needed",
    "directory: flags",
    "directory: time",
    "directory: disk",
    "directory: internal attributes",
    "directory: external attributes",
    "directory: extra",
    // How far records reach, as long as nothing that is read lies behind.
    "directory: compressed size",
    "directory: extra length",
    "directory: comment length",
    "end: directory size",
    // Bits that pad a stream to a byte.
    "stream",
];

/// What of the manifest compat verification takes for the same: names in another case, hex digits of the id in another
/// case, and bits of a signature's base64 that stand for nothing. Strict verification reports these too.
const COMPAT_ONLY: &str = MANIFEST_PATH;

/// Whether the build is fast enough to look at everything; `GAIT_EXHAUSTIVE` asks for it in any build.
fn exhaustive() -> bool {
    !cfg!(debug_assertions) || std::env::var_os("GAIT_EXHAUSTIVE").is_some()
}

/// Every bit of a byte; in slow builds one bit of every so-manieth byte, which a fast build makes up for.
fn bits(at: usize) -> std::ops::Range<usize> {
    match (exhaustive(), at % 17) {
        (true, _) => 0..8,
        (false, 0) => at % 8..at % 8 + 1,
        (false, _) => 0..0,
    }
}

/// Whether a pack passes with the key that signed it. What fails without a key fails with one, and sooner.
fn survives(bytes: &[u8], mode: Mode) -> bool {
    passes(verify(bytes, mode)) && passes(verify_signed(bytes, mode))
}

/// The positions of the bits whose flipping passes.
fn survivors(original: &[u8], mode: Mode) -> Vec<(usize, Vec<u8>)> {
    let parts = std::thread::available_parallelism().map_or(1, usize::from);
    let part = |number: usize| {
        let mut flipped = original.to_vec();
        let mut found = Vec::new();
        for at in (0..original.len()).filter(|at| at % parts == number) {
            for bit in bits(at) {
                flipped[at] ^= 1 << bit;
                if survives(&flipped, mode) {
                    found.push((at, flipped.clone()));
                }
                flipped[at] ^= 1 << bit;
            }
        }
        found
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..parts).map(|number| scope.spawn(move || part(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn every_bit_of_the_archive_counts_or_means_nothing() {
    for (kind, built) in each(Some(&key())) {
        let (names, content) = (layout(&built.bytes), entries(&built.bytes));
        for mode in [Mode::Compat, Mode::Strict] {
            let mut passed: BTreeMap<&str, usize> = BTreeMap::new();
            for (at, flipped) in survivors(&built.bytes, mode) {
                *passed.entry(names[at]).or_default() += 1;
                assert_eq!(entries(&flipped), content, "{kind}: byte {at}, {}", names[at]);
            }
            let unexpected: BTreeSet<_> = passed.keys().filter(|name| !MEANINGLESS.contains(name)).collect();
            assert!(unexpected.is_empty(), "{kind} in {mode:?} mode: {passed:?}");
        }
    }
}

/// The entries whose bits survive being flipped, with how many of them.
fn surviving_content(original: &Entries, mode: Mode) -> BTreeMap<String, usize> {
    let mut survived = BTreeMap::new();
    for entry in 0..original.len() {
        let mut changed = original.clone();
        for at in 0..changed[entry].1.len() {
            for bit in bits(at) {
                changed[entry].1[at] ^= 1 << bit;
                if survives(&stored(&changed), mode) {
                    *survived.entry(changed[entry].0.clone()).or_default() += 1;
                }
                changed[entry].1[at] ^= 1 << bit;
            }
        }
    }
    survived
}

#[test]
fn every_bit_of_every_entry_counts() {
    for (kind, built) in each(Some(&key())) {
        let original = entries(&built.bytes);
        let compat = surviving_content(&original, Mode::Compat);
        assert!(compat.keys().all(|path| path == COMPAT_ONLY), "{kind}: {compat:?}");
        let strict = surviving_content(&original, Mode::Strict);
        assert!(strict.is_empty(), "{kind}: {strict:?}");
    }
}

#[test]
fn every_byte_of_a_larger_pack_counts_or_means_nothing() {
    let intents: Vec<_> =
        (0..40).map(|n| format!(r#"{{"intent_id":"i{n}","tool_name":"tool.{n}","args":{{"n":{}}}}}"#, n * n)).collect();
    let draft = format!(
        r#"{{"run":{{"run_id":"run_l","created_at":"2026-03-01T10:00:00Z"}},"intents":[{}]}}"#,
        intents.join(",")
    );
    let source = std::io::Cursor::new(crate::made::runpack(&draft));
    let key = key();
    let built = gait_evidence::pack::build_run_pack(source, &crate::made::options(Some(&key))).unwrap();
    assert_eq!(PackType::parse(&built.manifest.pack_type), Some(PackType::Run));
    let names = layout(&built.bytes);
    let content = entries(&built.bytes);
    let mut changed = built.bytes.clone();
    for at in (0..changed.len()).step_by(if exhaustive() { 1 } else { 17 }) {
        changed[at] ^= 0xff;
        if survives(&changed, Mode::Strict) {
            assert!(MEANINGLESS.contains(&names[at]), "byte {at}: {}", names[at]);
            assert_eq!(entries(&changed), content);
        }
        changed[at] ^= 0xff;
    }
}

#[test]
fn a_pack_that_is_cut_never_passes() {
    for (kind, built) in each(Some(&key())) {
        for length in 0..built.bytes.len() {
            assert!(!passes(verify(&built.bytes[..length], Mode::Compat)), "{kind}: {length} bytes");
        }
    }
}
