//! Functions over runpacks against the golden tables (04 §13).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "not every table holds archives")]
mod vectors;

use gait_evidence::runpack::{Predicate, reduced_file_name, reduced_run_id, stub_digest, stub_type};
use vectors::{name, rows};

#[test]
fn replay_stubs() {
    for row in rows("runpack/replay_stub") {
        let input = |member: &str| row["input"][member].as_str().expect("text");
        let stub = stub_type(input("tool_name"));
        assert_eq!(stub.unwrap_or_default(), row["want"]["stub_type"], "{}", name(&row));
        let digest = stub.map(|stub| {
            stub_digest(input("run_id"), input("intent_id"), input("tool_name"), input("args_digest"), stub).to_hex()
        });
        assert_eq!(digest.as_deref(), row["want"]["stub_digest"].as_str(), "{}", name(&row));
    }
}

#[test]
fn reduced_run_ids() {
    for row in rows("runpack/reduced_run_id") {
        let run_id = row["input"]["run_id"].as_str().expect("text");
        let predicate = Predicate::parse(row["input"]["predicate"].as_str().expect("text")).expect("a predicate");
        assert_eq!(reduced_run_id(run_id, predicate), row["want"]["reduced_run_id"], "{}", name(&row));
        let path = format!("d/{}", reduced_file_name(run_id, predicate));
        assert_eq!(path, row["want"]["default_path"], "{}", name(&row));
    }
}

#[test]
fn sorted_sets() {
    for row in rows("runpack/unique_sorted") {
        let mut list: Vec<String> = serde_json::from_value(row["input"].clone()).unwrap_or_default();
        gait_base::text::set(&mut list);
        let want: Vec<String> = serde_json::from_value(row["want"].clone()).unwrap_or_default();
        assert_eq!(list, want, "{}", name(&row));
    }
}
