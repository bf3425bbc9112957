//! Packs from the shell: what is larger than the memory allowed is verified all the same, and `--strict` looks deeper.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn gait(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gait"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("GAIT_PRODUCER_VERSION", "0.0.0-dev")
        .output()
        .expect("the program runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

/// An authorization bundle that links to files of `length` bytes.
fn bundle(folder: &Path, length: usize) {
    std::fs::write(folder.join("trace.json"), r#"{"trace_id":"trace_a"}"#).unwrap();
    let block: Vec<u8> = (0..=255).collect();
    for name in ["audit.bin", "credential.bin", "outcome.bin"] {
        let content: Vec<u8> = block.iter().copied().cycle().take(length).chain(name.bytes()).collect();
        std::fs::write(folder.join(name), content).unwrap();
    }
    let digest = "a".repeat(64);
    let text = format!(
        r#"{{"created_at":"2026-05-02T00:00:00Z","trace_id":"trace_a","policy_digest":"{digest}","intent_digest":"{digest}",
            "trace_path":"trace.json","approval_audit_path":"audit.bin","credential_evidence_path":"credential.bin",
            "outcome_path":"outcome.bin","outcome_status":"allow"}}"#
    );
    std::fs::write(folder.join("bundle.json"), text).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_pack_larger_than_the_memory_allowed_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path(), 24 << 20);
    let built =
        gait(folder.path(), &["pack", "build", "--type", "authorization", "bundle.json", "--out", "p.zip", "--json"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stdout));
    for mode in ["", "--strict"] {
        // 72 MiB of entries, 24 MiB of data segment for all threads together.
        let line = format!("ulimit -d 24576 && exec '{}' pack verify p.zip {mode}", env!("CARGO_BIN_EXE_gait"));
        let output = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.starts_with("pack verify ok"), "{output:?}");
    }
}

#[test]
fn strict_is_deep_and_the_strict_profile_is_about_signatures() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path(), 10);
    // A trace of another decision: only who looks into it can tell.
    std::fs::write(folder.path().join("trace.json"), r#"{"trace_id":"trace_b"}"#).unwrap();
    let build = ["pack", "build", "--type", "authorization", "bundle.json", "--out", "p.zip"];
    assert!(gait(folder.path(), &build).status.success());
    assert!(gait(folder.path(), &["pack", "verify", "p.zip"]).status.success());
    let deep = gait(folder.path(), &["pack", "verify", "p.zip", "--strict", "--json"]);
    assert_eq!(deep.status.code(), Some(2));
    assert_eq!(json(&deep)["error_code"], "pack_verify_failed");
    assert_eq!(json(&deep)["operation"], "verify");
    let profile = gait(folder.path(), &["pack", "verify", "p.zip", "--profile", "strict", "--json"]);
    assert_eq!(profile.status.code(), Some(6), "it needs a key");
}

#[test]
fn what_does_not_hold_is_told_to_people_too() {
    let folder = tempfile::tempdir().unwrap();
    bundle(folder.path(), 10);
    let build = ["pack", "build", "--type", "authorization", "bundle.json", "--out", "p.zip"];
    assert!(gait(folder.path(), &build).status.success());
    let required = gait(folder.path(), &["pack", "verify", "p.zip", "--require-signature"]);
    assert_eq!(required.status.code(), Some(2));
    let told = String::from_utf8(required.stdout).unwrap();
    assert!(told.starts_with("pack verify failed: p.zip") && told.contains("manifest has no signatures"), "{told}");
    let page = gait(folder.path(), &["voice", "pack", "--help"]);
    assert!(page.status.success());
    let inspected = gait(folder.path(), &["pack", "inspect", "p.zip"]);
    assert!(String::from_utf8(inspected.stdout).unwrap().contains("outcome=allow"));
}
