//! Approvals, delegations, scripts and the kill switch on disk: concurrent changes, links, modes, and what must never show.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DIGEST: &str = "0f350da613b72ee3d59f712247056ecc83570993bddfada129530591e9922477";
const PRIVATE: [&str; 4] = ["--key-mode", "prod", "--private-key", "keys/gait_private.key"];
const PUBLIC: [&str; 2] = ["--public-key", "keys/gait_public.key"];
const POLICY: &str = "default_verdict: block\n";
const SCRIPT: &str = r#"{"schema_id":"gait.gate.intent_request","schema_version":"1.0.0","created_at":"2026-01-05T10:00:00Z",
"producer_version":"fixture","tool_name":"script","script":{"steps":[{"tool_name":"a.read","args":{}}]},
"context":{"identity":"alice","workspace":"/repo","risk_class":"low"}}"#;

/// A folder with a key pair, a policy and a script.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.yaml"), POLICY).unwrap();
    fs::write(folder.path().join("script.json"), SCRIPT).unwrap();
    assert_eq!(run(folder.path(), &["keys", "init", "--out-dir", "keys"]).0, 0);
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gait"));
    command.args(args).current_dir(folder).env_clear();
    command
}

fn output(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// Exit code and standard output.
fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = output(folder, args);
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let (exit, out) = run(folder, args);
    assert_eq!(exit, 0, "{out}");
    serde_json::from_str(&out).unwrap()
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn approve(out: &str) -> Vec<&str> {
    let mut args = vec!["approve", "--intent-digest", DIGEST, "--policy-digest", DIGEST, "--ttl", "1h"];
    args.extend(["--scope", "tool:x", "--approver", "carol", "--reason-code", "CHG", "--out", out]);
    args.extend(PRIVATE);
    args
}

fn delegate(out: &str) -> Vec<&str> {
    let mut args = vec!["delegate", "mint", "--delegator", "lead", "--delegate", "alice", "--scope", "write"];
    args.extend(["--ttl", "1h", "--out", out]);
    args.extend(PRIVATE);
    args
}

fn approve_script<'a>(registry: &'a str, id: &'a str) -> Vec<&'a str> {
    let mut args = vec!["approve-script", "--policy", "policy.yaml", "--intent", "script.json", "--approver", "carol"];
    args.extend(["--registry", registry, "--pattern-id", id]);
    args.extend(PRIVATE);
    args
}

/// Starts all at once and waits for all to succeed.
fn all_at_once(folder: &Path, calls: &[Vec<String>]) {
    let children: Vec<_> = calls
        .iter()
        .map(|args| {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            command(folder, &args).stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn no_entry_of_concurrent_processes_is_lost() {
    let folder = folder();
    let ids: Vec<String> = (0..12).map(|number| format!("entry-{number:02}")).collect();
    let owned = |args: Vec<&str>| args.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let adds: Vec<_> =
        ids.iter().map(|id| owned(vec!["kill-switch", "add", "--tool-name", "x", "--entry-id", id.as_str()])).collect();
    all_at_once(folder.path(), &adds);
    let listed = json(folder.path(), &["kill-switch", "list", "--json"]);
    let found: Vec<&str> =
        listed["entries"].as_array().unwrap().iter().map(|entry| entry["entry_id"].as_str().unwrap()).collect();
    assert_eq!(found, ids);

    let mixed: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            owned(vec!["kill-switch", if number % 2 == 0 { "disable" } else { "expire" }, "--entry-id", id.as_str()])
        })
        .collect();
    all_at_once(folder.path(), &mixed);
    let listed = json(folder.path(), &["kill-switch", "list", "--json"]);
    for (number, entry) in listed["entries"].as_array().unwrap().iter().enumerate() {
        assert_eq!(entry["enabled"].as_bool(), Some(number % 2 == 1));
        assert_eq!(entry["expires_at"] == "0001-01-01T00:00:00Z", number % 2 == 0);
    }

    let scripts: Vec<_> = ids.iter().map(|id| owned(approve_script("reg/r.json", id))).collect();
    all_at_once(folder.path(), &scripts);
    let listed = json(folder.path(), &["list-scripts", "--registry", "reg/r.json", "--json"]);
    assert_eq!(listed["count"].as_u64(), Some(12));
    for (inside, files) in [(".gait-out", 1), ("reg", 1)] {
        assert_eq!(fs::read_dir(folder.path().join(inside)).unwrap().count(), files, "{inside}");
    }
}

#[test]
fn files_are_private_and_links_are_replaced() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let victim = at("victim");
    fs::write(&victim, "untouched").unwrap();
    for name in ["a.json", "d.json"] {
        symlink(&victim, at(name)).unwrap();
    }
    assert_eq!(run(folder.path(), &approve("a.json")).0, 0);
    assert_eq!(run(folder.path(), &delegate("d.json")).0, 0);
    // State and registry are read before they are written: the link leads to something readable.
    for (name, content) in [("ks.json", None), ("reg.json", Some("[]"))] {
        let behind = at(&format!("behind-{name}"));
        match content {
            Some(content) => fs::write(&behind, content).unwrap(),
            None => {
                let add = ["kill-switch", "add", "--tool-name", "x", "--state", behind.to_str().unwrap()];
                assert_eq!(run(folder.path(), &add).0, 0);
            }
        }
        symlink(&behind, at(name)).unwrap();
        let before = fs::read(&behind).unwrap();
        let changed = match name {
            "ks.json" => run(folder.path(), &["kill-switch", "add", "--tool-name", "y", "--state", name]),
            _ => run(folder.path(), &approve_script(name, "p")),
        };
        assert_eq!(changed.0, 0, "{}", changed.1);
        assert_eq!(fs::read(&behind).unwrap(), before, "{name}");
    }
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    for name in ["a.json", "d.json", "ks.json", "reg.json"] {
        assert!(fs::symlink_metadata(at(name)).unwrap().is_file(), "{name}");
        assert_eq!(mode_of(&at(name)), 0o600, "{name}");
    }

    assert_eq!(run(folder.path(), &approve("new/deep/a.json")).0, 0);
    assert_eq!(mode_of(&at("new/deep")) & !0o750, 0);
    assert_eq!(mode_of(&at("new/deep/a.json")), 0o600);
    fs::create_dir(at("inside")).unwrap();
    let mut outside = command(&at("inside"), &approve("../outside.json"));
    outside.args(["--private-key", "../keys/gait_private.key"]);
    assert!(outside.output().unwrap().status.success());
    assert_eq!(mode_of(&at("outside.json")), 0o600);
    assert_eq!(run(folder.path(), &approve("new")).0, 6, "a folder is no place for a token");
}

#[test]
fn no_private_key_shows() {
    let folder = folder();
    let private = fs::read_to_string(folder.path().join("keys/gait_private.key")).unwrap().trim().to_owned();
    let public = fs::read_to_string(folder.path().join("keys/gait_public.key")).unwrap();
    // 64 bytes that are no key pair: their text must not come back in the error.
    let broken = format!("{}{}", &private[..60], &private[..28]);
    fs::write(folder.path().join("broken.key"), &broken).unwrap();
    assert_eq!(run(folder.path(), &approve("a.json")).0, 0);
    assert_eq!(run(folder.path(), &delegate("d.json")).0, 0);

    let private_as_public = ["--public-key", "keys/gait_private.key"];
    let mut calls: Vec<Vec<&str>> = vec![approve("again.json"), delegate("again.json"), approve_script("r.json", "p")];
    for (words, token) in [(["approve", "verify"], "a.json"), (["delegate", "verify"], "d.json")] {
        for keys in
            [&PUBLIC[..], &private_as_public, &["--private-key", "keys/gait_private.key"], &["--private-key-env", "K"]]
        {
            calls.push([&words[..], &["--token", token], keys].concat());
        }
        calls.push([&words[..], &["--token", "keys/gait_private.key"], &PUBLIC].concat());
    }
    for words in [["approve", "inspect"], ["delegate", "inspect"]] {
        calls.push([&words[..], &["--token", "keys/gait_private.key"]].concat());
    }
    for bad in ["broken.key", "keys/gait_public.key"] {
        for make in [approve("x.json"), delegate("x.json"), approve_script("x.json", "p")] {
            calls.push([&make[..], &["--private-key", bad]].concat());
        }
    }
    for make in [approve("x.json"), delegate("x.json"), approve_script("x.json", "p")] {
        calls.push([&make[..], &["--private-key", "", "--private-key-env", "K"]].concat());
        calls.push([&make[..], &["--private-key", "", "--private-key-env", "BROKEN"]].concat());
    }
    calls.push(vec!["approve", "--request", "keys/gait_private.key", "--ttl", "1h"]);
    calls.push(vec!["kill-switch", "list", "--state", "keys/gait_private.key"]);
    calls.push(vec!["list-scripts", "--registry", "keys/gait_private.key"]);
    let secret = &private[..40];
    for call in &calls {
        for extra in [&[][..], &["--json"], &["--json", "--strict"]] {
            let args = [&call[..], extra].concat();
            let mut command = command(folder.path(), &args);
            let output = command.env("K", &private).env("BROKEN", &broken).output().unwrap();
            for stream in [&output.stdout, &output.stderr] {
                let text = String::from_utf8_lossy(stream);
                assert!(!text.contains(secret) && !text.contains(&private[44..84]), "{args:?}: {text}");
            }
        }
    }
    for entry in fs::read_dir(folder.path()).unwrap().flatten().filter(|entry| entry.file_name() != "broken.key") {
        if entry.path().is_file() {
            assert!(!fs::read_to_string(entry.path()).unwrap().contains(secret), "{:?}", entry.file_name());
        }
    }
    assert!(!public.contains(secret));
}

#[test]
fn only_the_kill_switch_complains_on_standard_error() {
    let folder = folder();
    for (args, on_stderr) in [
        (&["kill-switch", "disable", "--entry-id", "x"][..], true),
        (&["kill-switch", "add", "--bogus"], true),
        (&["kill-switch", "add", "--bogus", "--json"], true),
        (&["kill-switch", "add", "--json", "--bogus"], false),
        (&["kill-switch", "nuke"], false),
        (&["approve"], false),
        (&["delegate", "verify"], false),
    ] {
        let output = output(folder.path(), args);
        assert_eq!(output.status.code(), Some(6), "{args:?}");
        assert_eq!((output.stdout.is_empty(), output.stderr.is_empty()), (on_stderr, !on_stderr), "{args:?}");
    }
}

#[test]
fn a_state_that_somebody_else_holds_is_waited_for() {
    let folder = folder();
    let lock = folder.path().join("ks.json.lock");
    fs::write(&lock, "").unwrap();
    let mut add = command(folder.path(), &["kill-switch", "add", "--state", "ks.json", "--tool-name", "x"]);
    let mut child = add.stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none() && !folder.path().join("ks.json").exists());
    fs::remove_file(&lock).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_approval_that_was_just_signed_verifies() {
    let folder = folder();
    assert_eq!(run(folder.path(), &approve("a.json")).0, 0);
    let verified = json(folder.path(), &[&["approve", "verify", "--json", "--token", "a.json"][..], &PUBLIC].concat());
    let inspected = json(folder.path(), &["approve", "inspect", "--json", "--token", "a.json"]);
    assert_eq!(verified["key_id"], inspected["key_id"]);
    assert_eq!(inspected["verified"], Value::Bool(false));
    assert_eq!((&inspected["expired"], &inspected["id_fits_content"]), (&Value::Bool(false), &Value::Bool(true)));
    // The file is indented JSON in the order of the document, so that other tools show it as it is.
    let file = fs::read_to_string(folder.path().join("a.json")).unwrap();
    assert!(file.starts_with("{\n  \"schema_id\": \"gait.gate.approval_token\"") && file.ends_with("}\n"));
}
