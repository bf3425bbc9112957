//! `gait run record`: from a file with what a program tells of a run to its runpack (04 §8.1).

use std::path::PathBuf;

use gait_base::key::config::{KeyConfig, PROD_MODE};
use gait_base::path::{clean, is_plain_name};
use gait_base::text::{folds_to, trim_fold};
use gait_base::time::Timestamp;
use gait_evidence::runpack::{
    self, Manifest, RAW, REFERENCE, RecordOptions, RunpackDraft, VerifyOptions, apply_envelope, check_evidence,
};
use gait_gate::authority::context_envelope::{BEST_EFFORT, MAX_BYTES, REQUIRED, VerifiedEnvelope, normalize_mode};
use gait_gate::mode::Mode;

use super::RunpackFileError;
use super::error::EnvelopeFault;
use super::file::{verify, write};
use crate::fs::{create_folder, local_path, read_limited};
use crate::keys::load_signing_key;

const RAW_WARNING: &str =
    "raw capture retains raw intent arguments and raw result payloads; handle runpack as sensitive evidence";
const REFERENCE_WARNING: &str =
    "reference capture stripped raw intent arguments and raw result payloads after digesting";

/// What to record, and how.
#[derive(Clone, Copy, Debug)]
pub struct RecordRequest<'a> {
    /// The file with the record.
    pub input: &'a str,
    /// The folder for the runpack; made when missing.
    pub out_dir: &'a str,
    /// Replaces the run's id; blank keeps it.
    pub run_id: &'a str,
    /// `reference`, `raw`, or empty for what the record says.
    pub capture_mode: &'a str,
    /// A file with a context envelope; empty for none.
    pub context_envelope: &'a str,
    /// `best_effort`, `required`, or empty for what the record says.
    pub context_evidence_mode: &'a str,
    /// Whether context in the clear is taken.
    pub allow_raw_context: bool,
    /// Where the signing key is; nothing given means unsigned. An empty mode is `prod`.
    pub key: KeyConfig<'a>,
    /// How closely the record is looked at.
    pub mode: Mode,
    /// The time now.
    pub now: Timestamp,
}

/// A run that was recorded.
#[derive(Clone, Debug)]
pub struct RecordOutcome {
    /// Where the runpack is.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The key that signed it.
    pub key_id: Option<String>,
    /// What the caller should be told.
    pub warnings: Vec<String>,
}

/// Records a run from a file, and verifies what was written.
///
/// # Errors
/// [`RunpackFileError`]; the first of what is wrong in the order of 04 §8.1.
pub fn record(request: &RecordRequest<'_>) -> Result<RecordOutcome, RunpackFileError> {
    let bytes = read_limited(request.input, runpack::MAX_DRAFT_BYTES as u64)?;
    let (mut draft, _) = RunpackDraft::parse(&bytes, request.mode).map_err(RunpackFileError::Input)?;
    drop(bytes);
    match request.run_id.trim() {
        "" => {}
        run_id => draft.set_run_id(run_id),
    }
    if draft.run.run_id.trim().is_empty() || !is_plain_name(&draft.run.run_id) {
        return Err(RunpackFileError::RunId(draft.run.run_id));
    }
    let mut warnings = Vec::new();
    warnings.extend(set_capture_mode(&mut draft, request.capture_mode)?.map(str::to_owned));
    set_evidence_mode(&mut draft, request.context_evidence_mode)?;
    if request.out_dir.is_empty() {
        return Err(crate::error::HostError::Argument("the folder for the runpack is empty").into());
    }
    create_folder(request.out_dir)?;
    let target = clean(&format!("{}/runpack_{}.zip", request.out_dir, draft.run.run_id));

    warnings.extend(add_context(&mut draft, request)?);
    if let Some(raw) = draft.refs.receipts.iter().find(|receipt| folds_to(&receipt.redaction_mode, RAW))
        && !request.allow_raw_context
    {
        return Err(RunpackFileError::RawContext(raw.ref_id.clone()));
    }
    check_evidence(&draft.refs)?;

    let signer = signer(&request.key)?;
    let signing_key = signer.as_ref().map(|loaded| &loaded.key);
    let recorded = runpack::record(draft, &RecordOptions { now: request.now, signing_key })?;
    let path = write(&target, &recorded.bytes)?;
    drop(recorded.bytes);
    let key = signing_key.map(gait_base::key::SigningKey::verifying_key);
    let options =
        VerifyOptions { key, require_signature: key.is_some(), mode: Mode::Compat, ..VerifyOptions::default() };
    if !verify(&path, &options)?.ok() {
        return Err(RunpackFileError::NotVerified(path));
    }
    let key_id = key.map(|key| key.key_id().to_owned());
    warnings.extend(signer.into_iter().flat_map(|loaded| loaded.warnings));
    Ok(RecordOutcome { path, manifest: recorded.manifest, key_id, warnings })
}

