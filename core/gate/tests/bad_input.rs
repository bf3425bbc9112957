//! Whatever comes in, what goes out is a value or a classified error: no panic, no hang, never an allow out of nonsense.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fmt::Display;
use std::time::{Duration, Instant};

use gait_base::error::{Category, Classify};
use gait_base::json;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalTerms, ApprovalToken};
use gait_gate::authority::approved_script::{ApprovedScriptEntry, ScriptRegistry};
use gait_gate::authority::authorization_bundle::AuthorizationBundle;
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::authority::limit::CounterState;
use gait_gate::authority::voice::{CommitmentIntent, SayToken, SayTokenTerms};
use gait_gate::evaluate::{EvaluateError, Inputs};
use gait_gate::gate::Gate;
use gait_gate::intent::{Intent, IntentError, decode_request};
use gait_gate::mode::Mode;
use gait_gate::policy::{Policy, PolicyError};
use gait_gate::trace::{self, Emission, TraceRecord, Verification};
use gait_gate::verdict::Verdict;

const MODES: [Mode; 2] = [Mode::Strict, Mode::Compat];
const NOW: &str = "2026-02-01T00:00:00Z";

const INTENT: &str = r#"{"schema_id":"gait.gate.intent_request","created_at":"2026-01-02T03:04:05Z","tool_name":"tool.write","args":{"n":1.5,"list":[null,true,"\u00e9"]},"targets":[{"kind":"path","value":"/a","operation":"write"}],"context":{"identity":"alice","workspace":"/w","risk_class":"low","session_id":"s"}}"#;
const COMMITMENT: &str = r#"{"created_at":"2026-01-05T10:00:00Z","call_id":"c","turn_index":2,"call_seq":3,"commitment_class":"refund","context":{"identity":"a","workspace":"/w","risk_class":"high"},"currency":"usd","approval_artifact_refs":["z","a"]}"#;
const BUNDLE: &str = r#"{"trace_id":"t","policy_digest":"aa","intent_digest":"bb","trace_path":"ev/trace.json","outcome_status":"allow","kill_switch":{"status":"inactive","evaluated_at":"2026-05-02T00:00:00Z"}}"#;
const POLICY: &str = "schema_id: gait.gate.policy\ndefault_verdict: block\nfail_closed: {enabled: true}\nrules:\n  - name: writes\n    priority: 1\n    effect: allow\n    match: {tool_names: [tool.write]}\n    freeze_window: {timezone: UTC, windows: [{start: '2000-01-01T00:00:00', end: '2001-01-01T00:00:00'}]}\n    rate_limit: {requests: 5}\n";
const KILL_SWITCH: &str = r#"{"schema_id":"gait.gate.kill_switch_state","schema_version":"1.0.0","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","entries":[{"entry_id":"e","enabled":true,"tool_name":"x","created_at":"2026-01-01T00:00:00Z","expires_at":"2027-01-01T00:00:00Z"}]}"#;
const ENVELOPE: &str = r#"{"context_set_id":"set","evidence_mode":"required","records":[{"ref_id":"r","source_type":"file","source_locator":"/a","query_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","content_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","retrieved_at":"2026-01-01T00:00:00Z","redaction_mode":"none"}]}"#;
const INVENTORY: &str = r#"{"items":[{"tool_name":"tool.write","data_class":"secret"}]}"#;
const COUNTERS: &str = r#"{"schema_id":"gait.gate.rate_limit_state","schema_version":"1.0.0","counters":[{"key":"minute|tool|2026-01-01T00:00:00Z|t","count":1}]}"#;

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[9; 32])
}

fn approval() -> Vec<u8> {
    let request = ApprovalTerms {
        approver_identity: "alice".to_owned(),
        reason_code: "ok".to_owned(),
        intent_digest: "a".repeat(64),
        policy_digest: "b".repeat(64),
        scope: vec!["tool:x".to_owned()],
        ttl_nanos: 60_000_000_000,
        ..ApprovalTerms::default()
    };
    json::to_indented(&ApprovalToken::mint(request, &key(), &now()).unwrap()).unwrap()
}

fn delegation() -> Vec<u8> {
    let request = DelegationTerms {
        delegator_identity: "lead".to_owned(),
        delegate_identity: "worker".to_owned(),
        scope: vec!["write".to_owned()],
        ttl_nanos: 60_000_000_000,
        ..DelegationTerms::default()
    };
    json::to_indented(&DelegationToken::mint(request, &key(), &now()).unwrap()).unwrap()
}

