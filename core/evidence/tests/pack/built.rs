//! What builders make, and what looking at it tells.

use std::io::Cursor;

use gait_base::error::{Category, Classify};
use gait_evidence::pack::{
    self, BuildOptions, CallRecord, InMemory, PackError, PackType, VerifyOptions, export_record, extract_runpack,
};
use gait_evidence::runpack::SignatureStatus;
use gait_gate::mode::Mode;

use crate::made::{
    RUN, authorization_pack, call, call_pack, each, entries, job, job_pack, key, passes, run_pack, runpack, verify,
    verify_signed,
};

#[test]
fn what_is_built_verifies_deeply_and_its_signatures_hold() {
    for (kind, built) in each(Some(&key())) {
        for mode in [Mode::Compat, Mode::Strict] {
            let found = verify_signed(&built.bytes, mode).unwrap();
            assert!(found.ok(), "{kind}: {found:?}");
            assert_eq!(found.pack_type, kind.as_str());
            assert_eq!(found.signatures.status, SignatureStatus::Verified);
            assert_eq!(found.proof_records_verified + 1, found.files_checked, "{kind}");
        }
    }
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    for ((kind, one), (_, two)) in each(Some(&key())).into_iter().zip(each(Some(&key()))) {
        assert_eq!(one.bytes, two.bytes, "{kind}");
        assert_eq!(PackType::parse(&one.manifest.pack_type), Some(kind));
    }
}

#[test]
fn a_runpack_of_another_zip_tool_gives_the_same_pack() {
    let original = runpack(RUN);
    let mut foreign = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    foreign.add_directory("folder/", stored).unwrap();
    for (name, content) in entries(&original).into_iter().rev() {
        foreign.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut foreign, &content).unwrap();
    }
    let foreign = foreign.finish().unwrap().into_inner();
    let options = crate::made::options(None);
    let from_foreign = pack::build_run_pack(Cursor::new(foreign), &options).unwrap();
    assert_eq!(from_foreign.bytes, run_pack(None).bytes);
}

#[test]
fn sources_that_do_not_hold_are_refused() {
    let options = BuildOptions { mode: Mode::Compat, ..BuildOptions::default() };
    let error = pack::build_run_pack(Cursor::new(b"PK"), &options).unwrap_err();
    assert_eq!(error.category(), Category::InvalidInput);
    let mut damaged = entries(&runpack(RUN));
    crate::made::content(&mut damaged, "run.json").push(b' ');
    let damaged = crate::made::zipped(&damaged);
    assert_eq!(pack::build_run_pack(Cursor::new(&damaged), &options).unwrap_err().code(), "runpack_hash_mismatch");
    let record = || CallRecord::parse(call().as_bytes(), Mode::Compat).unwrap();
    let error = pack::build_call_pack(record(), damaged, &options).unwrap_err();
    assert!(matches!(error, PackError::RunpackDamaged { mismatches: 1, .. }), "{error}");
    let mut extra = entries(&runpack(RUN));
    extra.push(("extra.txt".into(), b"x".to_vec()));
    let extra = crate::made::zipped(&extra);
    assert!(pack::build_call_pack(record(), extra.clone(), &options).is_ok());
    let strict = BuildOptions { mode: Mode::Strict, ..options };
    assert!(pack::build_call_pack(record(), extra.clone(), &strict).is_err());
    assert!(pack::build_run_pack(Cursor::new(&extra), &strict).is_err());
    // Outside of strict mode an entry that the runpack does not list is kept.
    let kept = pack::build_run_pack(Cursor::new(&extra), &options).unwrap();
    let source = extract_runpack(kept.bytes.clone(), Mode::Compat).unwrap();
    assert!(entries(&source).iter().any(|(name, _)| name == "extra.txt"));
    assert!(passes(verify(&kept.bytes, Mode::Compat)) && !passes(verify(&kept.bytes, Mode::Strict)));
}

#[test]
fn a_job_without_journal_is_packed_and_only_deep_verification_minds() {
    let (mut state, _) = job();
    state.status.clear();
    state.stop_reason.clear();
    state.status_reason_code.clear();
    state.environment_fingerprint.clear();
    let built = pack::build_job_pack(state, &[], "envfp:default", &BuildOptions::default()).unwrap();
    let told = pack::inspect(Cursor::new(&built.bytes), Mode::Strict).unwrap().job_payload.unwrap();
    assert_eq!(
        [told.status, told.stop_reason, told.status_reason_code, told.environment_fingerprint],
        ["running", "none", "submitted", "envfp:default"]
    );
    assert!(passes(verify(&built.bytes, Mode::Compat)) && !passes(verify(&built.bytes, Mode::Strict)));
}

