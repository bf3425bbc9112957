//! Reads cases and runs their steps.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::compare::{Comparison, Kind, parse};

const CWD: &str = "$CWD";

/// The folders below `folder` that hold a `case.json`, sorted.
pub(crate) fn cases_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut cases: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("case.json").is_file()).collect();
    cases.sort();
    cases
}

pub(crate) fn read_case(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap()
}

pub(crate) fn steps(case: &Value) -> &[Value] {
    case["steps"].as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn words(step: &Value) -> Vec<String> {
    strings(&step["args"])
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// Runs a case in a fresh folder and says where it departs from what it should be.
pub(crate) fn check(folder: &Path, case: &Value) -> Vec<String> {
    let temporary = tempfile::tempdir().unwrap();
    let cwd = temporary.path().canonicalize().unwrap();
    copy(&folder.join("in"), &cwd);
    let exact = strings(&case["exact"]);
    let mut problems = Vec::new();
    for (number, step) in steps(case).iter().enumerate() {
        let (exit, out, err) = run(step, &cwd);
        let want = step["exit"].as_i64().unwrap();
        if exit != want {
            problems.push(format!("step {number}: exit {exit}, want {want}; stdout: {out:.200}; stderr: {err:.200}"));
        }
        let Some(stdout) = step.get("stdout") else { continue };
        let want_kind = step.get("stdout_kind").and_then(Value::as_str).unwrap_or("json");
        let (kind, value) = parse(&out);
        if kind.name() != want_kind {
            problems.push(format!("step {number}: stdout is {}, want {want_kind}: {out:.200}", kind.name()));
            continue;
        }
        let comparison = Comparison { volatile: strings(&step["volatile"]), exact: exact.clone() };
        let found = comparison.differences(stdout, &value);
        problems.extend(found.into_iter().map(|one| format!("step {number} stdout{one}")));
    }
    for file in case["files"].as_array().into_iter().flatten() {
        problems.extend(check_file(file, &cwd, &exact));
    }
    problems
}

fn run(step: &Value, cwd: &Path) -> (i64, String, String) {
    let here = cwd.to_str().unwrap();
    for (name, text) in step["write"].as_object().into_iter().flatten() {
        let path = cwd.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.as_str().unwrap().replace(CWD, here)).unwrap();
    }
    for name in strings(&step["delete"]) {
        let path = cwd.join(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    let mut words: Vec<String> = words(step).iter().map(|word| word.replace(CWD, here)).collect();
    let program = match step["argv0"].as_bool() {
        Some(true) => words.remove(0),
        _ => env!("CARGO_BIN_EXE_gait").to_owned(),
    };
    let input = step["stdin"].as_str().map(|name| fs::read(cwd.join(name)).unwrap()).unwrap_or_default();
    let mut command = Command::new(program);
    command
        .args(words)
        .current_dir(cwd)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.envs([("PATH", "/usr/bin:/bin"), ("HOME", here), ("TZ", "UTC"), ("LANG", "C.UTF-8")]);
    command.env("GAIT_PRODUCER_VERSION", "0.0.0-dev");
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap().replace(CWD, here));
    }
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(&input);
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).replace(here, CWD);
    (i64::from(output.status.code().unwrap_or(-1)), out, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn check_file(file: &Value, cwd: &Path, exact: &[String]) -> Vec<String> {
    let name = file["path"].as_str().unwrap();
    let want_kind = file["kind"].as_str().unwrap();
    if want_kind == "zip" {
        // Archives are deterministic: where a case records the digest of the whole file, it holds all there is to compare.
        let Ok(bytes) = fs::read(cwd.join(name)) else { return vec![format!("file {name}: missing, want an archive")] };
        let digest = gait_base::digest::sha256(&bytes).to_hex();
        let want = file["value"]["sha256"].as_str().filter(|want| want.len() == digest.len());
        return match want {
            Some(want) if want != digest => vec![format!("file {name}: digest {digest}, want {want}")],
            _ if !bytes.starts_with(b"PK") => vec![format!("file {name}: no archive")],
            _ => Vec::new(),
        };
    }
    let (kind, value) = state_of(&cwd.join(name), want_kind);
    if kind.name() != want_kind {
        return vec![format!("file {name}: is {}, want {want_kind}", kind.name())];
    }
    if matches!(kind, Kind::Absent | Kind::Exists) {
        return Vec::new();
    }
    let value = substituted(value, cwd.to_str().unwrap());
    let comparison = Comparison { volatile: strings(&file["volatile"]), exact: exact.to_vec() };
    comparison.differences(&file["value"], &value).into_iter().map(|one| format!("file {name}{one}")).collect()
}

fn state_of(path: &Path, asked: &str) -> (Kind, Value) {
    if !path.exists() {
        return (Kind::Absent, Value::Null);
    }
    if path.is_dir() {
        let mut names = Vec::new();
        files_below(path, path, &mut names);
        names.sort();
        return (Kind::Folder, names.into());
    }
    let bytes = fs::read(path).unwrap();
    match asked {
        "exists" => (Kind::Exists, Value::Null),
        "bytes" => (Kind::Bytes, gait_base::digest::sha256(&bytes).to_hex().into()),
        _ => parse(&String::from_utf8_lossy(&bytes)),
    }
}

fn files_below(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(root, &path, names);
        } else {
            names.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

fn substituted(value: Value, here: &str) -> Value {
    match value {
        Value::String(text) => text.replace(here, CWD).into(),
        Value::Array(items) => items.into_iter().map(|item| substituted(item, here)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, substituted(member, here)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
