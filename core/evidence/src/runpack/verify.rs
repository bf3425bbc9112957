//! Whether a runpack is what its manifest says (04 §6.2).

use std::io::{Read, Seek};

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{self, Reading, Value};
use gait_base::key::VerifyingKey;
use gait_gate::mode::Mode;

use super::document::{MANIFEST_PATH, MANIFEST_SCHEMA, Manifest, REQUIRED_PATHS, SCHEMA_VERSION};
use super::integrity::{EntryDigests, HashMismatch, SignatureReport, mismatch};
use super::{RunpackError, read};
use crate::archive::{ArchiveReader, Limits};

/// The code of an archive with two entries of one name.
pub const DUPLICATE_ENTRIES: &str = "runpack_duplicate_entries";

/// How a runpack is verified.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// Checks signatures with this key.
    pub key: Option<&'a VerifyingKey>,
    /// Whether a signature must hold.
    pub require_signature: bool,
    /// Strict: only listed entries, and every document must be readable by the strict rules (00 D8).
    pub mode: Mode,
    /// How much of an archive is acceptable.
    pub limits: Limits,
}

/// The strict mode of 00 D8, without key.
impl Default for VerifyOptions<'_> {
    fn default() -> Self {
        Self { key: None, require_signature: false, mode: Mode::Strict, limits: Limits::default() }
    }
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a runpack that does not hold is no error"]
pub struct Verification {
    /// The run that the manifest names.
    pub run_id: String,
    /// The digest that the manifest names.
    pub manifest_digest: String,
    /// How many entries the manifest lists.
    pub files_checked: usize,
    /// Listed or required entries that are not there or not listed, sorted.
    pub missing_files: Vec<String>,
    /// Entries with another digest than listed, the manifest itself included, sorted by path.
    pub hash_mismatches: Vec<HashMismatch>,
    /// Entries that are not listed, sorted. Only strict verification minds them.
    pub undeclared_files: Vec<String>,
    /// The signatures.
    pub signatures: SignatureReport,
    require_signature: bool,
    mode: Mode,
}

impl Verification {
    /// Whether the runpack holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.is_intact()
            && self.signatures.status.is_acceptable(self.require_signature)
            && (!self.mode.is_strict() || self.undeclared_files.is_empty())
    }

    /// Whether the listed entries are there as listed, whatever the signatures say.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.missing_files.is_empty() && self.hash_mismatches.is_empty()
    }
}

/// Verifies a runpack. What does not hold is told in the outcome; errors are for what is no runpack at all.
///
/// # Errors
/// [`RunpackError`]: no archive or one beyond the limits, repeated entries (a verification failure), an unusable
/// manifest, entries that cannot be inflated; in strict mode documents that cannot be read.
pub fn verify<R: Read + Seek>(source: R, options: &VerifyOptions<'_>) -> Result<Verification, RunpackError> {
    let (mut archive, opened) = open(source, options.limits, options.mode)?;
    let Opened { manifest, raw, index } = opened;
    let listed = manifest.listed().iter().map(|file| (file.path.as_str(), file.sha256.as_str()));
    let (mut missing_files, mut hash_mismatches) = EntryDigests::default().compare(&mut archive, listed)?;
    missing_files.extend(unlisted_required(&manifest));
    missing_files.sort();
    hash_mismatches.extend(mismatch(MANIFEST_PATH, &manifest.manifest_digest, &manifest.digest()?));
    hash_mismatches.sort_by(|a, b| a.path.cmp(&b.path));
    let signatures =
        SignatureReport::check(&manifest.signatures, options.key, options.require_signature, || signable(&raw))?;
    let undeclared_files = undeclared(&archive, &manifest, index);
    let verification = Verification {
        files_checked: manifest.listed().len(),
        run_id: manifest.run_id.clone(),
        manifest_digest: manifest.manifest_digest.clone(),
        missing_files,
        hash_mismatches,
        undeclared_files,
        signatures,
        require_signature: options.require_signature,
        mode: options.mode,
    };
    if options.mode.is_strict() && verification.is_intact() {
        read::documents(&mut archive, manifest, options.mode)?;
    }
    Ok(verification)
}

/// A manifest that was found and read.
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    /// Its bytes.
    pub(super) raw: Vec<u8>,
    /// Its place in the archive.
    pub(super) index: usize,
}

/// Opens an archive, and reads its manifest.
pub(super) fn open<R: Read + Seek>(
    source: R,
    limits: Limits,
    mode: Mode,
) -> Result<(ArchiveReader<R>, Opened), RunpackError> {
    let mut archive = ArchiveReader::open(source, limits)?;
    archive.refuse_duplicates(DUPLICATE_ENTRIES)?;
    let index = archive.find(MANIFEST_PATH).ok_or(RunpackError::EntryMissing(MANIFEST_PATH))?;
    let raw = archive.read(index)?;
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    let manifest: Manifest = json::decode(&raw, reading).map_err(malformed)?;
    if manifest.schema_id != MANIFEST_SCHEMA {
        return Err(RunpackError::ManifestSchemaId);
    }
    if manifest.schema_version != SCHEMA_VERSION {
        return Err(RunpackError::ManifestSchemaVersion);
    }
    if manifest.run_id.is_empty() {
        return Err(RunpackError::ManifestRunId);
    }
    Ok((archive, Opened { manifest, raw, index }))
}

const fn malformed(source: json::JsonError) -> RunpackError {
    RunpackError::Document { path: MANIFEST_PATH, source }
}

/// The required entries that the manifest does not list.
pub(super) fn unlisted_required(manifest: &Manifest) -> impl Iterator<Item = String> + '_ {
    REQUIRED_PATHS
        .into_iter()
        .filter(|path| !manifest.listed().iter().any(|file| file.path == *path))
        .map(str::to_owned)
}

/// The digest that signatures should be over: of the manifest as it stands, unknown members included.
fn signable(raw: &[u8]) -> Result<Digest, RunpackError> {
    let mut document = json::parse(raw, Reading::COMPAT).map_err(malformed)?;
    if let Value::Object(members) = &mut document {
        members.remove("signatures");
    }
    Ok(jcs::digest_of(&document)?)
}

/// The names of entries that are neither listed nor the manifest, sorted.
pub(super) fn undeclared<R: Read + Seek>(archive: &ArchiveReader<R>, manifest: &Manifest, index: usize) -> Vec<String> {
    let mut listed: Vec<&[u8]> = manifest.listed().iter().map(|file| file.path.as_bytes()).collect();
    listed.sort_unstable();
    let entries = archive.entries().iter().enumerate().filter(|(at, _)| *at != index).map(|(_, entry)| entry.name());
    let unlisted = entries.filter(|name| listed.binary_search(name).is_err());
    let mut names: Vec<_> = unlisted.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    names
}
