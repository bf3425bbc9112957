//! Whether a pack is what its manifest says, and its manifest what packs are (05 §5).

use std::collections::BTreeSet;
use std::io::{Read, Seek};

use gait_base::digest::Digest;
use gait_base::json::{self, Reading};
use gait_base::key::{VerifyingKey, decode_base64, encode_base64};
use gait_base::proof::ProofReport;
use gait_base::record;
use gait_gate::mode::Mode;

use super::contract::{self, Subject};
use super::digest_text::tells;
use super::entries::Entries;
use super::error::VERIFY_FAILED;
use super::manifest::{MANIFEST_PATH, MAX_MANIFEST_BYTES, Manifest, ManifestFault, PROOF_RECORDS_PATH};
use super::proof::{self, Proven};
use super::workspace::{InMemory, Workspace};
use super::{PackError, PackFault};
use crate::archive::{ArchiveReader, Limits};
use crate::runpack::{EntryDigests, HashMismatch, SignatureReport, SignatureStatus};
use crate::{guard, runpack};

/// How a pack is verified.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// Checks signatures with this key.
    pub key: Option<&'a VerifyingKey>,
    /// Whether a signature must hold; with a key, that of every proof record too.
    pub require_signature: bool,
    /// Strict: deep verification (00 D8). Every declared entry has a true proof record, an embedded runpack holds and is
    /// what the payload says, a journal leads to the state beside it, a linked trace is that of the decision.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a pack that does not hold is no error"]
pub struct Verification {
    /// The id in the manifest; of a bare runpack its manifest's digest.
    pub pack_id: String,
    /// The type in the manifest; `run` for a bare runpack, `guard` for a guard pack.
    pub pack_type: String,
    /// The id of what was packed.
    pub source_ref: String,
    /// How many entries are declared.
    pub files_checked: usize,
    /// How many proof records there are.
    pub proof_records_verified: usize,
    /// Declared entries that are not there, sorted.
    pub missing_files: Vec<String>,
    /// Entries with another digest than declared, sorted by path.
    pub hash_mismatches: Vec<HashMismatch>,
    /// Entries that are not declared, sorted. Of bare runpacks and guard packs only strict verification tells them.
    pub undeclared_files: Vec<String>,
    /// Guard packs in strict mode: where manifest and entries contradict one another.
    pub contradictions: Vec<String>,
    /// The signatures of the manifest, and with a required one also those of the proof records.
    pub signatures: SignatureReport,
    /// `runpack` or `guard` for what is older than packs.
    pub legacy_type: Option<&'static str>,
    require_signature: bool,
}

impl Verification {
    /// Whether the pack holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.is_intact() && self.signatures.status.is_acceptable(self.require_signature)
    }

    /// Whether the entries are what the manifest says, whatever the signatures say.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.missing_files.is_empty()
            && self.hash_mismatches.is_empty()
            && self.undeclared_files.is_empty()
            && self.contradictions.is_empty()
    }
}

/// Verifies a pack, a bare runpack or a guard pack. Entries are hashed as they inflate, none is held in memory.
///
/// # Errors
/// [`PackError`]: no archive or one beyond the limits, no manifest; as verification failures repeated entries, a manifest
/// that is none or has another id, proof records or documents that do not hold, in strict mode all that
/// [`VerifyOptions::mode`] tells.
///
/// ```
/// use gait_evidence::pack::{self, BuildOptions, VerifyOptions};
/// use gait_evidence::job::Submission;
/// use gait_base::time::Timestamp;
/// use std::io::Cursor;
///
/// let job = Submission { job_id: "job".into(), environment_fingerprint: "e".into(), ..Submission::default() };
/// let job = job.mutation(&Timestamp::EPOCH_1980)?;
/// let pack = pack::build_job_pack(job.updated, &[job.event], "", &BuildOptions::default())?;
/// let verified = pack::verify(Cursor::new(&pack.bytes), &VerifyOptions::default())?;
/// assert!(verified.ok());
/// assert_eq!(verified.pack_id, pack.manifest.pack_id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify<R: Read + Seek>(source: R, options: &VerifyOptions<'_>) -> Result<Verification, PackError> {
    verify_with(source, options, &InMemory)
}

