//! Packs for the tests, and archives that only look like packs.

use std::io::Cursor;

use gait_base::digest::sha256;
use gait_base::jcs;
use gait_base::json::{Map, Value};
use gait_base::key::SigningKey;
use gait_base::proof::{ProofChain, ProofDraft};
use gait_base::time::Timestamp;
use gait_evidence::archive::{ArchiveReader, Entry, Limits, write_archive};
use gait_evidence::job::{CheckpointDraft, CheckpointType, JobEvent, JobState, Mutation, Submission};
use gait_evidence::pack::{
    self, BuildOptions, BuiltPack, CallRecord, MANIFEST_PATH, Manifest, PROOF_RECORDS_PATH, PackEntry, PackError,
    PackType, Verification, VerifyOptions, entry_type,
};
use gait_evidence::runpack::{self, RecordOptions, RunpackDraft};
use gait_gate::mode::Mode;

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

pub(crate) fn other_key() -> SigningKey {
    SigningKey::from_seed(&[8; 32])
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn options(key: Option<&SigningKey>) -> BuildOptions<'_> {
    BuildOptions { producer_version: "1.2.3", signing_key: key, mode: Mode::Strict }
}

pub(crate) const RUN: &str = r#"{"run": {"run_id": "run_a", "created_at": "2026-03-01T10:00:00Z", "timeline": [{"event": "start", "ts": "2026-03-01T10:00:00Z"}]},
    "intents": [{"intent_id": "i1", "tool_name": "tool.echo", "args": {"message": "hi"}}],
    "results": [{"intent_id": "i1", "status": "ok", "result": {"verdict": "allow"}}],
    "refs": {"context_evidence_mode": "best_effort", "receipts": [{"ref_id": "ref_1", "source_type": "s", "source_locator": "l", "redaction_mode": "reference",
        "query_digest": "1111111111111111111111111111111111111111111111111111111111111111",
        "content_digest": "2222222222222222222222222222222222222222222222222222222222222222"}]}}"#;

/// A runpack of one intent.
pub(crate) fn runpack(draft: &str) -> Vec<u8> {
    let (draft, _) = RunpackDraft::parse(draft.as_bytes(), Mode::Strict).unwrap();
    runpack::record(draft, &RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None }).unwrap().bytes
}

pub(crate) fn run_pack(key: Option<&SigningKey>) -> BuiltPack {
    pack::build_run_pack(Cursor::new(runpack(RUN)), &options(key)).unwrap()
}

/// A job that was submitted, reported, waited for a decision, got it, went on and was paused.
pub(crate) fn job() -> (JobState, Vec<JobEvent>) {
    let submission = Submission {
        job_id: "job_a".into(),
        actor: "agent".into(),
        environment_fingerprint: "envfp:here".into(),
        ..Submission::default()
    };
    let draft = |kind: CheckpointType, summary: &str, required_action: &str| CheckpointDraft {
        kind,
        summary: summary.into(),
        required_action: required_action.into(),
        actor: "agent".into(),
    };
    let resumption = gait_evidence::job::Resumption {
        actor: "agent".into(),
        environment_fingerprint: "envfp:elsewhere".into(),
        allow_environment_mismatch: true,
        ..Default::default()
    };
    type Step<'a> = &'a dyn Fn(&JobState, &Timestamp) -> Result<Mutation, gait_evidence::job::JobError>;
    let plan = draft(CheckpointType::Plan, "plan", "");
    let decision = draft(CheckpointType::DecisionNeeded, "which?", "choose");
    let steps: [Step<'_>; 5] = [
        &|state, now| state.add_checkpoint(&plan, Mode::Strict, now),
        &|state, now| state.add_checkpoint(&decision, Mode::Strict, now),
        &|state, now| state.approve("boss", "fine", now),
        &|state, now| state.resume(&resumption, now),
        &|state, now| state.pause("agent", now),
    ];
    let Mutation { updated: mut state, event, .. } = submission.mutation(&at("2026-04-01T08:00:00.5Z")).unwrap();
    let mut events = vec![event];
    for (minute, step) in (1..).zip(steps) {
        let mutation = step(&state, &at(&format!("2026-04-01T08:0{minute}:00Z"))).unwrap();
        state = mutation.updated;
        events.push(mutation.event);
    }
    (state, events)
}

