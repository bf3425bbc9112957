//! Forged, altered and unfitting tokens, and chains with gaps: none may complete a delegation.

use std::cell::Cell;

use gait_base::digest::{Digest, sha256};
use gait_base::json;
use gait_base::key::{SigningKey, VerifyingKey};
use gait_base::signature::Signature;
use gait_base::time::Timestamp;

use super::*;
use crate::authority::token::{AuthorityError, CheckEach, Presented, TrustedKeys};
use crate::intent::DelegationLink;
use crate::mode::Mode;

const HOUR: i64 = 3_600_000_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00Z").unwrap()
}

fn request(delegator: &str, delegate: &str) -> DelegationTerms {
    DelegationTerms {
        delegator_identity: delegator.to_owned(),
        delegate_identity: delegate.to_owned(),
        scope: vec!["write".to_owned(), "Read".to_owned()],
        scope_class: " Ops ".to_owned(),
        ttl_nanos: HOUR,
        ..DelegationTerms::default()
    }
}

fn mint(request: DelegationTerms) -> DelegationToken {
    DelegationToken::mint(request, &key(1), &now()).unwrap()
}

fn token(delegator: &str, delegate: &str) -> DelegationToken {
    mint(request(delegator, delegate))
}

fn bound() -> DelegationToken {
    mint(DelegationTerms {
        intent_digest: sha256(b"intent").to_hex(),
        policy_digest: sha256(b"policy").to_hex(),
        ..request("lead", "alice")
    })
}

fn resigned(mut token: DelegationToken, signer: &SigningKey) -> DelegationToken {
    token.signature = None;
    token.signature = Some(signer.sign_canonical(&token).unwrap());
    token
}

fn trusted(key: Option<&VerifyingKey>) -> TrustedKeys {
    key.cloned().map(TrustedKeys::from).unwrap_or_default()
}

fn presented(tokens: &[DelegationToken]) -> Vec<Presented<DelegationToken>> {
    tokens.iter().cloned().map(Presented::new).collect()
}

fn validated(
    token: &DelegationToken,
    key: Option<&VerifyingKey>,
    now: &Timestamp,
    expectation: &DelegationExpectation,
) -> Result<(), DelegationFault> {
    validate(&Presented::new(token.clone()), &trusted(key), now, expectation, &CheckEach)
}

fn check(token: &DelegationToken, expectation: &DelegationExpectation) -> Result<(), DelegationFault> {
    validated(token, Some(key(1).verifying_key()), &now(), expectation)
}

type Alter = fn(&mut DelegationToken);

#[test]
fn looser_spellings_of_the_same_token_still_verify() {
    let alterations: [(&str, Alter); 6] = [
        ("nothing", |_| {}),
        ("empty schema", |token| {
            token.schema_id.clear();
            token.schema_version.clear();
        }),
        ("padded identities", |token| {
            token.delegator_identity.push(' ');
            token.delegate_identity.insert(0, '\n');
        }),
        ("re-ordered, re-cased scope", |token| {
            token.scope.reverse();
            token.scope[0].make_ascii_uppercase();
        }),
        ("re-cased class", |token| token.scope_class = " OPS".to_owned()),
        ("re-cased digests", |token| token.intent_digest.make_ascii_uppercase()),
    ];
    for (name, alter) in alterations {
        let mut token = bound();
        alter(&mut token);
        assert_eq!(check(&token, &DelegationExpectation::new().identities("lead", "alice")), Ok(()), "{name}");
    }
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let alterations: [(&str, Alter); 9] = [
        ("other id", |token| token.token_id.push('0')),
        ("other delegator", |token| token.delegator_identity = "root".to_owned()),
        ("other delegate", |token| token.delegate_identity = "mallory".to_owned()),
        ("wider scope", |token| token.scope.push("*".to_owned())),
        ("star class", |token| token.scope_class = "*".to_owned()),
        ("dropped class", |token| token.scope_class.clear()),
        ("unbound intent", |token| token.intent_digest.clear()),
        ("unbound policy", |token| token.policy_digest = " ".to_owned()),
        ("later end", |token| token.expires_at = token.expires_at.plus_nanos(1).unwrap()),
    ];
    for (name, alter) in alterations {
        let mut token = bound();
        alter(&mut token);
        assert_eq!(check(&token, &DelegationExpectation::new()), Err(DelegationFault::SignatureInvalid), "{name}");
    }
    let (mut one, mut other) = (token("lead", "alice"), token("lead", "bob"));
    std::mem::swap(&mut one.signature, &mut other.signature);
    assert_eq!(check(&one, &DelegationExpectation::new()), Err(DelegationFault::SignatureInvalid));
    let foreign = resigned(token("lead", "alice"), &key(2));
    assert_eq!(check(&foreign, &DelegationExpectation::new()), Err(DelegationFault::SignatureInvalid));
    let unsigned = DelegationToken { signature: None, ..token("lead", "alice") };
    assert_eq!(check(&unsigned, &DelegationExpectation::new()), Err(DelegationFault::SignatureMissing));
    assert_eq!(
        validated(&unsigned, None, &now(), &DelegationExpectation::new()),
        Err(DelegationFault::SignatureInvalid)
    );
}

