//! Commitments at the edges of what they may be, and say tokens that were altered, forged or meant for something else.

use gait_base::digest::sha256;
use gait_base::json;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;

use super::*;
use crate::authority::token::AuthorityError;
use crate::mode::Mode;

const MINUTE: i64 = 60_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00.5Z").unwrap()
}

fn commitment() -> CommitmentIntent {
    CommitmentIntent {
        created_at: Timestamp::parse("2026-03-01T09:00:00+02:00").unwrap(),
        call_id: " call ".to_owned(),
        call_seq: 1,
        commitment_class: " Refund".to_owned(),
        context: CommitmentContext {
            identity: " agent".to_owned(),
            workspace: "/voice ".to_owned(),
            risk_class: " High".to_owned(),
            session_id: " s ".to_owned(),
            ..CommitmentContext::default()
        },
        ..CommitmentIntent::default()
    }
}

fn terms() -> SayTokenTerms {
    SayTokenTerms {
        commitment_class: " Refund ".to_owned(),
        intent_digest: sha256(b"intent").to_hex(),
        policy_digest: sha256(b"policy").to_hex().to_uppercase(),
        call_id: " call ".to_owned(),
        turn_index: 2,
        call_seq: 3,
        currency: " usd".to_owned(),
        quote_min_cents: 10,
        quote_max_cents: 20,
        refund_ceiling_cents: 5,
        ttl_nanos: 2 * MINUTE,
        producer_version: String::new(),
    }
}

fn token() -> SayToken {
    SayToken::mint(terms(), &key(1), &now()).unwrap()
}

fn check(token: &SayToken) -> Result<(), SayTokenFault> {
    validate(token, Some(key(1).verifying_key()), &now(), &SayTokenExpectation::new())
}

fn resigned(mut token: SayToken) -> SayToken {
    token.signature = None;
    token.signature = Some(key(1).sign_canonical(&token).unwrap());
    token
}

#[test]
fn commitments_have_one_normal_form() {
    let normal = commitment().normalized().unwrap();
    assert_eq!((normal.schema_id.as_str(), normal.schema_version.as_str()), ("gait.voice.commitment_intent", "1.0.0"));
    assert_eq!((normal.call_id.as_str(), normal.commitment_class.as_str()), ("call", "refund"));
    assert_eq!((normal.context.risk_class.as_str(), normal.context.session_id.as_str()), ("high", "s"));
    assert_eq!(
        (normal.producer_version.as_str(), normal.created_at.to_string().as_str()),
        ("0.0.0-dev", "2026-03-01T07:00:00Z")
    );
    assert_eq!(normal.clone().normalized(), Ok(normal));

    let digest = sha256(b"evidence").to_hex();
    let given = CommitmentIntent {
        schema_id: " ".to_owned(),
        schema_version: "\t".to_owned(),
        producer_version: " p ".to_owned(),
        currency: " eßuro\u{131} ".to_owned(),
        utterance_digest: format!(" {} ", digest.to_uppercase()),
        approval_artifact_refs: [" b", "a", "", " ", "b "].map(str::to_owned).to_vec(),
        evidence_reference_digests: vec![
            digest.to_uppercase(),
            "nope".to_owned(),
            format!(" {digest} "),
            digest[1..].to_owned(),
        ],
        ..commitment()
    };
    let normal = given.normalized().unwrap();
    assert_eq!((normal.currency.as_str(), normal.producer_version.as_str()), ("EßUROI", "p"));
    assert_eq!(normal.utterance_digest, digest);
    assert_eq!(normal.approval_artifact_refs, ["a", "b"]);
    assert_eq!(normal.evidence_reference_digests, [digest]);
}

