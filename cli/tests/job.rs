//! Durable jobs at the shell: what a person reads, what is warned of, what strict mode adds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Exit code and standard output of `gait job` with these words.
fn run(folder: &Path, words: &str) -> (i32, String) {
    let words: Vec<&str> = words.split(' ').map(|word| word.trim_matches('\'')).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gait"));
    command.arg("job").args(words).current_dir(folder).env_clear().env("SHELL", "/bin/sh");
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn json(folder: &Path, words: &str) -> Value {
    let (exit, out) = run(folder, &format!("{words} --json"));
    assert_eq!(exit, 0, "{out}");
    serde_json::from_str(&out).unwrap()
}

fn refused(folder: &Path, words: &str) -> Value {
    let (exit, out) = run(folder, &format!("{words} --json"));
    assert_eq!(exit, 6, "{out}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_job_is_told_in_lines_that_scripts_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert_eq!(
        run(at, "submit --id j --actor me"),
        (0, "job submit: id=j status=running stop_reason=none reason_code=submitted revision=1\n".to_owned())
    );
    assert!(at.join("gait-out/jobs/j/state.json").is_file(), "the default root is made");
    let (_, added) = run(at, "checkpoint add --id j --type decision-needed --summary s --required-action act");
    assert!(added.contains("status=decision_needed") && added.contains("\n  required action: act\n"), "{added}");
    let (exit, out) = run(at, "resume --id j");
    assert_eq!(exit, 6);
    assert!(out.starts_with("job resume error: approval required"), "{out}");
    let (_, inspected) = run(at, "inspect --id j");
    assert!(inspected.contains("\nevent: 2 type=checkpoint_added at="), "{inspected}");
}

#[test]
fn ended_jobs_take_reports_but_no_other_status() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (id, end, status) in [("a", "cancel", "cancelled"), ("b", "stop", "emergency_stopped")] {
        json(at, &format!("submit --id {id}"));
        json(at, &format!("{end} --id {id}"));
        for kind in ["decision-needed", "blocked", "completed"] {
            let words = format!("checkpoint add --id {id} --type {kind} --summary s --required-action a");
            assert_eq!(refused(at, &words)["operation"], "checkpoint add");
        }
        let state = &json(at, &format!("checkpoint add --id {id} --summary s"))["job"];
        assert_eq!((state["status"].as_str(), state["revision"].as_i64()), (Some(status), Some(3)));
    }
    json(at, "submit --id c");
    json(at, "checkpoint add --id c --type completed --summary s");
    let blocked = "checkpoint add --id c --type blocked --summary s";
    assert_eq!(refused(at, &format!("{blocked} --strict"))["error_code"], "job_transition_invalid");
    assert_eq!(json(at, blocked)["job"]["status"], "blocked");
}

#[test]
fn a_torn_journal_is_warned_of_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, "submit --id j");
    let journal = at.join("gait-out/jobs/j/events.jsonl");
    let whole = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, format!("{whole}{}", &whole[..30])).unwrap();
    let warned = |words: &str| json(at, words)["warnings"].as_array().map_or(0, Vec::len);
    assert_eq!((warned("status --id j"), warned("inspect --id j"), warned("checkpoint list --id j")), (1, 1, 1));
    assert!(run(at, "status --id j").1.contains("\nwarning: the journal ends in 30 bytes"));
    assert_eq!((warned("pause --id j"), warned("inspect --id j")), (1, 0));
    assert_eq!(json(at, "inspect --id j")["events"].as_array().unwrap().len(), 2);
}

#[test]
fn strict_mode_takes_the_time_and_refuses_what_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let moment = "--evaluation-time 2026-01-01T01:00:00+01:00";
    refused(at, &format!("submit --id j {moment}"));
    let state = &json(at, &format!("submit --id j {moment} --strict"))["job"];
    assert_eq!(state["created_at"], "2026-01-01T00:00:00Z");
    let path = at.join("gait-out/jobs/j/state.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen('{', "{\"more\": 1,", 1)).unwrap();
    assert_eq!(json(at, "status --id j")["job"]["revision"], 1);
    assert_eq!(refused(at, "status --id j --strict")["error_code"], "job_malformed");
}
