//! The embedded runpack, examined without holding it in memory.

use std::io::{Read, Seek, SeekFrom, Write};

use gait_base::digest::sha256;
use gait_gate::mode::Mode;

use super::MAX_DOCUMENT_BYTES;
use crate::archive::{ArchiveReader, Limits};
use crate::error::EvidenceError;
use crate::pack::entries::Entries;
use crate::pack::error::SourceFault;
use crate::pack::manifest::SOURCE_PATH;
use crate::pack::payload::{RUN_PAYLOAD_PATH, RunPayload, count};
use crate::pack::run::{CONTEXT_ENVELOPE_PATH, context_envelope, run_payload_of};
use crate::pack::workspace::Workspace;
use crate::pack::{PackError, PackFault};
use crate::runpack::{
    self, EntryDigests, INTENTS_PATH, IntentRecord, MANIFEST_PATH, Manifest, REFS_PATH, RESULTS_PATH, RUN_PATH, Refs,
    ResultRecord, Run, VerifyOptions, check_evidence,
};

/// What an embedded runpack that holds tells.
pub(super) struct SourceFacts {
    manifest: Manifest,
    run: Run,
    refs: Refs,
    intents: usize,
    results: usize,
}

/// Verifies the embedded runpack by the strict rules, and gathers what the pack must say of it.
pub(super) fn examine<R: Read + Seek, W: Workspace>(
    entries: &mut Entries<'_, R>,
    limits: Limits,
    workspace: &W,
) -> Result<SourceFacts, PackError> {
    let index = entries.require(SOURCE_PATH)?;
    let size = entries.archive.entries().get(index).map_or(0, crate::archive::ArchiveEntry::size);
    let mut scratch = workspace.scratch(size).map_err(EvidenceError::Source)?;
    let mut written = Ok(());
    entries.archive.stream(index, |bytes| {
        if written.is_ok() {
            written = scratch.write_all(bytes);
        }
    })?;
    written.and_then(|()| scratch.seek(SeekFrom::Start(0)).map(|_| ())).map_err(EvidenceError::Source)?;

    // Which documents are there is verified first; they are then read one by one, a line at a time.
    let options = VerifyOptions { key: None, require_signature: false, mode: Mode::Compat, limits };
    let found = runpack::verify(&mut scratch, &options).map_err(SourceFault::Runpack).map_err(PackFault::Source)?;
    if !found.is_intact() || !found.undeclared_files.is_empty() {
        let fault = SourceFault::Damaged {
            missing: found.missing_files.len(),
            mismatches: found.hash_mismatches.len(),
            undeclared: found.undeclared_files.len(),
        };
        return Err(PackFault::Source(fault).into());
    }
    facts(&mut scratch, limits)
}

fn facts<S: Read + Seek>(scratch: &mut S, limits: Limits) -> Result<SourceFacts, PackError> {
    let mut archive = ArchiveReader::open(scratch, limits)?;
    let mut source = Entries { archive: &mut archive, digests: EntryDigests::default(), mode: Mode::Strict };
    let manifest: Manifest = source.document(MANIFEST_PATH, MAX_DOCUMENT_BYTES)?;
    let run: Run = source.document(RUN_PATH, MAX_DOCUMENT_BYTES)?;
    let mut refs: Refs = source.document(REFS_PATH, MAX_DOCUMENT_BYTES)?;
    let intents = source.documents(INTENTS_PATH, |_, _: IntentRecord| Ok(()))?;
    let results = source.documents(RESULTS_PATH, |_, _: ResultRecord| Ok(()))?;
    refs.normalize().map_err(SourceFault::Context).map_err(PackFault::Source)?;
    check_evidence(&refs).map_err(SourceFault::Runpack).map_err(PackFault::Source)?;
    Ok(SourceFacts { manifest, run, refs, intents, results })
}

impl SourceFacts {
    /// The run, as the runpack's `run.json` names it.
    pub(super) fn run_id(&self) -> &str {
        &self.run.run_id
    }

    /// The payload must be the one that the builder makes of this runpack.
    pub(super) fn check_payload(&self, payload: &RunPayload) -> Result<(), PackError> {
        let Self { manifest, run, refs, intents, results } = self;
        let expected = run_payload_of(
            &run.run_id,
            &run.created_at,
            &manifest.capture_mode,
            &manifest.manifest_digest,
            refs,
            |payload| {
                payload.intents_count = count(*intents);
                payload.results_count = count(*results);
            },
        )?;
        let same_time = payload.created_at.cmp_instant(&expected.created_at).is_eq();
        for (member, same) in [
            ("created_at", same_time),
            ("run_id", payload.run_id == expected.run_id && manifest.run_id == expected.run_id),
            ("capture_mode", payload.capture_mode == expected.capture_mode),
            ("manifest_digest", payload.manifest_digest.trim().eq_ignore_ascii_case(&expected.manifest_digest)),
            ("intents_count", payload.intents_count == expected.intents_count),
            ("results_count", payload.results_count == expected.results_count),
            ("refs_count", payload.refs_count == expected.refs_count),
            (
                "context_set_digest",
                payload.context_set_digest.trim().eq_ignore_ascii_case(&expected.context_set_digest),
            ),
            ("context_ref_count", payload.context_ref_count == expected.context_ref_count),
            ("context_evidence_mode", payload.context_evidence_mode == expected.context_evidence_mode),
            ("context_privacy_mode", payload.context_privacy_mode == expected.context_privacy_mode),
        ] {
            if !same {
                return Err(PackFault::Source(SourceFault::Differs { entry: RUN_PAYLOAD_PATH, member }).into());
            }
        }
        Ok(())
    }

    /// The envelope must be the one that follows from the references, and be there if there are any.
    pub(super) fn check_envelope<R: Read + Seek>(&self, entries: &mut Entries<'_, R>) -> Result<(), PackError> {
        let found = entries.archive.find(CONTEXT_ENVELOPE_PATH);
        let same = match found {
            None => self.refs.receipts.is_empty(),
            Some(_) if self.refs.receipts.is_empty() => false,
            Some(index) => {
                let expected = match context_envelope(&self.refs) {
                    Ok(expected) => expected,
                    Err(PackError::Context(error)) => {
                        return Err(PackFault::Source(SourceFault::Context(error)).into());
                    }
                    Err(error) => return Err(error),
                };
                entries.digest(index)? == sha256(&expected)
            }
        };
        if same {
            return Ok(());
        }
        let fault = SourceFault::Differs { entry: CONTEXT_ENVELOPE_PATH, member: "context evidence" };
        Err(PackFault::Source(fault).into())
    }
}
