//! From the entries of a pack to its bytes: proof records, manifest, signature, archive (05 §2.2, §2.3).

use gait_base::digest::{Digest, sha256};
use gait_base::jcs;
use gait_base::json::{Canonical, Encode, EncodeError, Map, Value, Writer};
use gait_base::key::SigningKey;
use gait_base::proof::{ProofChain, ProofDraft};
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::PackError;
use super::manifest::{
    DEFAULT_PRODUCER_VERSION, MANIFEST_PATH, MANIFEST_SCHEMA, Manifest, PROOF_RECORDS_PATH, PackEntry, PackType,
    SCHEMA_VERSION, entry_type,
};
use super::payload::count;
use crate::archive::{ArchiveWriter, Entry, Limits};
use crate::error::EvidenceError;

/// The permissions that a proof record tells of every entry: 0644.
const ENTRY_PERMISSIONS: i64 = 0o644;

/// What every builder of packs is told.
#[derive(Clone, Copy, Debug)]
pub struct BuildOptions<'a> {
    /// Version of the program that makes the pack; blank means `0.0.0-dev`.
    pub producer_version: &'a str,
    /// Signs the manifest and every proof record.
    pub signing_key: Option<&'a SigningKey>,
    /// How closely the source is looked at.
    pub mode: Mode,
}

/// Strict, unsigned.
impl Default for BuildOptions<'_> {
    fn default() -> Self {
        Self { producer_version: "", signing_key: None, mode: Mode::Strict }
    }
}

/// A pack that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct BuiltPack {
    /// The archive.
    pub bytes: Vec<u8>,
    /// Its manifest.
    pub manifest: Manifest,
}

/// What goes into a pack besides what follows from it.
pub(super) struct Contents {
    pub(super) kind: PackType,
    pub(super) source_ref: String,
    /// Path and content of every entry, in any order.
    pub(super) entries: Vec<(String, Vec<u8>)>,
}

impl Contents {
    pub(super) fn seal(self, options: &BuildOptions<'_>) -> Result<BuiltPack, PackError> {
        let Self { kind, source_ref, mut entries } = self;
        let limit = Limits::default().entry_bytes;
        if let Some((path, bytes)) = entries.iter().find(|(_, bytes)| bytes.len() as u64 > limit) {
            // No reader would take it.
            return Err(EvidenceError::EntryTooLarge { path: path.clone(), size: bytes.len() as u64 }.into());
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let producer_version = match options.producer_version.trim() {
            "" => DEFAULT_PRODUCER_VERSION,
            given => given,
        };
        let mut manifest = Manifest {
            schema_id: MANIFEST_SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: Timestamp::EPOCH_1980,
            producer_version: producer_version.to_owned(),
            pack_id: String::new(),
            pack_type: kind.as_str().to_owned(),
            source_ref: source_ref.trim().to_owned(),
            contents: Some(entries.iter().map(|(path, bytes)| declared(path, &sha256(bytes))).collect()),
            signatures: Vec::new(),
        };
        let proofs = prove(&manifest, &entries, options.signing_key)?;
        let proof_entry = declared(PROOF_RECORDS_PATH, &sha256(&proofs));
        entries.push((PROOF_RECORDS_PATH.to_owned(), proofs));
        if let Some(contents) = &mut manifest.contents {
            contents.push(proof_entry);
            contents.sort_by(|a, b| a.path.cmp(&b.path));
        }
        manifest.pack_id = manifest.computed_id()?.to_hex();
        if let Some(key) = options.signing_key {
            manifest.signatures.push(key.sign_digest(&manifest.signable_digest()?));
        }
        entries.push((MANIFEST_PATH.to_owned(), jcs::to_canonical(&manifest)?));

        let mut bytes = Vec::new();
        let files: Vec<_> = entries.iter().map(|(path, content)| Entry::new(path, content)).collect();
        ArchiveWriter::new().write(&files, &mut bytes)?;
        Ok(BuiltPack { bytes, manifest })
    }
}

fn declared(path: &str, digest: &Digest) -> PackEntry {
    PackEntry { path: path.to_owned(), sha256: digest.to_hex(), kind: entry_type(path).to_owned() }
}

/// A proof record for each declared entry, in order.
fn prove(manifest: &Manifest, entries: &[(String, Vec<u8>)], key: Option<&SigningKey>) -> Result<Vec<u8>, PackError> {
    let mut chain = ProofChain::new(key);
    for (entry, (_, bytes)) in manifest.contents().iter().zip(entries) {
        let draft = ProofDraft {
            timestamp: Some(Timestamp::EPOCH_1980),
            source: "gait.pack".to_owned(),
            source_product: "gait".to_owned(),
            agent_id: "gait".to_owned(),
            record_type: "tool_invocation".to_owned(),
            event: Some(event(manifest, entry, bytes.len())),
            metadata: Some(members([("artifact_kind", "gait.pack.entry".into())])),
            ..ProofDraft::default()
        };
        chain.append(draft, &Timestamp::EPOCH_1980).map_err(PackError::Proof)?;
    }
    Ok(chain.into_lines())
}

/// What the proof record of an entry tells.
fn event(manifest: &Manifest, entry: &PackEntry, size: usize) -> Map {
    members([
        ("pack_type", manifest.pack_type.as_str().into()),
        ("source_ref", manifest.source_ref.as_str().into()),
        ("producer_version", manifest.producer_version.as_str().into()),
        ("entry_path", entry.path.as_str().into()),
        ("entry_type", entry.kind.as_str().into()),
        ("entry_sha256", entry.sha256.as_str().into()),
        ("entry_size_bytes", count(size).into()),
        ("entry_permissions", ENTRY_PERMISSIONS.into()),
    ])
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Canonical JSON, a line each.
pub(super) fn to_lines<T: Encode>(records: &[T]) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    for record in records {
        let mut writer: Writer<'_, _, Canonical> = Writer::new(&mut bytes);
        record.encode(&mut writer);
        writer.finish()?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