#[test]
fn commitments_are_refused_for_the_first_fault() {
    type Alter = fn(&mut CommitmentIntent);
    let negative = |member| VoiceError::from(AuthorityError::NegativeLimit(member));
    let missing = |member| VoiceError::from(AuthorityError::Missing(member));
    // Each alteration stays while the next one comes before it: the earlier check wins.
    let alterations: [(Alter, VoiceError); 16] = [
        (|c| c.quote_max_cents = 1, VoiceError::QuoteRange),
        (|c| c.refund_ceiling_cents = -1, negative("refund_ceiling_cents")),
        (|c| c.quote_max_cents = -1, negative("quote_max_cents")),
        (|c| c.quote_min_cents = i64::MIN, negative("quote_min_cents")),
        (|c| c.context.risk_class = "\u{a0}".to_owned(), missing("context.risk_class")),
        (|c| c.context.workspace.clear(), missing("context.workspace")),
        (|c| c.context.identity = " ".to_owned(), missing("context.identity")),
        (|c| c.utterance_digest = "abc".to_owned(), AuthorityError::NotADigest("utterance_digest").into()),
        (|c| c.commitment_class = "gift".to_owned(), VoiceError::UnknownClass),
        (|c| c.call_seq = 0, VoiceError::CallSeq),
        (|c| c.turn_index = -1, negative("turn_index")),
        (|c| c.call_id = " ".to_owned(), missing("call_id")),
        (|c| c.created_at = Timestamp::ZERO, missing("created_at")),
        (|c| c.schema_version = "1.0.1".to_owned(), AuthorityError::Schema("schema_version").into()),
        (|c| c.schema_id = "gait.voice.say_token".to_owned(), AuthorityError::Schema("schema_id").into()),
        (|c| c.schema_id = " gait.voice.commitment_intent".to_owned(), AuthorityError::Schema("schema_id").into()),
    ];
    let mut commitment = CommitmentIntent { quote_min_cents: 2, ..commitment() };
    assert!(commitment.clone().normalized().is_ok(), "an open end");
    for (alter, fault) in alterations {
        alter(&mut commitment);
        assert_eq!(commitment.clone().normalized(), Err(fault.clone()));
        assert_eq!(commitment.gate_intent(Mode::Compat), Err(fault));
    }
}

#[test]
fn money_may_be_open_equal_or_huge() {
    for (min, max) in [(0, 0), (5, 0), (5, 5), (0, i64::MAX), (i64::MAX, i64::MAX)] {
        let commitment = CommitmentIntent { quote_min_cents: min, quote_max_cents: max, ..commitment() };
        assert!(commitment.normalized().is_ok(), "{min}..{max}");
    }
    let commitment = CommitmentIntent { quote_min_cents: 6, quote_max_cents: 5, ..commitment() };
    assert_eq!(commitment.normalized(), Err(VoiceError::QuoteRange));
}

#[test]
fn the_gate_sees_a_tool_call() {
    let intent = commitment().gate_intent(Mode::Strict).unwrap();
    let request = intent.request();
    assert_eq!(request.tool_name, "voice.commitment.refund");
    assert_eq!(request.context.phase, "apply");
    let args = json::to_compact(&request.args).unwrap();
    let minimal: &[u8] = br#"{"call_id":"call","call_seq":1,"commitment_class":"refund","turn_index":0}"#;
    assert_eq!(args, minimal, "what is empty is left out, the turn is not");
    for class in COMMITMENT_CLASSES {
        let commitment = CommitmentIntent { commitment_class: (*class).to_owned(), ..commitment() };
        assert_eq!(commitment.gate_intent(Mode::Strict).unwrap().request().targets[0].value, *class);
    }
}

#[test]
fn members_of_other_contexts_are_passed_over_or_in_strict_mode_refused() {
    let text = br#"{"created_at":"2026-03-01T08:00:00Z","call_id":"c","call_seq":1,"commitment_class":"quote",
        "context":{"identity":"a","workspace":"w","risk_class":"low","phase":"plan","agent_id":"x"}}"#;
    let read = CommitmentIntent::parse(text, Mode::Compat).unwrap().gate_intent(Mode::Compat).unwrap();
    assert_eq!((read.request().context.phase.as_str(), read.request().context.agent_id.as_str()), ("apply", ""));
    assert!(CommitmentIntent::parse(text, Mode::Strict).is_err());
    assert!(CommitmentIntent::parse(b"{} {}", Mode::Compat).is_err());
}