/// As [`verify`], with what a machine lends.
///
/// # Errors
/// As [`verify`].
pub fn verify_with<R: Read + Seek, W: Workspace>(
    mut source: R,
    options: &VerifyOptions<'_>,
    workspace: &W,
) -> Result<Verification, PackError> {
    let mut archive = ArchiveReader::open(&mut source, options.limits)?;
    archive.refuse_duplicates(VERIFY_FAILED)?;
    let Some(index) = archive.find(MANIFEST_PATH) else {
        if archive.find(runpack::MANIFEST_PATH).is_none() {
            return Err(PackError::ManifestMissing);
        }
        drop(archive);
        return verify_runpack(source, options);
    };
    let raw = archive.read(index)?;
    match parse_manifest(&raw, options.mode) {
        Ok(manifest) => verify_pack(&mut archive, index, &manifest, options, workspace),
        Err(_) if is_guard_manifest(&raw) => {
            drop(archive);
            verify_guard_pack(source, options)
        }
        Err(fault) => Err(PackFault::Manifest(fault).into()),
    }
}

pub(super) fn parse_manifest(raw: &[u8], mode: Mode) -> Result<Manifest, ManifestFault> {
    if raw.len() > MAX_MANIFEST_BYTES {
        return Err(ManifestFault::TooLarge);
    }
    Manifest::parse(raw, mode)
}

record! {
    /// What tells one manifest from another.
    #[derive(Clone, Debug, PartialEq)]
    struct Kind {
        schema_id: String,
    }
}

/// Whether a document calls itself the manifest of a guard pack.
pub(super) fn is_guard_manifest(raw: &[u8]) -> bool {
    let reading = Reading { max_bytes: MAX_MANIFEST_BYTES, ..Reading::COMPAT };
    json::decode::<Kind>(raw, reading).is_ok_and(|kind| kind.schema_id == guard::MANIFEST_SCHEMA)
}

fn verify_pack<R: Read + Seek, W: Workspace>(
    archive: &mut ArchiveReader<R>,
    index: usize,
    manifest: &Manifest,
    options: &VerifyOptions<'_>,
    workspace: &W,
) -> Result<Verification, PackError> {
    // The one digest that nothing else covers: in strict mode its very letters count.
    let strict = options.mode.is_strict();
    let is_id =
        |computed: Digest| tells(&manifest.pack_id, &computed) && (!strict || *manifest.pack_id == *computed.hex());
    if !manifest.computed_id().is_ok_and(is_id) {
        return Err(PackFault::PackId.into());
    }
    let wanted: BTreeSet<usize> = manifest.contents().iter().filter_map(|entry| archive.find(&entry.path)).collect();
    let wanted: Vec<usize> = wanted.into_iter().collect();
    let mut digests = EntryDigests::default();
    for (index, digest) in workspace.digests(archive, &wanted) {
        digests.know(index, digest);
    }
    let declared = manifest.contents().iter().map(|entry| (entry.path.as_str(), entry.sha256.as_str()));
    let (mut missing_files, mut hash_mismatches) = digests.compare(archive, declared)?;
    missing_files.sort();
    hash_mismatches.sort_by(|a, b| a.path.cmp(&b.path));
    let undeclared_files = undeclared(archive, manifest, index);

    let proofs_damaged = hash_mismatches.iter().any(|mismatch| mismatch.path == PROOF_RECORDS_PATH);
    let mut entries = Entries { archive, digests, mode: options.mode };
    let record_key = options.key.filter(|_| options.require_signature);
    let Proven { report, fault } = if proofs_damaged || entries.archive.find(PROOF_RECORDS_PATH).is_none() {
        Proven { report: ProofReport::default(), fault: None }
    } else {
        proof::check(&mut entries, manifest, record_key)?
    };
    let mut verification = Verification {
        pack_id: manifest.pack_id.clone(),
        pack_type: manifest.pack_type.clone(),
        source_ref: manifest.source_ref.clone(),
        files_checked: manifest.contents().len(),
        proof_records_verified: report.records,
        missing_files,
        hash_mismatches,
        undeclared_files,
        require_signature: options.require_signature,
        ..Verification::default()
    };
    if verification.is_intact() {
        let subject = Subject { manifest, key: options.key, limits: options.limits };
        contract::check(&mut entries, &subject)?;
        if strict {
            refuse_repeats(manifest)?;
            if let Some(fault) = fault {
                return Err(fault.into());
            }
            if report.records == 0 {
                // Without any records, no entry was looked for in them.
                let unproven = manifest.contents().iter().find(|entry| entry.path != PROOF_RECORDS_PATH);
                if let Some(entry) = unproven {
                    return Err(PackFault::Unproven(entry.path.clone()).into());
                }
            }
            contract::check_deeply(&mut entries, &subject, workspace)?;
        }
    }
    verification.signatures = signatures(manifest, options, report.signature_errors)?;
    Ok(verification)
}

