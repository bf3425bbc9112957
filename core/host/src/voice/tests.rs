//! Minting and verifying over real files: what is written when, and what is refused before anything is.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use gait_base::error::{Classify, ExitCode};
use gait_base::time::Timestamp;
use gait_gate::authority::voice::SayTokenFault;
use gait_gate::mode::Mode;
use gait_gate::trace::{self, Verification};

use super::*;
use crate::clock::FixedClock;
use crate::gate_eval::Caller;
use crate::keys;

const CALLER: Caller<'_> = Caller { producer_version: "9.9.9", correlation_id: "c0ffee" };

const COMMITMENT: &str = r#"{"created_at":"2026-01-05T10:00:00Z","call_id":" call-1 ","turn_index":0,"call_seq":3,
    "commitment_class":"Refund","currency":"usd","refund_ceiling_cents":5000,
    "context":{"identity":"agent","workspace":"/voice","risk_class":"high"}}"#;

/// A folder with a commitment, a key and a policy that answers `verdict`.
struct Place {
    folder: tempfile::TempDir,
    key: keys::KeyFiles,
}

impl Place {
    fn new(verdict: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = keys::init(folder.path().to_str().unwrap(), "k", false).unwrap();
        let place = Self { folder, key };
        place.write("v.json", COMMITMENT);
        place.write("policy.yaml", &format!("default_verdict: {verdict}"));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn options(&self) -> MintOptions {
        MintOptions {
            intent: format!(" {} ", self.name("v.json")),
            policy: self.name("policy.yaml"),
            out: format!(" {} ", self.name("tokens/say.json")),
            trace_out: self.name("traces/t.json"),
            key_mode: " PROD ".to_owned(),
            private_key: self.key.private_key_path.clone(),
            ..MintOptions::default()
        }
    }

    fn verify(&self, alter: impl FnOnce(&mut VerifyOptions)) -> Result<VerifyOutcome, VoiceTokenError> {
        let mut options = VerifyOptions {
            token: format!(" {} ", self.name("tokens/say.json")),
            public_key: self.key.public_key_path.clone(),
            ..VerifyOptions::default()
        };
        alter(&mut options);
        verify(&options, &clock())
    }
}

fn clock() -> FixedClock {
    FixedClock::new(Timestamp::parse("2026-03-01T08:00:00Z").unwrap())
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_allow_leaves_a_trace_and_a_token() {
    let place = Place::new("allow");
    let outcome = mint(&place.options(), &CALLER, &clock()).unwrap();
    let output = &outcome.output;
    assert!(output.ok && output.error.is_empty() && output.warnings.is_empty());
    assert_eq!((outcome.exit, output.verdict.as_str()), (ExitCode::Ok, "allow"));
    assert_eq!(output.token_path, place.name("tokens/say.json"), "trimmed");
    let token = outcome.token.unwrap();
    assert_eq!((token.call_id.as_str(), token.currency.as_str(), token.refund_ceiling_cents), ("call-1", "USD", 5000));
    assert_eq!(token.expires_at.to_string(), "2026-03-01T08:02:00Z");
    assert_eq!(token.producer_version, "9.9.9");

    let written = trace::parse(&std::fs::read(place.path("traces/t.json")).unwrap(), Mode::Strict).unwrap();
    assert_eq!(written, outcome.trace);
    assert_eq!(trace::verify(&written, &key(&place)).unwrap(), Verification::Verified);
    assert_eq!((written.producer_version.as_str(), written.correlation_id.as_str()), ("9.9.9", "c0ffee"));
    assert_eq!((&written.intent_digest, &written.policy_digest), (&token.intent_digest, &token.policy_digest));
    for name in ["tokens/say.json", "traces/t.json"] {
        assert_eq!(mode_of(&place.path(name)), 0o600, "{name}");
    }

    let verified = place.verify(|_| {}).unwrap();
    assert_eq!((verified.fault, &verified.token), (None, &token));
    assert_eq!(verified.output.intent_digest, token.intent_digest);
    let later = FixedClock::new(token.expires_at);
    let options = VerifyOptions {
        token: output.token_path.clone(),
        private_key: place.key.private_key_path.clone(),
        ..VerifyOptions::default()
    };
    assert_eq!(verify(&options, &later).unwrap().fault, Some(SayTokenFault::Expired));
}

fn key(place: &Place) -> gait_base::key::VerifyingKey {
    gait_base::key::VerifyingKey::parse_file_text(&std::fs::read(&place.key.public_key_path).unwrap()).unwrap()
}

#[test]
fn every_other_verdict_leaves_a_trace_only() {
    let verdicts = [
        ("block", ExitCode::PolicyBlocked),
        ("dry_run", ExitCode::PolicyBlocked),
        ("require_approval", ExitCode::ApprovalRequired),
    ];
    for (verdict, exit) in verdicts {
        let place = Place::new(verdict);
        // A throw-away key: its warning is for tokens only.
        let options = MintOptions { key_mode: "dev".to_owned(), private_key: String::new(), ..place.options() };
        let outcome = mint(&options, &CALLER, &clock()).unwrap();
        assert_eq!((outcome.exit, outcome.output.verdict.as_str()), (exit, verdict));
        assert!(!outcome.output.ok && !outcome.output.error.is_empty() && outcome.token.is_none());
        assert!(outcome.output.warnings.is_empty() && outcome.output.token_path.is_empty());
        assert_eq!(outcome.output.call_id, "call-1");
        assert!(place.path("traces/t.json").exists() && !place.path("tokens").exists());
    }
    let place = Place::new("allow");
    let options = MintOptions { key_mode: "dev".to_owned(), private_key: String::new(), ..place.options() };
    assert_eq!(mint(&options, &CALLER, &clock()).unwrap().output.warnings.len(), 1);
}

#[test]
fn a_trace_says_nothing_of_single_checks() {
    let place = Place::new("block");
    place.write(
        "policy.yaml",
        "default_verdict: block\nrules:\n  - name: frozen\n    effect: allow\n    match: {tool_names: [voice.commitment.refund]}\n    freeze_window:\n      timezone: UTC\n      effect: block\n      windows: [{name: w, start: '2026-03-01T00:00:00', end: '2026-03-02T00:00:00'}]\n",
    );
    let outcome = mint(&place.options(), &CALLER, &clock()).unwrap();
    assert_eq!(outcome.output.verdict, "block");
    assert!(outcome.output.reason_codes.iter().any(|code| code == "freeze_window_active_block"));
    let text = std::fs::read_to_string(place.path("traces/t.json")).unwrap();
    for member in ["\"freeze_window\"", "\"sandbox\"", "\"kill_switch\"", "\"latency_ms\""] {
        assert!(!text.contains(member), "{member}");
    }
}

#[test]
fn minting_refuses_in_order_and_before_anything_is_written() {
    let place = Place::new("allow");
    place.write("bad.json", "{}");
    let mut options = place.options();
    options.out = place.name("policy.yaml/say.json");
    options.trace_out = place.name("v.json/t.json");
    options.private_key = place.name("none.key");
    let mut codes = Vec::new();
    let mut next = |options: &MintOptions| codes.push(mint(options, &CALLER, &clock()).unwrap_err().code());
    let good = options.clone();
    options.policy = place.name("none.yaml");
    options.intent = place.name("bad.json");
    options.ttl = "0s".to_owned();
    next(&MintOptions { policy: " ".to_owned(), ..options.clone() });
    next(&MintOptions { ttl: "soon".to_owned(), ..options.clone() });
    next(&options);
    options.ttl = " 90s ".to_owned();
    next(&options);
    options.intent = good.intent;
    next(&options);
    options.policy = good.policy;
    next(&options);
    options.private_key = place.key.private_key_path.clone();
    next(&options);
    assert!(!place.path("traces").exists());
    options.trace_out = place.name("traces/t.json");
    next(&options);
    assert_eq!(
        codes,
        [
            "invalid_option",
            "invalid_option",
            "invalid_option",
            "authority_member_missing",
            "file_unusable",
            "key_unreadable",
            "file_unusable",
            "file_unusable"
        ]
    );
    assert!(place.path("traces/t.json").exists(), "the trace comes before the token");
}

#[test]
fn verifying_needs_a_token_and_one_key() {
    let place = Place::new("allow");
    mint(&place.options(), &CALLER, &clock()).unwrap();
    place.write("not.json", "{");
    place.write("empty.json", "{}");
    let code =
        |alter: fn(&Place, &mut VerifyOptions)| place.verify(|options| alter(&place, options)).unwrap_err().code();
    assert_eq!(code(|_, options| options.token = " ".to_owned()), "invalid_option");
    assert_eq!(code(|_, options| options.public_key.clear()), "key_not_configured");
    assert_eq!(code(|_, options| options.public_key_env = "X".to_owned()), "key_sources_conflict");
    assert_eq!(code(|place, options| options.token = place.name("gone.json")), "file_unusable");
    assert!(place.verify(|options| options.token = place.name("not.json")).is_err());
    let empty = place.verify(|options| options.token = place.name("empty.json")).unwrap();
    assert_eq!((empty.fault, empty.output.error_code.as_str()), (Some(SayTokenFault::Invalid), "say_token_invalid"));
    let elsewhere = place.verify(|options| options.turn_index = Some(1)).unwrap();
    assert_eq!(elsewhere.fault, Some(SayTokenFault::CallBindingMismatch));
    assert!(elsewhere.output.policy_digest.is_empty() && !elsewhere.output.ok);
    let class = place.verify(|options| options.commitment_class = "quote".to_owned()).unwrap();
    assert_eq!(class.fault, Some(SayTokenFault::ClassMismatch));
}

#[test]
fn strict_mode_refuses_what_compat_passes_over() {
    let place = Place::new("allow");
    place.write("v.json", &COMMITMENT.replacen("{\"created_at\"", "{\"extra\":1,\"created_at\"", 1));
    assert!(mint(&place.options(), &CALLER, &clock()).is_err());
    let compat = MintOptions { mode: Mode::Compat, ..place.options() };
    assert!(mint(&compat, &CALLER, &clock()).unwrap().output.ok);
}

#[test]
fn strict_mode_mints_nothing_while_a_demand_is_unmet() {
    let place = Place::new("block");
    let rule = "default_verdict: block\nrules:\n  - {name: r, effect: allow, require_broker_credential: true, match: {tool_names: [voice.commitment.refund]}}\n";
    place.write("policy.yaml", rule);
    let outcome = mint(&MintOptions { mode: Mode::Compat, ..place.options() }, &CALLER, &clock()).unwrap();
    assert_eq!(outcome.exit, ExitCode::Ok, "the reference asks no broker here");
    let outcome = mint(&MintOptions { mode: Mode::Strict, ..place.options() }, &CALLER, &clock()).unwrap();
    assert_eq!((outcome.exit, outcome.token.is_none()), (ExitCode::PolicyBlocked, true));
    assert_eq!(outcome.output.violations, ["broker_credential_missing"]);
}
