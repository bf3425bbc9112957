//! Forged, altered and unfitting tokens: none may count, and each fails for its own reason.

use gait_base::digest::{Digest, sha256};
use gait_base::json;
use gait_base::key::{SigningKey, VerifyingKey};
use gait_base::signature::Signature;
use gait_base::time::Timestamp;

use super::*;
use crate::authority::token::{AuthorityError, CheckEach, Presented, SignatureCheck, TrustedKeys};
use crate::intent::{Context, IntentRequest, Script, ScriptStep, Target};
use crate::mode::Mode;

const HOUR: i64 = 3_600_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00Z").unwrap()
}

fn intent_digest() -> Digest {
    sha256(b"intent")
}

fn policy_digest() -> Digest {
    sha256(b"policy")
}

fn request(approver: &str) -> ApprovalTerms {
    ApprovalTerms {
        approver_identity: approver.to_owned(),
        reason_code: "CHG".to_owned(),
        intent_digest: intent_digest().to_hex(),
        policy_digest: policy_digest().to_hex(),
        scope: vec!["tool:fs.write".to_owned(), "phase:apply".to_owned()],
        ttl_nanos: HOUR,
        ..ApprovalTerms::default()
    }
}

fn token(approver: &str) -> ApprovalToken {
    ApprovalToken::mint(request(approver), &key(1), &now()).unwrap()
}

fn expectation() -> ApprovalExpectation {
    ApprovalExpectation {
        now: now(),
        intent_digest: Some(intent_digest()),
        policy_digest: Some(policy_digest()),
        delegation_binding_digest: None,
        required_scope: vec!["tool:fs.write".to_owned()],
        target_count: 1,
        operation_count: 1,
    }
}

fn trusted(key: Option<&VerifyingKey>) -> TrustedKeys {
    key.cloned().map(TrustedKeys::from).unwrap_or_default()
}

fn validated(
    token: &ApprovalToken,
    key: Option<&VerifyingKey>,
    expectation: &ApprovalExpectation,
) -> Result<(), ApprovalFault> {
    validate(&Presented::new(token.clone()), &trusted(key), expectation, &CheckEach)
}

fn check(token: &ApprovalToken) -> Result<(), ApprovalFault> {
    validated(token, Some(key(1).verifying_key()), &expectation())
}

fn resigned(mut token: ApprovalToken, signer: &SigningKey) -> ApprovalToken {
    token.signature = None;
    token.signature = Some(signer.sign_canonical(&token).unwrap());
    token
}

type Alter = fn(&mut ApprovalToken);
type Repair = fn(&mut ApprovalExpectation);