type Alter = fn(&mut SayToken);

#[test]
fn looser_spellings_of_the_same_token_still_verify() {
    let alterations: [(&str, Alter); 9] = [
        ("nothing", |_| {}),
        ("blank kind", |token| token.schema_id = " ".to_owned()),
        ("no version", |token| token.schema_version.clear()),
        ("no producer", |token| token.producer_version.clear()),
        ("padded id", |token| token.token_id = format!(" {}\n", token.token_id)),
        ("padded call", |token| token.call_id.push('\u{a0}')),
        ("upper-case class", |token| token.commitment_class = " REFUND".to_owned()),
        ("lower-case currency", |token| token.currency = "usd ".to_owned()),
        ("upper-case digests", |token| token.intent_digest = format!(" {} ", token.intent_digest.to_uppercase())),
    ];
    for (name, alter) in alterations {
        let mut token = token();
        alter(&mut token);
        assert_eq!(check(&token), Ok(()), "{name}");
    }
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let alterations: [(&str, Alter); 15] = [
        ("other id", |token| token.token_id.push('0')),
        ("re-cased call", |token| token.call_id = "Call".to_owned()),
        ("other class", |token| token.commitment_class = "quote".to_owned()),
        ("other intent", |token| token.intent_digest = sha256(b"other").to_hex()),
        ("other policy", |token| token.policy_digest = sha256(b"other").to_hex()),
        ("other turn", |token| token.turn_index += 1),
        ("other place", |token| token.call_seq += 1),
        ("other currency", |token| token.currency = "EUR".to_owned()),
        ("no currency", |token| token.currency.clear()),
        ("less quoted", |token| token.quote_min_cents = 0),
        ("open end", |token| token.quote_max_cents = 0),
        ("higher refund", |token| token.refund_ceiling_cents += 1),
        ("longer life", |token| token.expires_at = token.expires_at.plus_nanos(1).unwrap()),
        ("same instant elsewhere", |token| token.created_at = Timestamp::parse("2026-03-01T10:00:00.5+02:00").unwrap()),
        ("other producer", |token| token.producer_version.push('1')),
    ];
    for (name, alter) in alterations {
        let mut token = token();
        alter(&mut token);
        assert_eq!(check(&token), Err(SayTokenFault::SignatureInvalid), "{name}");
    }
}

#[test]
fn tokens_without_normal_form_are_invalid_even_when_signed() {
    let alterations: [(&str, Alter); 16] = [
        ("other kind", |token| token.schema_id = "gait.gate.approval_token".to_owned()),
        ("padded kind", |token| token.schema_id.push(' ')),
        ("other version", |token| token.schema_version = "2.0.0".to_owned()),
        ("no creation", |token| token.created_at = Timestamp::ZERO),
        ("no end", |token| token.expires_at = Timestamp::ZERO),
        ("blank id", |token| token.token_id = " ".to_owned()),
        ("blank call", |token| token.call_id = "\t".to_owned()),
        ("unknown class", |token| token.commitment_class = "gift".to_owned()),
        ("no intent", |token| token.intent_digest.clear()),
        ("short policy", |token| token.policy_digest.truncate(63)),
        ("turn before the first", |token| token.turn_index = -1),
        ("place before the first", |token| token.call_seq = 0),
        ("negative min", |token| token.quote_min_cents = -1),
        ("negative max", |token| token.quote_max_cents = -1),
        ("negative refund", |token| token.refund_ceiling_cents = -1),
        ("range upside down", |token| token.quote_max_cents = 9),
    ];
    for (name, alter) in alterations {
        let mut token = token();
        alter(&mut token);
        assert_eq!(check(&resigned(token)), Err(SayTokenFault::Invalid), "{name}");
    }
}