#[test]
fn malformed_tokens_are_invalid_even_when_signed() {
    let alterations: [(&str, Alter); 9] = [
        ("padded schema_id", |token| token.schema_id.push(' ')),
        ("schema_id of an approval", |token| token.schema_id = "gait.gate.approval_token".to_owned()),
        ("no id", |token| token.token_id.clear()),
        ("blank delegator", |token| token.delegator_identity = " ".to_owned()),
        ("no delegate", |token| token.delegate_identity.clear()),
        ("no scope", |token| token.scope.clear()),
        ("short digest", |token| token.policy_digest.truncate(8)),
        ("no creation", |token| token.created_at = Timestamp::ZERO),
        ("no end", |token| token.expires_at = Timestamp::ZERO),
    ];
    for (name, alter) in alterations {
        let mut token = bound();
        alter(&mut token);
        let token = resigned(token, &key(1));
        assert_eq!(check(&token, &DelegationExpectation::new()), Err(DelegationFault::Invalid), "{name}");
    }
}

#[test]
fn expectations_are_checked_in_order() {
    let other = sha256(b"other").to_hex();
    let wrong = || DelegationExpectation::new().identities("Lead", "bob").digests(&other, &other);
    let over = now().plus_nanos(i128::from(HOUR)).unwrap();
    let signer = key(1);
    let own = signer.verifying_key();
    assert_eq!(validated(&bound(), Some(own), &over, &wrong()), Err(DelegationFault::Expired));
    let expected = [
        (wrong(), Err(DelegationFault::DelegatorMismatch)),
        (wrong().identities("lead", "bob"), Err(DelegationFault::DelegateMismatch)),
        (wrong().identities("lead", " alice"), Err(DelegationFault::DelegateMismatch)),
        (wrong().identities("", "alice"), Err(DelegationFault::IntentMismatch)),
        (wrong().identities("", "").digests("", &other), Err(DelegationFault::PolicyMismatch)),
        (DelegationExpectation::new().any_scope(vec!["admin".to_owned()]), Err(DelegationFault::ScopeMismatch)),
        (DelegationExpectation::new().any_scope(vec!["admin".to_owned(), " WRITE".to_owned()]), Ok(())),
        (DelegationExpectation::new().any_scope(vec!["ops".to_owned()]), Ok(())),
        (DelegationExpectation::new().any_scope(vec![" ".to_owned()]), Ok(())),
        (DelegationExpectation::new().digests(&format!(" {} ", sha256(b"intent").to_hex().to_uppercase()), ""), Ok(())),
    ];
    for (index, (expectation, outcome)) in expected.into_iter().enumerate() {
        assert_eq!(check(&bound(), &expectation), outcome, "{index}");
    }
    // A token bound to nothing fits every digest, one with a star every scope.
    let free = mint(DelegationTerms { scope: vec!["*".to_owned()], ..request("lead", "alice") });
    let anything = DelegationExpectation::new().digests("x", "y").any_scope(vec!["anything".to_owned()]);
    assert_eq!(check(&free, &anything), Ok(()));
    let class = mint(DelegationTerms { scope_class: "*".to_owned(), ..request("lead", "alice") });
    assert_eq!(check(&class, &anything), Ok(()));
}