#[test]
fn looser_spellings_of_the_same_token_still_verify() {
    let alterations: [(&str, Alter); 10] = [
        ("nothing", |_| {}),
        ("empty schema_id", |token| token.schema_id.clear()),
        ("empty schema_version", |token| token.schema_version.clear()),
        ("empty producer", |token| token.producer_version.clear()),
        ("padded id", |token| token.token_id = format!(" {}\n", token.token_id)),
        ("padded approver", |token| token.approver_identity = format!("\u{a0}{} ", token.approver_identity)),
        ("upper-case digests", |token| {
            token.intent_digest = token.intent_digest.to_uppercase();
            token.policy_digest = format!(" {} ", token.policy_digest.to_uppercase());
        }),
        ("re-ordered scope", |token| token.scope.reverse()),
        ("re-cased and repeated scope", |token| {
            token.scope.extend([" TOOL:fs.WRITE".to_owned(), String::new(), " ".to_owned()]);
        }),
        ("signature without key id", |token| token.signature.as_mut().unwrap().key_id.clear()),
    ];
    for (name, alter) in alterations {
        let mut token = token("carol");
        alter(&mut token);
        assert_eq!(check(&token), Ok(()), "{name}");
    }
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let alterations: [(&str, Alter); 16] = [
        ("other id", |token| token.token_id.push('0')),
        ("other approver", |token| token.approver_identity = "dave".to_owned()),
        ("other case of the approver", |token| token.approver_identity = "Carol".to_owned()),
        ("other reason", |token| token.reason_code.push('x')),
        ("other intent", |token| token.intent_digest = sha256(b"other").to_hex()),
        ("other policy", |token| token.policy_digest = sha256(b"other").to_hex()),
        ("added binding", |token| token.delegation_binding_digest = sha256(b"d").to_hex()),
        ("wider scope", |token| token.scope.push("*".to_owned())),
        ("narrower scope", |token| token.scope.truncate(1)),
        ("added limit", |token| token.max_ops = 9),
        ("later end", |token| token.expires_at = token.expires_at.plus_nanos(1).unwrap()),
        ("other offset of the end", |token| {
            token.expires_at = Timestamp::parse("2026-03-01T10:00:00+01:00").unwrap();
        }),
        ("an end that cannot be written", |token| {
            token.expires_at = Timestamp::parse("2026-03-02T09:00:00+24:00").unwrap();
        }),
        ("earlier creation", |token| token.created_at = Timestamp::EPOCH_1980),
        ("other producer", |token| token.producer_version = "1".to_owned()),
        ("look-alike scope", |token| token.scope[1] = token.scope[1].replace('.', "\u{2024}")),
    ];
    for (name, alter) in alterations {
        let mut token = token("carol");
        alter(&mut token);
        assert_eq!(check(&token), Err(ApprovalFault::SignatureInvalid), "{name}");
    }
}

#[test]
fn signatures_cannot_be_bent() {
    fn altered(alter: fn(&mut Signature)) -> ApprovalToken {
        let mut token = token("carol");
        alter(token.signature.as_mut().unwrap());
        token
    }
    let bent = [
        altered(|signature| signature.alg = "Ed25519".to_owned()),
        altered(|signature| signature.alg.clear()),
        altered(|signature| signature.key_id = key(2).verifying_key().key_id().to_owned()),
        altered(|signature| signature.key_id = signature.key_id.to_uppercase()),
        altered(|signature| signature.signed_digest.clear()),
        altered(|signature| signature.signed_digest = signature.signed_digest.to_uppercase()),
        altered(|signature| signature.signed_digest = sha256(b"other").to_hex()),
        altered(|signature| signature.signed_digest.push(' ')),
        altered(|signature| signature.sig.clear()),
        altered(|signature| signature.sig.truncate(86)),
        altered(|signature| signature.sig.insert(0, 'A')),
        altered(|signature| signature.sig = signature.sig.to_lowercase()),
        altered(|signature| signature.sig.replace_range(0..1, "!")),
    ];
    for (index, token) in bent.iter().enumerate() {
        assert_eq!(check(token), Err(ApprovalFault::SignatureInvalid), "{index}");
    }
    let (mut one, mut other) = (token("carol"), token("dave"));
    std::mem::swap(&mut one.signature, &mut other.signature);
    assert_eq!(check(&one), Err(ApprovalFault::SignatureInvalid));
    assert_eq!(check(&other), Err(ApprovalFault::SignatureInvalid));
}