fn say_token() -> Vec<u8> {
    let terms = SayTokenTerms {
        commitment_class: "quote".to_owned(),
        intent_digest: "a".repeat(64),
        policy_digest: "b".repeat(64),
        call_id: "call".to_owned(),
        call_seq: 1,
        quote_max_cents: 100,
        ttl_nanos: 60_000_000_000,
        ..SayTokenTerms::default()
    };
    json::to_indented(&SayToken::mint(terms, &key(), &now()).unwrap()).unwrap()
}

fn registry() -> Vec<u8> {
    let entry = ApprovedScriptEntry {
        created_at: now(),
        pattern_id: "p".to_owned(),
        policy_digest: "a".repeat(64),
        script_hash: "b".repeat(64),
        tool_sequence: vec!["x".to_owned()],
        approver_identity: "alice".to_owned(),
        expires_at: Timestamp::parse("2027-01-01T00:00:00Z").unwrap(),
        ..ApprovedScriptEntry::default()
    };
    ScriptRegistry { entries: vec![entry.signed(&key()).unwrap()] }.to_file().unwrap()
}

fn signed_trace() -> Vec<u8> {
    let gate = Gate::new(Policy::parse(b"default_verdict: allow", Mode::Strict).unwrap()).with_signing_key(key());
    let intent = Intent::parse(INTENT.as_bytes(), Mode::Strict).unwrap();
    let decision = gate.evaluate(&intent, &Inputs::at(now())).unwrap();
    let emission = Emission { latency_ms: 0.25, correlation_id: "c", ..Emission::at(now()) };
    json::to_indented(&gate.trace(&intent, &decision, &emission).unwrap()).unwrap()
}

/// A reader of one kind of document, told apart from the others by what it is called.
struct Reader {
    name: &'static str,
    sample: Vec<u8>,
    /// Whether the document was accepted; an error was looked at.
    read: fn(&[u8], Mode) -> bool,
}

/// Takes a result apart: an error must say what it is, in bounds, and never that the fault is ours.
fn accepted<T, E: Classify + Display>(result: Result<T, E>) -> bool {
    let Err(error) = result else { return true };
    assert!(matches!(error.category(), Category::InvalidInput | Category::VerificationFailed), "{error}");
    assert!(!error.code().is_empty() && !error.to_string().is_empty());
    assert!(error.to_string().len() < 8192, "an error of {} bytes", error.to_string().len());
    false
}

fn readers() -> Vec<Reader> {
    let reader = |name, sample: &[u8], read| Reader { name, sample: sample.to_vec(), read };
    vec![
        reader("intent", INTENT.as_bytes(), |bytes, mode| accepted(Intent::parse(bytes, mode))),
        reader("request", INTENT.as_bytes(), |bytes, mode| accepted(decode_request(bytes, mode))),
        reader("trace", &signed_trace(), |bytes, mode| {
            accepted(trace::parse(bytes, mode).and_then(|trace| trace::verify(&trace, key().verifying_key())))
        }),
        reader("approval", &approval(), |bytes, mode| accepted(ApprovalToken::parse(bytes, mode))),
        reader("delegation", &delegation(), |bytes, mode| accepted(DelegationToken::parse(bytes, mode))),
        reader("registry", &registry(), |bytes, mode| accepted(ScriptRegistry::parse(bytes, mode))),
        reader("kill switch", KILL_SWITCH.as_bytes(), |bytes, mode| accepted(KillSwitchState::parse(bytes, mode))),
        reader("envelope", ENVELOPE.as_bytes(), |bytes, mode| accepted(VerifiedEnvelope::parse(bytes, mode))),
        reader("inventory", INVENTORY.as_bytes(), |bytes, mode| accepted(Inventory::parse(bytes, mode))),
        reader("counters", COUNTERS.as_bytes(), |bytes, mode| accepted(CounterState::parse(bytes, mode))),
        reader("commitment", COMMITMENT.as_bytes(), |bytes, mode| {
            accepted(CommitmentIntent::parse(bytes, mode).and_then(|commitment| commitment.gate_intent(mode)))
        }),
        reader("say token", &say_token(), |bytes, mode| accepted(SayToken::parse(bytes, mode))),
        reader("bundle", BUNDLE.as_bytes(), |bytes, mode| accepted(AuthorizationBundle::parse(bytes, mode))),
        reader("policy", POLICY.as_bytes(), |bytes, mode| accepted(Policy::parse(bytes, mode))),
    ]
}

