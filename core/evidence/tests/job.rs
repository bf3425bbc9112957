//! What the operations do to jobs, by the rules of 05 §16 and by the golden tables.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the functions that tests share are tests too")]

use gait_base::error::Classify;
use gait_base::time::Timestamp;
use gait_evidence::job::*;
use gait_gate::mode::Mode;
use proptest::prelude::*;
use serde_json::{Value, json};

#[allow(dead_code, reason = "not every test needs every function")]
mod vectors;

const NOW: Timestamp = Timestamp::EPOCH_1980;

fn submission() -> Submission {
    Submission { job_id: " j ".into(), environment_fingerprint: " envfp:t ".into(), ..Submission::default() }
}

fn submitted() -> JobState {
    submission().mutation(&NOW).unwrap().updated
}

fn draft(kind: CheckpointType) -> CheckpointDraft {
    CheckpointDraft { kind, summary: " s ".into(), required_action: " act ".into(), actor: " me ".into() }
}

fn with(state: &JobState, kind: CheckpointType) -> JobState {
    state.add_checkpoint(&draft(kind), Mode::Compat, &NOW).unwrap().updated
}

fn resumption() -> Resumption {
    Resumption { environment_fingerprint: "envfp:t".into(), ..Resumption::default() }
}

fn in_status(status: JobStatus) -> JobState {
    let stop_reason = status.stop_reason().to_owned();
    JobState { status: status.as_str().to_owned(), stop_reason, ..submitted() }
}

fn refusal(result: Result<Mutation, JobError>) -> &'static str {
    result.map(|_| ()).unwrap_err().code()
}

fn payload(event: &JobEvent) -> Value {
    serde_json::from_slice::<Value>(&event.to_line().unwrap()).unwrap()["payload"].clone()
}

fn listed(text: &str) -> Option<Revocations> {
    Some(Revocations::parse(text.as_bytes(), Mode::Strict).unwrap())
}

#[test]
fn a_new_job_is_written_field_by_field() {
    let mutation = Submission { actor: " a ".into(), ..submission() }.mutation(&NOW).unwrap();
    let state = String::from_utf8(mutation.updated.to_file().unwrap()).unwrap();
    let hash = safety_invariant_hash(&mutation.updated.safety_invariants);
    assert_eq!(
        state,
        format!(
            "{{\n  \"schema_id\": \"gait.job.runtime\",\n  \"schema_version\": \"1.0.0\",\n  \
             \"created_at\": \"1980-01-01T00:00:00Z\",\n  \"updated_at\": \"1980-01-01T00:00:00Z\",\n  \
             \"producer_version\": \"0.0.0-dev\",\n  \"job_id\": \"j\",\n  \"status\": \"running\",\n  \
             \"stop_reason\": \"none\",\n  \"status_reason_code\": \"submitted\",\n  \
             \"environment_fingerprint\": \"envfp:t\",\n  \"safety_invariant_version\": \"1\",\n  \
             \"safety_invariant_hash\": \"{hash}\",\n  \"safety_invariants\": [\n    \
             \"control_boundary=runtime_go\",\n    \"default_privacy=reference_receipts\",\n    \
             \"fail_closed=true\",\n    \"identity=a\"\n  ],\n  \"identity\": \"a\",\n  \"revision\": 1,\n  \
             \"checkpoints\": []\n}}\n"
        )
    );
    let line = String::from_utf8(mutation.event.to_line().unwrap()).unwrap();
    assert_eq!(
        line,
        "{\"schema_id\":\"gait.job.event\",\"schema_version\":\"1.0.0\",\"created_at\":\"1980-01-01T00:00:00Z\",\
         \"job_id\":\"j\",\"revision\":1,\"type\":\"submitted\",\"actor\":\"a\",\"reason_code\":\"submitted\",\
         \"payload\":{\"environment_fingerprint\":\"envfp:t\",\"identity\":\"a\"}}"
    );
    let marker = mutation.into_marker("j");
    let read = PendingMutation::parse(&marker.to_file().unwrap(), "j", Mode::Strict).unwrap();
    assert_eq!(read, marker);
    assert!(read.previous_state.is_none());
}

