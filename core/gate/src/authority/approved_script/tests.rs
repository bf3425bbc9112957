//! Entries that were altered, registries that are malformed, scripts that do not fit: none may pass.

use gait_base::digest::{Digest, sha256};
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;

use super::*;
use crate::authority::token::{AuthorityError, CheckEach};
use crate::intent::{Context, IntentRequest, Script, ScriptStep, Target};
use crate::mode::Mode;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-03-01T08:00:00Z")
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn policy() -> Digest {
    sha256(b"policy")
}

fn script_hash() -> Digest {
    sha256(b"script")
}

fn unsigned(pattern: &str) -> ApprovedScriptEntry {
    ApprovedScriptEntry {
        created_at: at("2026-03-01T09:00:00+01:00"),
        producer_version: "1".to_owned(),
        pattern_id: pattern.to_owned(),
        policy_digest: policy().to_hex().to_uppercase(),
        script_hash: script_hash().to_hex(),
        tool_sequence: list(&["fs.write", " FS.READ", "fs.read"]),
        approver_identity: " carol ".to_owned(),
        expires_at: at("2026-03-01T10:00:00+01:00"),
        ..ApprovedScriptEntry::default()
    }
}

fn entry(pattern: &str) -> ApprovedScriptEntry {
    unsigned(pattern).signed(&key(1)).unwrap()
}

fn verify(entry: &ApprovedScriptEntry) -> Result<(), ScriptEntryFault> {
    entry.verify(Some(key(1).verifying_key()), &now(), &CheckEach)
}

#[test]
fn entries_are_signed_in_normal_form() {
    let signed = entry(" pat ");
    assert_eq!(signed.pattern_id, "pat");
    assert_eq!(signed.tool_sequence, ["fs.read", "fs.write"]);
    assert_eq!(signed.created_at.to_string(), "2026-03-01T08:00:00Z");
    assert_eq!(verify(&signed), Ok(()));
    let loose = ApprovedScriptEntry { signature: signed.signature.clone(), ..unsigned("pat") };
    assert_eq!(verify(&loose), Ok(()));
    let zero = ApprovedScriptEntry { created_at: Timestamp::ZERO, ..unsigned("pat") }.normalized().unwrap();
    assert_eq!(zero.created_at, Timestamp::EPOCH_1980);
    // A padded kind is accepted, but it is what was signed.
    let padded = ApprovedScriptEntry { schema_id: " gait.gate.approved_script_entry".to_owned(), ..signed };
    assert_eq!(verify(&padded), Err(ScriptEntryFault::SignatureInvalid));
    assert_eq!(verify(&padded.signed(&key(1)).unwrap()), Ok(()));
}

#[test]
fn entries_are_checked_in_order() {
    let over = now().plus_nanos(3_600_000_000_000).unwrap();
    let unsigned_entry = ApprovedScriptEntry { signature: None, ..entry("pat") };
    assert_eq!(unsigned_entry.verify(None, &over, &CheckEach), Err(ScriptEntryFault::SignatureMissing));
    assert_eq!(entry("pat").verify(None, &over, &CheckEach), Err(ScriptEntryFault::Expired));
    assert_eq!(entry("pat").verify(None, &now(), &CheckEach), Err(ScriptEntryFault::KeyMissing));
    let other = key(2);
    assert_eq!(
        entry("pat").verify(Some(other.verifying_key()), &now(), &CheckEach),
        Err(ScriptEntryFault::SignatureInvalid)
    );
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let alterations: [fn(&mut ApprovedScriptEntry); 9] = [
        |entry| entry.pattern_id.push('x'),
        |entry| entry.policy_digest = sha256(b"other").to_hex(),
        |entry| entry.script_hash = sha256(b"other").to_hex(),
        |entry| entry.tool_sequence.push("fs.rm".to_owned()),
        |entry| entry.scope.push("risk:high".to_owned()),
        |entry| entry.approver_identity = "Carol".to_owned(),
        |entry| entry.producer_version.clear(),
        |entry| entry.expires_at = at("2036-01-01T00:00:00Z"),
        |entry| entry.signature.as_mut().unwrap().signed_digest.clear(),
    ];
    for (index, alter) in alterations.into_iter().enumerate() {
        let mut entry = entry("pat");
        alter(&mut entry);
        assert_eq!(verify(&entry), Err(ScriptEntryFault::SignatureInvalid), "{index}");
    }
    let alterations: [fn(&mut ApprovedScriptEntry); 7] = [
        |entry| entry.schema_version = "2.0.0".to_owned(),
        |entry| entry.pattern_id = " ".to_owned(),
        |entry| entry.script_hash.truncate(10),
        |entry| entry.tool_sequence = list(&[" "]),
        |entry| entry.approver_identity.clear(),
        |entry| entry.expires_at = entry.created_at,
        |entry| entry.expires_at = Timestamp::ZERO,
    ];
    for (index, alter) in alterations.into_iter().enumerate() {
        let mut entry = entry("pat");
        alter(&mut entry);
        assert!(matches!(verify(&entry), Err(ScriptEntryFault::Invalid(_))), "{index}");
    }
}