pub(crate) fn job_pack(key: Option<&SigningKey>) -> BuiltPack {
    let (state, events) = job();
    pack::build_job_pack(state, &events, "", &options(key)).unwrap()
}

pub(crate) const EVENTS: [(&str, &str); 7] = [
    ("asr.final", ""),
    ("commitment.declared", r#","commitment_class":"refund""#),
    ("gate.decision", r#","commitment_class":"refund""#),
    ("tts.request", r#","commitment_class":"refund","say_token_id":"tok_1""#),
    ("tts.emitted", r#","commitment_class":"refund","say_token_id":"tok_1""#),
    ("tool.intent", ""),
    ("tool.result", ""),
];

/// A call in which a refund was allowed and spoken.
pub(crate) fn call() -> String {
    let event = |(seq, (kind, more)): (usize, &(&str, &str))| {
        format!(
            r#"{{"created_at":"2026-05-01T10:00:0{seq}Z","call_id":"call_a","call_seq":{seq},"turn_index":0,"event_type":"{kind}"{more}}}"#
        )
    };
    let events: Vec<_> = (1..).zip(&EVENTS).map(event).collect();
    format!(
        r#"{{"created_at":"2026-05-01T10:00:00Z","call_id":"call_a","runpack_path":"r.zip","events":[{}],
        "commitments":[{{"created_at":"2026-05-01T10:00:02Z","call_id":"call_a","turn_index":0,"call_seq":2,"commitment_class":"refund",
            "context":{{"identity":"agent","workspace":"/w","risk_class":"low"}},"currency":"EUR","refund_ceiling_cents":500}}],
        "gate_decisions":[{{"call_id":"call_a","call_seq":3,"turn_index":0,"commitment_class":"refund","verdict":"allow"}}],
        "speak_receipts":[{{"call_id":"call_a","call_seq":5,"turn_index":0,"commitment_class":"refund","say_token_id":"tok_1",
            "spoken_digest":"{}","emitted_at":"2026-05-01T10:00:05Z"}}],
        "reference_digests":[{{"ref_id":"kb","sha256":"{}"}}],"environment_fingerprint":"envfp:call"}}"#,
        events.join(","),
        "e".repeat(64),
        "f".repeat(64),
    )
}

pub(crate) fn call_pack(key: Option<&SigningKey>) -> BuiltPack {
    let record = CallRecord::parse(call().as_bytes(), Mode::Strict).unwrap();
    pack::build_call_pack(record, runpack(RUN), &options(key)).unwrap()
}

pub(crate) const TRACE: &str = r#"{"schema_id":"gait.gate.trace","schema_version":"1.0.0","trace_id":"trace_a","policy_digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","verdict":"allow"}"#;

pub(crate) fn authorization_pack(key: Option<&SigningKey>) -> BuiltPack {
    let bundle = format!(
        r#"{{"schema_id":"gait.gate.authorization_bundle","schema_version":"1.0.0","created_at":"2026-05-02T00:00:00Z","producer_version":"9.9",
            "trace_id":"trace_a","policy_digest":"{}","intent_digest":"{}","trace_path":"ev/trace.json","outcome_path":"ev/out.txt","outcome_status":"allow"}}"#,
        "a".repeat(64),
        "b".repeat(64),
    );
    let read = |path: &str| match path {
        "ev/trace.json" => Ok(TRACE.as_bytes().to_vec()),
        "ev/out.txt" => Ok(b"done".to_vec()),
        _ => Err("no such file"),
    };
    pack::build_authorization_pack(bundle.as_bytes(), &read, &options(key)).unwrap()
}

/// A small pack of each type.
pub(crate) fn each(key: Option<&SigningKey>) -> [(PackType, BuiltPack); 4] {
    [
        (PackType::Run, run_pack(key)),
        (PackType::Job, job_pack(key)),
        (PackType::Call, call_pack(key)),
        (PackType::Authorization, authorization_pack(key)),
    ]
}

pub(crate) fn verify(bytes: &[u8], mode: Mode) -> Result<Verification, PackError> {
    pack::verify(Cursor::new(bytes), &VerifyOptions { mode, ..VerifyOptions::default() })
}