#[test]
fn a_stored_state_is_read_laxly_and_completed() {
    let read = |text: &str, mode| JobState::parse(text.as_bytes(), mode);
    let old = read(r#"{"Job_ID":"j","policy_ref":"r","checkpoints":null,"more":1}"#, Mode::Compat).unwrap();
    assert_eq!(old.safety_invariant_version, "1");
    assert!(old.safety_invariants.contains(&"policy_ref=r".to_owned()) && old.checkpoints.is_empty());
    assert_eq!(old.safety_invariant_hash, safety_invariant_hash(&old.safety_invariants));
    let kept = read(r#"{"job_id":"j","safety_invariants":["b","a"],"safety_invariant_version":"7"}"#, Mode::Compat);
    let kept = kept.unwrap();
    assert_eq!((kept.safety_invariant_version.as_str(), kept.safety_invariants.len()), ("7", 2));
    assert_eq!(kept.safety_invariant_hash, safety_invariant_hash(&["a", "b"]));
    for text in ["{", "null", "{}", r#"{"job_id":" "}"#, r#"{"job_id":"j","revision":1.0}"#, "[]", ""] {
        assert_eq!(read(text, Mode::Compat).unwrap_err().code(), "job_malformed", "{text}");
    }
    for text in [r#"{"Job_ID":"j"}"#, r#"{"job_id":"j","more":1}"#, r#"{"job_id":"j","job_id":"j"}"#] {
        assert!(read(text, Mode::Strict).is_err(), "{text}");
    }
}

#[test]
fn transitions_lead_from_the_statuses_of_the_table_only() {
    use JobStatus::{Blocked, Cancelled, DecisionNeeded, EmergencyStopped, Paused, Running};
    for status in JobStatus::ALL {
        let state = in_status(status);
        let allowed = [
            (state.pause(" a ", &NOW), vec![Running, DecisionNeeded], Paused, "paused"),
            (
                state.stop(" a ", &NOW),
                vec![Running, Paused, DecisionNeeded, Blocked],
                EmergencyStopped,
                "emergency_stop_preempted",
            ),
            (
                state.cancel(" a ", &NOW),
                vec![Running, Paused, DecisionNeeded, Blocked, EmergencyStopped],
                Cancelled,
                "cancelled",
            ),
        ];
        for (result, from, to, code) in allowed {
            if !from.contains(&status) {
                assert_eq!(refusal(result), "job_transition_invalid", "{status} to {to}");
                continue;
            }
            let Mutation { previous, updated, event } = result.unwrap();
            assert_eq!(previous, Some(state.clone()));
            assert_eq!((updated.status.as_str(), updated.stop_reason.as_str()), (to.as_str(), to.stop_reason()));
            assert_eq!((updated.status_reason_code.as_str(), event.reason_code.as_str()), (code, code));
            assert_eq!((updated.revision, event.revision, event.actor.as_str()), (2, 2, "a"));
            assert!(event.payload.is_empty());
        }
        let approved = state.approve(" b ", " ", &NOW).unwrap();
        assert_eq!(approved.updated.status, state.status);
        assert_eq!(approved.updated.status_reason_code, "approval_recorded");
        assert_eq!(payload(&approved.event), json!({"reason": "approved"}));
        assert_eq!(refusal(state.approve(" ", "r", &NOW)), "job_actor_missing");
        let may_resume = [Paused, Blocked].contains(&status);
        assert_eq!(state.resume(&resumption(), &NOW).is_ok(), may_resume, "{status}");
    }
    assert!(JobState { status: "odd".into(), ..submitted() }.pause("", &NOW).is_err());
}

#[test]
fn checkpoints_set_what_their_type_says_and_ended_jobs_stay_ended() {
    use CheckpointType::{Blocked, Completed, DecisionNeeded, Plan, Progress};
    for (kind, status) in [
        (Plan, None),
        (Progress, None),
        (DecisionNeeded, Some("decision_needed")),
        (Blocked, Some("blocked")),
        (Completed, Some("completed")),
    ] {
        assert_eq!(CheckpointType::parse(&format!(" {} ", kind.as_str())).unwrap(), kind);
        for from in JobStatus::ALL {
            for mode in [Mode::Compat, Mode::Strict] {
                let state = in_status(from);
                let result = state.add_checkpoint(&draft(kind), mode, &NOW);
                let ended = from.is_ended_by_person() || mode.is_strict() && from == JobStatus::Completed;
                if ended && status.is_some() {
                    assert_eq!(refusal(result), "job_transition_invalid", "{from}");
                    continue;
                }
                let Mutation { updated, event, .. } = result.unwrap();
                let code = format!("checkpoint_{}", kind.as_str().replace('-', "_"));
                let added = updated.checkpoints.last().unwrap();
                assert_eq!((added.checkpoint_id.as_str(), added.summary.as_str()), ("cp_0001", "s"));
                assert_eq!((&added.reason_code, &event.reason_code), (&code, &code));
                assert_eq!(added.required_action, if kind == DecisionNeeded { "act" } else { "" });
                assert_eq!(updated.status, status.unwrap_or(from.as_str()));
                assert_eq!(updated.status_reason_code, status.unwrap_or("submitted"));
                let action = &added.required_action;
                let expected =
                    json!({"checkpoint_id": "cp_0001", "checkpoint_type": kind.as_str(), "required_action": action});
                assert_eq!(payload(&event), expected);
            }
        }
    }
    for kind in ["Plan", "decision_needed", ""] {
        assert!(CheckpointType::parse(kind).is_err());
    }
}

#[test]
fn summaries_are_counted_in_bytes() {
    let add = |summary: String, action: &str| {
        let draft =
            CheckpointDraft { summary, required_action: action.into(), ..draft(CheckpointType::DecisionNeeded) };
        submitted().add_checkpoint(&draft, Mode::Compat, &NOW)
    };
    assert!(add("é".repeat(256), "a").is_ok());
    for (summary, action) in [("é".repeat(257), "a"), (" ".into(), "a"), ("s".into(), " ")] {
        assert_eq!(refusal(add(summary, action)), "job_checkpoint_invalid");
    }
}

#[test]
fn approvals_are_counted_against_decisions() {
    let decided = with(&submitted(), CheckpointType::DecisionNeeded);
    assert_eq!(refusal(decided.resume(&resumption(), &NOW)), "job_approval_required");
    let approved = decided.approve("b", "", &NOW).unwrap().updated;
    let resumed = approved.resume(&resumption(), &NOW).unwrap().updated;
    assert_eq!((resumed.status.as_str(), resumed.stop_reason.as_str()), ("running", "none"));
    let twice = with(&approved, CheckpointType::DecisionNeeded);
    assert_eq!(refusal(twice.resume(&resumption(), &NOW)), "job_approval_required");
    // Approved beforehand counts too; a decision that nobody recorded cannot be approved.
    let early = with(&submitted().approve("b", "", &NOW).unwrap().updated, CheckpointType::DecisionNeeded);
    assert!(early.resume(&resumption(), &NOW).is_ok());
    let bare = in_status(JobStatus::DecisionNeeded).approve("b", "", &NOW).unwrap().updated;
    assert_eq!(refusal(bare.resume(&resumption(), &NOW)), "job_approval_required");
}

#[test]
fn a_policy_that_was_or_is_named_needs_a_digest() {
    let bound = |digest: &str, reference: &str| JobState {
        policy_digest: digest.into(),
        policy_ref: reference.into(),
        ..in_status(JobStatus::Paused)
    };
    let given = |digest: &str, reference: &str| Resumption {
        policy: PolicyBinding { digest: digest.into(), reference: reference.into() },
        ..resumption()
    };
    for (state, resumption) in [
        (bound("d", ""), given("", "")),
        (bound("", "r"), given(" ", "")),
        (bound("d", "r"), given("", "r2")),
        (bound("", ""), given("", "r")),
    ] {
        assert_eq!(refusal(state.resume(&resumption, &NOW)), "job_policy_required");
    }
    let free = bound("", "").resume(&given("", ""), &NOW).unwrap();
    assert!(payload(&free.event).get("policy_changed").is_none());
    let first = bound("", "").resume(&given(" d ", ""), &NOW).unwrap();
    assert_eq!((first.updated.policy_digest.as_str(), first.event.reason_code.as_str()), ("d", "resumed"));
    let told = payload(&first.event);
    assert_eq!(told["previous_policy_digest"], "");
    assert_eq!(told["policy_changed"], false);
    assert!(told.get("current_policy_ref").is_none());
    let changed = bound("d", "r").resume(&given("e", ""), &NOW).unwrap();
    assert_eq!(changed.updated.policy_ref, "r");
    assert_eq!(changed.updated.status_reason_code, "resumed_with_policy_transition");
    // The ledger tells what the job was bound to at first.
    assert_eq!(changed.updated.safety_invariants, submitted().safety_invariants);
}

#[test]
fn a_policy_that_was_read_names_itself() {
    let given = |digest: &str, reference: &str| PolicyBinding { digest: digest.into(), reference: reference.into() };
    let bound = PolicyBinding::to_policy(&given("", " "), " ./p//a.yaml ", "d").unwrap();
    assert_eq!(bound, given("d", "p/a.yaml"));
    assert_eq!(PolicyBinding::to_policy(&given(" d ", " named "), "a", "d").unwrap(), given("d", "named"));
    assert_eq!(PolicyBinding::to_policy(&given("D", ""), "a", "d").unwrap_err().code(), "job_policy_mismatch");
}

#[test]
fn identities_are_bound_matched_and_revoked() {
    let bound = |identity: &str| JobState { identity: identity.into(), ..in_status(JobStatus::Paused) };
    let by = |identity: &str| Resumption { identity: identity.into(), ..resumption() };
    assert_eq!(refusal(bound("a").resume(&by("b"), &NOW)), "job_identity_mismatch");
    assert_eq!(bound("").resume(&by(" n "), &NOW).unwrap().updated.identity, "n");
    let nobody = bound("").resume(&Resumption { identity_revoked: true, ..by("") }, &NOW).unwrap();
    assert!(payload(&nobody.event).get("identity_validation_required").is_none());
    let list = Resumption { revocations: listed("x\n"), ..by("") };
    assert_eq!(refusal(bound("").resume(&list, &NOW)), "job_identity_required");
    assert_eq!(refusal(bound("x").resume(&list, &NOW)), "job_identity_revoked");
    assert_eq!(
        refusal(bound("a").resume(&Resumption { identity_revoked: true, ..by("") }, &NOW)),
        "job_identity_revoked"
    );
    let told = payload(&bound("a").resume(&list, &NOW).unwrap().event);
    assert_eq!(told["identity_validation_source"], "revocation_list");
    assert_eq!(told["identity"], "a");
    let named = Resumption { identity_validation_source: " idp ".into(), ..list };
    assert_eq!(payload(&bound("a").resume(&named, &NOW).unwrap().event)["identity_validation_source"], "idp");
}

#[test]
fn another_environment_needs_permission() {
    let paused = in_status(JobStatus::Paused);
    let moved = Resumption { environment_fingerprint: " envfp:other ".into(), ..Resumption::default() };
    assert_eq!(refusal(paused.resume(&moved, &NOW)), "job_environment_mismatch");
    let allowed = Resumption { allow_environment_mismatch: true, ..moved.clone() };
    let resumed = paused.resume(&allowed, &NOW).unwrap();
    assert_eq!(resumed.updated.environment_fingerprint, "envfp:t");
    assert_eq!(resumed.event.reason_code, "resumed_with_env_override");
    let expected = json!({"reason": "resume", "expected_fingerprint": "envfp:t", "actual_fingerprint": "envfp:other"});
    assert_eq!(payload(&resumed.event), expected);
    let without = JobState { environment_fingerprint: String::new(), ..paused };
    let resumed = without.resume(&moved, &NOW).unwrap();
    assert_eq!((resumed.updated.environment_fingerprint.as_str(), resumed.event.reason_code.as_str()), ("", "resumed"));
}

#[test]
fn the_last_revision_is_the_last() {
    let state = JobState { revision: i64::MAX, ..submitted() };
    assert_eq!(refusal(state.pause("", &NOW)), "job_revision_exhausted");
}

#[test]
fn tables_of_the_safety_ledger_and_of_ids_hold() {
    for row in vectors::rows("pack/fn-job") {
        let input = &row["input"];
        let text = |name: &str| input[name].as_str().unwrap().to_owned();
        match vectors::name(&row) {
            "safety_invariants" => {
                let policy = PolicyBinding { digest: text("policy_digest"), reference: text("policy_ref") };
                let invariants = safety_invariants(&policy, &text("identity"));
                let found = json!({"hash": safety_invariant_hash(&invariants), "invariants": invariants});
                assert_eq!(found, row["want"]);
            }
            "safety_hash" => {
                let items: Vec<&str> = input.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
                assert_eq!(safety_invariant_hash(&items), row["want"], "{items:?}");
            }
            "job_id_ok" => assert_eq!(is_job_id(input.as_str().unwrap()), row["want"], "{input}"),
            // Replayed where there are files.
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn no_order_of_operations_revives_an_ended_job_or_skips_a_revision(operations in prop::collection::vec(0..11u8, 1..60)) {
        use CheckpointType::{Blocked, Completed, DecisionNeeded, Plan, Progress};
        let mut state = submitted();
        for operation in operations {
            let checkpoint = |kind| state.add_checkpoint(&draft(kind), Mode::Compat, &NOW);
            let result = match operation {
                0 => state.pause("a", &NOW),
                1 => state.stop("a", &NOW),
                2 => state.cancel("a", &NOW),
                3 => state.approve("a", "", &NOW),
                4 => state.resume(&resumption(), &NOW),
                5 => checkpoint(Plan),
                6 => checkpoint(Progress),
                7 => checkpoint(DecisionNeeded),
                8 => checkpoint(Blocked),
                9 => checkpoint(Completed),
                _ => state.record_blocked_dispatch(BlockedDispatch::default(), &NOW),
            };
            let Ok(mutation) = result else { continue };
            let (before, after) = (state.known_status().unwrap(), mutation.updated.known_status().unwrap());
            if before == JobStatus::Cancelled {
                prop_assert_eq!(after, JobStatus::Cancelled);
            }
            if before == JobStatus::EmergencyStopped {
                prop_assert!(after.is_ended_by_person());
            }
            prop_assert_eq!(mutation.updated.revision, state.revision + 1);
            prop_assert_eq!(mutation.event.revision, state.revision + 1);
            prop_assert_eq!(&mutation.updated.safety_invariants, &state.safety_invariants);
            let read = JobState::parse(&mutation.updated.to_file().unwrap(), Mode::Strict).unwrap();
            prop_assert_eq!(&read, &mutation.updated);
            state = read;
        }
    }
}
