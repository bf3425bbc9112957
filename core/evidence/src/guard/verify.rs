//! Verifying a guard pack offline (05 §11.8).

use std::io::{Read, Seek};

use gait_base::json::{self, Reading};
use gait_base::key::VerifyingKey;
use gait_gate::mode::Mode;

use super::consistency;
use super::document::{MANIFEST_PATH, MANIFEST_SCHEMA, PackManifest, SCHEMA_VERSION, pack_id};
use super::error::GuardError;
use crate::archive::{ArchiveReader, Limits};
use crate::runpack::{EntryDigests, HashMismatch, SignatureReport};

/// The code of an archive with two entries of one name.
pub const DUPLICATE_ENTRIES: &str = "guard_pack_duplicate_entries";

/// How a pack is verified.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// Checks signatures with this key.
    pub key: Option<&'a VerifyingKey>,
    /// Whether a signature must hold.
    pub require_signature: bool,
    /// Strict: the manifest must be of its kind and fit its contents, and list every entry (00 D8).
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
#[must_use = "a pack that does not hold is no error"]
pub struct Verification {
    /// The id in the manifest.
    pub pack_id: String,
    /// The run in the manifest.
    pub run_id: String,
    /// How many entries the manifest lists.
    pub files_checked: usize,
    /// Listed entries that are not there, sorted.
    pub missing_files: Vec<String>,
    /// Entries with another digest than listed, sorted by path.
    pub hash_mismatches: Vec<HashMismatch>,
    /// Entries that are not listed, sorted. Only strict verification minds them.
    pub undeclared_files: Vec<String>,
    /// Strict: where the manifest and the entries contradict one another, one sentence each.
    pub contradictions: Vec<String>,
    /// The signatures.
    pub signatures: SignatureReport,
    require_signature: bool,
    mode: Mode,
}

impl Verification {
    /// Whether the pack holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.missing_files.is_empty()
            && self.hash_mismatches.is_empty()
            && self.contradictions.is_empty()
            && self.signatures.status.is_acceptable(self.require_signature)
            && (!self.mode.is_strict() || self.undeclared_files.is_empty())
    }
}

/// Verifies a pack. What does not hold is told in the outcome; errors are for what is no guard pack at all.
///
/// In compat mode any archive with a `pack_manifest.json` is looked at, whatever kind that is.
///
/// # Errors
/// [`GuardError`]: no archive or one beyond the limits, repeated entries (a verification failure), an unusable manifest,
/// entries that cannot be inflated; in strict mode a manifest of another kind, or with an id that does not fit.
pub fn verify<R: Read + Seek>(source: R, options: &VerifyOptions<'_>) -> Result<Verification, GuardError> {
    let strict = options.mode.is_strict();
    let mut archive = ArchiveReader::open(source, options.limits)?;
    archive.refuse_duplicates(DUPLICATE_ENTRIES)?;
    let index = archive.find(MANIFEST_PATH).ok_or(GuardError::ManifestMissing)?;
    let manifest = read_manifest(&archive.read(index)?, strict)?;

    let listed = manifest.listed().iter().map(|entry| (entry.path.as_str(), entry.sha256.as_str()));
    let (mut missing_files, mut hash_mismatches) = EntryDigests::default().compare(&mut archive, listed)?;
    missing_files.sort();
    hash_mismatches.sort_by(|a, b| a.path.cmp(&b.path));
    let mut signatures = SignatureReport::check(&manifest.signatures, options.key, options.require_signature, || {
        manifest.signable_digest()
    })?;
    if signatures.total == 0 && options.require_signature {
        signatures.errors = vec!["pack manifest has no signatures".to_owned()];
    }
    let undeclared_files = undeclared(&archive, &manifest, index);
    let contradictions = if strict && missing_files.is_empty() && hash_mismatches.is_empty() {
        consistency::contradictions(&mut archive, &manifest)?
    } else {
        Vec::new()
    };
    Ok(Verification {
        files_checked: manifest.listed().len(),
        pack_id: manifest.pack_id,
        run_id: manifest.run_id,
        missing_files,
        hash_mismatches,
        undeclared_files,
        contradictions,
        signatures,
        require_signature: options.require_signature,
        mode: options.mode,
    })
}

fn read_manifest(bytes: &[u8], strict: bool) -> Result<PackManifest, GuardError> {
    let reading = if strict { Reading::STRICT } else { Reading::COMPAT };
    let reading = Reading { max_bytes: super::MAX_EVIDENCE_BYTES, ..reading };
    let manifest: PackManifest = json::decode(bytes, reading).map_err(GuardError::Manifest)?;
    if strict {
        if manifest.schema_id != MANIFEST_SCHEMA || manifest.schema_version != SCHEMA_VERSION {
            return Err(GuardError::ManifestKind);
        }
        let computed = pack_id(&manifest.run_id, manifest.listed())?;
        if manifest.pack_id != computed {
            return Err(GuardError::PackId { declared: manifest.pack_id, computed });
        }
    }
    Ok(manifest)
}

/// The names of entries that are neither listed nor the manifest, sorted.
fn undeclared<R: Read + Seek>(archive: &ArchiveReader<R>, manifest: &PackManifest, index: usize) -> Vec<String> {
    let mut listed: Vec<&[u8]> = manifest.listed().iter().map(|entry| entry.path.as_bytes()).collect();
    listed.sort_unstable();
    let entries = archive.entries().iter().enumerate().filter(|(at, _)| *at != index).map(|(_, entry)| entry.name());
    let unlisted = entries.filter(|name| listed.binary_search(name).is_err());
    let mut names: Vec<_> = unlisted.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    names
}
