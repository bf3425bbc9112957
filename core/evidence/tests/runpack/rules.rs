//! Recording rule by rule, and what works on runs that were read (04 §3, §8).

use std::io::Cursor;

use gait_base::time::Timestamp;
use gait_evidence::runpack::{
    self, Predicate, RecordOptions, Runpack, RunpackDraft, RunpackError, apply_envelope, envelope_of, inspect, reduce,
    replay,
};
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::mode::Mode;

use crate::made::{draft, key, recorded, small, verify, verify_signed};

fn read(draft: RunpackDraft) -> Runpack {
    runpack::read(Cursor::new(recorded(draft, None)), Mode::Strict).unwrap()
}

fn refused(text: &str) -> String {
    let options = RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None };
    runpack::record(draft(text), &options).unwrap_err().to_string()
}

/// A draft with these intents, results and receipts.
fn run(intents: &str, results: &str, receipts: &str, more: &str) -> String {
    format!(
        r#"{{"run":{{"run_id":"r"}},"intents":[{intents}],"results":[{results}],"refs":{{"receipts":[{receipts}]}}{more}}}"#
    )
}

#[test]
fn digests_are_required_derived_or_compared() {
    assert_eq!(refused(r#"{"run":{}}"#), "run_id is required");
    let prefix = "normalize digest-bearing fields: ";
    for (text, told) in [
        (run(r#"{"intent_id":"i"}"#, "", "", ""), "intent i requires args_digest or normalization.intent_args"),
        (
            run(r#"{"intent_id":"i","args":null}"#, "", "", ""),
            "intent i requires args_digest or normalization.intent_args",
        ),
        (run("", r#"{"intent_id":"i"}"#, "", ""), "result i requires result_digest or normalization.result_payloads"),
        (
            run(r#"{"intent_id":"i","args_digest":"aa"}"#, "", "", r#","normalization":{"intent_args":{"i":{}}}"#),
            "intent i args digest mismatch",
        ),
        (
            run(r#"{"intent_id":"i"}"#, "", "", r#","normalization":{"intent_args":{"i":[]}}"#),
            "intent i: normalization.intent_args must be an object",
        ),
        (run("", "", r#"{"ref_id":"x"}"#, ""), "receipt x requires query_digest"),
        (run("", "", r#"{"ref_id":"x","query_digest":"a"}"#, ""), "receipt x requires content_digest"),
        (
            run("", "", r#"{"ref_id":" trace_i","source_type":" GAIT.trace"}"#, ""),
            "receipt  trace_i references unknown intent i",
        ),
        (
            run(r#"{"intent_id":"i","args":{}}"#, "", r#"{"ref_id":"trace_i","source_type":"gait.trace"}"#, ""),
            "receipt trace_i references unknown result for intent i",
        ),
    ] {
        assert_eq!(refused(&text), format!("{prefix}{told}"));
    }
    let empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let given = run(
        &format!(r#"{{"intent_id":"i","args_digest":"{}"}}"#, empty.to_uppercase()),
        r#"{"intent_id":"i","result_digest":"Any","result":{"a":1}}"#,
        r#"{"ref_id":"trace_i","source_type":"gait.trace"}"#,
        r#","normalization":{"intent_args":{"i":{}}}"#,
    );
    let read = read(draft(&given));
    assert_eq!(read.intents[0].args_digest, empty.to_uppercase(), "a given digest keeps its case");
    assert_eq!(read.results[0].result_digest, "Any", "and is not compared with what stands beside it");
    assert_eq!(read.refs.receipts[0].content_digest, "any");
    assert!(read.results[0].result.as_map().is_none());
}

#[test]
fn defaults_come_from_the_run() {
    let text = run(
        r#"{"intent_id":"i","args":{},"run_id":"other","created_at":"2026-01-01T00:00:00+02:00"}"#,
        r#"{"intent_id":"i","result":{}}"#,
        "",
        "",
    );
    let read = read(draft(&text));
    assert_eq!((read.run.env.runtime.as_str(), read.run.producer_version.as_str()), ("go", "0.0.0-dev"));
    assert_eq!((read.intents[0].run_id.as_str(), read.results[0].run_id.as_str()), ("other", "r"));
    assert_eq!(read.intents[0].created_at.to_string(), "2026-01-01T00:00:00+02:00");
    assert_eq!(read.results[0].created_at, Timestamp::EPOCH_1980);
    assert_eq!(read.run.timeline, None);
}

#[test]
fn signatures_are_over_the_manifest_with_its_digest() {
    let bytes = recorded(small(), Some(&key()));
    let manifest = runpack::read(Cursor::new(&bytes), Mode::Strict).unwrap().manifest;
    let signature = &manifest.signatures[0];
    assert_ne!(signature.signed_digest, manifest.manifest_digest);
    assert_eq!(signature.signed_digest, manifest.signable_digest().unwrap().to_hex());
    let skipped = verify(&bytes, Mode::Strict).unwrap();
    assert!(skipped.ok());
    assert_eq!(skipped.signatures.errors, ["public key not configured"]);
    let missing = verify_signed(&recorded(small(), None), Mode::Strict).unwrap();
    assert!(!missing.ok() && missing.is_intact());
    assert_eq!(missing.signatures.errors, ["manifest has no signatures"]);
}

#[test]
fn envelopes_go_in_and_come_out() {
    let digest = "a".repeat(64);
    let envelope = format!(
        r#"{{"context_set_id":"s","records":[{{"ref_id":"b","source_type":"t","source_locator":"l","query_digest":"{digest}",
            "content_digest":"{digest}","redaction_mode":"hashes"}},{{"ref_id":"a","source_type":"t","source_locator":"l",
            "query_digest":"{digest}","content_digest":"{digest}","redaction_mode":"hashes"}}]}}"#
    );
    let envelope = VerifiedEnvelope::parse(envelope.as_bytes(), Mode::Strict).unwrap();
    let mut draft = small();
    apply_envelope(&mut draft.refs, envelope.clone());
    let read = read(draft);
    assert_eq!(read.refs.context_set_digest, envelope.digest_hex());
    assert_eq!((read.refs.context_ref_count, read.refs.receipts[0].ref_id.as_str()), (2, "a"));
    let again = envelope_of(&read.refs).unwrap().unwrap();
    assert_eq!(again.digest_hex(), envelope.digest_hex());
    assert_eq!(again.envelope().context_set_id, "run_a");
    let mut refs = read.refs;
    refs.receipts.pop();
    assert!(envelope_of(&refs).is_err());
    refs.receipts.clear();
    refs.context_set_digest.clear();
    assert!(envelope_of(&refs).unwrap().is_none());
}

#[test]
fn reducing_keeps_what_shows_the_fault() {
    let read_back = read(small());
    let reduced = reduce(&read_back, Predicate::NonOkStatus).unwrap();
    assert_eq!((reduced.report.reduced_ref_count, reduced.report.selected_intent_id.as_str()), (1, "i1"));
    let again = read(reduced.draft.clone());
    assert_eq!(again.run.run_id, "run_a_reduced_nonokstatus");
    assert_eq!(again.intents[0].run_id, again.run.run_id);
    reduced.check(&again).unwrap();
    assert!(matches!(reduced.check(&read(draft(&run("", "", "", "")))), Err(RunpackError::PredicateLost(_))));
    assert!(matches!(reduce(&read_back, Predicate::MissingResult), Err(RunpackError::PredicateNotTriggered(_))));
}

#[test]
fn replay_prefers_what_was_executed_then_recorded_then_stubbed() {
    let text = run(
        r#"{"intent_id":"a","tool_name":"x","args":{}},{"intent_id":"b","tool_name":"http.get","args":{}},{"intent_id":"c","tool_name":"x","args":{}}"#,
        r#"{"intent_id":"a","status":"ok","result":{}}"#,
        "",
        "",
    );
    let read_back = read(draft(&text));
    let replayed = replay(&read_back, |_| None).unwrap();
    let executions: Vec<_> = replayed.steps.iter().map(|step| step.execution.as_str()).collect();
    assert_eq!(executions, ["recorded", "stubbed", "missing"]);
    assert_eq!(replayed.missing_results, ["c"]);
    let twice = run(r#"{"intent_id":"a","args":{}},{"intent_id":"a","args":{}}"#, "", "", "");
    assert!(matches!(replay(&read(draft(&twice)), |_| None), Err(RunpackError::IntentRepeated(_))));
}

#[test]
fn inspection_tells_the_first_result_and_warns_of_others() {
    let text = run(
        r#"{"intent_id":"a","args":{}}"#,
        r#"{"intent_id":"a","status":"1","result":{"reason_codes":["b"," a",1]}},{"intent_id":"a","result":{}},{"intent_id":"","result":{}},{"intent_id":" ","result":{}},{"intent_id":"","result":{}},{"intent_id":" ","result":{}}"#,
        "",
        r#","capture_mode":"raw""#,
    );
    let inspection = inspect(&read(draft(&text))).unwrap();
    assert_eq!(inspection.entries[0].status, "1");
    assert_eq!(inspection.entries[0].reason_codes, ["a", "b"]);
    assert_eq!(inspection.unmatched_results.len(), 4);
    assert_eq!(
        inspection.warnings,
        [
            "multiple result records for intent_id=(empty) (kept first)",
            "multiple result records for intent_id=a (kept first)"
        ]
    );
}
