//! A gate furnished from files: what changes there counts for the next decision.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use gait_base::error::Classify;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::KillSwitchEntry;
use gait_gate::evaluate::Inputs;
use gait_gate::gate::Gate;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::verdict::Verdict;
use gait_host::clock::FixedClock;
use gait_host::error::HostError;
use gait_host::gate_setup::GateSetup;
use gait_host::kill_switch::{self, Missing};
use gait_host::store::FileStorePaths;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn intent(risk: &str) -> Intent {
    let text = format!(
        r#"{{"tool_name": "t", "args": {{}}, "targets": [], "context": {{"identity": "a", "workspace": "/w", "risk_class": "{risk}"}}}}"#
    );
    Intent::parse(text.as_bytes(), Mode::Strict).unwrap()
}

fn furnish(policy: &str, setup: GateSetup) -> Result<Gate, HostError> {
    let gate = Gate::new(Policy::parse(policy.as_bytes(), Mode::Strict).unwrap());
    setup.furnish(gate, &FixedClock::new(now()))
}

fn kill(state: &Path) {
    let changed: Result<_, HostError> = kill_switch::change(state, Mode::Strict, Missing::Refuse, |state| {
        let entry = KillSwitchEntry { tool_name: "t".to_owned(), ..KillSwitchEntry::default() };
        state.add(entry, &now()).map(|_| ()).map_err(HostError::from)
    });
    changed.unwrap();
}

#[test]
fn a_folder_of_its_own_is_started_and_shared() {
    let folder = tempfile::tempdir().unwrap();
    let state = FileStorePaths::beneath(folder.path());
    let kill_switch = state.kill_switch.clone().unwrap();
    let policy = "rules: [{name: r, effect: allow, match: {tool_names: [t]}, rate_limit: {requests: 3, window: hour, scope: tool}}]\ndefault_verdict: block";
    let setup = GateSetup { state, ..GateSetup::default() };
    let (one, two) = (furnish(policy, setup.clone()).unwrap(), furnish(policy, setup).unwrap());
    let verdict = |gate: &Gate| gate.evaluate(&intent("low"), &Inputs::at(now())).unwrap().verdict;
    assert_eq!([verdict(&one), verdict(&two), verdict(&one)], [Verdict::Allow; 3]);
    assert_eq!(verdict(&two), Verdict::Block, "both gates count in one file");
    kill(&kill_switch);
    let killed = one.evaluate(&intent("low"), &Inputs::at(now())).unwrap();
    assert!(killed.reason_codes.contains("kill_switch_active"));
    // A kill switch that is gone is no permission.
    std::fs::remove_file(&kill_switch).unwrap();
    assert_eq!(one.evaluate(&intent("low"), &Inputs::at(now())).unwrap_err().code(), "file_unusable");
    assert_eq!(one.evaluate(&intent("high"), &Inputs::at(now())).unwrap().verdict, Verdict::Block);
}

#[test]
fn a_named_kill_switch_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kill.json");
    let state = FileStorePaths { kill_switch: Some(path.clone()), ..FileStorePaths::default() };
    let gate = furnish("default_verdict: allow", GateSetup { state, ..GateSetup::default() }).unwrap();
    assert!(gate.evaluate(&intent("low"), &Inputs::at(now())).is_err());
    assert!(!path.exists());
}

#[test]
fn an_inventory_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.json");
    std::fs::write(&path, r#"[{"tool_name": "t", "data_class": "public"}]"#).unwrap();
    let policy = "rules: [{name: r, effect: block, match: {context_data_classes: [pii]}}]\ndefault_verdict: allow";
    let gate = furnish(policy, GateSetup { inventory: Some(path.clone()), ..GateSetup::default() }).unwrap();
    let verdict = || gate.evaluate(&intent("low"), &Inputs::at(now())).map(|decision| decision.verdict);
    assert_eq!(verdict().unwrap(), Verdict::Allow);
    std::fs::write(&path, r#"[{"tool_name": "t", "data_class": "pii"}]"#).unwrap();
    assert_eq!(verdict().unwrap(), Verdict::Block);
    std::fs::write(&path, "[").unwrap();
    assert!(verdict().is_err(), "an older state does not stand in");
}

#[test]
fn a_registry_is_read_when_a_script_asks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.json");
    std::fs::write(&path, "{").unwrap();
    let keys = SigningKey::from_seed(&[1; 32]).verifying_key().clone().into();
    let setup = GateSetup { approved_scripts: Some((path, keys)), ..GateSetup::default() };
    let gate = furnish("default_verdict: allow", setup).unwrap();
    let script = |risk: &str| {
        let text = format!(
            r#"{{"tool_name": "", "args": {{}}, "targets": [], "context": {{"identity": "a", "workspace": "/w", "risk_class": "{risk}"}},
                "script": {{"steps": [{{"tool_name": "a", "args": {{}}, "targets": []}}]}}}}"#
        );
        Intent::parse(text.as_bytes(), Mode::Strict).unwrap()
    };
    assert!(gate.evaluate(&intent("high"), &Inputs::at(now())).is_ok(), "no script, no registry");
    assert!(gate.evaluate(&script("low"), &Inputs::at(now())).is_ok(), "the policy decides");
    assert!(gate.evaluate(&script("high"), &Inputs::at(now())).is_err());
}

#[test]
fn a_program_gets_its_arguments_as_they_are() {
    let setup = |broker_command: &str| GateSetup {
        broker: "command".to_owned(),
        broker_command: broker_command.to_owned(),
        broker_arguments: vec![
            "-c".to_owned(),
            r#"printf '{"credential_ref":"ref:%s","access_type":"jit"}' "$1""#.to_owned(),
            "broker".to_owned(),
            "a,b".to_owned(),
        ],
        ..GateSetup::default()
    };
    let policy = "rules: [{name: r, effect: allow, match: {tool_names: [t]}, require_broker_credential: true}]\ndefault_verdict: block";
    let gate = furnish(policy, setup("sh")).unwrap();
    let decision = gate.evaluate(&intent("low"), &Inputs::at(now())).unwrap();
    assert_eq!(decision.settlement.unwrap().broker.credential_ref, "ref:a,b");
    assert_eq!(furnish(policy, setup(" ")).err().unwrap().code(), "broker_command_missing");
}
