//! Archives made to mislead, to crash or to exhaust the reader.

use std::io::Cursor;
use std::time::{Duration, Instant};

use gait_base::error::{Category, Classify};
use gait_evidence::EvidenceError;
use gait_evidence::archive::{Entry, Limits, write_archive};
use gait_evidence::runpack::{self, INTENTS_PATH, REFS_PATH, RESULTS_PATH, RUN_PATH, RunpackError, VerifyOptions};
use gait_gate::mode::Mode;

use crate::layout::layout;
use crate::made::{REQUIRED, REQUIRED_NAMES, recorded, sealed, small, verify};

fn read(bytes: &[u8], mode: Mode) -> Result<runpack::Runpack, RunpackError> {
    runpack::read(Cursor::new(bytes), mode)
}

/// Changes the first byte of a field of an entry, counted in the order of the archive.
fn patch(archive: &mut [u8], field: &str, change: impl Fn(u8) -> u8) {
    let at = layout(archive).iter().position(|name| *name == field).expect("a field");
    archive[at] = change(archive[at]);
}

#[test]
fn the_smallest_runpack_passes() {
    let bytes = sealed(&REQUIRED, &REQUIRED_NAMES);
    assert!(verify(&bytes, Mode::Strict).unwrap().ok());
    assert_eq!(read(&bytes, Mode::Strict).unwrap().run.run_id, "run_a");
}

#[test]
fn what_is_no_archive_is_an_error() {
    for bytes in [&b""[..], b"{}", b"PK\x05\x06", &[0; 100], &[0xff; 1000]] {
        assert_eq!(verify(bytes, Mode::Compat).unwrap_err().category(), Category::InvalidInput);
    }
}

#[test]
fn names_that_occur_twice_are_a_failed_verification() {
    for twin in [" run.json", "run.json\n", "\u{a0}run.json"] {
        let entries: Vec<_> = REQUIRED.into_iter().chain([(twin, &b"{}"[..])]).collect();
        let error = verify(&sealed(&entries, &REQUIRED_NAMES), Mode::Compat).unwrap_err();
        assert_eq!((error.category(), error.code()), (Category::VerificationFailed, "runpack_duplicate_entries"));
        assert_eq!(error.to_string(), "zip contains duplicate entries: run.json");
        assert!(read(&sealed(&entries, &REQUIRED_NAMES), Mode::Compat).is_err());
    }
    // The very same name, which no writer of ours gives.
    let entries: Vec<_> = REQUIRED.into_iter().chain([("run.jsoN", &b"{}"[..])]).collect();
    let mut bytes = sealed(&entries, &REQUIRED_NAMES);
    for at in 0..bytes.len() {
        if bytes[at..].starts_with(b"run.jsoN") {
            bytes[at + 7] = b'n';
        }
    }
    assert_eq!(verify(&bytes, Mode::Compat).unwrap_err().code(), "runpack_duplicate_entries");
}

#[test]
fn entries_that_are_not_listed_pass_in_compat_mode_only() {
    for name in ["extra", "../../etc/passwd", "/abs", "a\\b", "manifest.json.sig"] {
        let entries: Vec<_> = REQUIRED.into_iter().chain([(name, &b"x"[..])]).collect();
        let bytes = sealed(&entries, &REQUIRED_NAMES);
        assert!(verify(&bytes, Mode::Compat).unwrap().ok());
        let strict = verify(&bytes, Mode::Strict).unwrap();
        assert!(!strict.ok());
        assert_eq!(strict.undeclared_files, [name]);
        assert!(read(&bytes, Mode::Compat).is_ok());
        assert!(matches!(read(&bytes, Mode::Strict), Err(RunpackError::Undeclared(_))));
    }
}

#[test]
fn what_must_be_listed_must_be_there_and_listed() {
    let bytes = sealed(&REQUIRED, &[RUN_PATH, INTENTS_PATH, "nowhere"]);
    let outcome = verify(&bytes, Mode::Compat).unwrap();
    assert_eq!(outcome.missing_files, ["nowhere", REFS_PATH, RESULTS_PATH]);
    assert!(!outcome.ok());
    assert_eq!(
        read(&bytes, Mode::Compat).unwrap_err().to_string(),
        "missing runpack files: nowhere, refs.json, results.jsonl"
    );
    let bytes = sealed(&REQUIRED[..3], &REQUIRED_NAMES[..3]);
    assert_eq!(read(&bytes, Mode::Compat).unwrap_err().to_string(), "missing run.json");
}

