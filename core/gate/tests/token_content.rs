//! What a token says, looked at without a key: normal form, id and digest of approvals and delegations.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use gait_base::digest::sha256;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalTerms, ApprovalToken};
use gait_gate::authority::delegation::{DelegationTerms, DelegationToken};

const HOUR: i64 = 3_600_000_000_000;

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T08:00:00.5Z").unwrap()
}

fn approval() -> ApprovalToken {
    let terms = ApprovalTerms {
        approver_identity: "carol".to_owned(),
        reason_code: "CHG".to_owned(),
        intent_digest: sha256(b"intent").to_hex(),
        policy_digest: sha256(b"policy").to_hex(),
        scope: vec!["tool:x".to_owned(), "phase:apply".to_owned()],
        ttl_nanos: HOUR,
        ..ApprovalTerms::default()
    };
    ApprovalToken::mint(terms, &SigningKey::from_seed(&[1; 32]), &now()).unwrap()
}

fn delegation() -> DelegationToken {
    let terms = DelegationTerms {
        delegator_identity: "lead".to_owned(),
        delegate_identity: "alice".to_owned(),
        scope: vec!["write".to_owned(), "read".to_owned()],
        ttl_nanos: HOUR,
        ..DelegationTerms::default()
    };
    DelegationToken::mint(terms, &SigningKey::from_seed(&[1; 32]), &now()).unwrap()
}

#[test]
fn what_was_minted_is_normal_and_signed_over_its_content() {
    let token = approval();
    assert_eq!(token.normalized().unwrap(), token);
    assert!(token.id_fits_content().unwrap());
    assert_eq!(token.signature.as_ref().unwrap().signed_digest, token.content_digest().unwrap().to_hex());
    let token = delegation();
    assert_eq!(token.normalized().unwrap(), token);
    assert!(token.id_fits_content().unwrap());
    assert_eq!(token.signature.as_ref().unwrap().signed_digest, token.content_digest().unwrap().to_hex());
}

#[test]
fn looser_spellings_have_the_same_content_and_other_words_another() {
    let token = approval();
    let mut loose = token.clone();
    loose.scope = vec![" TOOL:x ".to_owned(), "phase:apply".to_owned(), "phase:apply".to_owned()];
    loose.intent_digest = loose.intent_digest.to_uppercase();
    loose.approver_identity = " carol\u{a0}".to_owned();
    assert_eq!(loose.normalized().unwrap(), token);
    assert_eq!(loose.content_digest().unwrap(), token.content_digest().unwrap());
    // Another offset is the same end, and so the same id, but other signed bytes.
    loose.expires_at = Timestamp::parse("2026-03-01T11:00:00.5+02:00").unwrap();
    assert!(loose.id_fits_content().unwrap());
    assert_ne!(loose.content_digest().unwrap(), token.content_digest().unwrap());
    // The delegation binding is no part of the id, but signed.
    let bound = ApprovalToken { delegation_binding_digest: sha256(b"chain").to_hex(), ..token.clone() };
    assert!(bound.id_fits_content().unwrap());
    assert_ne!(bound.content_digest().unwrap(), token.content_digest().unwrap());

    let forged = ApprovalToken { max_ops: 9, ..token };
    assert!(!forged.id_fits_content().unwrap());
    let forged = DelegationToken { scope_class: "ops".to_owned(), ..delegation() };
    assert!(!forged.id_fits_content().unwrap());
}

#[test]
fn what_has_no_normal_form_has_no_content() {
    let token = ApprovalToken { scope: Vec::new(), ..approval() };
    assert!(token.normalized().is_err() && token.id_fits_content().is_err() && token.content_digest().is_err());
    let token = DelegationToken { delegate_identity: " ".to_owned(), ..delegation() };
    assert!(token.normalized().is_err() && token.id_fits_content().is_err() && token.content_digest().is_err());
}
