//! Packs of runs: the runpack, what it says in short, and its context evidence (05 §3.1).

use std::io::{Cursor, Read, Seek};

use gait_base::jcs;
use gait_base::time::Timestamp;

use super::PackError;
use super::manifest::{PackType, SCHEMA_VERSION, SOURCE_PATH};
use super::payload::{RUN_PAYLOAD_PATH, RUN_SCHEMA, RunPayload, count};
use super::seal::{BuildOptions, BuiltPack, Contents};
use crate::archive::{ArchiveReader, ArchiveWriter, Entry, Limits};
use crate::runpack::{self, DUPLICATE_ENTRIES, Receipt, Refs, Runpack, RunpackError};

/// Place of the context envelope in the archive.
pub const CONTEXT_ENVELOPE_PATH: &str = "context_envelope.json";

/// Packs a runpack. The runpack is written anew in its deterministic form, entries that it does not list included.
///
/// # Errors
/// [`PackError`]: a runpack that does not hold, references that make no envelope, repeated entries (a verification
/// failure).
pub fn build_run_pack<R: Read + Seek>(source: R, options: &BuildOptions<'_>) -> Result<BuiltPack, PackError> {
    let source = rewritten(source)?;
    let runpack = runpack::read(Cursor::new(&source), options.mode)?;
    let mut entries = vec![(RUN_PAYLOAD_PATH.to_owned(), jcs::to_canonical(&run_payload(&runpack)?)?)];
    if !runpack.refs.receipts.is_empty() {
        entries.push((CONTEXT_ENVELOPE_PATH.to_owned(), context_envelope(&runpack.refs)?));
    }
    entries.push((SOURCE_PATH.to_owned(), source));
    Contents { kind: PackType::Run, source_ref: runpack.run.run_id, entries }.seal(options)
}

/// The archive as this library writes it: its files by name, fixed times, modes by their execute bits.
fn rewritten<R: Read + Seek>(source: R) -> Result<Vec<u8>, PackError> {
    let mut archive = ArchiveReader::open(source, Limits::default())?;
    archive.refuse_duplicates(DUPLICATE_ENTRIES)?;
    let mut files = Vec::with_capacity(archive.entries().len());
    for index in 0..archive.entries().len() {
        let Some(entry) = archive.entries().get(index).filter(|entry| !entry.is_folder()) else { continue };
        let (name, mode) = (entry.name().to_vec(), entry.mode());
        files.push((name, mode, archive.read(index)?));
    }
    let entries: Vec<_> =
        files.iter().map(|(name, mode, contents)| Entry { path: name, contents, mode: *mode }).collect();
    let mut bytes = Vec::new();
    ArchiveWriter::new().write(&entries, &mut bytes)?;
    if bytes.is_empty() {
        return Err(RunpackError::EntryMissing(runpack::MANIFEST_PATH).into());
    }
    Ok(bytes)
}

/// What a runpack says in short.
///
/// # Errors
/// [`PackError::Time`] for a time that cannot be written in UTC.
pub fn run_payload(runpack: &Runpack) -> Result<RunPayload, PackError> {
    let Runpack { manifest, run, intents, results, refs } = runpack;
    run_payload_of(&run.run_id, &run.created_at, &manifest.capture_mode, &manifest.manifest_digest, refs, |payload| {
        payload.intents_count = count(intents.len());
        payload.results_count = count(results.len());
    })
}

/// As [`run_payload`], for a runpack that is not in memory; `counts` sets the two counts.
pub(super) fn run_payload_of(
    run_id: &str,
    created_at: &Timestamp,
    capture_mode: &str,
    manifest_digest: &str,
    refs: &Refs,
    counts: impl FnOnce(&mut RunPayload),
) -> Result<RunPayload, PackError> {
    let receipts = count(refs.receipts.len());
    let mut payload = RunPayload {
        schema_id: RUN_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: utc_or_epoch(created_at)?,
        run_id: run_id.to_owned(),
        capture_mode: capture_mode.to_owned(),
        manifest_digest: manifest_digest.to_owned(),
        refs_count: receipts,
        context_set_digest: refs.context_set_digest.clone(),
        context_ref_count: receipts,
        context_evidence_mode: refs.context_evidence_mode.clone(),
        context_privacy_mode: context_privacy_mode(refs.receipts.iter().map(redaction)),
        ..RunPayload::default()
    };
    counts(&mut payload);
    Ok(payload)
}

fn redaction(receipt: &Receipt) -> &str {
    &receipt.redaction_mode
}

/// The context envelope of a run, as a pack holds it.
pub(super) fn context_envelope(refs: &Refs) -> Result<Vec<u8>, PackError> {
    let envelope =
        runpack::envelope_of(refs)?.map(gait_gate::authority::context_envelope::VerifiedEnvelope::into_envelope);
    Ok(jcs::to_canonical(&envelope.unwrap_or_default())?)
}

/// What redactions have in common: their one mode, `mixed`, or nothing where there are none.
///
/// ```
/// use gait_evidence::pack::context_privacy_mode;
///
/// assert_eq!(context_privacy_mode([" hash", "hash "]), "hash");
/// assert_eq!(context_privacy_mode(["hash", ""]), "mixed");
/// ```
pub fn context_privacy_mode<'a>(modes: impl IntoIterator<Item = &'a str>) -> String {
    let mut modes = modes.into_iter().map(|mode| match mode.trim() {
        "" => "unknown",
        mode => mode,
    });
    let Some(first) = modes.next() else { return String::new() };
    if modes.all(|mode| mode == first) { first } else { "mixed" }.to_owned()
}

/// A time in UTC; one that was never set is 1980.
pub(super) fn utc_or_epoch(time: &Timestamp) -> Result<Timestamp, PackError> {
    Ok(if time.is_zero() { Timestamp::EPOCH_1980 } else { time.to_utc()? })
}
