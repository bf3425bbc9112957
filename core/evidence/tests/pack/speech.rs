//! What a call record must show of what was committed to aloud, and its normal form.

use gait_evidence::pack::{CallError, CallRecord};
use gait_gate::mode::Mode;

use crate::made::call;

fn record() -> CallRecord {
    CallRecord::parse(call().as_bytes(), Mode::Strict).unwrap()
}

/// What is wrong with a changed record, the place left out.
fn refused(change: impl FnOnce(&mut CallRecord)) -> CallError {
    let mut record = record();
    change(&mut record);
    match record.normalized().expect_err("a refusal") {
        CallError::Item { fault, .. } => *fault,
        fault => fault,
    }
}

#[test]
fn the_normal_form_is_stable() {
    let normal = record().normalized().unwrap();
    assert_eq!((normal.privacy_mode.as_str(), normal.producer_version.as_str()), ("hash_only", "0.0.0-dev"));
    assert_eq!(normal.clone().normalized().unwrap(), normal);
    let mut shuffled = record();
    shuffled.events.reverse();
    shuffled.call_id = " call_a ".into();
    shuffled.events[0].event_type = " tool.result ".into();
    shuffled.gate_decisions[0].verdict = " ALLOW ".into();
    shuffled.gate_decisions[0].commitment_class = "Refund".into();
    shuffled.reference_digests.push(shuffled.reference_digests[0].clone());
    assert_eq!(shuffled.normalized().unwrap(), normal);
}

#[test]
fn members_are_checked() {
    type Change = fn(&mut CallRecord);
    let changes: &[(&str, Change)] = &[
        ("schema_id must be", |call| call.schema_id = "x".into()),
        ("created_at is required", |call| call.created_at = gait_base::time::Timestamp::ZERO),
        ("call_id is required", |call| call.call_id = " ".into()),
        ("runpack_path is required", |call| call.runpack_path.clear()),
        ("privacy_mode must be", |call| call.privacy_mode = "open".into()),
        ("call_id is \"other\"", |call| call.events[0].call_id = "other".into()),
        ("call_seq must be", |call| call.events[0].call_seq = 0),
        ("turn_index must be", |call| call.events[0].turn_index = -1),
        ("event_type is required", |call| call.events[0].event_type = " ".into()),
        ("commitment_class must be", |call| call.events[0].commitment_class = "promise".into()),
        ("payload_digest must be", |call| call.events[0].payload_digest = "12".into()),
        ("commitment_class is required", |call| call.gate_decisions[0].commitment_class.clear()),
        ("verdict must be", |call| call.gate_decisions[0].verdict = "maybe".into()),
        ("say_token_id is required", |call| call.speak_receipts[0].say_token_id.clear()),
        ("spoken_digest is required", |call| call.speak_receipts[0].spoken_digest.clear()),
        ("emitted_at is required", |call| {
            call.speak_receipts[0].emitted_at = gait_base::time::Timestamp::ZERO;
        }),
    ];
    for (told, change) in changes {
        let fault = refused(change).to_string();
        assert!(fault.contains(told), "{told}: {fault}");
    }
    assert!(matches!(refused(|call| call.commitments[0].call_id = "other".into()), CallError::ForeignCall { .. }));
    assert!(matches!(refused(|call| call.commitments[0].context.identity.clear()), CallError::Commitment(_)));
}

#[test]
fn every_kind_of_event_must_occur() {
    assert_eq!(refused(|call| call.events.clear()), CallError::NoEvents);
    for (index, (kind, _)) in crate::made::EVENTS.iter().enumerate() {
        let fault = refused(|call| {
            call.speak_receipts.clear();
            call.events.retain(|event| event.event_type != "tts.emitted");
            call.events.retain(|event| event.event_type != *kind);
            if index != 4 {
                // Spoken, but not of a commitment.
                let mut silent = call.events[0].clone();
                silent.event_type = "tts.emitted".into();
                call.events.push(silent);
            }
        });
        assert_eq!(fault, CallError::Uncovered(kind), "{kind}");
    }
}

#[test]
fn what_is_spoken_has_a_token_a_receipt_and_a_permission() {
    let emitted = |call: &mut CallRecord| call.events.iter().position(|e| e.event_type == "tts.emitted").unwrap();
    assert!(matches!(
        refused(|call| {
            let at = emitted(call);
            call.events[at].say_token_id.clear();
        }),
        CallError::NoToken { call_seq: 5, .. }
    ));
    assert_eq!(refused(|call| call.speak_receipts.clear()), CallError::NoReceipt { call_seq: 5 });
    assert_eq!(
        refused(|call| call.speak_receipts[0].say_token_id = "tok_2".into()),
        CallError::NoReceipt { call_seq: 5 }
    );
    assert_eq!(refused(|call| call.speak_receipts[0].turn_index = 1), CallError::NoReceipt { call_seq: 5 });
    assert_eq!(refused(|call| call.gate_decisions.clear()), CallError::NoDecision { call_seq: 5 });
    assert_eq!(refused(|call| call.gate_decisions[0].turn_index = 1), CallError::NoDecision { call_seq: 5 });
    assert_eq!(refused(|call| call.gate_decisions[0].call_seq = 6), CallError::NoDecision { call_seq: 5 });
    assert_eq!(
        refused(|call| call.gate_decisions[0].verdict = "require_approval".into()),
        CallError::NotAllowed { call_seq: 5, verdict: "require_approval" }
    );
}

#[test]
fn the_latest_decision_before_it_counts_and_of_equals_the_first() {
    let with = |decisions: &[(i64, &str)]| {
        let mut call = record();
        let one = call.gate_decisions[0].clone();
        call.gate_decisions = decisions
            .iter()
            .map(|(call_seq, verdict)| {
                let mut decision = one.clone();
                decision.call_seq = *call_seq;
                decision.verdict = (*verdict).to_owned();
                decision
            })
            .collect();
        call.normalized().is_ok()
    };
    assert!(with(&[(1, "block"), (3, "allow")]));
    assert!(!with(&[(1, "allow"), (3, "block")]));
    assert!(with(&[(3, "allow"), (6, "block")]), "what comes later does not count");
    assert!(with(&[(5, "allow")]), "at the very place");
    assert!(with(&[(3, "allow"), (3, "block")]) && !with(&[(3, "block"), (3, "allow")]));
}

#[test]
fn of_receipts_at_one_place_the_last_counts() {
    let mut call = record();
    let mut later = call.speak_receipts[0].clone();
    later.say_token_id = "tok_2".into();
    call.speak_receipts.push(later.clone());
    assert_eq!(call.clone().normalized().unwrap_err(), CallError::NoReceipt { call_seq: 5 });
    call.speak_receipts.reverse();
    assert!(call.normalized().is_ok());
}