#[test]
fn truncated_files_are_unreadable_and_minting_refuses() {
    let file = json::to_indented(&bound()).unwrap();
    let body = file.trim_ascii_end();
    for end in 0..body.len() {
        assert!(DelegationToken::parse(&body[..end], Mode::Compat).is_err(), "cut at {end}");
    }
    let refused = |request| DelegationToken::mint(request, &key(1), &now()).unwrap_err();
    assert_eq!(refused(DelegationTerms { ttl_nanos: -1, ..request("a", "b") }), AuthorityError::TtlNotPositive);
    assert_eq!(refused(request(" ", "b")), AuthorityError::Missing("delegator_identity"));
    let digest = DelegationTerms { intent_digest: "abc".to_owned(), ..request("a", "b") };
    assert_eq!(refused(digest), AuthorityError::NotADigest("intent_digest"));
    assert!(DelegationToken::mint(request("a", "a"), &key(1), &now()).is_ok());
}

fn link(delegator: &str, delegate: &str) -> DelegationLink {
    DelegationLink {
        delegator_identity: delegator.to_owned(),
        delegate_identity: delegate.to_owned(),
        ..DelegationLink::default()
    }
}

fn chain(links: &[(&str, &str)], requester: &str) -> Delegation {
    Delegation {
        requester_identity: requester.to_owned(),
        chain: links.iter().map(|(from, to)| link(from, to)).collect(),
        ..Delegation::default()
    }
}

fn verified(tokens: &[DelegationToken], delegation: &Delegation, scope: &[&str]) -> DelegationOutcome {
    let required_scope: Vec<String> = scope.iter().map(ToString::to_string).collect();
    let demand = ChainDemand {
        delegation,
        required_scope: &required_scope,
        intent_digest: sha256(b"intent"),
        policy_digest: sha256(b"policy"),
        now: now(),
    };
    verify_chain(&presented(tokens), &trusted(Some(key(1).verifying_key())), &demand, &CheckEach)
}

fn codes(outcome: &DelegationOutcome) -> Vec<String> {
    outcome.entries().into_iter().map(|entry| entry.error_code).collect()
}

#[test]
fn every_link_needs_a_token_of_its_own() {
    let two = chain(&[("root", "lead"), ("lead", "alice")], "alice");
    let outcome = verified(&[token("lead", "alice"), token("root", "lead")], &two, &["write"]);
    assert!(outcome.complete);
    assert_eq!((outcome.valid, outcome.links, outcome.violation), (2, 2, None));
    assert_eq!(outcome.reasons.to_strings(), ["delegation_granted"]);
    let mut ids = [token("lead", "alice").token_id, token("root", "lead").token_id];
    ids.sort();
    assert_eq!(outcome.delegation_ref, ids.join(","));

    let surplus = verified(&[token("lead", "alice"), token("lead", "alice"), token("root", "lead")], &two, &[]);
    assert!(surplus.complete);
    assert_eq!(surplus.reasons.to_strings(), ["delegation_granted"]);
    assert_eq!(codes(&surplus), ["", "", "delegation_token_chain_mismatch"]);

    let gap = verified(&[token("root", "lead"), token("root", "lead")], &two, &[]);
    assert!(!gap.complete);
    assert_eq!((gap.valid, gap.violation, gap.delegation_ref.as_str()), (1, Some("delegation_not_granted"), ""));
    assert_eq!(codes(&gap), ["", "delegation_token_missing", "delegation_token_delegator_mismatch"]);
    assert_eq!(
        gap.reasons.to_strings(),
        ["delegation_chain_insufficient", "delegation_token_delegator_mismatch", "delegation_token_missing"]
    );

    let none = verified(&[], &two, &[]);
    assert_eq!(none.reasons.to_strings(), ["delegation_token_missing"]);
    assert!(!none.complete && none.entries().is_empty() && none.violation.is_some());
}

