//! Packs built, changed and verified.

use std::io::Cursor;

use gait_base::digest::sha256;
use gait_base::error::Classify;
use gait_base::jcs::to_canonical;
use gait_base::json;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::document::{PackEntry, PackManifest, pack_id};
use super::*;
use crate::archive::{ArchiveReader, Entry, Limits, write_archive};
use crate::runpack::{Manifest, Refs, Run, Runpack, SignatureStatus};

fn key() -> SigningKey {
    SigningKey::from_seed(&[5; 32])
}

fn runpack() -> Runpack {
    let created_at = Timestamp::parse("2026-03-01T10:00:00.25+01:00").unwrap();
    Runpack {
        manifest: Manifest { run_id: "run_1".to_owned(), ..Manifest::default() },
        run: Run { run_id: "run_1".to_owned(), created_at, ..Run::default() },
        intents: Vec::new(),
        results: Vec::new(),
        refs: Refs::default(),
    }
}

fn evidence() -> Evidence {
    let trace = |id: &str, verdict: &str| TraceLine {
        trace_id: id.to_owned(),
        tool_name: "t".to_owned(),
        verdict: verdict.to_owned(),
    };
    Evidence {
        traces: vec![trace("b", "block"), trace("a", "allow")],
        inventories: vec![parse_evidence(b"{}", Mode::Compat).unwrap()],
        approval_audits: vec![parse_evidence(b"{}", Mode::Compat).unwrap()],
        ..Evidence::default()
    }
}

fn pack() -> GuardPack {
    let key = key();
    let options = BuildOptions { case_id: " c(7) ", render_pdf: true, key: Some(&key), ..BuildOptions::default() };
    build(&runpack(), &evidence(), &options).unwrap()
}

fn check(bytes: &[u8], mode: Mode) -> Result<Verification, GuardError> {
    let key = key();
    let options =
        VerifyOptions { key: Some(key.verifying_key()), require_signature: true, mode, ..VerifyOptions::default() };
    verify(Cursor::new(bytes), &options)
}

fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ArchiveReader::from_bytes(bytes, Limits::default()).unwrap();
    let names: Vec<_> =
        archive.entries().iter().map(|entry| String::from_utf8(entry.name().to_vec()).unwrap()).collect();
    names.into_iter().map(|name| (name.clone(), archive.read_named(&name).unwrap())).collect()
}

fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<_> = entries.iter().map(|(path, bytes)| Entry::new(path, bytes)).collect();
    let mut bytes = Vec::new();
    write_archive(&entries, &mut bytes).unwrap();
    bytes
}

