//! Guard packs, incident packs and encrypted artifacts in files: modes, links, what is left behind when something fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use gait_base::error::Classify;
use gait_base::key::config::KeyConfig;
use gait_base::key::encode_base64;
use gait_base::time::Timestamp;
use gait_evidence::guard::{Template, VerifyOptions};
use gait_evidence::runpack::{RecordOptions, RunpackDraft, record};
use gait_gate::mode::Mode;
use gait_host::clock::{FixedClock, SystemClock};
use gait_host::guard::{
    DecryptRequest, EncryptRequest, EvidencePaths, GuardFileError, IncidentPacked, IncidentRequest, KeyRequest,
    PackRequest, Packed, decrypt, encrypt, pack, pack_incident, verify,
};

const RUN: &str = r#"{"run":{"run_id":"run_1","created_at":"2026-03-01T09:00:00Z","producer_version":"x","env":{},
"timeline":[]},"intents":[],"results":[],"refs":{"created_at":"2026-03-01T09:00:00Z","receipts":[]},
"capture_mode":"reference"}"#;

/// A folder whose name would be a pattern, with a runpack.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a[b]*");
    fs::create_dir(&path).unwrap();
    let (draft, _) = RunpackDraft::parse(RUN.as_bytes(), Mode::Compat).unwrap();
    let recorded = record(draft, &RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None }).unwrap();
    fs::write(path.join("r.zip"), recorded.bytes).unwrap();
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode_of(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn guard_pack(folder: &Path, out: &str, evidence: &EvidencePaths, mode: Mode) -> Result<Packed, GuardFileError> {
    let runpack = folder.join("r.zip");
    let request = PackRequest {
        run: runpack.to_str().unwrap(),
        out,
        case_id: "",
        template: Template::Soc2,
        evidence,
        render_pdf: true,
        key: KeyConfig { mode: " DEV ", ..KeyConfig::default() },
        producer_version: "0.0.0-dev",
        mode,
    };
    pack(&request, &SystemClock)
}

fn incident(folder: &Path, mode: Mode) -> Result<IncidentPacked, GuardFileError> {
    let runpack = folder.join("r.zip");
    let request = IncidentRequest {
        run: runpack.to_str().unwrap(),
        window_nanos: 60_000_000_000,
        out: "",
        case_id: "",
        template: Template::IncidentResponse,
        render_pdf: false,
        producer_version: "0.0.0-dev",
        mode,
    };
    pack_incident(&request, &SystemClock)
}

fn audit(created_at: &str) -> String {
    format!(
        r#"{{"schema_id":"gait.gate.approval_audit_record","schema_version":"1.0.0","created_at":"{created_at}","trace_id":"t"}}"#
    )
}

#[test]
fn a_pack_lies_beside_its_runpack_and_is_private() {
    let (_keep, folder) = folder();
    fs::write(folder.join("approval_audit_1.json"), audit("2026-03-01T09:00:00Z")).unwrap();
    let packed = guard_pack(&folder, "", &EvidencePaths::default(), Mode::Strict).unwrap();
    assert!(packed.path.ends_with(&format!("a[b]*/evidence_pack_{}.zip", packed.manifest.pack_id)));
    assert!(packed.manifest.listed().iter().any(|entry| entry.path == "approval_audit_01.json"));
    assert_eq!((mode_of(&packed.path), packed.warnings.len()), (0o600, 1));
    assert!(verify(&packed.path, &VerifyOptions::default()).unwrap().ok());
    assert_eq!(names(&folder).len(), 3, "no temporary file stays");
}

#[test]
fn a_pack_replaces_a_link_and_does_not_follow_it() {
    let (_keep, folder) = folder();
    let (victim, link) = (folder.join("victim"), folder.join("deep/er/pack.zip"));
    fs::write(&victim, "untouched").unwrap();
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink(&victim, &link).unwrap();
    guard_pack(&folder, link.to_str().unwrap(), &EvidencePaths::default(), Mode::Compat).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    assert!(fs::symlink_metadata(&link).unwrap().is_file());
}

#[test]
fn evidence_that_cannot_be_read_leaves_no_pack() {
    let (_keep, folder) = folder();
    fs::write(folder.join("credential_evidence_1.json"), "not json").unwrap();
    let error = guard_pack(&folder, "", &EvidencePaths::default(), Mode::Compat).unwrap_err();
    assert_eq!(error.code(), "guard_evidence_malformed");
    assert!(error.to_string().contains("credential_evidence_1.json"));
    fs::write(folder.join("credential_evidence_1.json"), "{}").unwrap();
    let missing = folder.join("none.json").display().to_string();
    let evidence = EvidencePaths { traces: vec![missing], ..EvidencePaths::default() };
    assert!(guard_pack(&folder, "", &evidence, Mode::Compat).is_err());
    assert_eq!(names(&folder), ["credential_evidence_1.json", "r.zip"]);
    // It says nothing about what it is, which strict mode minds.
    assert_eq!(
        guard_pack(&folder, "", &EvidencePaths::default(), Mode::Strict).unwrap_err().code(),
        "guard_evidence_kind"
    );
}

#[test]
fn damaged_and_hostile_archives_are_no_runpacks() {
    let (_keep, folder) = folder();
    let good = fs::read(folder.join("r.zip")).unwrap();
    for length in [0, 10, good.len() / 2, good.len() - 1] {
        fs::write(folder.join("r.zip"), &good[..length]).unwrap();
        let error = guard_pack(&folder, "", &EvidencePaths::default(), Mode::Compat).unwrap_err();
        assert_eq!(error.category().exit_code().code(), 6, "{length} bytes");
        assert_eq!(names(&folder), ["r.zip"]);
    }
    assert!(verify(folder.join("r.zip"), &VerifyOptions::default()).is_err());
    assert!(verify(&folder, &VerifyOptions::default()).is_err(), "a folder");
}

#[test]
fn incident_packs_tell_what_they_skip_and_strict_ones_take_nothing_from_outside() {
    let (_keep, folder) = folder();
    fs::write(folder.join("trace_1.json"), "not json").unwrap();
    fs::create_dir(folder.join("trace_2.json")).unwrap();
    fs::write(folder.join("approval_audit_old.json"), audit("2020-01-01T00:00:00Z")).unwrap();
    let compat = incident(&folder, Mode::Compat).unwrap();
    assert_eq!((compat.approval_audit_count, compat.warnings.len()), (0, 3));
    assert!(compat.manifest.listed().iter().any(|entry| entry.path == "approval_audit_01.json"));
    let strict = incident(&folder, Mode::Strict).unwrap();
    assert!(!strict.manifest.listed().iter().any(|entry| entry.path == "approval_audit_01.json"));
    assert_eq!((mode_of(&strict.path), strict.warnings.len()), (0o600, 2));
    assert_eq!(strict.manifest.incident_window.unwrap().from.to_string(), "2026-03-01T08:59:00Z");
}

/// The arguments of a command that prints a key.
fn printing(key: &[u8]) -> Vec<String> {
    vec!["-c".to_owned(), format!("echo ' {} '", encode_base64(key))]
}

fn key(arguments: &[String]) -> KeyRequest<'_> {
    KeyRequest { variable: "", command: "sh", arguments }
}