#[test]
fn malformed_tokens_are_invalid_even_when_signed() {
    let alterations: [(&str, Alter); 16] = [
        ("blank schema_id", |token| token.schema_id = " ".to_owned()),
        ("padded schema_id", |token| token.schema_id.push(' ')),
        ("schema_id of a delegation", |token| token.schema_id = "gait.gate.delegation_token".to_owned()),
        ("other version", |token| token.schema_version = "1.0.1".to_owned()),
        ("blank id", |token| token.token_id = "\t".to_owned()),
        ("blank approver", |token| token.approver_identity = "\u{2003}".to_owned()),
        ("no reason", |token| token.reason_code.clear()),
        ("no intent", |token| token.intent_digest.clear()),
        ("short intent", |token| token.intent_digest.truncate(63)),
        ("prefixed policy", |token| token.policy_digest = format!("sha256:{}", token.policy_digest)),
        ("binding of no digest", |token| token.delegation_binding_digest = "x".to_owned()),
        ("blank scope", |token| token.scope = vec![" ".to_owned()]),
        ("negative targets", |token| token.max_targets = -1),
        ("negative operations", |token| token.max_ops = i64::MIN),
        ("no creation", |token| token.created_at = Timestamp::ZERO),
        ("no end", |token| token.expires_at = Timestamp::ZERO),
    ];
    for (name, alter) in alterations {
        let mut token = token("carol");
        alter(&mut token);
        let token = resigned(token, &key(1));
        assert_eq!(check(&token), Err(ApprovalFault::Invalid), "{name}");
    }
    assert_eq!(check(&ApprovalToken::default()), Err(ApprovalFault::Invalid));
}

#[test]
fn keys_come_before_signatures() {
    let signed = token("carol");
    assert_eq!(validated(&signed, None, &expectation()), Err(ApprovalFault::SignatureInvalid));
    assert_eq!(validated(&signed, Some(key(2).verifying_key()), &expectation()), Err(ApprovalFault::SignatureInvalid));
    let unsigned = ApprovalToken { signature: None, ..signed };
    assert_eq!(check(&unsigned), Err(ApprovalFault::SignatureMissing));
    assert_eq!(validated(&unsigned, None, &expectation()), Err(ApprovalFault::SignatureInvalid));
    // Somebody else's token is no better for naming no key.
    let mut foreign = resigned(token("carol"), &key(2));
    foreign.signature.as_mut().unwrap().key_id.clear();
    assert_eq!(check(&foreign), Err(ApprovalFault::SignatureInvalid));
}

#[test]
fn expectations_are_checked_in_order() {
    let mut everything_wrong = expectation();
    everything_wrong.now = now().plus_nanos(i128::from(HOUR)).unwrap();
    everything_wrong.intent_digest = Some(sha256(b"1"));
    everything_wrong.policy_digest = Some(sha256(b"2"));
    everything_wrong.delegation_binding_digest = Some(sha256(b"3"));
    everything_wrong.required_scope.push("tool:other".to_owned());
    everything_wrong.target_count = 3;
    everything_wrong.operation_count = 4;
    let limited = ApprovalTerms { max_targets: 2, max_ops: 3, ..request("carol") };
    let token = ApprovalToken::mint(limited, &key(1), &now()).unwrap();
    let repairs: [(ApprovalFault, Repair); 7] = [
        (ApprovalFault::IntentMismatch, |wrong| wrong.intent_digest = None),
        (ApprovalFault::PolicyMismatch, |wrong| wrong.policy_digest = Some(policy_digest())),
        (ApprovalFault::DelegationBindingMismatch, |wrong| wrong.delegation_binding_digest = None),
        (ApprovalFault::Expired, |wrong| wrong.now = wrong.now.plus_nanos(-1).unwrap()),
        (ApprovalFault::ScopeMismatch, |wrong| wrong.required_scope.truncate(1)),
        (ApprovalFault::MaxTargetsExceeded, |wrong| wrong.target_count = 2),
        (ApprovalFault::MaxOpsExceeded, |wrong| wrong.operation_count = 3),
    ];
    for (fault, repair) in repairs {
        assert_eq!(validated(&token, Some(key(1).verifying_key()), &everything_wrong), Err(fault));
        repair(&mut everything_wrong);
    }
    assert_eq!(validated(&token, Some(key(1).verifying_key()), &everything_wrong), Ok(()));
}