/// The pack with its manifest changed and signed anew: a lie that its maker tells.
fn resigned(change: impl FnOnce(&mut PackManifest, &mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut all = entries(&pack().bytes);
    let at = all.iter().position(|(path, _)| path == MANIFEST_PATH).unwrap();
    let mut manifest: PackManifest = json::decode(&all.remove(at).1, json::Reading::STRICT).unwrap();
    change(&mut manifest, &mut all);
    manifest.pack_id = pack_id(&manifest.run_id, manifest.listed()).unwrap();
    manifest.signatures = vec![key().sign_digest(&manifest.signable_digest().unwrap())];
    all.push((MANIFEST_PATH.to_owned(), to_canonical(&manifest).unwrap()));
    zip(&all)
}

#[test]
fn a_pack_holds_and_is_the_same_each_time() {
    let built = pack();
    assert_eq!(built.bytes, pack().bytes);
    for mode in [Mode::Compat, Mode::Strict] {
        let found = check(&built.bytes, mode).unwrap();
        assert!(found.ok(), "{found:?}");
        assert_eq!((found.files_checked, found.signatures.status), (8, SignatureStatus::Verified));
    }
    let manifest = &built.manifest;
    assert_eq!(manifest.created_at.to_string(), "2026-03-01T09:00:00.25Z");
    assert_eq!((manifest.case_id.as_str(), manifest.rendered_artifacts.len()), ("c(7)", 1));
    let all = entries(&built.bytes);
    let text = |path: &str| String::from_utf8(all.iter().find(|entry| entry.0 == path).unwrap().1.clone()).unwrap();
    assert!(text("summary.pdf").contains("(Case ID: c\\(7\\)) Tj"));
    assert!(text("summary.pdf").contains("(Generated: 2026-03-01T09:00:00Z) Tj"));
    assert_eq!(
        text("trace_summary.json"),
        r#"{"total":2,"traces":[{"tool_name":"t","trace_id":"a","verdict":"allow"},{"tool_name":"t","trace_id":"b","verdict":"block"}],"verdict_counts":{"allow":1,"block":1}}"#
    );
    assert!(text("inventory_snapshot_01.json").contains(r#""items":null"#));
    assert!(text("approval_audit_01.json").contains(r#""entries":null"#));
    assert_eq!(text("referenced_runpacks.json"), r#"{"receipts":[],"references":0,"run_id":"run_1"}"#);
}

#[test]
fn a_run_without_a_time_takes_that_of_the_call() {
    let mut runpack = runpack();
    runpack.run.created_at = Timestamp::ZERO;
    let now = Timestamp::parse("2026-05-05T05:05:05Z").unwrap();
    let built = build(&runpack, &Evidence::default(), &BuildOptions { now, ..BuildOptions::default() }).unwrap();
    assert_eq!((built.manifest.created_at, built.manifest.producer_version.as_str()), (now, "0.0.0-dev"));
}

/// Whatever bit of the archive is changed: it no longer holds, or no byte that counts was changed.
#[test]
fn no_changed_bit_passes_unseen() {
    let key = key();
    let options = BuildOptions { key: Some(&key), ..BuildOptions::default() };
    let good = build(&runpack(), &Evidence::default(), &options).unwrap();
    let want = entries(&good.bytes);
    let mut unnoticed = 0;
    // Coprime to eight: every kind of bit, all over the archive.
    for bit in (0..good.bytes.len() * 8).step_by(29) {
        let mut changed = good.bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if check(&changed, Mode::Compat).is_ok_and(|found| found.ok()) {
            assert_eq!(entries(&changed), want, "bit {bit}");
            unnoticed += 1;
        }
    }
    // Dates, modes and the like in headers: not part of what is signed.
    assert!(unnoticed > 0);
}

#[test]
fn no_cut_archive_passes() {
    let good = pack().bytes;
    for length in (0..good.len()).step_by(7) {
        assert!(check(&good[..length], Mode::Compat).is_err(), "{length} bytes");
    }
}

#[test]
fn entries_beside_the_manifest_are_a_fault_in_strict_mode_only() {
    let mut all = entries(&pack().bytes);
    all.push(("../../etc/passwd".to_owned(), b"x".to_vec()));
    let bytes = zip(&all);
    let compat = check(&bytes, Mode::Compat).unwrap();
    assert!(compat.ok() && compat.undeclared_files == ["../../etc/passwd"]);
    assert!(!check(&bytes, Mode::Strict).unwrap().ok());
}

#[test]
fn lies_of_the_maker_are_found_in_strict_mode() {
    type Change = fn(&mut PackManifest, &mut Vec<(String, Vec<u8>)>);
    let lies: [Change; 7] = [
        |manifest, _| manifest.control_index.clear(),
        |manifest, _| manifest.evidence_pointers.truncate(1),
        |manifest, _| manifest.template_id = "pci".to_owned(),
        |manifest, _| manifest.template_id = "own".to_owned(),
        |manifest, _| manifest.run_id = "run_2".to_owned(),
        |manifest, _| manifest.rendered_artifacts[0].sha256 = "0".repeat(64),
        |manifest, all| {
            all.push(("zz.json".to_owned(), b"{}".to_vec()));
            let sha256 = sha256(b"{}").to_hex();
            let entry = PackEntry { path: "zz.json".to_owned(), sha256, kind: "trace".to_owned() };
            manifest.contents.get_or_insert_default().push(entry);
        },
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let bytes = resigned(lie);
        assert!(check(&bytes, Mode::Compat).unwrap().ok(), "lie {number}");
        let strict = check(&bytes, Mode::Strict).unwrap();
        assert!(!strict.ok() && !strict.contradictions.is_empty(), "lie {number}");
    }
    assert!(check(&resigned(|_, _| {}), Mode::Strict).unwrap().ok());
}

#[test]
fn strict_mode_asks_for_kind_and_id() {
    let mut all = entries(&pack().bytes);
    let manifest = all.iter_mut().find(|(path, _)| path == MANIFEST_PATH).unwrap();
    let text = String::from_utf8(manifest.1.clone()).unwrap();
    for (from, to, code) in [
        ("gait.guard.pack_manifest", "gait.pack.manifest", "guard_pack_manifest_kind"),
        ("\"pack_id\":\"pack_", "\"pack_id\":\"pack_0", "guard_pack_id_mismatch"),
        ("{\"case_id\"", "{\"more\":1,\"case_id\"", "guard_pack_manifest_malformed"),
    ] {
        let mut all = entries(&pack().bytes);
        all.retain(|(path, _)| path != MANIFEST_PATH);
        all.push((MANIFEST_PATH.to_owned(), text.replacen(from, to, 1).into_bytes()));
        let bytes = zip(&all);
        assert_eq!(check(&bytes, Mode::Strict).unwrap_err().code(), code);
        assert!(check(&bytes, Mode::Compat).is_ok());
    }
}

#[test]
fn what_is_no_pack_is_told_apart() {
    assert_eq!(check(b"", Mode::Compat).unwrap_err().category().exit_code().code(), 6);
    let without = zip(&[("a".to_owned(), Vec::new())]);
    assert_eq!(check(&without, Mode::Compat).unwrap_err().code(), "guard_pack_manifest_missing");
    for manifest in ["", "[]", "not json", "{\"contents\":{}}"] {
        let bytes = zip(&[(MANIFEST_PATH.to_owned(), manifest.as_bytes().to_vec())]);
        assert_eq!(check(&bytes, Mode::Compat).unwrap_err().code(), "guard_pack_manifest_malformed", "{manifest}");
    }
    // Listed entries are looked for in the archive, never on disk.
    let manifest = r#"{"contents":[{"path":"/etc/passwd","sha256":"00"},{"path":"pack_manifest.json","sha256":"00"}]}"#;
    let bytes = zip(&[(MANIFEST_PATH.to_owned(), manifest.as_bytes().to_vec())]);
    let found = check(&bytes, Mode::Compat).unwrap();
    assert_eq!((found.missing_files, found.hash_mismatches.len()), (vec!["/etc/passwd".to_owned()], 1));
}

#[test]
fn evidence_says_what_it_is_in_strict_mode() {
    let trace = br#"{"schema_id":"gait.gate.trace","schema_version":"1.0.0","trace_id":"t"}"#;
    assert!(parse_evidence::<RegressResult>(br#"{"schema_id":"x","more":1}"#, Mode::Compat).is_ok());
    assert!(parse_evidence::<gait_gate::trace::TraceRecord>(trace, Mode::Strict).is_ok());
    let other = br#"{"schema_id":"gait.gate.trace","schema_version":"1.0.0"}"#;
    assert_eq!(parse_evidence::<RegressResult>(other, Mode::Strict).unwrap_err().code(), "guard_evidence_kind");
    for bad in ["[]", "{\"graders\":1}", "{} x", ""] {
        let error = parse_evidence::<RegressResult>(bad.as_bytes(), Mode::Compat).unwrap_err();
        assert_eq!(error.code(), "guard_evidence_malformed", "{bad}");
    }
}
