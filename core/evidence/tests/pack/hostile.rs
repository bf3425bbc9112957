//! Archives made to mislead, to crash or to exhaust the reader.

use std::io::Cursor;
use std::time::{Duration, Instant};

use gait_base::error::{Category, Classify};
use gait_evidence::archive::Limits;
use gait_evidence::pack::{
    self, InMemory, MANIFEST_PATH, PROOF_RECORDS_PATH, PackError, VerifyOptions, export_record, extract_runpack,
};
use gait_gate::mode::Mode;

use crate::layout::layout;
use crate::made::{
    Entries, content, each, entries, job_pack, key, passes, redeclared, reproven, run_pack, stored, verify, zipped,
};

/// Every reader of packs, with what it says of these bytes.
fn readers(bytes: &[u8]) -> Vec<(&'static str, PackError)> {
    let compat = VerifyOptions { mode: Mode::Compat, ..VerifyOptions::default() };
    let outcomes = [
        ("verify", verify(bytes, Mode::Compat).map(drop)),
        ("verify deeply", verify(bytes, Mode::Strict).map(drop)),
        ("inspect", pack::inspect(Cursor::new(bytes), Mode::Compat).map(drop)),
        ("diff", pack::diff(Cursor::new(bytes), Cursor::new(bytes), Mode::Compat).map(drop)),
        ("export", export_record(Cursor::new(bytes), &compat, &InMemory).map(drop)),
        ("extract", extract_runpack(bytes.to_vec(), Mode::Compat).map(drop)),
    ];
    outcomes.into_iter().filter_map(|(reader, outcome)| outcome.err().map(|error| (reader, error))).collect()
}

#[test]
fn what_is_no_archive_is_invalid_input_to_every_reader() {
    for bytes in [&b""[..], b"{}", b"PK\x05\x06", &[0; 100], &[0xff; 1000]] {
        let refusals = readers(bytes);
        assert_eq!(refusals.len(), 6);
        for (reader, error) in refusals {
            assert_eq!(error.category(), Category::InvalidInput, "{reader}: {error}");
        }
    }
    let empty = stored(&vec![("a".into(), Vec::new())]);
    for (reader, error) in readers(&empty) {
        assert!(matches!(error, PackError::ManifestMissing), "{reader}: {error}");
    }
}

#[test]
fn names_that_occur_twice_are_a_failed_verification_to_every_reader() {
    for twin in [" job_state.json", "job_state.json\n", "pack_manifest.json ", "\u{a0}job_state.json"] {
        let mut doubled = entries(&job_pack(None).bytes);
        doubled.push((twin.to_owned(), b"{}".to_vec()));
        let refusals = readers(&stored(&doubled));
        assert_eq!(refusals.len(), 6, "{twin:?}");
        for (reader, error) in refusals {
            assert_eq!(error.category(), Category::VerificationFailed, "{reader}: {error}");
            assert_eq!(error.code(), "pack_verify_failed");
        }
    }
}

#[test]
fn names_that_lead_elsewhere_are_ordinary_names() {
    let mut odd = entries(&job_pack(None).bytes);
    for name in ["../../etc/passwd", "/etc/passwd", "a\\..\\b", "C:\\x", "nul", "\u{202e}fdp.exe"] {
        odd.push((name.to_owned(), b"x".to_vec()));
    }
    let undeclared = verify(&zipped(&odd), Mode::Compat).unwrap();
    assert!(!undeclared.ok() && undeclared.undeclared_files.len() == 6);
    assert!(passes(verify(&reproven(odd), Mode::Strict)), "declared and proven they are entries like others");
}

#[test]
fn undeclared_missing_and_changed_entries_are_told_together() {
    let mut changed = entries(&job_pack(None).bytes);
    content(&mut changed, "job_payload.json").push(b' ');
    changed.retain(|(name, _)| name != "job_state.json");
    changed.push(("z.txt".into(), Vec::new()));
    changed.push(("a.txt".into(), Vec::new()));
    for mode in [Mode::Compat, Mode::Strict] {
        let found = verify(&zipped(&changed), mode).unwrap();
        assert!(!found.ok());
        assert_eq!(found.missing_files, ["job_state.json"]);
        assert_eq!(found.undeclared_files, ["a.txt", "z.txt"]);
        assert_eq!(found.hash_mismatches.len(), 1);
    }
}

/// A pack with another entry that is declared.
fn with_entry(name: &str, bytes: Vec<u8>) -> Entries {
    let mut changed = entries(&job_pack(None).bytes);
    changed.push((name.to_owned(), bytes));
    changed
}