#[test]
fn a_star_covers_everything_and_nothing_else_does() {
    let star = |scope: &str| {
        let request = ApprovalTerms { scope: vec![scope.to_owned()], ..request("carol") };
        check(&ApprovalToken::mint(request, &key(1), &now()).unwrap())
    };
    assert_eq!(star(" * "), Ok(()));
    for scope in ["tool:*", "tool:fs", "tool:fs.write2", "fs.write", "**", "phase:apply"] {
        assert_eq!(star(scope), Err(ApprovalFault::ScopeMismatch), "{scope}");
    }
}

#[test]
fn truncated_and_mistyped_files_are_unreadable() {
    let file = json::to_indented(&token("carol")).unwrap();
    assert_eq!(ApprovalToken::parse(&file, Mode::Strict).unwrap(), token("carol"));
    let body = file.trim_ascii_end();
    for end in 0..body.len() {
        assert!(ApprovalToken::parse(&body[..end], Mode::Compat).is_err(), "cut at {end}");
    }
    for text in [&b"[]"[..], b"1", b"{\"approver_identity\": 1}", b"{\"expires_at\": \"tomorrow\"}", b"{} {}"] {
        assert!(ApprovalToken::parse(text, Mode::Compat).is_err());
    }
    let recased = br#"{"Token_ID": "x", "extra": 1}"#;
    assert_eq!(ApprovalToken::parse(recased, Mode::Compat).unwrap().token_id, "x");
    assert!(ApprovalToken::parse(recased, Mode::Strict).is_err());
}

#[test]
fn minting_refuses_in_order() {
    let refused = |alter: fn(&mut ApprovalTerms)| {
        let mut request = request("carol");
        alter(&mut request);
        ApprovalToken::mint(request, &key(1), &now()).unwrap_err()
    };
    assert_eq!(refused(|request| request.ttl_nanos = 0), AuthorityError::TtlNotPositive);
    assert_eq!(refused(|request| request.scope.clear()), AuthorityError::ScopeEmpty);
    assert_eq!(
        refused(|request| {
            request.approver_identity.clear();
            request.policy_digest.clear();
        }),
        AuthorityError::NotADigest("policy_digest")
    );
    assert_eq!(
        refused(|request| {
            request.approver_identity = " ".to_owned();
            request.scope = vec![" ".to_owned()];
        }),
        AuthorityError::Missing("approver_identity")
    );
    assert_eq!(refused(|request| request.scope = vec![" ".to_owned()]), AuthorityError::ScopeEmpty);
    assert_eq!(refused(|request| request.max_ops = -1), AuthorityError::NegativeLimit("max_ops"));
    let late = Timestamp::parse("9999-12-31T23:30:00Z").unwrap();
    assert!(matches!(ApprovalToken::mint(request("carol"), &key(1), &late), Err(AuthorityError::Time(_))));
}

fn counted(tokens: &[ApprovalToken], min_approvals: i64) -> ApprovalOutcome {
    let tokens: Vec<_> = tokens.iter().cloned().map(Presented::new).collect();
    count(&tokens, &trusted(Some(key(1).verifying_key())), &expectation(), min_approvals, &CheckEach, &[])
}

#[test]
fn one_valid_token_grants_and_invalid_ones_leave_their_codes() {
    let foreign = resigned(token("mallory"), &key(2));
    let outcome = counted(&[foreign.clone(), token("carol")], 0);
    assert!(outcome.granted);
    assert_eq!(outcome.reasons.to_strings(), ["approval_granted", "approval_token_signature_invalid"]);
    assert_eq!((outcome.valid, outcome.required, outcome.violation), (1, 1, None));
    assert_eq!(outcome.approval_ref, token("carol").token_id);
    assert_eq!(outcome.entries().iter().map(|entry| entry.valid).collect::<Vec<_>>(), [false, true]);

    let refused = counted(&[foreign], 1);
    assert!(!refused.granted);
    assert_eq!(refused.reasons.to_strings(), ["approval_chain_insufficient", "approval_token_signature_invalid"]);
    assert_eq!((refused.violation, refused.approval_ref.as_str()), (Some("approval_not_granted"), ""));

    let missing = counted(&[], 2);
    assert_eq!(missing.reasons.to_strings(), ["approval_token_missing"]);
    assert!(!missing.granted && missing.entries().is_empty());
}