#[test]
fn files_are_sealed_and_opened_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("note.txt").display().to_string();
    fs::write(&plain, "secret").unwrap();
    let arguments = printing(&[3; 32]);
    let clock = FixedClock::new(Timestamp::EPOCH_1980);
    let request = EncryptRequest { input: &plain, out: "", key: key(&arguments), producer_version: "0.0.0-dev" };
    let first = encrypt(&request, &clock).unwrap();
    assert_eq!(first.path, format!("{plain}.gaitenc"));
    assert_eq!((mode_of(&first.path), first.artifact.key_source.command.as_str()), (0o600, "sh"));
    assert!(!String::from_utf8(fs::read(&first.path).unwrap()).unwrap().contains("secret"));
    let second = encrypt(&request, &clock).unwrap();
    assert_ne!(first.artifact.nonce, second.artifact.nonce);

    let out = folder.path().join("new/out.txt").display().to_string();
    let request = DecryptRequest { input: &second.path, out: &out, key: key(&arguments), mode: Mode::Strict };
    let opened = decrypt(&request).unwrap();
    assert_eq!((fs::read(&out).unwrap().as_slice(), mode_of(&out)), (&b"secret"[..], 0o600));
    assert_eq!((opened.path.as_str(), opened.plain_size), (out.as_str(), 6));
    // The default place has a loose mode and is a link: neither counts.
    let victim = folder.path().join("victim");
    fs::write(&victim, "untouched").unwrap();
    fs::remove_file(&plain).unwrap();
    symlink(&victim, &plain).unwrap();
    decrypt(&DecryptRequest { out: "", ..request }).unwrap();
    assert_eq!((fs::read(&victim).unwrap().as_slice(), mode_of(&plain)), (&b"untouched"[..], 0o600));
}