#[test]
fn the_runpack_comes_out_as_it_went_in() {
    let runpack = runpack(RUN);
    assert_eq!(extract_runpack(runpack.clone(), Mode::Strict).unwrap(), runpack);
    assert_eq!(extract_runpack(run_pack(None).bytes, Mode::Strict).unwrap(), runpack);
    assert_eq!(extract_runpack(call_pack(None).bytes, Mode::Strict).unwrap(), runpack);
    for built in [job_pack(None), authorization_pack(None)] {
        assert_eq!(extract_runpack(built.bytes, Mode::Strict).unwrap_err().code(), "pack_without_runpack");
    }
    assert_eq!(extract_runpack(Vec::new(), Mode::Strict).unwrap_err().category(), Category::InvalidInput);
    // With both manifests it counts as a runpack.
    let mut both = entries(&job_pack(None).bytes);
    both.push(("manifest.json".into(), b"{}".to_vec()));
    let both = crate::made::zipped(&both);
    assert_eq!(extract_runpack(both.clone(), Mode::Strict).unwrap(), both);
}

#[test]
fn inspection_tells_of_each_type() {
    let look = |bytes: &[u8]| pack::inspect(Cursor::new(bytes), Mode::Strict).unwrap();
    let run = look(&run_pack(None).bytes);
    let lineage = run.run_lineage.unwrap();
    assert_eq!((lineage.timeline_events, lineage.receipt_count, lineage.intent_results.len()), (1, 1, 1));
    assert_eq!(lineage.intent_results[0].tool_name, "tool.echo");
    let job = look(&job_pack(None).bytes).job_lineage.unwrap();
    assert_eq!((job.event_count, job.last_event_type.as_str(), job.checkpoint_refs.len()), (6, "paused", 2));
    assert_eq!(look(&call_pack(None).bytes).call_payload.unwrap().event_count, 7);
    let authorization = look(&authorization_pack(None).bytes).authorization_payload.unwrap();
    assert_eq!((authorization.linked_evidence_count, authorization.required_evidence_count), (2, 2));
    let legacy = look(&runpack(RUN));
    assert_eq!((legacy.legacy_type.as_str(), legacy.manifest), ("runpack", None));
}

#[test]
fn packs_differ_by_what_they_declare() {
    let compare = |left: &[u8], right: &[u8]| pack::diff(Cursor::new(left), Cursor::new(right), Mode::Strict).unwrap();
    let run = run_pack(None).bytes;
    let same = compare(&run, &run).summary;
    assert!(!same.changed && same.context_drift_classification == "none");
    let signed = compare(&run, &run_pack(Some(&key())).bytes).summary;
    assert!(signed.changed && signed.manifest_delta && signed.changed_files == ["proof_records.jsonl"]);
    let other = RUN.replace("2222222222222222222222222222222222222222222222222222222222222222", &"3".repeat(64));
    let other = pack::build_run_pack(Cursor::new(runpack(&other)), &crate::made::options(None)).unwrap().bytes;
    assert_eq!(compare(&run, &other).summary.context_drift_classification, "semantic");
    let job = compare(&run, &job_pack(None).bytes).summary;
    assert_eq!(job.context_drift_classification, "none");
    assert!(job.added_files.contains(&"job_state.json".to_owned()));
    assert!(job.removed_files.contains(&"run_payload.json".to_owned()));
}

#[test]
fn exports_count_what_does_not_hold() {
    let export = |bytes: &[u8]| {
        let options = VerifyOptions { mode: Mode::Compat, ..VerifyOptions::default() };
        export_record(Cursor::new(bytes), &options, &InMemory)
    };
    let record = export(&run_pack(Some(&key())).bytes).unwrap();
    assert!(record.is_intact() && record.signature_status == "skipped" && record.metrics.tool_calls_success == 1);
    let mut damaged = entries(&run_pack(None).bytes);
    crate::made::content(&mut damaged, "run_payload.json").push(b' ');
    damaged.retain(|(name, _)| name != "context_envelope.json");
    damaged.push(("extra".into(), Vec::new()));
    let record = export(&crate::made::zipped(&damaged)).unwrap();
    assert_eq!((record.hash_mismatches, record.missing_files, record.undeclared_files), (1, 1, 1));
    let lines = String::from_utf8(pack::otel_lines(&record).unwrap()).unwrap();
    assert_eq!(lines.lines().count(), 8);
    assert!(lines.contains(r#""status":{"code":"error"}"#));
}