#[test]
fn two_approvals_need_two_people_and_two_tokens() {
    let padded = ApprovalToken { approver_identity: " carol\u{a0}".to_owned(), ..token("carol") };
    let second = |approver: &str, reason: &str| {
        let request = ApprovalTerms { reason_code: reason.to_owned(), ..request(approver) };
        ApprovalToken::mint(request, &key(1), &now()).unwrap()
    };
    let same_id = resigned(ApprovalToken { token_id: token("carol").token_id, ..token("dave") }, &key(1));
    for (name, tokens) in [
        ("the same file twice", [token("carol"), token("carol")]),
        ("a padded copy", [token("carol"), padded]),
        ("two tokens of one person", [token("carol"), second("carol", "again")]),
        ("two people with one token id", [token("carol"), same_id]),
    ] {
        let outcome = counted(&tokens, 2);
        assert_eq!(outcome.valid, 2, "{name}");
        assert!(!outcome.granted, "{name}");
        assert_eq!(outcome.reasons.to_strings(), ["approval_distinct_approvers_required"], "{name}");
    }
    let outcome = counted(&[token("carol"), token("dave")], 2);
    assert!(outcome.granted);
    assert_eq!((outcome.distinct_identities, outcome.distinct_tokens), (2, 2));
    // Case makes another person.
    assert!(counted(&[token("carol"), second("Carol", "CHG")], 2).granted);
    let one = counted(&[token("carol")], 2);
    assert_eq!(one.reasons.to_strings(), ["approval_chain_insufficient", "approval_distinct_approvers_required"]);
}

#[test]
fn a_remembered_check_sees_key_signature_and_digest() {
    let seen = std::cell::RefCell::new(Vec::new());
    let remember = |key: &VerifyingKey, signature: &Signature, digest: &Digest| {
        seen.borrow_mut().push((key.key_id().to_owned(), signature.signed_digest.clone(), digest.to_hex()));
        true
    };
    let signer = key(1);
    let own = signer.verifying_key();
    let check: &dyn SignatureCheck = &remember;
    let carols = Presented::new(token("carol"));
    assert_eq!(validate(&carols, &trusted(Some(own)), &expectation(), check), Ok(()));
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].1, seen[0].2);
}

fn target(destructive: bool) -> Target {
    Target { kind: "path".to_owned(), value: "/x".to_owned(), destructive, ..Target::default() }
}

#[test]
fn the_demand_follows_phase_targets_and_steps() {
    let mut intent = IntentRequest {
        tool_name: "fs.purge".to_owned(),
        targets: vec![target(false), target(true)],
        context: Context { phase: "apply".to_owned(), ..Context::default() },
        ..IntentRequest::default()
    };
    assert_eq!(required_scope(&intent), ["destructive:apply", "phase:apply", "tool:fs.purge"]);
    assert_eq!((target_count(&intent), operation_count(&intent)), (2, 2));
    intent.context.phase = "plan".to_owned();
    assert_eq!(required_scope(&intent), ["tool:fs.purge"]);
    intent.targets.clear();
    assert_eq!((target_count(&intent), operation_count(&intent)), (0, 1));

    let step = |targets: usize| ScriptStep { targets: vec![target(false); targets], ..ScriptStep::default() };
    intent.targets = vec![target(false)];
    intent.script = Some(Script { steps: vec![step(2), step(0), step(1)] });
    assert_eq!((target_count(&intent), operation_count(&intent)), (3, 3));
    intent.script = Some(Script { steps: vec![step(0), step(0)] });
    assert_eq!((target_count(&intent), operation_count(&intent)), (1, 2));
}