/// Settles the capture mode; gives what to tell about it.
fn set_capture_mode(draft: &mut RunpackDraft, given: &str) -> Result<Option<&'static str>, RunpackFileError> {
    let chosen = [given.trim(), draft.capture_mode.trim(), REFERENCE].into_iter().find(|mode| !mode.is_empty());
    let (mode, warning) = match chosen {
        Some(RAW) => (RAW, Some(RAW_WARNING)),
        Some(REFERENCE) => (REFERENCE, draft.has_payloads().then_some(REFERENCE_WARNING)),
        other => {
            let value = other.unwrap_or_default().to_owned();
            return Err(RunpackFileError::Unknown { what: "capture mode", known: "reference and raw", value });
        }
    };
    mode.clone_into(&mut draft.capture_mode);
    Ok(warning)
}

/// Settles the evidence mode, which is always written.
fn set_evidence_mode(draft: &mut RunpackDraft, given: &str) -> Result<(), RunpackFileError> {
    let mode = &mut draft.refs.context_evidence_mode;
    if !given.trim().is_empty() {
        given.clone_into(mode);
    }
    normalize_mode(mode)?;
    if mode.is_empty() {
        BEST_EFFORT.clone_into(mode);
    }
    Ok(())
}

/// Puts the envelope's records in place of the receipts. One that cannot be used is an error only if evidence is
/// required; else a warning is given.
fn add_context(draft: &mut RunpackDraft, request: &RecordRequest<'_>) -> Result<Option<String>, RunpackFileError> {
    if request.context_envelope.is_empty() {
        return Ok(None);
    }
    let path = local_path(request.context_envelope.as_ref()).map_err(|_| RunpackFileError::EnvelopePath)?;
    let envelope = read_limited(&path, MAX_BYTES as u64)
        .map_err(EnvelopeFault::Unreadable)
        .and_then(|bytes| VerifiedEnvelope::parse(&bytes, request.mode).map_err(EnvelopeFault::Invalid));
    let envelope = match envelope {
        Ok(envelope) => envelope,
        Err(fault) if draft.refs.context_evidence_mode == REQUIRED => return Err(RunpackFileError::Envelope(fault)),
        Err(fault) => return Ok(Some(format!("context envelope ignored: {fault}"))),
    };
    // The mode of the recording counts, not that of the envelope.
    let mode = std::mem::take(&mut draft.refs.context_evidence_mode);
    apply_envelope(&mut draft.refs, envelope);
    draft.refs.context_evidence_mode = mode;
    Ok(None)
}

/// The key to sign with, if any flag asks for one.
fn signer(config: &KeyConfig<'_>) -> Result<Option<gait_base::key::config::LoadedSigningKey>, RunpackFileError> {
    let mode = trim_fold(config.mode);
    if config.mode.is_empty() && !config.has_private() {
        return Ok(None);
    }
    let mode = if mode.is_empty() { PROD_MODE } else { mode.as_str() };
    Ok(Some(load_signing_key(&KeyConfig { mode, ..*config })?))
}