#[test]
fn what_cannot_be_opened_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("note.txt").display().to_string();
    fs::write(&plain, "secret").unwrap();
    let arguments = printing(&[3; 32]);
    let request = EncryptRequest { input: &plain, out: "", key: key(&arguments), producer_version: "0.0.0-dev" };
    let sealed = encrypt(&request, &SystemClock).unwrap();
    fs::remove_file(&plain).unwrap();
    let good = fs::read_to_string(&sealed.path).unwrap();
    let out = folder.path().join("new/out.txt").display().to_string();
    let attempt = |text: &str, arguments: &[String]| {
        fs::write(&sealed.path, text).unwrap();
        let request = DecryptRequest { input: &sealed.path, out: &out, key: key(arguments), mode: Mode::Compat };
        let error = decrypt(&request).unwrap_err();
        assert_eq!(names(folder.path()), ["note.txt.gaitenc"], "{text}");
        assert_eq!(error.category().exit_code().code(), 6);
        error.code()
    };
    assert_eq!(attempt(&good, &printing(&[4; 32])), "decryption_failed");
    assert_eq!(attempt(&good, &printing(&[3; 16])), "encryption_key_invalid");
    let nonce = format!("\"nonce\":\"{}\"", sealed.artifact.nonce);
    let other = |bytes: &[u8]| format!("\"nonce\":\"{}\"", encode_base64(bytes));
    assert_eq!(attempt(&good.replace(&nonce, &other(&[0; 12])), &arguments), "decryption_failed");
    assert_eq!(attempt(&good.replace(&nonce, &other(&[0; 11])), &arguments), "encryption_nonce_invalid");
    assert_eq!(attempt(&good.replace("aes-256-gcm", "none"), &arguments), "encryption_algorithm_unsupported");
    let cut = sealed.artifact.ciphertext.get(4..).unwrap();
    assert_eq!(attempt(&good.replace(&sealed.artifact.ciphertext, cut), &arguments), "decryption_failed");
    for length in (0..good.len()).step_by(50) {
        assert_eq!(attempt(&good[..length], &arguments), "encrypted_artifact_malformed");
    }
    for script in ["exit 1", "echo; exit 3", "yes", "true", "kill -9 $$"] {
        let script = ["-c".to_owned(), script.to_owned()];
        let code = attempt(&good, &script);
        assert!(["encryption_key_command_failed", "encryption_key_invalid"].contains(&code), "{code}");
    }
}

#[test]
fn a_key_must_be_named_and_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("note.txt").display().to_string();
    fs::write(&plain, "secret").unwrap();
    let attempt = |key: KeyRequest<'_>, input: &str| {
        let request = EncryptRequest { input, out: "", key, producer_version: "" };
        encrypt(&request, &SystemClock).unwrap_err().code()
    };
    let none = KeyRequest::default();
    assert_eq!(attempt(none, &plain), "encryption_key_missing");
    assert_eq!(attempt(none, " "), "input_missing");
    assert_eq!(
        attempt(KeyRequest { variable: "GAIT_TEST_NONE", command: "sh", ..none }, &plain),
        "encryption_key_variable_not_set"
    );
    assert_eq!(
        attempt(KeyRequest { command: "no-such-command-here", ..none }, &plain),
        "encryption_key_command_failed"
    );
    assert_eq!(names(folder.path()), ["note.txt"]);
}