/// Verifies with the key of [`key`], which must have signed everything.
pub(crate) fn verify_signed(bytes: &[u8], mode: Mode) -> Result<Verification, PackError> {
    let key = key();
    let options =
        VerifyOptions { key: Some(key.verifying_key()), require_signature: true, mode, ..VerifyOptions::default() };
    pack::verify(Cursor::new(bytes), &options)
}

pub(crate) fn passes(outcome: Result<Verification, PackError>) -> bool {
    outcome.is_ok_and(|found| found.ok())
}

/// Entries by name, with their content.
pub(crate) type Entries = Vec<(String, Vec<u8>)>;

pub(crate) fn entries(bytes: &[u8]) -> Entries {
    let mut archive = ArchiveReader::from_bytes(bytes, Limits::default()).unwrap();
    let names: Vec<String> =
        archive.entries().iter().map(|entry| String::from_utf8(entry.name().to_vec()).unwrap()).collect();
    names.into_iter().enumerate().map(|(at, name)| (name, archive.read(at).unwrap())).collect()
}

pub(crate) fn zipped(entries: &Entries) -> Vec<u8> {
    let files: Vec<_> = entries.iter().map(|(path, content)| Entry::new(path, content)).collect();
    let mut bytes = Vec::new();
    write_archive(&files, &mut bytes).unwrap();
    bytes
}

/// As [`zipped`], uncompressed and by another writer.
pub(crate) fn stored(entries: &Entries) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in entries {
        writer.start_file(name.as_str(), options).unwrap();
        std::io::Write::write_all(&mut writer, content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn content<'e>(entries: &'e mut Entries, path: &str) -> &'e mut Vec<u8> {
    &mut entries.iter_mut().find(|(name, _)| name == path).expect(path).1
}

/// The pack that a forger without a key makes of changed entries: manifest and id anew, proof records as they are.
pub(crate) fn redeclared(mut entries: Entries) -> Vec<u8> {
    let mut manifest = Manifest::parse(content(&mut entries, MANIFEST_PATH), Mode::Strict).unwrap();
    let declared = entries.iter().filter(|(path, _)| path != MANIFEST_PATH).map(|(path, content)| PackEntry {
        path: path.clone(),
        sha256: sha256(content).to_hex(),
        kind: entry_type(path).to_owned(),
    });
    let mut contents: Vec<_> = declared.collect();
    contents.sort_by(|a, b| a.path.cmp(&b.path));
    manifest.contents = Some(contents);
    manifest.signatures.clear();
    sealed(entries, manifest)
}

/// The same with another manifest, whose id is made right.
pub(crate) fn sealed(mut entries: Entries, mut manifest: Manifest) -> Vec<u8> {
    manifest.pack_id = manifest.computed_id().unwrap().to_hex();
    *content(&mut entries, MANIFEST_PATH) = jcs::to_canonical(&manifest).unwrap();
    stored(&entries)
}

/// As [`redeclared`], with proof records that tell what is there.
pub(crate) fn reproven(mut entries: Entries) -> Vec<u8> {
    let manifest = Manifest::parse(content(&mut entries, MANIFEST_PATH), Mode::Strict).unwrap();
    let mut sorted: Vec<_> =
        entries.iter().filter(|(path, _)| ![MANIFEST_PATH, PROOF_RECORDS_PATH].contains(&path.as_str())).collect();
    sorted.sort();
    let mut chain = ProofChain::new(None);
    for (path, bytes) in sorted {
        let event: Map = [
            ("pack_type", Value::from(manifest.pack_type.as_str())),
            ("source_ref", Value::from(manifest.source_ref.as_str())),
            ("producer_version", Value::from(manifest.producer_version.as_str())),
            ("entry_path", Value::from(path.as_str())),
            ("entry_type", Value::from(entry_type(path))),
            ("entry_sha256", Value::from(sha256(bytes).to_hex())),
            ("entry_size_bytes", Value::from(i64::try_from(bytes.len()).unwrap())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let draft = ProofDraft {
            source: "forger".into(),
            source_product: "forger".into(),
            record_type: "tool_invocation".into(),
            event: Some(event),
            ..ProofDraft::default()
        };
        chain.append(draft, &Timestamp::EPOCH_1980).unwrap();
    }
    *content(&mut entries, PROOF_RECORDS_PATH) = chain.into_lines();
    redeclared(entries)
}
