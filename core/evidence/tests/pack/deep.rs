//! Lies that fit together: whoever has no key but rebuilds manifest and proof records passes plain verification. Deep
//! verification holds what the documents tell against one another.

use gait_base::error::{Category, Classify};
use gait_base::jcs;
use gait_base::json::{self, Reading};
use gait_evidence::pack::{
    JobPayload, MANIFEST_PATH, Manifest, PROOF_RECORDS_PATH, PackError, PackFault, RunPayload, SOURCE_PATH,
};
use gait_gate::mode::Mode;

use crate::made::{
    Entries, RUN, authorization_pack, call_pack, content, each, entries, job_pack, key, passes, redeclared, reproven,
    run_pack, runpack, sealed, verify, verify_signed, zipped,
};

/// Passes plain verification, and is reported by deep verification with these words.
fn told(bytes: &[u8], words: &str) {
    assert!(passes(verify(bytes, Mode::Compat)), "{words}: {:?}", verify(bytes, Mode::Compat));
    let error = verify(bytes, Mode::Strict).expect_err(words);
    assert_eq!((error.code(), error.category()), ("pack_verify_failed", Category::VerificationFailed), "{error}");
    assert!(error.to_string().contains(words), "{words}: {error}");
}

fn manifest(entries: &mut Entries) -> Manifest {
    Manifest::parse(content(entries, MANIFEST_PATH), Mode::Strict).unwrap()
}

#[test]
fn forgers_who_change_nothing_pass() {
    for (kind, built) in each(None) {
        assert!(passes(verify(&reproven(entries(&built.bytes)), Mode::Strict)), "{kind}");
    }
}

#[test]
fn a_signature_ends_all_that() {
    for (kind, built) in each(Some(&key())) {
        let forged = reproven(entries(&built.bytes));
        let found = verify_signed(&forged, Mode::Compat).unwrap();
        assert!(!found.ok(), "{kind}");
    }
}

#[test]
fn proof_records_must_tell_of_every_entry_what_is_so() {
    for (kind, built) in each(None) {
        let original = entries(&built.bytes);
        // Records of the entries as they were before.
        let mut extra = original.clone();
        extra.push(("note.txt".into(), b"hello".to_vec()));
        told(&redeclared(extra), "no proof record names \"note.txt\"");
        let mut without = original.clone();
        without.retain(|(path, _)| path != PROOF_RECORDS_PATH);
        told(&redeclared(without), "no proof record names");
        let mut empty = original.clone();
        content(&mut empty, PROOF_RECORDS_PATH).clear();
        told(&redeclared(empty), "no proof record names");
        // A chain that ends early.
        let mut cut = original.clone();
        let records = content(&mut cut, PROOF_RECORDS_PATH);
        let last = records.iter().rposition(|byte| *byte == b'\n').unwrap();
        records.truncate(last);
        told(&redeclared(cut), "no proof record names");
        // A chain of another pack: the ids of its entries are not these.
        let other = if kind.as_str() == "job" { call_pack(None) } else { job_pack(None) };
        let mut swapped = original;
        *content(&mut swapped, PROOF_RECORDS_PATH) = content(&mut entries(&other.bytes), PROOF_RECORDS_PATH).clone();
        told(&redeclared(swapped), "proof_records line 1: entry_path is not that");
    }
}

#[test]
fn proof_records_of_changed_entries_tell_on_the_change() {
    let mut changed = entries(&call_pack(None).bytes);
    content(&mut changed, "reference_digests.json").push(b' ');
    told(&redeclared(changed.clone()), "entry_sha256 is not that");
    // With records made anew the change is one of white space only.
    assert!(passes(verify(&reproven(changed), Mode::Strict)));
}

#[test]
fn declarations_stand_once() {
    let mut twice = entries(&job_pack(None).bytes);
    let mut manifest = manifest(&mut twice);
    let contents = manifest.contents.as_mut().unwrap();
    let first = contents[0].clone();
    contents.insert(0, first);
    told(&sealed(twice, manifest), "declares \"job_events.jsonl\" twice");
}

#[test]
fn the_manifest_has_one_form() {
    let mut recased = entries(&job_pack(None).bytes);
    let text = String::from_utf8(content(&mut recased, MANIFEST_PATH).clone()).unwrap();
    *content(&mut recased, MANIFEST_PATH) = text.replace("\"pack_type\"", "\"Pack_Type\"").into_bytes();
    told(&zipped(&recased), "Pack_Type");
    let mut upper = entries(&job_pack(None).bytes);
    let mut manifest = manifest(&mut upper);
    manifest.pack_id = manifest.pack_id.to_uppercase();
    *content(&mut upper, MANIFEST_PATH) = jcs::to_canonical(&manifest).unwrap();
    told(&zipped(&upper), "pack_id");
    // White space and order of members are the writer's business.
    let mut indented = entries(&job_pack(None).bytes);
    manifest.pack_id = manifest.pack_id.to_lowercase();
    *content(&mut indented, MANIFEST_PATH) = json::to_indented(&manifest).unwrap();
    assert!(passes(verify(&zipped(&indented), Mode::Strict)));
}

/// A run pack with another payload.
fn with_payload(change: impl FnOnce(&mut RunPayload)) -> Vec<u8> {
    let mut changed = entries(&run_pack(None).bytes);
    let document = content(&mut changed, "run_payload.json");
    let mut payload: RunPayload = json::decode(document, Reading::STRICT).unwrap();
    change(&mut payload);
    *document = jcs::to_canonical(&payload).unwrap();
    reproven(changed)
}

