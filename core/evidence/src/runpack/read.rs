//! Reading a runpack whose entries are what its manifest says (04 §6.3).

use std::io::{Read, Seek};

use gait_base::digest::sha256;
use gait_base::json::{self, Decode, Reading};
use gait_gate::authority::context_envelope::REQUIRED;
use gait_gate::mode::Mode;

use super::document::{
    INTENTS_PATH, IntentRecord, Manifest, REFS_PATH, REQUIRED_PATHS, RESULTS_PATH, RUN_PATH, ResultRecord, Run,
};
use super::integrity::{EntryDigests, mismatch};
use super::verify::{Opened, open, unlisted_required};
use super::{Refs, RunpackError};
use crate::archive::{ArchiveReader, Limits};

/// The longest line of `intents.jsonl` and `results.jsonl`, in bytes.
pub const MAX_LINE_BYTES: usize = 10 << 20;

/// The documents of a runpack.
#[derive(Clone, Debug, PartialEq)]
pub struct Runpack {
    /// The manifest.
    pub manifest: Manifest,
    /// The run.
    pub run: Run,
    /// Its intents, in order.
    pub intents: Vec<IntentRecord>,
    /// Its results, in order.
    pub results: Vec<ResultRecord>,
    /// What the agent had read, in normal form.
    pub refs: Refs,
}

/// Reads a runpack within the default limits. Its digests are checked, its signatures are not looked at; strict mode
/// refuses entries that the manifest does not list and documents that are not exactly as the contract has them.
///
/// # Errors
/// [`RunpackError`].
pub fn read<R: Read + Seek>(source: R, mode: Mode) -> Result<Runpack, RunpackError> {
    read_within(source, mode, Limits::default())
}

/// As [`read`], with other limits.
///
/// # Errors
/// [`RunpackError`].
pub fn read_within<R: Read + Seek>(source: R, mode: Mode, limits: Limits) -> Result<Runpack, RunpackError> {
    let (mut archive, Opened { manifest, index, .. }) = open(source, limits, mode)?;
    if mode.is_strict() {
        let undeclared = super::verify::undeclared(&archive, &manifest, index);
        if !undeclared.is_empty() {
            return Err(RunpackError::Undeclared(undeclared));
        }
    }
    documents(&mut archive, manifest, mode)
}

/// Reads the entries one at a time: each is inflated once, hashed, parsed and let go.
pub(super) fn documents<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    manifest: Manifest,
    mode: Mode,
) -> Result<Runpack, RunpackError> {
    for path in REQUIRED_PATHS {
        if archive.find(path).is_none() {
            return Err(RunpackError::EntryMissing(path));
        }
    }
    let listed = || manifest.listed().iter().map(|file| (file.path.as_str(), file.sha256.as_str()));
    let mut missing: Vec<_> =
        listed().map(|(path, _)| path.to_owned()).filter(|path| archive.find(path).is_none()).collect();
    missing.extend(unlisted_required(&manifest));
    if !missing.is_empty() {
        missing.sort();
        return Err(RunpackError::FilesMissing(missing));
    }

    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    let reading = Reading { max_bytes: 100 << 20, max_values: 8 << 20, ..reading };
    let mut digests = EntryDigests::default();
    let run: Result<Run, _> =
        content(archive, &mut digests, RUN_PATH).map(|bytes| document(&bytes, RUN_PATH, reading))?;
    let intents: Result<Vec<IntentRecord>, _> =
        content(archive, &mut digests, INTENTS_PATH).map(|bytes| lines(&bytes, "intents", reading))?;
    let results: Result<Vec<ResultRecord>, _> =
        content(archive, &mut digests, RESULTS_PATH).map(|bytes| lines(&bytes, "results", reading))?;
    let refs: Result<Refs, _> =
        content(archive, &mut digests, REFS_PATH).map(|bytes| document(&bytes, REFS_PATH, reading))?;
    // What cannot be parsed is told only of content that is what the manifest says.
    let (_, mismatches) = digests.compare(archive, listed())?;
    if !mismatches.is_empty() || mismatch("", &manifest.manifest_digest, &manifest.digest()?).is_some() {
        return Err(RunpackError::HashMismatch);
    }
    let (run, intents, results, mut refs) = (run?, intents?, results?, refs?);
    refs.normalize()?;
    check_evidence(&refs)?;
    Ok(Runpack { manifest, run, intents, results, refs })
}

/// Refuses references that promise evidence and have no digest of it.
///
/// # Errors
/// [`RunpackError::ContextDigestMissing`].
pub fn check_evidence(refs: &Refs) -> Result<(), RunpackError> {
    if refs.context_evidence_mode == REQUIRED && refs.context_set_digest.trim().is_empty() {
        return Err(RunpackError::ContextDigestMissing);
    }
    Ok(())
}

/// The content of an entry, its digest taken note of.
fn content<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    digests: &mut EntryDigests,
    path: &'static str,
) -> Result<Vec<u8>, RunpackError> {
    let index = archive.find(path).ok_or(RunpackError::EntryMissing(path))?;
    let bytes = archive.read(index)?;
    digests.know(index, sha256(&bytes));
    Ok(bytes)
}

fn document<T: Decode + Default>(bytes: &[u8], path: &'static str, reading: Reading) -> Result<T, RunpackError> {
    json::decode(bytes, reading).map_err(|source| RunpackError::Document { path, source })
}

/// Reads a document a line; blank lines count but hold none.
fn lines<T: Decode + Default>(bytes: &[u8], what: &'static str, reading: Reading) -> Result<Vec<T>, RunpackError> {
    let mut records = Vec::new();
    for (at, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = at + 1;
        if text.len() > MAX_LINE_BYTES {
            return Err(RunpackError::LineTooLong { what, line, limit: MAX_LINE_BYTES });
        }
        let text = trim(text);
        if !text.is_empty() {
            let record = json::decode(text, reading).map_err(|source| RunpackError::Line { what, line, source })?;
            records.push(record);
        }
    }
    Ok(records)
}

/// A line without white space at its ends.
fn trim(line: &[u8]) -> &[u8] {
    std::str::from_utf8(line).map_or_else(|_| line.trim_ascii(), |text| text.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intents(text: &str) -> Result<Vec<IntentRecord>, RunpackError> {
        lines(text.as_bytes(), "intents", Reading { max_bytes: 100 << 20, ..Reading::COMPAT })
    }

    #[test]
    fn blank_lines_count_and_hold_nothing() {
        assert_eq!(intents("").unwrap().len(), 0);
        assert_eq!(intents("  \r\n\n{\"intent_id\":\"i\"}\u{a0}\n{}").unwrap().len(), 2);
        assert!(matches!(intents("{}\n\n{"), Err(RunpackError::Line { line: 3, .. })));
        assert!(matches!(intents("{}{}"), Err(RunpackError::Line { line: 1, .. })));
    }

    #[test]
    fn ten_mebibytes_are_the_longest_line() {
        let line = format!("{{}}\n{}{{}}", " ".repeat(MAX_LINE_BYTES - 2));
        assert_eq!(intents(&line).unwrap().len(), 2);
        assert!(matches!(intents(&format!("{line} ")), Err(RunpackError::LineTooLong { line: 2, .. })));
    }
}