#[test]
fn the_same_link_twice_takes_two_tokens() {
    let around = chain(&[("a", "b"), ("b", "a"), ("a", "b")], "b");
    assert!(!verified(&[token("a", "b"), token("b", "a")], &around, &[]).complete);
    assert!(verified(&[token("a", "b"), token("a", "b"), token("b", "a")], &around, &[]).complete);
}

#[test]
fn without_a_chain_anybody_may_delegate_to_the_requester() {
    let bare = chain(&[], "alice");
    assert!(verified(&[token("whoever", "alice")], &bare, &[]).complete);
    let outcome = verified(&[token("lead", "bob")], &bare, &[]);
    assert!(!outcome.complete);
    assert_eq!(codes(&outcome), ["delegation_token_missing", "delegation_token_delegate_mismatch"]);
    assert_eq!(outcome.entries()[0].delegator_identity, "");
    assert_eq!(outcome.entries()[0].delegate_identity, "alice");
    assert!(outcome.entries()[0].expires_at.is_zero());
}

#[test]
fn each_unfit_token_says_why() {
    let one = chain(&[("lead", "alice")], "alice");
    let foreign = resigned(token("lead", "alice"), &key(2));
    let unsigned = DelegationToken { signature: None, ..token("lead", "alice") };
    let earlier = now().plus_nanos(-i128::from(HOUR)).unwrap();
    let over = DelegationToken::mint(request("lead", "alice"), &key(1), &earlier).unwrap();
    let elsewhere = mint(DelegationTerms { intent_digest: sha256(b"other").to_hex(), ..request("lead", "alice") });
    let tokens = [foreign, unsigned, over, elsewhere, DelegationToken::default(), token("x", "alice")];
    let outcome = verified(&tokens, &one, &["admin"]);
    assert_eq!(
        codes(&outcome),
        [
            "delegation_token_missing",
            "delegation_token_signature_invalid",
            "delegation_token_signature_missing",
            "delegation_token_expired",
            "delegation_token_intent_mismatch",
            "delegation_token_invalid",
            "delegation_token_delegator_mismatch",
        ]
    );
    let scope = verified(&[token("lead", "alice")], &one, &["admin"]);
    assert_eq!(codes(&scope), ["delegation_token_missing", "delegation_token_scope_mismatch"]);
}

#[test]
fn each_signature_is_checked_once_however_long_the_chain() {
    let names: Vec<String> = (0..=20).map(|n| format!("agent-{n:02}")).collect();
    let links: Vec<(&str, &str)> = names.windows(2).map(|pair| (&*pair[0], &*pair[1])).collect();
    let long = chain(&links, "agent-20");
    let tokens: Vec<DelegationToken> = links.iter().rev().map(|(from, to)| token(from, to)).collect();
    let checks = Cell::new(0);
    let counting = |key: &VerifyingKey, signature: &Signature, digest: &Digest| {
        checks.set(checks.get() + 1);
        key.verify_computed(signature, digest) == Ok(true)
    };
    let demand = ChainDemand {
        delegation: &long,
        required_scope: &[],
        intent_digest: sha256(b"intent"),
        policy_digest: sha256(b"policy"),
        now: now(),
    };
    assert!(verify_chain(&presented(&tokens), &trusted(Some(key(1).verifying_key())), &demand, &counting).complete);
    assert_eq!(checks.get(), tokens.len());
}
