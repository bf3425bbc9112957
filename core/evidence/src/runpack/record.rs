//! Recording: from what a program tells of a run to the bytes of its runpack (04 §3).

use std::collections::BTreeMap;

use gait_base::digest::{Digest, sha256};
use gait_base::jcs;
use gait_base::json::{self, Canonical, Encode, EncodeError, Notice, Reading, Value, Writer};
use gait_base::key::SigningKey;
use gait_base::record;
use gait_base::text::folds_to;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::digest::complete_digests;
use super::document::{
    DEFAULT_PRODUCER_VERSION, INTENT_SCHEMA, INTENTS_PATH, IntentRecord, MANIFEST_PATH, MANIFEST_SCHEMA, Manifest,
    ManifestFile, Payload, REFS_PATH, REFS_SCHEMA, RESULT_SCHEMA, RESULTS_PATH, RUN_PATH, RUN_SCHEMA, ResultRecord,
    Run, SCHEMA_VERSION, fill,
};
use super::{Refs, RunpackError};
use crate::archive::{ArchiveWriter, Entry};

/// Capture without args and results.
pub const REFERENCE: &str = "reference";
/// Capture with args and results.
pub const RAW: &str = "raw";

/// Larger inputs of [`RunpackDraft::parse`] are refused, in bytes.
pub const MAX_DRAFT_BYTES: usize = 1 << 30;

record! {
    /// What is to be recorded: the input of `gait run record`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RunpackDraft {
        /// The run; only its id must be given.
        pub run: Run,
        /// Proposed calls, in order.
        pub intents: Vec<IntentRecord>,
        /// What came of them, in order.
        pub results: Vec<ResultRecord>,
        /// What the agent had read.
        pub refs: Refs,
        /// [`REFERENCE`] (also when empty) or [`RAW`].
        pub capture_mode: String,
        /// Payloads that are digested and not kept.
        pub normalization: Normalization,
    }
}

record! {
    /// Payloads by intent id, to derive digests from.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Normalization {
        /// Args of intents: an object or `null`.
        pub intent_args: BTreeMap<String, Value>,
        /// Results of intents: an object or `null`.
        pub result_payloads: BTreeMap<String, Value>,
    }
}

impl RunpackDraft {
    /// Reads a draft, and tells what of it was not kept exactly (00 D11).
    ///
    /// # Errors
    /// [`json::JsonError`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<(Self, Vec<Notice>), json::JsonError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let reading = Reading { max_bytes: MAX_DRAFT_BYTES, max_values: MAX_DRAFT_BYTES / 16, ..reading };
        json::decode_with_notices(bytes, reading)
    }

    /// Gives the run and everything in it another id.
    pub fn set_run_id(&mut self, run_id: &str) {
        let ids = self.intents.iter_mut().map(|intent| &mut intent.run_id);
        let ids = ids.chain(self.results.iter_mut().map(|result| &mut result.run_id));
        for id in ids.chain([&mut self.run.run_id, &mut self.refs.run_id]) {
            run_id.clone_into(id);
        }
    }

    /// Whether there is any payload that a reference capture drops.
    #[must_use]
    pub fn has_payloads(&self) -> bool {
        self.intents.iter().any(|intent| intent.args.has_members())
            || self.results.iter().any(|result| result.result.has_members())
            || !self.normalization.intent_args.is_empty()
            || !self.normalization.result_payloads.is_empty()
    }
}

/// What recording needs besides the draft.
#[derive(Clone, Copy, Debug)]
pub struct RecordOptions<'a> {
    /// The creation time of a run that tells none.
    pub now: Timestamp,
    /// Signs the manifest.
    pub signing_key: Option<&'a SigningKey>,
}

/// A runpack that was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The archive.
    pub bytes: Vec<u8>,
    /// Its manifest.
    pub manifest: Manifest,
}

