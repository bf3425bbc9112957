//! Journals that do not lead to the state beside them.

use gait_evidence::job::{
    BlockedDispatch, CheckpointDraft, CheckpointType, JobEvent, JobState, PolicyBinding, Resumption,
};
use gait_evidence::pack::{self, PackError, PackFault, ReplayFault};
use gait_gate::mode::Mode;

use crate::made::{at, job, options, passes, verify};

fn replayed(change: impl FnOnce(&mut JobState, &mut Vec<JobEvent>)) -> Option<ReplayFault> {
    let (mut state, mut events) = job();
    change(&mut state, &mut events);
    let built = pack::build_job_pack(state, &events, "", &options(None)).unwrap();
    assert!(passes(verify(&built.bytes, Mode::Compat)), "{:?}", verify(&built.bytes, Mode::Compat));
    match verify(&built.bytes, Mode::Strict) {
        Ok(found) => {
            assert!(found.ok());
            None
        }
        Err(PackError::Fault(fault)) => match *fault {
            PackFault::Replay(fault) => Some(fault),
            other => panic!("{other}"),
        },
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_true_journal_leads_to_its_state() {
    assert!(replayed(|_, _| {}).is_none());
    // The state says the same instant in another offset.
    assert!(replayed(|state, _| state.updated_at = at("2026-04-01T10:05:00+02:00")).is_none());
}

#[test]
fn every_event_is_the_one_that_its_operation_gives() {
    type Change = fn(&mut Vec<JobEvent>);
    let changes: &[(&str, usize, Change)] = &[
        ("revision", 3, |events| events[2].revision = 7),
        ("reason_code", 6, |events| events[5].reason_code = "cancelled".into()),
        ("payload", 2, |events| {
            events[1].payload.insert("checkpoint_id".into(), "cp_0009".into());
        }),
        ("payload", 1, |events| {
            events[0].payload.insert("note".into(), "x".into());
        }),
        ("actor", 6, |events| events[5].actor = " agent".into()),
        ("schema_id", 4, |events| events[3].schema_id.clear()),
        ("schema_version", 4, |events| events[3].schema_version = "2.0.0".into()),
    ];
    for (told, wrong, change) in changes {
        match replayed(|_, events| change(events)) {
            Some(ReplayFault::Differs { line, member }) => assert_eq!((line, member), (*wrong, *told)),
            other => panic!("{told}: {other:?}"),
        }
    }
}

#[test]
fn operations_that_were_not_possible_did_not_happen() {
    // Resumed before anybody approved.
    let unapproved = replayed(|_, events| {
        events.remove(3);
    });
    assert!(matches!(unapproved, Some(ReplayFault::Refused { line: 4, .. })), "{unapproved:?}");
    // A cancelled job reports that it is done.
    let revived = replayed(|_, events| {
        events.truncate(1);
        let mut cancelled = events[0].clone();
        cancelled.kind = "cancelled".into();
        cancelled.reason_code = "cancelled".into();
        cancelled.revision = 2;
        cancelled.payload = Default::default();
        let mut completed = cancelled.clone();
        completed.kind = "checkpoint_added".into();
        completed.payload.insert("checkpoint_type".into(), "completed".into());
        events.extend([cancelled, completed]);
    });
    assert!(matches!(revived, Some(ReplayFault::Refused { line: 3, .. })), "{revived:?}");
    // A decision that nobody knows of.
    let unknown = replayed(|_, events| events[1].kind = "promoted".into());
    assert!(matches!(unknown, Some(ReplayFault::Unexpected { line: 2, .. })), "{unknown:?}");
    let again = replayed(|_, events| {
        let first = events[0].clone();
        events.push(first);
    });
    assert!(matches!(again, Some(ReplayFault::Unexpected { line: 7, .. })), "{again:?}");
    let headless = replayed(|_, events| {
        events.remove(0);
    });
    assert!(matches!(headless, Some(ReplayFault::Beginning { line: 1 })), "{headless:?}");
    let empty = replayed(|_, events| events.clear());
    assert!(matches!(empty, Some(ReplayFault::Empty)), "{empty:?}");
}

#[test]
fn the_state_tells_nothing_that_the_journal_does_not() {
    type Change = fn(&mut JobState);
    let changes: &[(&str, Change)] = &[
        ("status", |state| state.status = "completed".into()),
        ("stop_reason", |state| state.stop_reason = "none".into()),
        ("status_reason_code", |state| state.status_reason_code = "resumed".into()),
        ("revision", |state| state.revision = 9),
        ("updated_at", |state| state.updated_at = at("2026-04-01T08:06:00Z")),
        ("identity", |state| state.identity = "somebody".into()),
        ("policy_digest", |state| state.policy_digest = "d".into()),
        ("policy_ref", |state| state.policy_ref = "r".into()),
        ("safety_invariants", |state| state.safety_invariants.push("z".into())),
        ("safety_invariant_hash", |state| state.safety_invariant_hash = "0".repeat(64)),
        ("checkpoints", |state| state.checkpoints[0].reason_code = "x".into()),
        ("approvals", |state| state.approvals[0].reason = "no".into()),
    ];
    for (told, change) in changes {
        match replayed(|state, _| change(state)) {
            Some(ReplayFault::State { member }) => assert_eq!(member, *told),
            other => panic!("{told}: {other:?}"),
        }
    }
    let backdated = replayed(|state, _| state.created_at = at("2025-04-01T08:00:00Z"));
    assert!(matches!(backdated, Some(ReplayFault::State { member: "created_at" })), "{backdated:?}");
    // The summary of a checkpoint stands in the state alone: no event tells it.
    assert!(replayed(|state, _| state.checkpoints[0].summary = "other".into()).is_none());
}

#[test]
fn approvals_that_the_journal_does_not_tell_are_lies() {
    let invented = replayed(|state, _| {
        let approval = state.approvals[0].clone();
        state.approvals.push(approval);
    });
    assert!(matches!(invented, Some(ReplayFault::State { member: "approvals" })), "{invented:?}");
}

#[test]
fn whatever_operations_wrote_leads_to_its_state() {
    let kinds =
        [CheckpointType::Plan, CheckpointType::DecisionNeeded, CheckpointType::Blocked, CheckpointType::Progress];
    for seed in 0..60_u64 {
        let mut number = seed;
        let mut next = |below: usize| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(number >> 40).unwrap() % below
        };
        let (mut state, mut events) = job();
        for step in 0..40 {
            let now = at(&format!("2026-04-02T08:{step:02}:00Z"));
            let draft = CheckpointDraft {
                kind: kinds[next(4)],
                summary: format!("step {step}"),
                required_action: "choose".into(),
                actor: String::new(),
            };
            let resumption = Resumption {
                environment_fingerprint: ["envfp:here", "envfp:elsewhere"][next(2)].into(),
                allow_environment_mismatch: true,
                policy: PolicyBinding {
                    digest: ["", "d1", "d2"][next(3)].into(),
                    reference: ["", "r"][next(2)].into(),
                },
                ..Resumption::default()
            };
            let mutation = match next(8) {
                0 | 1 => state.add_checkpoint(&draft, Mode::Compat, &now),
                2 | 3 => state.approve("boss", "", &now),
                4 | 5 => state.resume(&resumption, &now),
                6 => state.pause("agent", &now),
                _ if step > 30 => state.stop("boss", &now),
                _ => state.record_blocked_dispatch(BlockedDispatch::default(), &now),
            };
            // What is refused leaves no event.
            if let Ok(mutation) = mutation {
                state = mutation.updated;
                events.push(mutation.event);
            }
        }
        let fault = replayed(|goal, journal| {
            *goal = state;
            *journal = events;
        });
        assert!(fault.is_none(), "seed {seed}: {fault:?}");
    }
}

#[test]
fn one_approval_does_not_do_for_two_decisions() {
    let (state, mut events) = job();
    // A second decision right after the first, with the approval that there was.
    let mut second = events[2].clone();
    second.payload.insert("checkpoint_id".into(), "cp_0003".into());
    events.insert(3, second);
    for (revision, event) in (1..).zip(&mut events) {
        event.revision = revision;
    }
    let mut claimed = state.clone();
    claimed.checkpoints.push(state.checkpoints[1].clone());
    claimed.checkpoints[2].checkpoint_id = "cp_0003".into();
    let fault = replayed(|goal, journal| {
        *goal = claimed;
        *journal = events;
    });
    assert!(matches!(fault, Some(ReplayFault::Refused { line: 6, .. })), "{fault:?}");
}
