//! Replays the recorded tables of sessions (04 §13).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[allow(dead_code, reason = "not every table holds archives")]
mod vectors;

use gait_base::json::{self, Reading};
use gait_evidence::session::{
    Checkpoint, EventTies, TimelineTies, checkpoint_digest, checkpoint_relationship, default_chain_path,
    event_relationship, timeline_relationship,
};
use gait_gate::relationship::{AgentLink, Relationship};
use serde_json::Value;
use vectors::{name, rows};

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row["input"][member].as_str().unwrap_or_default()
}

fn check(row: &Value, got: Option<Relationship>) {
    let got: Value = got.map_or(Value::Null, |got| serde_json::from_slice(&json::to_compact(&got).unwrap()).unwrap());
    assert_eq!(got, row["want"], "{}", name(row));
}

#[test]
fn digests_of_checkpoints() {
    for row in rows("runpack/checkpoint_digest") {
        let bytes = serde_json::to_vec(&row["input"]).unwrap();
        let checkpoint: Checkpoint = json::decode(&bytes, Reading::COMPAT).unwrap();
        assert_eq!(checkpoint_digest(&checkpoint), row["want"].as_str().unwrap(), "{}", name(&row));
    }
}

#[test]
fn relationships_of_events() {
    for row in rows("runpack/event_relationship") {
        let input = &row["input"];
        let chain = serde_json::to_vec(&input["agent_chain"]).unwrap();
        let agent_chain: Vec<AgentLink> = json::decode(&chain, Reading::COMPAT).unwrap();
        let rules = serde_json::to_vec(&input["matched_rule_ids"]).unwrap();
        let matched_rule_ids: Vec<String> = json::decode(&rules, Reading::COMPAT).unwrap();
        let ties = EventTies {
            session_id: text(&row, "session_id"),
            run_id: text(&row, "run_id"),
            tool_name: text(&row, "tool_name"),
            trace_id: text(&row, "trace_id"),
            policy_id: text(&row, "policy_id"),
            policy_version: text(&row, "policy_version"),
            policy_digest: text(&row, "policy_digest"),
            matched_rule_ids: &matched_rule_ids,
            actor_identity: text(&row, "actor_identity"),
            agent_chain: &agent_chain,
        };
        check(&row, event_relationship(&ties));
    }
}

#[test]
fn relationships_of_timeline_entries() {
    for row in rows("runpack/timeline_relationship") {
        let ties = TimelineTies {
            event: text(&row, "event"),
            run_id: text(&row, "run_id"),
            evidence_id: text(&row, "evidence_id"),
            trace_id: text(&row, "trace_id"),
            tool_name: text(&row, "tool_name"),
            policy_digest: text(&row, "policy_digest"),
        };
        check(&row, timeline_relationship(&ties));
    }
}

#[test]
fn relationships_of_checkpoints() {
    for row in rows("runpack/checkpoint_relationship") {
        let member = |member| text(&row, member);
        let got = checkpoint_relationship(
            member("session_id"),
            member("run_id"),
            member("checkpoint_run_id"),
            member("checkpoint_digest"),
            member("manifest_digest"),
        );
        check(&row, got);
    }
}

#[test]
fn places_of_chains() {
    for row in rows("runpack/session_chain_path") {
        assert_eq!(default_chain_path(row["input"].as_str().unwrap()), row["want"].as_str().unwrap(), "{}", name(&row));
    }
}