/// Records a run.
///
/// # Errors
/// [`RunpackError::RunIdMissing`], [`RunpackError::Digest`], [`RunpackError::Refs`], [`RunpackError::Encode`].
///
/// ```
/// use gait_base::time::Timestamp;
/// use gait_evidence::runpack::{self, RecordOptions, RunpackDraft};
/// use gait_gate::mode::Mode;
/// use std::io::Cursor;
///
/// let input = br#"{"run": {"run_id": "run_1"},
///   "intents": [{"intent_id": "i", "tool_name": "tool.echo", "args": {"message": "hi"}}]}"#;
/// let (draft, _) = RunpackDraft::parse(input, Mode::Strict)?;
/// let options = RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None };
/// let recorded = runpack::record(draft, &options)?;
/// let outcome = runpack::verify(Cursor::new(&recorded.bytes), &runpack::VerifyOptions::default())?;
/// assert!(outcome.ok());
/// let runpack = runpack::read(Cursor::new(&recorded.bytes), Mode::Strict)?;
/// assert_eq!(runpack.intents[0].args_digest, runpack::args_digest(br#"{"message":"hi"}"#)?.to_hex());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn record(draft: RunpackDraft, options: &RecordOptions<'_>) -> Result<Recorded, RunpackError> {
    let RunpackDraft { mut run, mut intents, mut results, mut refs, mut capture_mode, normalization } = draft;
    if run.run_id.is_empty() {
        return Err(RunpackError::RunIdMissing);
    }
    apply_defaults(&mut run, &mut intents, &mut results, &mut refs, &options.now);
    complete_digests(&mut intents, &mut results, &mut refs, &normalization)?;
    drop(normalization);
    refs.normalize().map_err(RunpackError::Refs)?;
    fill(&mut capture_mode, REFERENCE);
    if folds_to(&capture_mode, REFERENCE) {
        intents.iter_mut().for_each(|intent| intent.args = Payload::default());
        results.iter_mut().for_each(|result| result.result = Payload::default());
    }

    let intent_lines = to_lines(&intents)?;
    drop(intents);
    let result_lines = to_lines(&results)?;
    drop(results);
    let contents = [
        (INTENTS_PATH, intent_lines),
        (REFS_PATH, jcs::to_canonical(&refs)?),
        (RESULTS_PATH, result_lines),
        (RUN_PATH, jcs::to_canonical(&run)?),
    ];
    let files = contents.iter().map(|(path, bytes)| file(path, sha256(bytes))).collect();
    let manifest = seal(run, capture_mode, files, options.signing_key)?;
    let manifest_bytes = jcs::to_canonical(&manifest)?;

    let mut entries: Vec<_> = contents.iter().map(|(path, bytes)| Entry::new(path, bytes)).collect();
    entries.push(Entry::new(MANIFEST_PATH, &manifest_bytes));
    let mut bytes = Vec::new();
    ArchiveWriter::new().write(&entries, &mut bytes)?;
    Ok(Recorded { bytes, manifest })
}

fn apply_defaults(
    run: &mut Run,
    intents: &mut [IntentRecord],
    results: &mut [ResultRecord],
    refs: &mut Refs,
    now: &Timestamp,
) {
    let fill_time = |time: &mut Timestamp, default: &Timestamp| {
        if time.is_zero() {
            *time = *default;
        }
    };
    fill(&mut run.schema_id, RUN_SCHEMA);
    fill(&mut run.schema_version, SCHEMA_VERSION);
    fill_time(&mut run.created_at, now);
    fill(&mut run.producer_version, DEFAULT_PRODUCER_VERSION);
    run.env.fill();
    for intent in intents {
        fill(&mut intent.schema_id, INTENT_SCHEMA);
        fill(&mut intent.schema_version, SCHEMA_VERSION);
        fill_time(&mut intent.created_at, &run.created_at);
        fill(&mut intent.producer_version, &run.producer_version);
        fill(&mut intent.run_id, &run.run_id);
    }
    for result in results {
        fill(&mut result.schema_id, RESULT_SCHEMA);
        fill(&mut result.schema_version, SCHEMA_VERSION);
        fill_time(&mut result.created_at, &run.created_at);
        fill(&mut result.producer_version, &run.producer_version);
        fill(&mut result.run_id, &run.run_id);
    }
    fill(&mut refs.schema_id, REFS_SCHEMA);
    fill(&mut refs.schema_version, SCHEMA_VERSION);
    fill_time(&mut refs.created_at, &run.created_at);
    fill(&mut refs.producer_version, &run.producer_version);
    fill(&mut refs.run_id, &run.run_id);
}

fn file(path: &str, digest: Digest) -> ManifestFile {
    ManifestFile { path: path.to_owned(), sha256: digest.to_hex() }
}

/// Makes the manifest, with its digest and signature.
fn seal(
    run: Run,
    capture_mode: String,
    files: Vec<ManifestFile>,
    key: Option<&SigningKey>,
) -> Result<Manifest, EncodeError> {
    let mut manifest = Manifest {
        schema_id: MANIFEST_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: run.created_at,
        producer_version: run.producer_version,
        run_id: run.run_id,
        capture_mode,
        files: Some(files),
        manifest_digest: String::new(),
        signatures: Vec::new(),
    };
    manifest.manifest_digest = manifest.digest()?.to_hex();
    if let Some(key) = key {
        manifest.signatures.push(key.sign_digest(&manifest.signable_digest()?));
    }
    Ok(manifest)
}

/// Canonical JSON, a line each.
fn to_lines<T: Encode>(records: &[T]) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    for record in records {
        let mut writer: Writer<'_, _, Canonical> = Writer::new(&mut bytes);
        record.encode(&mut writer);
        writer.finish()?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