#[test]
fn the_samples_are_good() {
    for reader in readers() {
        for mode in MODES {
            assert!((reader.read)(&reader.sample, mode), "{} {mode:?}", reader.name);
        }
    }
}

#[test]
fn documents_cut_anywhere_are_refused() {
    for reader in readers() {
        let whole = reader.sample.trim_ascii_end().len();
        for end in 0..whole {
            for mode in MODES {
                let taken = (reader.read)(&reader.sample[..end], mode);
                // A policy cut at the end of a line is a shorter policy, an empty registry one of no entries.
                let may = reader.name == "policy" || reader.name == "registry" && end == 0;
                assert!(!taken || may, "{} {mode:?} cut at {end}", reader.name);
            }
        }
    }
}

#[test]
fn every_bit_of_every_document_may_flip() {
    // Signed traces have a test of their own.
    for reader in readers().iter().filter(|reader| reader.name != "trace") {
        for at in 0..reader.sample.len() {
            for bit in 0..8 {
                let mut bytes = reader.sample.clone();
                bytes[at] ^= 1 << bit;
                for mode in MODES {
                    (reader.read)(&bytes, mode);
                }
            }
        }
    }
}

#[test]
fn nonsense_of_every_kind_is_refused() {
    let deep = 100_000;
    let nonsense: Vec<Vec<u8>> = [
        "\u{FEFF}{}".to_owned(),
        "{\"a\":NaN}".to_owned(),
        "{\"a\":Infinity}".to_owned(),
        "{\"a\":-}".to_owned(),
        "{\"a\":01}".to_owned(),
        "{\"a\":1e}".to_owned(),
        "{\"a\":\"\u{1}\"}".to_owned(),
        "{\"a\":\"\\x\"}".to_owned(),
        "{\"a\":1,}".to_owned(),
        "{'a':1}".to_owned(),
        "{} {}".to_owned(),
        "{}x".to_owned(),
        "[1 2]".to_owned(),
        "tru".to_owned(),
        "\0".to_owned(),
        "[".repeat(deep),
        "{\"a\":".repeat(deep),
        format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{{\"args\":{}1{}}}", "{\"a\":".repeat(deep), "}".repeat(deep)),
        format!("{{\"targets\":{}{}}}", "[".repeat(deep), "]".repeat(deep)),
        "{\"a\":{\"b\":[".repeat(deep / 3),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect();
    for reader in readers().iter().filter(|reader| reader.name != "policy") {
        for text in &nonsense {
            for mode in MODES {
                let head = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
                assert!(!(reader.read)(text, mode), "{} {mode:?} takes {head:?}", reader.name);
            }
        }
    }
}

#[test]
fn bytes_that_are_no_text() {
    for reader in readers() {
        for junk in
            [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xfe\xff"]
        {
            for at in [0, reader.sample.len() / 3, reader.sample.len() / 2, reader.sample.len()] {
                let bytes = [&reader.sample[..at], junk, &reader.sample[at..]].concat();
                (reader.read)(&bytes, Mode::Compat);
                (reader.read)(&bytes, Mode::Strict);
            }
        }
    }
}

#[test]
fn sixty_four_mebibytes_end_soon() {
    const SIZE: usize = 64 << 20;
    let mut text = br#"{"tool_name":""#.to_vec();
    text.resize(SIZE, b'a');
    text.extend_from_slice(b"\"}");
    let inputs = [vec![b'['; SIZE], vec![b' '; SIZE], vec![b'-'; SIZE], vec![0xFF; SIZE], text];
    // The others read with the same JSON reader.
    let kinds = ["intent", "trace", "registry", "envelope", "policy"];
    for reader in readers().iter().filter(|reader| kinds.contains(&reader.name)) {
        for bytes in &inputs {
            let begun = Instant::now();
            (reader.read)(bytes, Mode::Compat);
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(60), "{}: {took:?} for {:?}…", reader.name, &bytes[..4]);
        }
    }
}

#[test]
fn faults_of_intents_tell_their_place() {
    for (text, offset) in [
        ("{\"args\":{\"a\":tru}}", 13),
        ("{\"tool_name\":\"\\q\"}", 14),
        ("{\"tool_name\":\"x\",}", 17),
        ("{\"args\":{\"a\":1e400}}", 13),
        ("{} x", 3),
    ] {
        for mode in MODES {
            let Err(IntentError::Malformed(error)) = Intent::parse(text.as_bytes(), mode) else { panic!("{text}") };
            let at = error.offset().unwrap_or_else(|| panic!("{text}: no place"));
            assert!(at.abs_diff(offset) <= 3, "{text}: {at}");
        }
    }
    let typed = [
        (r#"{"tool_name":1}"#, "tool_name"),
        (r#"{"targets":[{"kind":"path"},{"value":true}]}"#, "targets[1].value"),
        (r#"{"context":{"credential_ttl_seconds":1.5}}"#, "context.credential_ttl_seconds"),
        (r#"{"created_at":"yesterday"}"#, "created_at"),
    ];
    for (text, path) in typed {
        for mode in MODES {
            assert_eq!(Intent::parse(text.as_bytes(), mode).unwrap_err().path(), path, "{text}");
        }
    }
}

#[test]
fn members_that_stand_twice() {
    let twice = INTENT.replacen("\"tool_name\":\"tool.write\"", "\"tool_name\":\"a\",\"tool_name\":\"tool.write\"", 1);
    assert_eq!(Intent::parse(twice.as_bytes(), Mode::Compat).unwrap().request().tool_name, "tool.write");
    assert!(Intent::parse(twice.as_bytes(), Mode::Strict).is_err());
    let recased = INTENT.replacen("\"tool_name\"", "\"Tool_Name\"", 1);
    assert!(Intent::parse(recased.as_bytes(), Mode::Compat).is_ok());
    assert!(Intent::parse(recased.as_bytes(), Mode::Strict).is_err());
    // Names that fall together once they are trimmed have no digest that anybody could agree on (00 D6).
    let colliding = INTENT.replacen("\"n\":1.5", "\"n\":1.5,\" n \":2", 1);
    for mode in MODES {
        assert!(matches!(Intent::parse(colliding.as_bytes(), mode), Err(IntentError::KeyCollision { .. })));
        assert!(matches!(Policy::parse(b"rules: []\nrules: []", mode), Err(PolicyError::DuplicateKey { .. })));
    }
}

#[test]
fn numbers_that_are_none() {
    for number in ["1e400", "-1e400", "NaN", "1e", "0x10", "1_000", "+1", ".5"] {
        let text = INTENT.replacen("1.5", number, 1);
        for mode in MODES {
            assert!(Intent::parse(text.as_bytes(), mode).is_err(), "{number} {mode:?}");
        }
    }
    let large = INTENT.replacen("1.5", "9007199254740993", 1);
    assert_eq!(Intent::parse(large.as_bytes(), Mode::Compat).unwrap().notices().len(), 1);
    assert!(Intent::parse(large.as_bytes(), Mode::Strict).is_err());
    let policies = [
        "mcp_trust: {enabled: true, snapshot: s, min_score: .nan}",
        "mcp_trust: {enabled: true, snapshot: s, min_score: .inf}",
        "mcp_trust: {enabled: true, snapshot: s, min_score: -.inf}",
        "mcp_trust: {enabled: true, snapshot: s, min_score: 1.5}",
        "mcp_trust: {enabled: true, snapshot: s, max_age: 1e400h}",
        "scripts: {max_steps: .nan}",
        "scripts: {max_steps: .inf}",
        "scripts: {max_steps: 99999999999999999999}",
        "rules: [{name: r, effect: allow, priority: 9223372036854775808}]",
        "rules: [{name: r, effect: allow, rate_limit: {requests: -1}}]",
    ];
    for policy in policies {
        for mode in MODES {
            let error = Policy::parse(policy.as_bytes(), mode).expect_err(policy);
            assert_eq!(error.category(), Category::InvalidInput);
        }
    }
}

#[test]
fn policies_that_cost_more_than_they_say() {
    let deep = 100_000;
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let above = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{above}]\n"));
    }
    let policies = [
        "[".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        format!("rules: {}{}", "[".repeat(deep), "]".repeat(deep)),
        (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        bomb,
        "a: &a [*a]".to_owned(),
        "rules: *nowhere".to_owned(),
        "!".repeat(deep),
        "rules:\n\t- name: x".to_owned(),
        "default_verdict: allow\n...\njunk: [".to_owned(),
        format!("rules: [{}]", "{name: r, effect: allow, name: r}, ".repeat(10)),
        "default_verdict: \"\\ud800\"".to_owned(),
    ];
    for policy in policies {
        let head = policy.chars().take(30).collect::<String>();
        for mode in MODES {
            let begun = Instant::now();
            let error = Policy::parse(policy.as_bytes(), mode).expect_err(&head);
            assert_eq!(error.category(), Category::InvalidInput, "{head}");
            assert!(begun.elapsed() < Duration::from_secs(20), "{head}: {:?}", begun.elapsed());
        }
    }
}

#[test]
fn a_key_that_is_no_text_drops_no_rule() {
    // The reference reads the whole mapping as empty: default verdict and rules vanish, a match matches everything.
    for text in [
        "1: 2\nrules: []",
        "rules: [{name: r, effect: allow, match: {1: 2, tool_name: x}}]",
        "~: x",
        "true: x",
        "1.5: x",
    ] {
        for mode in MODES {
            assert!(matches!(Policy::parse(text.as_bytes(), mode), Err(PolicyError::NonStringKey { .. })), "{text}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_never_an_allow() {
    let open = Policy::parse(b"default_verdict: allow\nfail_closed: {enabled: true}", Mode::Compat).unwrap();
    let gate = Gate::new(open.clone());
    for spoiled in [
        r#""identity":" ""#,
        r#""identity":"alice","phase":"later""#,
        r#""identity":"alice","auth_context":{"token":"ghp_x"}"#,
    ] {
        for (risk, closed) in [("HIGH ", true), ("low", false)] {
            let text =
                INTENT.replacen("\"identity\":\"alice\"", spoiled, 1).replacen("\"low\"", &format!("{risk:?}"), 1);
            let (request, _) = decode_request(text.as_bytes(), Mode::Compat).unwrap();
            for outcome in [
                open.evaluate_request(request.clone(), &Inputs::at(now())),
                gate.evaluate_request(request.clone(), &Inputs::at(now())),
            ] {
                match outcome {
                    Ok((decision, intent)) => {
                        assert!(closed && intent.is_none() && !decision.evaluable);
                        assert_eq!(decision.verdict, Verdict::Block);
                        assert_eq!(decision.intent_digest, None);
                    }
                    Err(error) => assert!(!closed && matches!(error, EvaluateError::Intent(_)), "{error}"),
                }
            }
        }
    }
}

fn unsigned(mut trace: TraceRecord) -> TraceRecord {
    trace.signature = None;
    trace
}

/// Flips every bit of a signed trace. What still verifies says the same thing. Not covered are white space and the four
/// unused bits of the signature's base64, and in compat mode the case of letters in names of members and the name of
/// `key_id`, which the signature may leave out.
#[test]
fn a_signed_trace_with_a_flipped_bit_does_not_verify() {
    let bytes = signed_trace();
    let original = trace::parse(&bytes, Mode::Strict).unwrap();
    let key = key();
    let signature_at = bytes.windows(11).position(|window| window == b"\"signature\"").unwrap();
    let mut uncovered = [0usize; 2];
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            for (mode, uncovered) in MODES.into_iter().zip(&mut uncovered) {
                let Ok(trace) = trace::parse(&flipped, mode) else { continue };
                if trace::verify(&trace, key.verifying_key()) != Ok(Verification::Verified) {
                    continue;
                }
                *uncovered += 1;
                assert_eq!(unsigned(trace.clone()), unsigned(original.clone()), "byte {at} bit {bit} {mode:?}");
                let was = bytes[at];
                let blank = was.is_ascii_whitespace() && flipped[at].is_ascii_whitespace();
                let name = quoted_name_around(&bytes, at);
                let recased = name.is_some() && was.eq_ignore_ascii_case(&flipped[at]);
                let spare = bytes[at + 1..].starts_with(b"==\"");
                let renamed = name == Some("key_id") && at > signature_at;
                let allowed = match mode {
                    Mode::Strict => blank || spare,
                    Mode::Compat => blank || spare || recased || renamed,
                };
                assert!(allowed, "byte {at} ({:?}) bit {bit} {mode:?}", char::from(was));
            }
        }
    }
    assert!(uncovered[0] < uncovered[1]);
}

/// The name of the member whose quoted name `at` lies in.
fn quoted_name_around(bytes: &[u8], at: usize) -> Option<&str> {
    let begin = bytes[..at].iter().rposition(|byte| *byte == b'"')?;
    let end = at + bytes[at..].iter().position(|byte| *byte == b'"')?;
    (bytes.get(end + 1) == Some(&b':')).then(|| std::str::from_utf8(&bytes[begin + 1..end]).unwrap())
}
