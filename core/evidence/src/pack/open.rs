//! A pack opened to be looked at, not verified: its manifest, or the runpack that it is (05 §6, §7).

use std::io::{Cursor, Read, Seek};

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{self, Decode};
use gait_gate::mode::Mode;

use super::PackError;
use super::error::VERIFY_FAILED;
use super::manifest::{MANIFEST_PATH, Manifest, SOURCE_PATH, reading};
use super::verify::{is_guard_manifest, parse_manifest};
use crate::archive::{ArchiveReader, Limits};
use crate::job::MAX_STATE_BYTES;
use crate::runpack::{self, Runpack, RunpackError};

pub(super) enum Opened<R> {
    Pack(Box<OpenPack<R>>),
    /// A runpack that holds, with the bytes of its manifest.
    Runpack(Box<Runpack>, Vec<u8>),
}

pub(super) struct OpenPack<R> {
    pub(super) archive: ArchiveReader<R>,
    pub(super) manifest: Manifest,
    /// Its bytes.
    pub(super) raw: Vec<u8>,
    mode: Mode,
}

/// Opens a pack or a bare runpack; guard packs are refused.
pub(super) fn open<R: Read + Seek>(mut source: R, mode: Mode) -> Result<Opened<R>, PackError> {
    let (found, raw) = {
        let mut archive = ArchiveReader::open(&mut source, Limits::default())?;
        archive.refuse_duplicates(VERIFY_FAILED)?;
        let found = [MANIFEST_PATH, runpack::MANIFEST_PATH].into_iter().find(|path| archive.find(path).is_some());
        let Some(found) = found else { return Err(PackError::ManifestMissing) };
        (found, archive.read_named(found)?)
    };
    if found != MANIFEST_PATH {
        let runpack = runpack::read(source, mode)?;
        return Ok(Opened::Runpack(Box::new(runpack), raw));
    }
    let manifest = match parse_manifest(&raw, mode) {
        Ok(manifest) => manifest,
        Err(_) if is_guard_manifest(&raw) => return Err(PackError::GuardPack),
        Err(fault) => return Err(PackError::Manifest(fault)),
    };
    let archive = ArchiveReader::open(source, Limits::default())?;
    Ok(Opened::Pack(Box::new(OpenPack { archive, manifest, raw, mode })))
}

impl<R: Read + Seek> OpenPack<R> {
    /// The content of an entry; nothing when it is not there or cannot be read.
    pub(super) fn content(&mut self, path: &str) -> Option<Vec<u8>> {
        self.archive.read_named(path).ok()
    }

    /// An entry that is one document; nothing when it is none.
    pub(super) fn document<T: Decode + Default>(&mut self, path: &str) -> Option<T> {
        let bytes = self.content(path)?;
        json::decode(&bytes, reading(self.mode, MAX_STATE_BYTES)).ok()
    }

    /// The embedded runpack, if there is one and it holds.
    pub(super) fn runpack(&mut self) -> Option<Runpack> {
        let bytes = self.content(SOURCE_PATH)?;
        runpack::read(Cursor::new(bytes), self.mode).ok()
    }
}

/// The digest of a manifest's canonical form, signatures included.
pub(super) fn manifest_digest(raw: &[u8]) -> Option<Digest> {
    jcs::digest(raw).ok()
}

/// The runpack in an archive: itself, or the one embedded in a pack of a run or call. An archive with both manifests
/// counts as a runpack. Nothing is verified but the form of a pack's manifest.
///
/// # Errors
/// [`PackError`]: no archive, neither manifest, a pack of another type or without the entry.
pub fn extract_runpack(bytes: Vec<u8>, mode: Mode) -> Result<Vec<u8>, PackError> {
    let mut archive = ArchiveReader::from_bytes(&bytes, Limits::default())?;
    archive.refuse_duplicates(VERIFY_FAILED)?;
    if archive.find(runpack::MANIFEST_PATH).is_some() {
        return Ok(bytes);
    }
    let Some(index) = archive.find(MANIFEST_PATH) else { return Err(PackError::ManifestMissing) };
    let raw = archive.read(index)?;
    let manifest = match parse_manifest(&raw, mode) {
        Ok(manifest) => manifest,
        Err(_) if is_guard_manifest(&raw) => return Err(PackError::GuardPack),
        Err(fault) => return Err(PackError::Manifest(fault)),
    };
    if !["run", "call"].contains(&manifest.pack_type.as_str()) {
        return Err(PackError::NoRunpack(manifest.pack_type));
    }
    archive.find(SOURCE_PATH).ok_or(RunpackError::EntryMissing(SOURCE_PATH))?;
    Ok(archive.read_named(SOURCE_PATH)?)
}