#[test]
fn an_entry_listed_again_and_again_is_inflated_once() {
    let large = vec![0; 2 << 20];
    let entries: Vec<_> = REQUIRED.into_iter().chain([("large", large.as_slice())]).collect();
    let names: Vec<_> = REQUIRED_NAMES.into_iter().chain(std::iter::repeat_n("large", 5_000)).collect();
    let bytes = sealed(&entries, &names);
    let started = Instant::now();
    assert!(verify(&bytes, Mode::Strict).unwrap().ok());
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn checksums_and_sizes_must_hold() {
    for field in ["directory: checksum", "directory: size", "directory: compressed size"] {
        let mut bytes = recorded(small(), None);
        patch(&mut bytes, field, |byte| byte ^ 1);
        assert_eq!(verify(&bytes, Mode::Compat).unwrap_err().category(), Category::InvalidInput, "{field}");
        assert!(read(&bytes, Mode::Compat).is_err(), "{field}");
    }
}

#[test]
fn bombs_are_refused_before_they_burst() {
    let zeros = vec![0; 2 << 20];
    let entries: Vec<_> = REQUIRED.into_iter().chain([("bomb", zeros.as_slice())]).collect();
    let names: Vec<_> = REQUIRED_NAMES.into_iter().chain(["bomb"]).collect();
    let mut bytes = sealed(&entries, &names);
    let limits = Limits { entry_bytes: 1 << 20, ..Limits::default() };
    let options = VerifyOptions { limits, ..VerifyOptions::default() };
    let size = zeros.len() as u64;
    assert!(matches!(
        runpack::verify(Cursor::new(&bytes), &options),
        Err(RunpackError::Archive(EvidenceError::EntryTooLarge { size: told, .. })) if told == size
    ));
    let declared = layout(&bytes).iter().position(|name| *name == "directory: size").unwrap();
    // An entry that owns up to more than 100 MiB, and one that says it has ten bytes.
    bytes[declared..declared + 4].copy_from_slice(&(120_u32 << 20).to_le_bytes());
    assert!(matches!(verify(&bytes, Mode::Compat), Err(RunpackError::Archive(EvidenceError::EntryTooLarge { .. }))));
    bytes[declared..declared + 4].copy_from_slice(&10_u32.to_le_bytes());
    assert!(matches!(verify(&bytes, Mode::Compat), Err(RunpackError::Archive(EvidenceError::EntryCorrupt { .. }))));
}

#[test]
fn limits_can_be_lowered() {
    let bytes = recorded(small(), None);
    let limited = |limits| runpack::verify(Cursor::new(&bytes), &VerifyOptions { limits, ..VerifyOptions::default() });
    assert!(limited(Limits { entries: 5, ..Limits::default() }).is_ok());
    assert!(limited(Limits { entries: 4, ..Limits::default() }).is_err());
    assert!(limited(Limits { total_bytes: 100, ..Limits::default() }).is_err());
    assert!(limited(Limits { entry_bytes: 10, ..Limits::default() }).is_err());
}

#[test]
fn manifests_that_are_none_are_errors() {
    let with = |manifest: &str| {
        let mut bytes = Vec::new();
        write_archive(&[Entry::new("manifest.json", manifest.as_bytes())], &mut bytes).unwrap();
        verify(&bytes, Mode::Compat).unwrap_err().to_string()
    };
    let valid = r#"{"schema_id":"gait.runpack.manifest","schema_version":"1.0.0","run_id":"r"}"#;
    assert!(with("").starts_with("parse manifest.json: "));
    assert!(with(&"[".repeat(1_000_000)).starts_with("parse manifest.json: "));
    assert!(with(&format!("{valid} x")).starts_with("parse manifest.json: "));
    assert_eq!(with("{}"), "manifest schema_id must be gait.runpack.manifest");
    assert_eq!(with(&valid.replace("1.0.0", "1.0.1")), "manifest schema_version must be 1.0.0");
    assert_eq!(with(&valid.replace(r#""r""#, r#""""#)), "manifest missing run_id");
    let mut bytes = Vec::new();
    write_archive(&[Entry::new("run.json", b"{}")], &mut bytes).unwrap();
    assert_eq!(verify(&bytes, Mode::Compat).unwrap_err().to_string(), "missing manifest.json");
}

#[test]
fn a_manifest_without_any_files_lacks_them_all() {
    let manifest = r#"{"schema_id":"gait.runpack.manifest","schema_version":"1.0.0","run_id":"r"}"#;
    let mut bytes = Vec::new();
    write_archive(&[Entry::new("manifest.json", manifest.as_bytes())], &mut bytes).unwrap();
    let outcome = verify(&bytes, Mode::Compat).unwrap();
    assert_eq!(outcome.missing_files.len(), 4);
    assert_eq!(outcome.hash_mismatches[0].path, "manifest.json");
}

#[test]
fn documents_are_parsed_only_when_read_or_in_strict_mode() {
    for (path, content) in [
        (RUN_PATH, &b"{"[..]),
        (RUN_PATH, br#"{"run_id":"run_a","run_id":"run_b"}"#),
        (RUN_PATH, br#"{"Run_Id":"run_a"}"#),
        (REFS_PATH, br#"{"unknown":1}"#),
        (INTENTS_PATH, br#"{"args":[]}"#),
        (RESULTS_PATH, b"{}\nnull x\n"),
        (REFS_PATH, br#"{"context_evidence_mode":"maybe"}"#),
        (REFS_PATH, br#"{"context_evidence_mode":"required"}"#),
    ] {
        let entries: Vec<_> =
            REQUIRED.into_iter().map(|(name, old)| (name, if name == path { content } else { old })).collect();
        let bytes = sealed(&entries, &REQUIRED_NAMES);
        assert!(verify(&bytes, Mode::Compat).unwrap().ok(), "{path}");
        assert!(verify(&bytes, Mode::Strict).is_err(), "{path}: {}", String::from_utf8_lossy(content));
    }
}
