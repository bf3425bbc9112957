//! Replays the recorded tables and cases of commitments, say tokens and authorization bundles (03 §17, 05 §19.1), and
//! holds that a say token is what was minted and nothing else.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use gait_base::digest::sha256;
use gait_base::json;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::authorization_bundle::{AuthorizationBundle, BUNDLE_ENTRY, clean_link_path};
use gait_gate::authority::voice::{
    COMMITMENT_CLASSES, CommitmentIntent, SayToken, SayTokenExpectation, SayTokenFault, SayTokenTerms, validate,
};
use gait_gate::mode::Mode;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The folder of the recorded tables and cases; none, with a note, where they are not at hand.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    if root.join("authority").is_dir() {
        return Some(root);
    }
    eprintln!("skipped: {} is not there; GAIT_VECTORS may name the folder of the tables", root.display());
    None
}

fn rows(table: &Path) -> Vec<Value> {
    fs::read_to_string(table).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

#[test]
fn commitments_become_the_recorded_intents() {
    let Some(root) = vectors() else { return };
    let rows = rows(&root.join("authority/commitment-intent.jsonl"));
    assert!(rows.len() >= 3, "{} rows", rows.len());
    for row in rows {
        let (name, input, want) = (&row["name"], &row["input"], &row["want"]);
        let commitment = CommitmentIntent::parse(&serde_json::to_vec(input).unwrap(), Mode::Compat).unwrap();
        let Ok(intent) = commitment.gate_intent(Mode::Compat) else {
            assert_eq!(want["error"], json!(true), "{name}");
            continue;
        };
        let mut written: Value = serde_json::from_slice(&json::to_compact(intent.request()).unwrap()).unwrap();
        written["args_digest"] = intent.args_digest().to_hex().into();
        written["intent_digest"] = intent.digest().to_hex().into();
        assert_eq!(&written, want, "{name}");
    }
}

#[test]
fn minted_say_tokens_are_the_recorded_ones_byte_for_byte() {
    let Some(root) = vectors() else { return };
    let key = fs::read(root.join("authority/voice-token-mint-and-verify/in/keys/a.key")).unwrap();
    let key = SigningKey::parse_file_text(&key).unwrap();
    let mut replayed = 0;
    for row in rows(&root.join("authority/mint.jsonl")) {
        let (name, input, want) = (&row["name"], &row["input"], &row["want"]);
        if input["kind"] != json!("say") {
            continue;
        }
        let terms = SayTokenTerms {
            commitment_class: text(&input["commitment_class"]),
            intent_digest: text(&input["intent_digest"]),
            policy_digest: text(&input["policy_digest"]),
            call_id: text(&input["call_id"]),
            turn_index: number(&input["turn_index"]),
            call_seq: number(&input["call_seq"]),
            currency: text(&input["currency"]),
            quote_min_cents: number(&input["quote_min_cents"]),
            quote_max_cents: number(&input["quote_max_cents"]),
            refund_ceiling_cents: number(&input["refund_ceiling_cents"]),
            ttl_nanos: number(&input["ttl_ns"]),
            producer_version: String::new(),
        };
        let now = Timestamp::parse(&text(&input["now"])).unwrap();
        let minted = SayToken::mint(terms, &key, &now);
        let Ok(token) = minted else {
            assert_eq!(want["error"], json!(true), "{name}");
            continue;
        };
        assert_eq!(token.token_id, text(&want["token_id"]), "{name}");
        let file = text(&want["file"]);
        assert_eq!(String::from_utf8(json::to_indented(&token).unwrap()).unwrap(), file, "{name}");
        assert_eq!(SayToken::parse(file.as_bytes(), Mode::Strict), Ok(token), "{name}");
        replayed += 1;
    }
    assert!(replayed >= 2, "{replayed} rows");
}

#[test]
fn recorded_say_tokens_fail_as_recorded() {
    let Some(root) = vectors() else { return };
    let folder = root.join("authority/voice-token-verify-codes");
    let key = fs::read(root.join("authority/voice-token-mint-and-verify/in/keys/a.key")).unwrap();
    let key = SigningKey::parse_file_text(&key).unwrap();
    let now = Timestamp::parse("2026-11-22T12:00:00Z").unwrap();
    let mut replayed = 0;
    for step in read_json(&folder.join("case.json"))["steps"].as_array().unwrap() {
        let path = text(&step["stdout"]["token_path"]);
        if path.is_empty() {
            continue;
        }
        let token = SayToken::parse(&fs::read(folder.join("in").join(&path)).unwrap(), Mode::Compat).unwrap();
        let outcome = validate(&token, Some(key.verifying_key()), &now, &SayTokenExpectation::new());
        assert_eq!(outcome.err().map_or("", SayTokenFault::as_str), text(&step["stdout"]["error_code"]), "{path}");
        replayed += 1;
    }
    assert!(replayed >= 6, "{replayed} steps");
}

#[test]
fn links_have_the_recorded_paths() {
    let Some(root) = vectors() else { return };
    let rows = rows(&root.join("pack/fn-pack.jsonl"));
    let links: Vec<&Value> = rows.iter().filter(|row| row["name"] == json!("authorization_path")).collect();
    assert!(links.len() >= 10, "{} rows", links.len());
    for row in links {
        assert_eq!(json!(clean_link_path(&text(&row["input"]))), row["want"], "{}", row["input"]);
    }
}

#[test]
fn bundles_are_packed_as_recorded() {
    let Some(root) = vectors() else { return };
    let case = root.join("pack/pack-build-authorization");
    let folder = case.join("in/a");
    let written = AuthorizationBundle::parse(&fs::read(folder.join("auth.json")).unwrap(), Mode::Compat).unwrap();
    let gathered = written.gather("0.0.0-dev", &|path| fs::read(folder.join(path))).unwrap();
    let entry = gathered.bundle().to_entry().unwrap();
    let document = read_json(&case.join("case.json"));
    let entries = document["files"][0]["value"]["entries"].as_array().unwrap();
    let recorded = |name: &str| {
        let entry = entries.iter().find(|entry| entry["path"] == json!(name));
        text(&entry.unwrap_or_else(|| panic!("no {name}"))["sha256"])
    };
    assert_eq!(sha256(&entry).to_hex(), recorded(BUNDLE_ENTRY));
    assert_eq!(gathered.evidence().len(), entries.iter().filter(|e| text(&e["path"]).starts_with("evidence/")).count());
    for evidence in gathered.evidence() {
        assert_eq!(sha256(&evidence.bytes).to_hex(), recorded(&evidence.entry));
    }
    let find = |name: &str| gathered.evidence().iter().find(|one| one.entry == name).map(|one| one.bytes.as_slice());
    let verified = AuthorizationBundle::verify_packed(&entry, Mode::Compat, find).unwrap();
    assert_eq!(&verified, gathered.bundle());
    assert_eq!((verified.linked_evidence_count(), verified.required_evidence_count()), (3, 2));
}

#[test]
fn incomplete_bundles_are_packed_but_do_not_hold() {
    let Some(root) = vectors() else { return };
    let folder = root.join("pack/pack-build-authorization-incomplete/in");
    for name in ["t.json", "o.json"] {
        let written = AuthorizationBundle::parse(&fs::read(folder.join(name)).unwrap(), Mode::Compat).unwrap();
        let gathered = written.gather("", &|path| fs::read(folder.join(path))).unwrap();
        let find = |entry: &str| gathered.evidence().iter().find(|one| one.entry == entry).map(|one| &one.bytes);
        let entry = gathered.bundle().to_entry().unwrap();
        assert!(AuthorizationBundle::verify_packed(&entry, Mode::Compat, find).is_err(), "{name}");
    }
}

/// Canonical JSON tells whole numbers apart up to here.
const EXACT: i64 = 1 << 53;

fn terms() -> impl Strategy<Value = SayTokenTerms> {
    let names = (select(COMMITMENT_CLASSES.to_vec()), "[ a-zA-Z0-9é-]{1,12}", select(vec!["", "usd", " Eur "]));
    let digests = (any::<[u8; 8]>(), any::<[u8; 8]>());
    let numbers = (0..EXACT, 1..EXACT, 0..EXACT, 0..EXACT, any::<bool>(), 1..1_000_000_000_000_i64);
    (names, digests, numbers).prop_map(
        |((class, call, currency), (intent, policy), (turn, seq, one, other, open, ttl))| SayTokenTerms {
            commitment_class: class.to_owned(),
            intent_digest: sha256(&intent).to_hex(),
            policy_digest: sha256(&policy).to_hex(),
            call_id: format!("c{call}"),
            turn_index: turn,
            call_seq: seq,
            currency: currency.to_owned(),
            quote_min_cents: one.min(other),
            quote_max_cents: if open { 0 } else { one.max(other) },
            refund_ceiling_cents: other,
            ttl_nanos: ttl,
            producer_version: "p".to_owned(),
        },
    )
}

/// Changes what one member of a token says; `to` gives the new value. Tells the member, or nothing when it is the same.
fn change(token: &mut Value, at: usize, to: u8) -> Option<String> {
    let members = token.as_object_mut().unwrap();
    let name = members.keys().nth(at % members.len()).unwrap().clone();
    let value = members.get_mut(&name).unwrap();
    let changed = match &*value {
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            json!(if number > i64::from(to) { number - i64::from(to) - 1 } else { number + i64::from(to) + 1 })
        }
        Value::String(text) if name.ends_with("_digest") => {
            let flipped = if text.starts_with(char::from(b'0' + to % 10)) { 'a' } else { char::from(b'0' + to % 10) };
            json!(format!("{flipped}{}", text.get(1..).unwrap()))
        }
        Value::String(text) if name.ends_with("_at") => {
            json!(text.replace(text.get(..4).unwrap(), &(1000 + u32::from(to)).to_string()))
        }
        Value::String(text) => json!(format!("{text}{to}")),
        Value::Object(signature) => {
            let mut signature = signature.clone();
            let part = ["alg", "key_id", "sig", "signed_digest"][usize::from(to) % 4];
            signature.insert(part.to_owned(), json!(format!("{}A", text(&signature[part]))));
            Value::Object(signature)
        }
        other => panic!("{name}: {other}"),
    };
    let same = *value == changed;
    *value = changed;
    (!same).then_some(name)
}