#[test]
fn registries_are_lists_or_objects_with_entries() {
    let mut registry = ScriptRegistry { entries: vec![entry("b"), entry("a")] };
    registry.replace(ApprovedScriptEntry { scope: list(&["risk:low"]), ..entry("b") });
    let file = registry.to_file().unwrap();
    assert!(file.ends_with(b"\n  ]\n}\n"));
    let read = ScriptRegistry::parse(&file, Mode::Strict).unwrap();
    let ids: Vec<_> = read.entries.iter().map(|entry| entry.pattern_id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(read.entries[1].scope, ["risk:low"]);

    let text = String::from_utf8(file).unwrap();
    let bare = text.trim().strip_prefix("{\n  \"entries\":").unwrap().strip_suffix('}').unwrap();
    assert_eq!(ScriptRegistry::parse(bare.as_bytes(), Mode::Compat).unwrap(), read);
    let more = format!("{{\"entries\": {bare}, \"Entries\": 1, \"entries\": []}}");
    assert!(ScriptRegistry::parse(more.as_bytes(), Mode::Compat).unwrap().entries.is_empty());
    assert!(ScriptRegistry::parse(more.as_bytes(), Mode::Strict).is_err());

    for nothing in ["", " \n", "null", " null ", "\u{a0}", "[]", "{\"entries\": []}"] {
        assert!(ScriptRegistry::parse(nothing.as_bytes(), Mode::Compat).unwrap().entries.is_empty(), "{nothing:?}");
    }
    for shape in ["{}", "1", "\"x\"", "{\"Entries\": []}", "{\"entries\": null}"] {
        assert_eq!(
            ScriptRegistry::parse(shape.as_bytes(), Mode::Compat),
            Err(AuthorityError::RegistryShape),
            "{shape}"
        );
    }
    for broken in ["{", "[{]", "{\"entries\": {}}", "[1]", "[] []", "{\"entries\": []} x", "[{}]", "[null]"] {
        assert!(ScriptRegistry::parse(broken.as_bytes(), Mode::Compat).is_err(), "{broken}");
    }
    for end in 0..text.trim_end().len() {
        let cut = ScriptRegistry::parse(&text.as_bytes()[..end], Mode::Compat);
        assert!(cut.is_err() || end == 0, "cut at {end}");
    }
}

#[test]
fn one_bad_entry_spoils_the_registry() {
    let signer = key(1);
    let good = ScriptRegistry { entries: vec![entry("a"), entry("b")] };
    assert_eq!(good.verify(Some(signer.verifying_key()), &now(), &CheckEach), Ok(()));
    let foreign = unsigned("b").signed(&key(2)).unwrap();
    let bad = ScriptRegistry { entries: vec![entry("a"), foreign] };
    assert_eq!(bad.verify(Some(signer.verifying_key()), &now(), &CheckEach), Err(ScriptEntryFault::SignatureInvalid));
    assert_eq!(ScriptRegistry::default().verify(None, &now(), &CheckEach), Ok(()));
}

fn script(tools: &[&str]) -> IntentRequest {
    let step = |tool: &&str| ScriptStep {
        tool_name: (*tool).to_owned(),
        targets: vec![Target { endpoint_class: "fs.write".to_owned(), ..Target::default() }],
        ..ScriptStep::default()
    };
    IntentRequest {
        tool_name: "script".to_owned(),
        script: Some(Script { steps: tools.iter().map(step).collect() }),
        context: Context { workspace: "/repo/app/".to_owned(), risk_class: "low".to_owned(), ..Context::default() },
        ..IntentRequest::default()
    }
}

fn reason(entries: &[ApprovedScriptEntry], intent: &IntentRequest) -> &'static str {
    find(entries, intent, Some(script_hash()), &policy(), &now()).reason()
}

#[test]
fn only_the_very_script_in_ascending_order_matches() {
    let entries = [entry("pat"), entry("later")];
    let fitting = script(&["fs.read", "fs.write"]);
    match find(&entries, &fitting, Some(script_hash()), &policy(), &now()) {
        ScriptMatch::Found(found) => assert_eq!(found.pattern_id, "pat"),
        other => panic!("{other:?}"),
    }
    for tools in [&["fs.write", "fs.read"][..], &["fs.read", "fs.read", "fs.write"], &["fs.read"], &[]] {
        assert_eq!(reason(&entries, &script(tools)), "approved_script_not_found", "{tools:?}");
    }
    let elsewhere = |hash, policy, now| find(&entries, &fitting, hash, &policy, &now).reason();
    assert_eq!(elsewhere(Some(sha256(b"x")), policy(), now()), "approved_script_not_found");
    assert_eq!(elsewhere(Some(script_hash()), sha256(b"x"), now()), "approved_script_not_found");
    assert_eq!(elsewhere(Some(script_hash()), policy(), at("2026-03-01T09:00:00Z")), "approved_script_not_found");
    assert_eq!(elsewhere(None, policy(), now()), "not_script");
    let single = IntentRequest { script: None, ..fitting.clone() };
    assert_eq!(reason(&entries, &single), "not_script");
}

#[test]
fn every_condition_must_hold() {
    let table: [(&[&str], bool); 14] = [
        (&[], true),
        (&["risk:low"], true),
        (&["risk:high"], false),
        (&["tool:script", "risk:low"], true),
        (&["tool:fs.read"], false),
        (&["workspace_prefix:/repo"], true),
        (&["workspace_prefix:/repo/app"], true),
        (&["workspace_prefix:/repo/ap"], false),
        (&["workspace_prefix:/repo/"], false),
        (&["endpoint:fs.write"], true),
        (&["endpoint:fs.delete"], false),
        (&["*"], false),
        (&["risk"], false),
        (&["risk:low", "owner:carol"], false),
    ];
    for (scope, passes) in table {
        let entries = [ApprovedScriptEntry { scope: list(scope), ..entry("pat") }];
        let expected = if passes { "approved_script_match" } else { "approved_script_not_found" };
        assert_eq!(reason(&entries, &script(&["fs.read", "fs.write"])), expected, "{scope:?}");
    }
}
