//! Sessions from the command line: what a crash left is mended and told, checkpoints can be signed, journals that an older
//! compaction broke can be repaired.
#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Runs `gait` in a folder; gives its exit code and its line of JSON.
fn gait(folder: &Path, words: &[&str]) -> (i32, Value) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_gait")).args(words).arg("--json").current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn session(folder: &Path, command: &str, words: &[&str]) -> (i32, Value) {
    let all: Vec<&str> =
        ["run", "session", command, "--journal", "s.jsonl"].into_iter().chain(words.iter().copied()).collect();
    gait(folder, &all)
}

fn append(folder: &Path) -> (i32, Value) {
    session(folder, "append", &["--tool", "t", "--verdict", "allow"])
}

fn started() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(session(folder.path(), "start", &["--session-id", "s", "--run-id", "run_s"]).0, 0);
    assert_eq!(append(folder.path()).0, 0);
    folder
}

#[test]
fn a_torn_line_is_told_by_readers_and_mended_by_writers() {
    let folder = started();
    let journal = folder.path().join("s.jsonl");
    let whole = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, format!("{whole}{{\"record_type\":\"ev")).unwrap();
    let (exit, told) = session(folder.path(), "status", &[]);
    assert_eq!((exit, &told["ok"], &told["journal"]), (6, &json!(false), &json!("s.jsonl")));
    assert!(told["error"].as_str().unwrap().contains("cut off"), "{told}");
    let (exit, told) = session(folder.path(), "compact", &["--dry-run"]);
    assert_eq!((exit, &told["operation"]), (6, &json!("compact")));
    let (exit, told) = append(folder.path());
    assert_eq!((exit, &told["event"]["sequence"]), (0, &json!(2)));
    assert!(told["warnings"][0].as_str().unwrap().contains("18 bytes were moved to s.jsonl.torn-"), "{told}");
    let (exit, told) = append(folder.path());
    assert_eq!((exit, told.get("warnings")), (0, None));
    let (exit, told) = session(folder.path(), "status", &["--strict"]);
    assert_eq!((exit, &told["status"]["event_count"]), (0, &json!(3)));
}

#[test]
fn signed_checkpoints_verify_with_the_key_and_with_no_other() {
    let folder = started();
    for prefix in ["one", "other"] {
        assert_eq!(gait(folder.path(), &["keys", "init", "--out-dir", "keys", "--prefix", prefix]).0, 0);
    }
    let signed = ["--out", "cp/1.zip", "--private-key", "keys/one_private.key"];
    let (exit, told) = session(folder.path(), "checkpoint", &signed);
    assert_eq!((exit, &told["chain_path"]), (0, &json!("s_chain.json")));
    assert_eq!(told["signature_key_id"].as_str().unwrap().len(), 64);
    let verify = |key: &str| {
        gait(folder.path(), &["verify", "session-chain", "s_chain.json", "--profile", "strict", "--public-key", key])
    };
    assert_eq!(verify("keys/one_public.key").0, 0);
    let (exit, told) = verify("keys/other_public.key");
    assert_eq!((exit, &told["checkpoint_errors"]), (2, &json!(["checkpoint 1 signature verification failed"])));
    let refused = session(folder.path(), "checkpoint", &["--out", "s.jsonl"]);
    assert_eq!(refused.0, 6, "the journal is not replaced by a runpack");
    append(folder.path());
    assert_eq!(
        session(folder.path(), "checkpoint", &["--out", "cp/1.zip", "--strict"]).0,
        6,
        "nor is a runpack of the chain"
    );
    assert_eq!(session(folder.path(), "checkpoint", &["--out", "cp/2.zip", "--strict"]).0, 0);
    assert_eq!(gait(folder.path(), &["verify", "session-chain", "--chain", "s_chain.json", "--strict"]).0, 0);
}

#[test]
fn a_session_goes_on_after_everything_was_compacted_away_and_older_damage_is_repaired() {
    let folder = started();
    assert_eq!(session(folder.path(), "checkpoint", &["--out", "1.zip"]).0, 0);
    assert_eq!(session(folder.path(), "compact", &[]).1["compaction"]["events_after"], 0);
    std::fs::remove_file(folder.path().join("s.jsonl.state.json")).unwrap();
    assert_eq!(append(folder.path()).1["event"]["sequence"], 2);
    // What a tool leaves that begins with 1 again.
    let journal = folder.path().join("s.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replace("\"sequence\":2", "\"sequence\":1")).unwrap();
    std::fs::remove_file(folder.path().join("s.jsonl.state.json")).unwrap();
    assert_eq!(append(folder.path()).0, 6);
    let (exit, told) = session(folder.path(), "repair", &[]);
    assert_eq!((exit, &told["status"]["last_sequence"]), (0, &json!(2)));
    assert!(told["warnings"][0].as_str().unwrap().contains("s.jsonl.before-"), "{told}");
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), text);
    assert_eq!(append(folder.path()).1["event"]["sequence"], 3);
    let (exit, told) = session(folder.path(), "repair", &[]);
    assert_eq!((exit, told.get("warnings")), (0, None), "what is whole stays as it is");
}
