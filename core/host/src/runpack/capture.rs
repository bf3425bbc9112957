//! `gait capture`: what a name stands for, written down for later steps (04 §8.12).

use gait_base::json;
use gait_base::path::clean;
use gait_evidence::runpack::{CAPTURE_SCHEMA, CaptureReceipt, SCHEMA_VERSION, VerifyOptions, is_complete_trace};
use gait_gate::mode::Mode;
use gait_gate::trace;

use super::RunpackFileError;
use super::file::{MAX_DOCUMENT_BYTES, read_chain, resolve, verify};
use crate::error::HostError;
use crate::fs::{PRIVATE, create_parents, read_limited, write_replacing};

/// Finds the artifact that `from` names: a runpack by path or run id, the runpack of a chain's checkpoint, a trace.
///
/// Of a runpack only that it can be read as one is checked, in strict mode also that it holds; of a checkpoint not even
/// that its runpack is there. `output_path` of the receipt is still empty.
///
/// # Errors
/// [`RunpackFileError`] when there is no such artifact or checkpoint.
pub fn capture(from: &str, checkpoint: &str, mode: Mode) -> Result<CaptureReceipt, RunpackFileError> {
    let from = from.trim();
    let receipt = |artifact_type: &str, artifact_path: &str| CaptureReceipt {
        schema_id: CAPTURE_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        ok: true,
        from: from.to_owned(),
        artifact_type: artifact_type.to_owned(),
        artifact_path: artifact_path.to_owned(),
        ..CaptureReceipt::default()
    };
    let is_document = from.len() >= 5 && from.as_bytes()[from.len() - 5..].eq_ignore_ascii_case(b".json");
    if is_document && std::path::Path::new(from).is_file() {
        if let Ok(chain) = read_chain(from, mode) {
            let checkpoint = chain.resolve(checkpoint)?;
            return Ok(CaptureReceipt {
                session_chain_path: from.to_owned(),
                run_id: checkpoint.run_id.clone(),
                ..receipt("runpack", &checkpoint.runpack_path)
            });
        }
        let bytes = read_limited(from, MAX_DOCUMENT_BYTES)?;
        if trace::parse(&bytes, mode).is_ok_and(|trace| is_complete_trace(&trace)) {
            return Ok(receipt("trace", from));
        }
    }
    let path = resolve(from)?;
    let found = verify(&path, &VerifyOptions { mode, ..VerifyOptions::default() })?;
    if mode.is_strict() && !found.ok() {
        return Err(RunpackFileError::NotVerified(path));
    }
    Ok(CaptureReceipt { run_id: found.run_id, ..receipt("runpack", &path.display().to_string()) })
}

/// Writes a receipt where it says; folders are made.
///
/// # Errors
/// [`RunpackFileError::Host`], for a blank path too.
pub fn write_receipt(receipt: &CaptureReceipt) -> Result<(), RunpackFileError> {
    if receipt.output_path.is_empty() {
        return Err(HostError::Argument("the path of the receipt is blank").into());
    }
    let path = clean(&receipt.output_path);
    create_parents(&path)?;
    Ok(write_replacing(&path, &json::to_indented(receipt)?, PRIVATE)?)
}