#[test]
fn bombs_are_refused_before_they_unfold() {
    let started = Instant::now();
    let bomb = zipped(&entries(&redeclared(with_entry("bomb", vec![0; 8 << 20]))));
    assert!(bomb.len() < 100_000);
    let refuse = |limits: Limits| {
        let options = VerifyOptions { limits, mode: Mode::Compat, ..VerifyOptions::default() };
        pack::verify(Cursor::new(&bomb), &options).unwrap_err().code()
    };
    let limits = Limits::default();
    assert_eq!(refuse(Limits { entry_bytes: 1 << 20, ..limits }), "archive_entry_limit");
    assert_eq!(refuse(Limits { total_bytes: 1 << 20, ..limits }), "archive_total_limit");
    assert_eq!(refuse(Limits { entries: 3, ..limits }), "archive_entries_limit");
    // An entry that claims to be larger than any reader takes.
    let mut claiming = bomb.clone();
    let names = layout(&claiming);
    let size = names.iter().position(|name| *name == "directory: size").unwrap();
    claiming[size..size + 4].copy_from_slice(&(200_u32 << 20).to_le_bytes());
    let error = verify(&claiming, Mode::Compat).unwrap_err();
    assert_eq!(error.category(), Category::InvalidInput, "{error}");
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn documents_without_end_are_not_gathered() {
    let mut long_line = entries(&job_pack(None).bytes);
    *content(&mut long_line, "job_events.jsonl") = vec![b' '; 11 << 20];
    let error = verify(&reproven(long_line), Mode::Compat).unwrap_err();
    assert!(error.to_string().contains("job_events.jsonl line 1 has more than 10485760 bytes"), "{error}");
    let mut long_record = entries(&job_pack(None).bytes);
    content(&mut long_record, PROOF_RECORDS_PATH).extend(vec![b'x'; 11 << 20]);
    let error = verify(&redeclared(long_record), Mode::Compat).unwrap_err();
    assert_eq!(error.category(), Category::VerificationFailed, "{error}");
    let mut long_payload = entries(&job_pack(None).bytes);
    *content(&mut long_payload, "job_payload.json") = vec![b' '; 65 << 20];
    let error = verify(&reproven(long_payload), Mode::Compat).unwrap_err();
    assert!(error.to_string().contains("job_payload.json has more than"), "{error}");
}

#[test]
fn documents_that_nest_without_end_are_refused() {
    for (kind, built) in each(None) {
        let path = match kind.as_str() {
            "authorization" => "authorization_bundle.json".to_owned(),
            kind => format!("{kind}_payload.json"),
        };
        for deep in ["[".repeat(200_000), "{\"a\":".repeat(200_000), format!("{{\"schema_id\":{}", "[".repeat(200_000))]
        {
            let mut changed = entries(&built.bytes);
            *content(&mut changed, &path) = deep.into_bytes();
            let error = verify(&reproven(changed), Mode::Compat).unwrap_err();
            assert_eq!(error.category(), Category::VerificationFailed, "{error}");
        }
    }
    let mut manifest = entries(&run_pack(None).bytes);
    *content(&mut manifest, MANIFEST_PATH) = "[".repeat(200_000).into_bytes();
    for (reader, error) in readers(&zipped(&manifest)) {
        let expected = if reader.starts_with("verify") || reader == "export" {
            Category::VerificationFailed
        } else {
            Category::InvalidInput
        };
        assert_eq!(error.category(), expected, "{reader}: {error}");
    }
}

#[test]
fn a_guard_manifest_is_for_verification_alone() {
    let mut guard = entries(&job_pack(None).bytes);
    *content(&mut guard, MANIFEST_PATH) =
        br#"{"schema_id":"gait.guard.pack_manifest","schema_version":"1.0.0","contents":[],"run_id":"r"}"#.to_vec();
    let bytes = zipped(&guard);
    assert_eq!(verify(&bytes, Mode::Compat).unwrap().legacy_type, Some("guard"));
    // In strict mode it must be one, with an id that fits and nothing undeclared.
    assert!(!passes(verify(&bytes, Mode::Strict)));
    let refused: Vec<_> = readers(&bytes).into_iter().filter(|(reader, _)| !reader.starts_with("verify")).collect();
    assert_eq!(refused.len(), 4);
    for (reader, error) in refused {
        assert!(matches!(error, PackError::GuardPack), "{reader}: {error}");
    }
}

#[test]
fn a_pack_may_lie_between_other_bytes_and_still_be_itself() {
    // Zip readers look from the end; what stands before is no part of the pack. Its signature still holds.
    let pack = job_pack(Some(&key()));
    let mut prefixed = b"#!/bin/sh\n".repeat(10);
    prefixed.extend_from_slice(&pack.bytes);
    match verify(&prefixed, Mode::Compat) {
        Ok(found) => assert_eq!((found.ok(), found.pack_id), (true, pack.manifest.pack_id)),
        Err(error) => assert_eq!(error.category(), Category::InvalidInput),
    }
}
