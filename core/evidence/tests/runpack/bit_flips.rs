//! Every bit of a small signed runpack, flipped by itself: verification fails, or the bit says nothing about the run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use gait_evidence::runpack::{self, VerifyOptions};
use gait_gate::mode::Mode;

use crate::layout::layout;
use crate::made::{key, recorded, small, verify, verify_signed};

/// Fields of the container that mean nothing for a reader of evidence: when, where, by what and with which rights an
/// entry was written, numbers that stand a second time in the directory, and bits of a stream that pad it to a byte.
///
/// The extra field holds the time once more; sizes and lengths pass as long as they take up only bytes between entries
/// that belong to none (readers know from the stream where it ends).
const MEANINGLESS: [&str; 24] = [
    "descriptor",
    "directory: comment length",
    "directory: compressed size",
    "directory: disk",
    "directory: external attributes",
    "directory: extra",
    "directory: extra length",
    "directory: flags",
    "directory: internal attributes",
    "directory: made by",
    "directory: made on",
    "directory: time",
    "directory: version needed",
    "end: directory size",
    "local: checksum",
    "local: compressed size",
    "local: extra",
    "local: flags",
    "local: method",
    "local: name",
    "local: size",
    "local: time",
    "local: version needed",
    "stream",
];

/// Without optimization only some bits of each byte are flipped, others in the next run of eight bytes.
const STRIDE: usize = if cfg!(debug_assertions) { 4 } else { 1 };

/// Flips bits of the bytes from `from` on, every second byte.
fn flip(from: usize) {
    let original = recorded(small(), Some(&key()));
    assert!(verify_signed(&original, Mode::Strict).unwrap().ok());
    let content = runpack::read(Cursor::new(&original), Mode::Strict).unwrap();
    let names = layout(&original);
    let mut passed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut flipped = original.clone();
    for at in (from..original.len()).step_by(2) {
        for bit in ((at / 2 % STRIDE)..8).step_by(STRIDE) {
            flipped[at] ^= 1 << bit;
            // What fails without a key fails with one.
            let may_pass = verify(&flipped, Mode::Compat).is_ok_and(|outcome| outcome.ok());
            if may_pass && verify_signed(&flipped, Mode::Compat).is_ok_and(|outcome| outcome.ok()) {
                *passed.entry(names[at]).or_default() += 1;
                let read = runpack::read(Cursor::new(&flipped), Mode::Compat).expect("what verifies can be read");
                assert_eq!(read, content, "bit {bit} of byte {at}, {}", names[at]);
            }
            flipped[at] ^= 1 << bit;
        }
    }
    // Of a stream nothing but the few bits before the stored block at its end.
    assert!(passed.get("stream").is_none_or(|bits| *bits <= 7 * 5), "{passed:?}");
    let unexpected: BTreeSet<_> = passed.keys().filter(|name| !MEANINGLESS.contains(name)).collect();
    assert!(unexpected.is_empty(), "{passed:?}");
}

#[test]
fn every_bit_of_even_bytes_counts_or_means_nothing() {
    flip(0);
}

#[test]
fn every_bit_of_odd_bytes_counts_or_means_nothing() {
    flip(1);
}

#[test]
fn an_archive_that_is_cut_never_passes() {
    let original = recorded(small(), Some(&key()));
    for length in 0..original.len() {
        let outcome = verify_signed(&original[..length], Mode::Compat);
        assert!(outcome.is_err(), "{length} of {} bytes", original.len());
        assert!(runpack::read(Cursor::new(&original[..length]), Mode::Compat).is_err());
    }
}

#[test]
fn another_key_never_passes() {
    let original = recorded(small(), Some(&key()));
    let other = gait_base::key::SigningKey::from_seed(&[8; 32]);
    let options = VerifyOptions { key: Some(other.verifying_key()), ..VerifyOptions::default() };
    let outcome = runpack::verify(Cursor::new(&original), &options).unwrap();
    assert!(!outcome.ok());
    assert_eq!(outcome.signatures.errors, ["key id mismatch"]);
}