#[test]
fn amounts_that_canonical_json_cannot_tell_apart_are_refused_in_strict_mode() {
    let key = SigningKey::from_seed(&[9; 32]);
    let now = Timestamp::parse("2026-03-01T08:00:00Z").unwrap();
    let terms = SayTokenTerms {
        commitment_class: "refund".to_owned(),
        intent_digest: sha256(b"i").to_hex(),
        policy_digest: sha256(b"p").to_hex(),
        call_id: "c".to_owned(),
        call_seq: 1,
        refund_ceiling_cents: EXACT + 1,
        ttl_nanos: 1,
        ..SayTokenTerms::default()
    };
    let token = SayToken::mint(terms, &key, &now).unwrap();
    let file = json::to_indented(&token).unwrap();
    assert!(SayToken::parse(&file, Mode::Compat).is_ok());
    assert!(SayToken::parse(&file, Mode::Strict).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_minted_token_counts_and_no_member_of_it_can_change(terms in terms(), at in 0usize..17, to in any::<u8>()) {
        let key = SigningKey::from_seed(&[9; 32]);
        let now = Timestamp::parse("2026-03-01T08:00:00Z").unwrap();
        let token = SayToken::mint(terms.clone(), &key, &now).unwrap();
        let expectation = SayTokenExpectation::new()
            .digests(&terms.intent_digest, &terms.policy_digest)
            .call(&terms.call_id)
            .place(Some(terms.turn_index), Some(terms.call_seq))
            .class(&terms.commitment_class);
        prop_assert_eq!(validate(&token, Some(key.verifying_key()), &now, &expectation), Ok(()));

        let mut file: Value = serde_json::from_slice(&json::to_indented(&token).unwrap()).unwrap();
        if let Some(name) = change(&mut file, at, to) {
            let read = SayToken::parse(&serde_json::to_vec(&file).unwrap(), Mode::Compat).unwrap();
            // Nothing is expected: what fails is the token itself.
            let outcome = validate(&read, Some(key.verifying_key()), &now, &SayTokenExpectation::new());
            prop_assert!(
                matches!(outcome, Err(SayTokenFault::Invalid | SayTokenFault::SignatureInvalid)),
                "{} changed: {:?}", name, outcome
            );
        }
    }
}
