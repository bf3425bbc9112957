//! Runpacks for the tests, and archives that only look like runpacks.

use std::collections::BTreeMap;
use std::io::Cursor;

use gait_base::digest::sha256;
use gait_base::jcs;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_evidence::archive::{Entry, write_archive};
use gait_evidence::runpack::{
    self, INTENTS_PATH, MANIFEST_PATH, MANIFEST_SCHEMA, Manifest, ManifestFile, REFS_PATH, RESULTS_PATH, RUN_PATH,
    RecordOptions, RunpackDraft, RunpackError, SCHEMA_VERSION, Verification, VerifyOptions,
};
use gait_gate::mode::Mode;

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

/// A draft from its JSON.
pub(crate) fn draft(text: &str) -> RunpackDraft {
    RunpackDraft::parse(text.as_bytes(), Mode::Strict).expect("a draft").0
}

pub(crate) fn small() -> RunpackDraft {
    draft(
        r#"{"run": {"run_id": "run_a", "created_at": "2026-03-01T10:00:00Z", "timeline": [{"event": "start", "ts": "2026-03-01T10:00:00Z"}]},
            "intents": [{"intent_id": "i1", "tool_name": "tool.echo", "args": {"message": "hi", "input_ref": "ref_1"}}],
            "results": [{"intent_id": "i1", "status": "error", "result": {"verdict": "allow"}}],
            "refs": {"receipts": [{"ref_id": "ref_1", "source_type": "s", "source_locator": "l", "redaction_mode": "reference",
                "query_digest": "aa", "content_digest": "bb"}]},
            "capture_mode": "raw"}"#,
    )
}

pub(crate) fn recorded(draft: RunpackDraft, key: Option<&SigningKey>) -> Vec<u8> {
    runpack::record(draft, &RecordOptions { now: Timestamp::EPOCH_1980, signing_key: key }).expect("a runpack").bytes
}

/// An archive of these entries with a manifest that lists `listed` of them, digests and all.
pub(crate) fn sealed(entries: &[(&str, &[u8])], listed: &[&str]) -> Vec<u8> {
    let digests: BTreeMap<_, _> = entries.iter().map(|(name, content)| (*name, sha256(content).to_hex())).collect();
    let file = |path: &&str| ManifestFile {
        path: (*path).to_owned(),
        sha256: digests.get(path).cloned().unwrap_or_else(|| sha256(b"").to_hex()),
    };
    let mut manifest = Manifest {
        schema_id: MANIFEST_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        run_id: "run_a".to_owned(),
        capture_mode: "reference".to_owned(),
        files: Some(listed.iter().map(file).collect()),
        ..Manifest::default()
    };
    manifest.manifest_digest = manifest.digest().unwrap().to_hex();
    let manifest = jcs::to_canonical(&manifest).unwrap();
    let mut all: Vec<_> = entries.iter().map(|(path, content)| Entry::new(path, content)).collect();
    all.push(Entry::new(MANIFEST_PATH, &manifest));
    let mut bytes = Vec::new();
    write_archive(&all, &mut bytes).unwrap();
    bytes
}

/// The four entries that every runpack has, without content worth the name.
pub(crate) const REQUIRED: [(&str, &[u8]); 4] =
    [(INTENTS_PATH, b""), (REFS_PATH, b"{}"), (RESULTS_PATH, b""), (RUN_PATH, br#"{"run_id":"run_a"}"#)];

pub(crate) const REQUIRED_NAMES: [&str; 4] = [INTENTS_PATH, REFS_PATH, RESULTS_PATH, RUN_PATH];

pub(crate) fn verify(bytes: &[u8], mode: Mode) -> Result<Verification, RunpackError> {
    runpack::verify(Cursor::new(bytes), &VerifyOptions { mode, ..VerifyOptions::default() })
}

/// Verifies with the key of [`key`], which must have signed.
pub(crate) fn verify_signed(bytes: &[u8], mode: Mode) -> Result<Verification, RunpackError> {
    let key = key();
    let options =
        VerifyOptions { key: Some(key.verifying_key()), require_signature: true, mode, ..VerifyOptions::default() };
    runpack::verify(Cursor::new(bytes), &options)
}
