//! Replays the recorded tables of the kill switch and of context evidence (03 §17, 04 §13).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use gait_base::json::{self, Reading};
use gait_base::time::Timestamp;
use gait_gate::authority::context_envelope::{ContextEnvelope, References, VerifiedEnvelope, reference_drift};
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::mode::Mode;
use serde_json::{Value, json};

/// The rows of a table as name, input and what must come out; none, with a note, where the tables are not at hand.
fn rows(table: &str) -> Vec<(String, Value, Value)> {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    let path = root.join(table);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there; GAIT_VECTORS may name the folder of the tables", path.display());
        return Vec::new();
    };
    let row = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        (row["name"].as_str().unwrap().to_owned(), row["input"].take(), row["want"].take())
    };
    text.lines().map(row).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// What a function gave, as the tables write it: a document, or nothing for a refusal.
fn written<E>(outcome: Result<impl json::Encode, E>) -> Option<Value> {
    outcome.ok().map(|document| serde_json::from_slice(&json::to_compact(&document).unwrap()).unwrap())
}

fn check(name: &str, outcome: Option<Value>, want: &Value) {
    match outcome {
        Some(got) => assert_eq!(&got, want, "{name}"),
        None => assert!(want.get("error").is_some(), "{name}: refused, but {want} must come out"),
    }
}

#[test]
fn kill_switch_entries() {
    for (name, input, want) in rows("authority/kill-switch-entry.jsonl") {
        let now = Timestamp::parse(input["now"].as_str().unwrap()).unwrap();
        let entry: KillSwitchEntry = json::decode(&bytes(&input["entry"]), Reading::COMPAT).unwrap();
        let mut state = KillSwitchState::fresh("", &now).unwrap();
        check(&name, written(state.add(entry, &now)), &want);
    }
}

#[test]
fn envelopes_by_privacy_mode() {
    for (name, input, want) in rows("authority/context-privacy.jsonl") {
        let verified = VerifiedEnvelope::parse(&bytes(&input["envelope"]), Mode::Strict).unwrap();
        let outcome = verified.with_privacy(input["mode"].as_str().unwrap());
        check(&name, written(outcome.map(VerifiedEnvelope::into_envelope)), &want);
    }
}

#[test]
fn envelopes_as_written() {
    for (name, input, want) in rows("runpack/context_envelope.jsonl") {
        let payload = input["payload"].as_str().unwrap();
        let mode = input["mode"].as_str().unwrap();
        let outcome = VerifiedEnvelope::parse(payload.as_bytes(), Mode::Compat).and_then(|verified| match mode {
            "" => Ok(verified),
            mode => verified.with_privacy(mode),
        });
        if let Ok(verified) = &outcome {
            let again = VerifiedEnvelope::verify(verified.envelope().clone());
            assert_eq!(again.as_ref(), Ok(verified), "{name}: normal twice");
        }
        check(&name, written(outcome.map(VerifiedEnvelope::into_envelope)), &want);
    }
}

#[test]
fn drift_of_references() {
    for (table, kind) in [("authority/context-drift.jsonl", "drift"), ("runpack/refs_drift.jsonl", "classification")] {
        for (name, input, want) in rows(table) {
            let side = |side: &str| json::decode::<References>(&bytes(&input[side]), Reading::COMPAT).unwrap();
            let outcome = reference_drift(&side("left"), &side("right")).ok().map(|drift| {
                json!({
                    kind: drift.as_str(),
                    "changed": drift.changed(),
                    "runtime_only": drift.as_str() == "runtime_only",
                })
            });
            check(&format!("{table}: {name}"), outcome, &want);
        }
    }
}

#[test]
fn unknown_members_of_an_envelope_are_refused_in_both_modes() {
    let text = br#"{"context_set_id": "s", "unknown": 1}"#;
    for mode in [Mode::Strict, Mode::Compat] {
        assert!(VerifiedEnvelope::parse(text, mode).is_err());
    }
    assert!(json::decode::<ContextEnvelope>(text, Reading::COMPAT).is_ok());
}
