//! Two people must approve, and one person has many files (00 D6).

use std::convert::Infallible;

use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::mode::Mode;
use gait_gate::settle::Settling;
use gait_gate::verdict::Verdict;
use serde_json::Value;

use crate::bench::{Kind, MODES, Scene, key, resigned};

fn scene() -> Scene {
    let own = Kind::Approval.scene();
    Scene { policy: own.policy.replacen("effect", "min_approvals: 2, effect", 1), ..own }
}

fn of(who: &'static str) -> Value {
    scene().token(Kind::Approval, 1, |terms| terms.who = who)
}

fn with(mut token: Value, member: &str, value: &str) -> Value {
    token[member] = value.into();
    token
}

/// The verdict over these tokens, with the codes about approvals.
fn settled(tokens: &[Value], mode: Mode) -> (Verdict, Vec<String>) {
    let (scene, signer) = (scene(), key(1));
    let trusted = signer.verifying_key().clone().into();
    let prepared = scene.prepared();
    let read = |token: &Value| Presented::parse(&serde_json::to_vec(token).unwrap(), mode).unwrap();
    let tokens: Vec<Presented<ApprovalToken>> = tokens.iter().map(read).collect();
    let mut settling = Settling::new(&prepared.policy, &prepared.intent, prepared.decision.clone());
    let Ok(()) = settling.approve::<Infallible>(&tokens, &trusted, &prepared.now, &CheckEach, None);
    let settled = settling.finish();
    let codes = settled.reason_codes.to_strings().into_iter().filter(|code| code.starts_with("approval_")).collect();
    (settled.verdict, codes)
}

#[test]
fn one_person_is_not_two() {
    const INSUFFICIENT: &str = "approval_chain_insufficient";
    const DISTINCT: &str = "approval_distinct_approvers_required";
    const FORGED: &str = "approval_token_signature_invalid";
    let alone = &[INSUFFICIENT, DISTINCT][..];
    let another = |value: &str| with(of("alice"), "reason_code", value);
    let rows: Vec<(&str, Vec<Value>, &[&str])> = vec![
        ("nobody", vec![], &["approval_token_missing"]),
        ("one", vec![of("alice")], alone),
        ("one, copied", vec![of("alice"), of("alice")], &[DISTINCT]),
        ("one, copied often", vec![of("alice"); 40], &[DISTINCT]),
        ("one, padded", vec![of("alice"), with(of("alice"), "approver_identity", "alice ")], &[DISTINCT]),
        (
            "one, padded beyond ASCII",
            vec![of("alice"), with(of("alice"), "approver_identity", "\u{a0}alice\u{3000}")],
            &[DISTINCT],
        ),
        (
            "one, with a padded id",
            vec![
                of("alice"),
                with(of("alice"), "token_id", &format!("{} ", of("alice")["token_id"].as_str().unwrap())),
            ],
            &[DISTINCT],
        ),
        (
            "one, padded all over",
            vec![
                of("alice"),
                with(
                    with(of("alice"), "approver_identity", " alice"),
                    "token_id",
                    &format!("\n{}", of("alice")["token_id"].as_str().unwrap()),
                ),
            ],
            &[DISTINCT],
        ),
        (
            "one, in capitals",
            vec![of("alice"), with(of("alice"), "approver_identity", "Alice")],
            &[INSUFFICIENT, DISTINCT, FORGED],
        ),
        (
            "one, under another name",
            vec![of("alice"), with(of("alice"), "approver_identity", "bob")],
            &[INSUFFICIENT, DISTINCT, FORGED],
        ),
        (
            "one, under another id",
            vec![of("alice"), with(of("alice"), "token_id", "0123456789abcdef01234567")],
            &[INSUFFICIENT, DISTINCT, FORGED],
        ),
        ("one, with two reasons", vec![of("alice"), resigned(another("CHG-8"), 1)], &[DISTINCT]),
        ("one, with two ids", vec![of("alice"), resigned(with(of("alice"), "token_id", "x"), 1)], &[DISTINCT]),
        (
            "two, with one id",
            vec![of("alice"), resigned(with(of("alice"), "approver_identity", "bob"), 1)],
            &[DISTINCT],
        ),
        (
            "two, with one padded id",
            vec![of("alice"), resigned(with(of("bob"), "token_id", of("alice")["token_id"].as_str().unwrap()), 1)],
            &[DISTINCT],
        ),
        ("two, one of a stranger's hand", vec![of("alice"), resigned(of("bob"), 2)], &[INSUFFICIENT, DISTINCT, FORGED]),
        ("two strangers", vec![resigned(of("alice"), 2), resigned(of("bob"), 2)], &[INSUFFICIENT, DISTINCT, FORGED]),
        (
            "two, one without a signature",
            vec![of("alice"), {
                let mut token = of("bob");
                token["signature"] = Value::Null;
                token
            }],
            &[INSUFFICIENT, DISTINCT, "approval_token_signature_missing"],
        ),
        (
            "two, one with the other's signature",
            vec![of("alice"), {
                let mut token = of("bob");
                token["signature"] = of("alice")["signature"].clone();
                token
            }],
            &[INSUFFICIENT, DISTINCT, FORGED],
        ),
        (
            "two, one for something else",
            vec![
                of("alice"),
                scene().token(Kind::Approval, 1, |terms| (terms.who, terms.scope) = ("bob", &["tool:fs.read"])),
            ],
            &[INSUFFICIENT, DISTINCT, "approval_token_scope_mismatch"],
        ),
    ];
    for (name, tokens, codes) in rows {
        for mode in MODES {
            let (verdict, found) = settled(&tokens, mode);
            assert_eq!(
                (verdict, &found[..]),
                (Verdict::RequireApproval, &codes.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{name} ({mode:?})"
            );
        }
    }
}

#[test]
fn two_people_are_two_whatever_lies_beside() {
    let genuine = vec![of("alice"), of("bob")];
    let forged = || with(of("alice"), "approver_identity", "mallory");
    for (name, more) in [
        ("alone", vec![]),
        ("a copy", vec![of("alice")]),
        ("a forgery", vec![forged()]),
        ("a third", vec![of("carol")]),
        ("copies and forgeries", vec![of("bob"), forged(), forged(), of("alice")]),
    ] {
        for turned in [false, true] {
            let mut tokens = [genuine.clone(), more.clone()].concat();
            if turned {
                tokens.reverse();
            }
            for mode in MODES {
                let (verdict, codes) = settled(&tokens, mode);
                assert_eq!(verdict, Verdict::Allow, "{name} ({mode:?}): {codes:?}");
            }
        }
    }
    // Names are compared as they are written: that two spellings are one person is for whoever gives out the keys.
    assert_eq!(settled(&[of("alice"), of("Alice")], Mode::Strict).0, Verdict::Allow);
}
