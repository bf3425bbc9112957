//! Retention and encryption at the shell: crashes, holds, strict mode, what must never show.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gait"));
    command.args(args).current_dir(folder).env_clear();
    command
}

fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = command(folder, args).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn json(folder: &Path, args: &[&str]) -> (i32, Value) {
    let (exit, out) = run(folder, args);
    (exit, serde_json::from_str(&out).unwrap())
}

/// Artifacts that are ten days old.
fn old(folder: &Path, names: impl IntoIterator<Item = String>) {
    let time = SystemTime::now() - Duration::from_secs(10 * 24 * 3600);
    for name in names {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "{}").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }
}

/// Whenever the process is killed: what is gone stands in the report, which was there before.
#[test]
fn a_killed_retention_leaves_a_report_of_all_that_it_removed() {
    const FILES: usize = 1_000;
    for delay in [0, 1, 3, 9] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        old(folder, (0..FILES).map(|number| format!("out/{}/trace_{number:05}.json", number % 7)));
        let mut child = command(folder, &["guard", "retain", "--root", "out", "--report-out", "report.json"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !folder.join("report.json").exists() {
            assert!(child.try_wait().unwrap().is_none_or(|status| status.success()));
        }
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        child.wait().unwrap();

        let report: Value = serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
        let listed: Vec<&str> =
            report["deleted_files"].as_array().unwrap().iter().map(|event| event["path"].as_str().unwrap()).collect();
        assert_eq!(listed.len(), FILES, "the whole plan, at any time");
        let left = listed.iter().filter(|path| folder.join(path).exists()).count();
        assert!(report["state"] == "planned" || left == 0, "{left} left");
        // The next run finishes.
        let (exit, output) = json(folder, &["guard", "retain", "--root", "out", "--json"]);
        assert_eq!((exit, output["deleted_files"].as_array().map_or(0, Vec::len)), (0, left));
    }
}

#[test]
fn holds_caps_and_strict_mode() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    old(folder, ["a/trace_1.json", "a/case/trace_2.json", "a/runpack_1.zip", "a/pack_x.zip"].map(str::to_owned));
    fs::write(folder.join("a/case/.gait-hold"), "").unwrap();
    let retain = |more: &[&str]| {
        let mut args = vec!["guard", "retain", "--root", "a", "--json"];
        args.extend(more);
        json(folder, &args)
    };
    let (exit, output) = retain(&["--strict"]);
    assert_eq!((exit, output["error_code"].as_str()), (6, Some("retention_report_missing")));
    let (exit, output) = retain(&["--dry-run", "--strict"]);
    assert_eq!((exit, output["deleted_files"][0]["path"].as_str()), (0, Some("a/trace_1.json")));
    assert_eq!(output["kept_files"][0]["reason"], "hold");
    assert_eq!(output["scanned_files"], 2, "the records of runs are left alone");
    let (_, output) = retain(&["--runpack-ttl", "1h", "--dry-run", "--hold", "none"]);
    assert_eq!(output["error_code"], "invalid_input");
    let (_, output) = retain(&["--runpack-ttl", "1h", "--dry-run"]);
    assert_eq!(output["scanned_files"], 4);
    let (_, output) = retain(&["--trace-ttl", "0s", "--dry-run"]);
    assert!(output["deleted_files"].is_null());
    let (_, output) =
        retain(&["--dry-run", "--strict", "--evaluation-time", "1999-01-01T00:00:00Z", "--report-out", "r.json"]);
    assert_eq!((output["deleted_files"].is_null(), &output["kept_files"][1]["age_seconds"]), (true, &Value::from(0)));
    let report: Value = serde_json::from_slice(&fs::read(folder.join("r.json")).unwrap()).unwrap();
    assert_eq!(report["created_at"], "1999-01-01T00:00:00Z");
    let (exit, text) = run(folder, &["guard", "retain", "--root", "a"]);
    assert_eq!((exit, text.lines().next()), (0, Some("guard retain ok: a scanned=2 deleted=1 kept=1")));
    assert!(!folder.join("a/trace_1.json").exists() && folder.join("a/case/trace_2.json").exists());
}

#[test]
fn neither_keys_nor_plain_text_show_up() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("note"), "the secret plan").unwrap();
    let sealed = command(folder, &["guard", "encrypt", "note", "--key-env", "K", "--json"]).env("K", KEY).output();
    assert_eq!(sealed.unwrap().status.code(), Some(0));
    let artifact = fs::read_to_string(folder.join("note.gaitenc")).unwrap();
    assert!(!artifact.contains("secret plan"));
    fs::write(folder.join("bad.gaitenc"), artifact.replace("aes-256-gcm", "rot13")).unwrap();
    for (file, key) in [("note.gaitenc", KEY.replace('A', "B")), ("bad.gaitenc", KEY.to_owned())] {
        for json in [&["--json"][..], &[]] {
            let args = [&["guard", "decrypt", file, "--out", "plain", "--key-env", "K"], json].concat();
            let output = command(folder, &args).env("K", &key).output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            let told = String::from_utf8(told).unwrap();
            assert_eq!(output.status.code(), Some(6));
            assert!(!told.contains(&key) && !told.contains("secret plan"), "{told}");
        }
    }
    assert!(!folder.join("plain").exists());
}