#[test]
fn the_payload_of_a_run_is_that_of_its_runpack() {
    type Change = fn(&mut RunPayload);
    let changes: [(&str, Change); 9] = [
        ("created_at", |payload| payload.created_at = crate::made::at("2026-03-01T10:00:01Z")),
        ("capture_mode", |payload| payload.capture_mode = "raw".into()),
        ("manifest_digest", |payload| payload.manifest_digest = "0".repeat(64)),
        ("intents_count", |payload| payload.intents_count = 2),
        ("results_count", |payload| payload.results_count = 0),
        ("refs_count", |payload| payload.refs_count = 7),
        ("context_set_digest", |payload| payload.context_set_digest = "1".repeat(64)),
        ("context_evidence_mode", |payload| payload.context_evidence_mode = "required".into()),
        ("context_privacy_mode", |payload| payload.context_privacy_mode = "none".into()),
    ];
    for (member, change) in changes {
        told(&with_payload(change), &format!("{member} is not what run_payload.json says"));
    }
}

#[test]
fn the_embedded_runpack_must_hold() {
    let with_source = |source: Vec<u8>| {
        let mut changed = entries(&run_pack(None).bytes);
        *content(&mut changed, SOURCE_PATH) = source;
        reproven(changed)
    };
    told(&with_source(b"junk".to_vec()), "source/runpack.zip");
    told(&with_source(runpack(&RUN.replace("run_a", "run_b"))), "run_id is not what run_payload.json says");
    let mut damaged = entries(&runpack(RUN));
    content(&mut damaged, "intents.jsonl").push(b'\n');
    told(&with_source(zipped(&damaged)), "1 with another digest");
    let mut extra = entries(&runpack(RUN));
    extra.push(("extra".into(), Vec::new()));
    told(&with_source(zipped(&extra)), "1 not listed");
    let mut call = entries(&call_pack(None).bytes);
    *content(&mut call, SOURCE_PATH) = runpack(&RUN.replace("run_a", "run_b"));
    told(&reproven(call), "run_id is not what call_payload.json says");
}

#[test]
fn the_context_envelope_follows_from_the_references() {
    let mut changed = entries(&run_pack(None).bytes);
    let envelope = content(&mut changed, "context_envelope.json");
    *envelope = String::from_utf8(envelope.clone()).unwrap().replace("\"l\"", "\"m\"").into_bytes();
    told(&reproven(changed), "context evidence is not what context_envelope.json says");
    let mut without = entries(&run_pack(None).bytes);
    without.retain(|(path, _)| path != "context_envelope.json");
    told(&reproven(without), "context evidence");
}

#[test]
fn the_payload_of_a_job_is_that_of_its_state() {
    let mut changed = entries(&job_pack(None).bytes);
    let document = content(&mut changed, "job_payload.json");
    let mut payload: JobPayload = json::decode(document, Reading::STRICT).unwrap();
    payload.status = "completed".into();
    *document = jcs::to_canonical(&payload).unwrap();
    told(&reproven(changed), "job_payload.json and job_state.json differ in status");
}

#[test]
fn the_linked_trace_is_that_of_the_decision() {
    let with = |trace: &str| {
        let mut changed = entries(&authorization_pack(None).bytes);
        *content(&mut changed, "evidence/ev/trace.json") = trace.as_bytes().to_vec();
        let digest = jcs::digest(trace.as_bytes()).unwrap().to_hex();
        let old = jcs::digest(crate::made::TRACE.as_bytes()).unwrap().to_hex();
        let bundle = content(&mut changed, "authorization_bundle.json");
        *bundle = String::from_utf8(bundle.clone()).unwrap().replace(&old, &digest).into_bytes();
        reproven(changed)
    };
    assert!(passes(verify(&with(r#"{"trace_id":"trace_a"}"#), Mode::Strict)));
    told(&with(r#"{"trace_id":"trace_b"}"#), "trace_id is not that");
    told(&with("[]"), "trace_id is not that");
    let foreign = format!(r#"{{"trace_id":"trace_a","policy_digest":"{}"}}"#, "c".repeat(64));
    told(&with(&foreign), "policy_digest is not that");
    // A signature that names the key at hand must be that key's.
    let claimed = format!(
        r#"{{"trace_id":"trace_a","signature":{{"alg":"ed25519","key_id":"{}","sig":"","signed_digest":""}}}}"#,
        key().key_id()
    );
    let key = key();
    let options = gait_evidence::pack::VerifyOptions { key: Some(key.verifying_key()), ..Default::default() };
    let error = gait_evidence::pack::verify(std::io::Cursor::new(with(&claimed)), &options).unwrap_err();
    assert!(
        matches!(&error, PackError::Fault(fault) if matches!(**fault, PackFault::Trace { member: "signature", .. }))
    );
    assert!(passes(verify(&with(&claimed), Mode::Strict)), "without a key nobody can tell");
}

#[test]
fn the_source_of_an_authorization_is_its_trace() {
    let mut changed = entries(&authorization_pack(None).bytes);
    let mut manifest = manifest(&mut changed);
    manifest.source_ref = "trace_b".into();
    *content(&mut changed, MANIFEST_PATH) = jcs::to_canonical(&manifest).unwrap();
    told(&reproven(changed), "trace_id must be source_ref");
}
