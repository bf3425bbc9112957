//! Replays the shared golden cases that read, format or create policies. They lie outside the project; without them the
//! tests say so and pass.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gait_base::error::{Category, Classify};
use gait_gate::mode::Mode;
use gait_gate::policy::{MIGRATION_KIND, PolicyDocument, Template};
use serde_json::{Value, json};

fn vectors() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("GAIT_VECTORS").unwrap_or_else(|_| beside.to_owned()));
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no golden cases at {}", folder.display());
    None
}

/// The files below a folder, by their paths relative to it.
fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(next) else { continue };
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(relative), Ok(bytes)) = (path.strip_prefix(folder), std::fs::read(&path)) {
                files.insert(relative.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}

/// The command line of a step, as far as it concerns the policy library.
struct Command {
    positional: Vec<String>,
    out: String,
    write: bool,
    force: bool,
}

/// Nothing for command lines whose outcome is the command's own business (help, unknown flags).
fn command(args: &[&str]) -> Option<Command> {
    let mut command =
        Command { positional: Vec::new(), out: "gait.policy.yaml".to_owned(), write: false, force: false };
    let mut args = args.iter();
    while let Some(&arg) = args.next() {
        match arg {
            "--json" | "--" => {}
            "--write" => command.write = true,
            "--force" => command.force = true,
            "--out" => command.out = (*args.next()?).to_owned(),
            _ if arg.starts_with("--out=") => command.out = arg["--out=".len()..].to_owned(),
            _ if arg.starts_with('-') => return None,
            _ => command.positional.push(arg.to_owned()),
        }
    }
    (command.positional.len() == 1 && !command.out.trim().is_empty()).then_some(command)
}

fn migration(error: &gait_gate::policy::PolicyError) -> Value {
    let fields = error.legacy_fields();
    if fields.is_empty() {
        return Value::Null;
    }
    let replacements: Vec<_> = fields
        .iter()
        .map(|legacy| {
            let mut replacement = json!({ "field": legacy.field });
            if !legacy.replacement_fields.is_empty() {
                replacement["replacement_fields"] = json!(legacy.replacement_fields);
            }
            if !legacy.note.is_empty() {
                replacement["note"] = json!("<text>");
            }
            replacement
        })
        .collect();
    let names: Vec<_> = fields.iter().map(|legacy| legacy.field).collect();
    json!({ "kind": MIGRATION_KIND, "deprecated_fields": names, "field_replacements": replacements })
}

#[test]
fn policy_commands() {
    let Some(vectors) = vectors() else { return };
    let mut replayed = 0;
    let mut cases: Vec<_> = std::fs::read_dir(vectors.join("gate")).expect("readable").flatten().collect();
    cases.sort_by_key(std::fs::DirEntry::path);
    for case in cases {
        let Ok(text) = std::fs::read(case.path().join("case.json")) else { continue };
        let text: Value = serde_json::from_slice(&text).expect("a case");
        let mut files = files_below(&case.path().join("in"));
        for step in text["steps"].as_array().expect("steps") {
            let args: Vec<&str> = step["args"].as_array().expect("args").iter().filter_map(Value::as_str).collect();
            let [group, action, rest @ ..] = args.as_slice() else { continue };
            if *group != "policy" || !matches!(*action, "validate" | "fmt" | "init") {
                continue;
            }
            let Some(command) = command(rest) else { continue };
            let label = format!("{}: {args:?}", case.file_name().to_string_lossy());
            if *action == "init" {
                init(&command, step, &mut files, &label);
            } else {
                read(*action == "fmt", &command, step, &mut files, &label);
            }
            replayed += 1;
        }
        for expected in text["files"].as_array().into_iter().flatten() {
            if let (Some(path), Some("text"), Some(value)) =
                (expected["path"].as_str(), expected["kind"].as_str(), expected["value"].as_str())
            {
                assert_eq!(files.get(path).map(|bytes| String::from_utf8_lossy(bytes)).as_deref(), Some(value));
            }
        }
    }
    assert!(replayed > 130, "only {replayed} steps");
}

fn init(command: &Command, step: &Value, files: &mut BTreeMap<String, Vec<u8>>, label: &str) {
    let template = Template::parse(&command.positional[0]);
    let refused = template.is_none() || (files.contains_key(&command.out) && !command.force);
    assert_eq!(refused, step["exit"] != 0, "{label}");
    if let (Some(template), false) = (template, refused) {
        assert_eq!(template.name(), step["stdout"]["template"], "{label}");
        files.insert(command.out.clone(), template.text().as_bytes().to_vec());
    }
}

fn read(fmt: bool, command: &Command, step: &Value, files: &mut BTreeMap<String, Vec<u8>>, label: &str) {
    let name = &command.positional[0];
    let Some(bytes) = files.get(name) else {
        assert_eq!(step["exit"], 6, "{label}");
        return;
    };
    let out = &step["stdout"];
    let policy = match PolicyDocument::parse(bytes, Mode::Compat) {
        Ok(policy) => policy,
        Err(error) => {
            assert_eq!(step["exit"], 6, "{label}: {error}");
            assert_eq!(error.category(), Category::InvalidInput);
            assert_eq!(out["migration"], migration(&error), "{label}");
            return;
        }
    };
    assert_eq!(step["exit"], 0, "{label}: accepted");
    let formatted = policy.format();
    if out.is_object() {
        assert_eq!(out["policy_digest"], policy.digest().to_hex(), "{label}");
        assert_eq!(out["default_verdict"], policy.default_verdict.as_str(), "{label}");
        assert_eq!(out["rule_count"].as_u64().unwrap_or(0), policy.rules.len() as u64, "{label}");
        if let Some(expected) = out["formatted"].as_str() {
            assert_eq!(expected, formatted, "{label}");
        }
        if let (true, Some(changed)) = (fmt, out["changed"].as_bool()) {
            assert_eq!(changed, bytes != formatted.as_bytes(), "{label}");
        }
    }
    let again = PolicyDocument::parse(formatted.as_bytes(), Mode::Compat).expect("a formatted policy reads");
    assert_eq!(again.digest(), policy.digest(), "{label}");
    assert_eq!(again.format(), formatted, "{label}");
    if fmt && command.write {
        files.insert(name.clone(), formatted.into_bytes());
    }
}

#[test]
fn policies_of_the_evaluation_table() {
    let Some(vectors) = vectors() else { return };
    let table = std::fs::read_to_string(vectors.join("gate/eval.jsonl")).expect("readable");
    let mut rows = 0;
    for line in table.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let name = &row["name"];
        let text = row["policy_yaml"].as_str().expect("a policy");
        match PolicyDocument::parse(text.as_bytes(), Mode::Compat) {
            Ok(policy) => {
                assert_ne!(row["want"]["error"], "policy", "{name}: accepted");
                assert_eq!(row["want"]["policy_digest"], policy.digest().to_hex(), "{name}");
                let again = PolicyDocument::parse(policy.format().as_bytes(), Mode::Compat);
                assert_eq!(again.map(|policy| policy.digest()).as_ref(), Ok(&policy.digest()), "{name}: formatted");
            }
            Err(error) => assert_eq!(row["want"]["error"], "policy", "{name}: {error}"),
        }
        rows += 1;
    }
    assert!(rows > 0);
}