fn refuse_repeats(manifest: &Manifest) -> Result<(), PackFault> {
    let mut seen = BTreeSet::new();
    let repeated = manifest.contents().iter().find(|entry| !seen.insert(entry.path.as_str()));
    repeated.map_or(Ok(()), |entry| Err(PackFault::DeclaredTwice(entry.path.clone())))
}

/// The names of entries that are neither declared nor the manifest, sorted.
fn undeclared<R: Read + Seek>(archive: &ArchiveReader<R>, manifest: &Manifest, index: usize) -> Vec<String> {
    let mut declared: Vec<&[u8]> = manifest.contents().iter().map(|entry| entry.path.as_bytes()).collect();
    declared.sort_unstable();
    let entries = archive.entries().iter().enumerate().filter(|(at, _)| *at != index).map(|(_, entry)| entry.name());
    let names = entries.filter(|name| declared.binary_search(name).is_err());
    let mut names: Vec<_> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    names
}

/// Looks at the signatures of a manifest. Unlike those of runpacks, a check that says no is told once, for all of them.
fn signatures(
    manifest: &Manifest,
    options: &VerifyOptions<'_>,
    record_errors: Vec<String>,
) -> Result<SignatureReport, PackError> {
    let mut report = SignatureReport { total: manifest.signatures.len(), ..SignatureReport::default() };
    if manifest.signatures.is_empty() {
        if options.require_signature {
            report.errors.push("manifest has no signatures".to_owned());
        }
    } else if let Some(key) = options.key {
        let digest = manifest.signable_digest()?;
        for signature in &manifest.signatures {
            match key.verify_computed(signature, &digest) {
                Ok(true) if options.mode.is_strict() && !is_canonical(&signature.sig) => {
                    report.errors.push("decode sig: not canonical base64".to_owned());
                }
                Ok(true) => report.valid += 1,
                Ok(false) => {}
                Err(error) => report.errors.push(error.to_string()),
            }
        }
        report.status = if report.valid > 0 {
            SignatureStatus::Verified
        } else {
            report.errors.push("signature verification failed".to_owned());
            SignatureStatus::Failed
        };
    } else {
        report.status = SignatureStatus::Skipped;
        report.errors.push("public key not configured".to_owned());
    }
    if !record_errors.is_empty() {
        report.status = SignatureStatus::Failed;
        report.errors.extend(record_errors);
    }
    report.errors.sort();
    Ok(report)
}

/// Whether base64 has no line breaks, and no bits that stand for nothing.
fn is_canonical(sig: &str) -> bool {
    decode_base64(sig.as_bytes()).is_ok_and(|bytes| encode_base64(&bytes) == sig)
}

fn verify_runpack<R: Read + Seek>(source: R, options: &VerifyOptions<'_>) -> Result<Verification, PackError> {
    let VerifyOptions { key, require_signature, mode, limits } = *options;
    let found = runpack::verify(source, &runpack::VerifyOptions { key, require_signature, mode, limits })?;
    Ok(Verification {
        pack_id: found.manifest_digest,
        pack_type: "run".to_owned(),
        source_ref: found.run_id,
        files_checked: found.files_checked,
        missing_files: found.missing_files,
        hash_mismatches: found.hash_mismatches,
        undeclared_files: if mode.is_strict() { found.undeclared_files } else { Vec::new() },
        signatures: found.signatures,
        legacy_type: Some("runpack"),
        require_signature,
        ..Verification::default()
    })
}

fn verify_guard_pack<R: Read + Seek>(source: R, options: &VerifyOptions<'_>) -> Result<Verification, PackError> {
    let VerifyOptions { key, require_signature, mode, limits } = *options;
    let found = guard::verify(source, &guard::VerifyOptions { key, require_signature, mode, limits })?;
    Ok(Verification {
        pack_id: found.pack_id,
        pack_type: "guard".to_owned(),
        source_ref: found.run_id,
        files_checked: found.files_checked,
        missing_files: found.missing_files,
        hash_mismatches: found.hash_mismatches,
        undeclared_files: if mode.is_strict() { found.undeclared_files } else { Vec::new() },
        contradictions: found.contradictions,
        signatures: found.signatures,
        legacy_type: Some("guard"),
        require_signature,
        ..Verification::default()
    })
}
