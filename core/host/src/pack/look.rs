//! Verifying, inspecting and comparing packs in files (05 §5–§7).

use gait_base::json;
use gait_base::key::VerifyingKey;
use gait_base::key::config::KeyConfig;
use gait_base::text::trim_fold;
use gait_evidence::archive::Limits;
use gait_evidence::pack::{self, VerifyOptions};
use gait_gate::mode::Mode;

use super::error::PackFileError;
use super::output::{DiffRecord, PackOutput};
use super::source::PackFile;
use super::workspace::Machine;
use crate::fs::{PRIVATE, write_replacing};
use crate::keys::MachineKeys;

/// What `pack verify` is told. Texts are as they were typed.
#[derive(Clone, Debug)]
pub struct VerifyRequest<'a> {
    /// The pack's file.
    pub path: &'a str,
    /// `standard` (also when blank) or `strict`, which requires a signature and a key; in any case.
    pub profile: &'a str,
    /// Whether a signature must hold.
    pub require_signature: bool,
    /// Where the key comes from, if from anywhere.
    pub keys: KeyConfig<'a>,
    /// Strict: deep verification.
    pub mode: Mode,
}

/// Verifies a pack, a bare runpack or a guard pack.
///
/// # Errors
/// [`PackFileError`]; what merely does not hold is told in the output.
pub fn verify(request: &VerifyRequest<'_>) -> Result<PackOutput, PackFileError> {
    let path = named(request.path)?;
    let strict = match trim_fold(request.profile).as_str() {
        "" | "standard" => false,
        "strict" => true,
        other => return Err(PackFileError::option(format!("--profile must be standard or strict, not {other:?}"))),
    };
    let key: Option<VerifyingKey> = if request.keys.has_private() || request.keys.has_public() {
        Some(request.keys.load_verify_key(&MachineKeys)?)
    } else if strict {
        return Err(PackFileError::option("the strict profile needs a key to verify with"));
    } else {
        None
    };
    let options = VerifyOptions {
        key: key.as_ref(),
        require_signature: request.require_signature || strict,
        mode: request.mode,
        limits: Limits::default(),
    };
    let file = PackFile::open(path)?;
    let found = pack::verify_with(file.reader(), &options, &Machine(&file))?;
    Ok(PackOutput {
        path: path.to_owned(),
        pack_id: found.pack_id.clone(),
        pack_type: found.pack_type.clone(),
        source_ref: found.source_ref.clone(),
        ok: found.ok(),
        verify: Some(found.into()),
        ..PackOutput::new("verify", false)
    })
}

/// Tells what a pack or bare runpack holds.
///
/// # Errors
/// [`PackFileError`].
pub fn inspect(path: &str, mode: Mode) -> Result<PackOutput, PackFileError> {
    let path = named(path)?;
    let found = pack::inspect(PackFile::open(path)?.reader(), mode)?;
    Ok(PackOutput {
        path: path.to_owned(),
        pack_id: found.pack_id.clone(),
        pack_type: found.pack_type.clone(),
        source_ref: found.source_ref.clone(),
        inspect: Some(found),
        ..PackOutput::new("inspect", true)
    })
}

/// Compares two packs or bare runpacks; the document goes to `output` unless that is blank.
///
/// # Errors
/// [`PackFileError`].
pub fn diff(left: &str, right: &str, output: &str, mode: Mode) -> Result<PackOutput, PackFileError> {
    let (left, right) = (PackFile::open(named(left)?)?, PackFile::open(named(right)?)?);
    let result = pack::diff(left.reader(), right.reader(), mode)?;
    let output = output.trim();
    if !output.is_empty() {
        write_replacing(output, &json::to_compact(&result)?, PRIVATE)?;
    }
    Ok(PackOutput {
        path: output.to_owned(),
        diff: Some(DiffRecord { result: result.clone() }),
        ..PackOutput::new("diff", !result.summary.changed)
    })
}

/// A path that was typed, trimmed.
pub(super) fn named(path: &str) -> Result<&str, PackFileError> {
    match path.trim() {
        "" => Err(PackFileError::option("the path of a pack is required")),
        path => Ok(path),
    }
}