#[test]
fn checks_come_in_order() {
    let expectation = |intent: &str, policy: &str, call: &str, turn, seq, class: &str| {
        SayTokenExpectation::new().digests(intent, policy).call(call).place(turn, seq).class(class)
    };
    let (intent, policy) = (sha256(b"intent").to_hex(), sha256(b"policy").to_hex());
    let late = now().plus_nanos(i128::from(2 * MINUTE)).unwrap();
    let repairs = [
        (expectation("x", "x", "x", Some(9), Some(9), "quote"), SayTokenFault::IntentMismatch),
        (expectation(&intent, "x", "x", Some(9), Some(9), "quote"), SayTokenFault::PolicyMismatch),
        (expectation("", &policy, "x", Some(2), Some(3), "quote"), SayTokenFault::CallBindingMismatch),
        (expectation("", "", " call ", Some(9), None, "quote"), SayTokenFault::CallBindingMismatch),
        (expectation("", "", "call", Some(2), Some(9), "quote"), SayTokenFault::CallBindingMismatch),
        (expectation(" ", "", "call", Some(2), Some(3), "gift"), SayTokenFault::ClassMismatch),
        (expectation(&intent.to_uppercase(), &policy, "call", Some(2), Some(3), " REFUND "), SayTokenFault::Expired),
    ];
    let own = key(1);
    for (expectation, fault) in repairs {
        assert_eq!(validate(&token(), Some(own.verifying_key()), &late, &expectation), Err(fault));
    }
    // Form and signature come before all of them.
    let wrong = SayTokenExpectation::new().call("x");
    let unsigned = SayToken { signature: None, ..token() };
    assert_eq!(validate(&unsigned, Some(own.verifying_key()), &late, &wrong), Err(SayTokenFault::SignatureMissing));
    assert_eq!(validate(&token(), Some(key(2).verifying_key()), &late, &wrong), Err(SayTokenFault::SignatureInvalid));
    assert_eq!(validate(&token(), None, &now(), &SayTokenExpectation::new()), Err(SayTokenFault::SignatureInvalid));
    assert_eq!(validate(&SayToken::default(), None, &late, &wrong), Err(SayTokenFault::Invalid));
}

#[test]
fn a_token_ends_at_its_end() {
    let at = |nanos: i64| {
        let moment = now().plus_nanos(i128::from(nanos)).unwrap();
        validate(&token(), Some(key(1).verifying_key()), &moment, &SayTokenExpectation::new())
    };
    assert_eq!(at(2 * MINUTE - 1), Ok(()));
    assert_eq!(at(2 * MINUTE), Err(SayTokenFault::Expired));
}

#[test]
fn minting_refuses_what_validation_would() {
    let refused = |alter: fn(&mut SayTokenTerms)| {
        let mut terms = terms();
        alter(&mut terms);
        SayToken::mint(terms, &key(1), &now()).unwrap_err()
    };
    assert_eq!(refused(|terms| terms.ttl_nanos = 0), AuthorityError::TtlNotPositive.into());
    assert_eq!(refused(|terms| terms.commitment_class = "gift".to_owned()), VoiceError::UnknownClass);
    assert_eq!(refused(|terms| terms.intent_digest.clear()), AuthorityError::NotADigest("intent_digest").into());
    assert_eq!(refused(|terms| terms.call_id = " ".to_owned()), AuthorityError::Missing("call_id").into());
    assert_eq!(refused(|terms| terms.call_seq = 0), VoiceError::CallSeq);
    assert_eq!(refused(|terms| terms.quote_max_cents = 9), VoiceError::QuoteRange);
    let far = Timestamp::parse("9999-12-31T23:59:59Z").unwrap();
    assert!(SayToken::mint(terms(), &key(1), &far).is_err(), "an end that cannot be written");
}

#[test]
fn the_id_leaves_the_money_out() {
    let richer = SayToken::mint(
        SayTokenTerms { refund_ceiling_cents: 1_000_000, currency: "EUR".to_owned(), ..terms() },
        &key(1),
        &now(),
    );
    let richer = richer.unwrap();
    assert_eq!(richer.token_id, token().token_id);
    assert_ne!(richer.signature, token().signature);
    let later = SayToken::mint(SayTokenTerms { turn_index: 3, ..terms() }, &key(1), &now()).unwrap();
    assert_ne!(later.token_id, token().token_id);
}
