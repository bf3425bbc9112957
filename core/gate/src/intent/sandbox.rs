//! The sandbox that a tool would run in, as the request describes it (02 §4.8).

use gait_base::{path, text};

use super::args::{looks_like_material, starts_with_fold};
use super::error::IntentError;
use super::field;
use super::request::Sandbox;
use crate::vocabulary::{ENV_EXPOSURE_MODES, FILESYSTEM_ISOLATIONS, NETWORK_MODES, USER_MODES};

/// What a reference to evidence may begin with, so that it cannot be mistaken for a secret.
const REFERENCE_PREFIXES: &[&str] = &["ref:", "receipt:", "proof:", "sandbox:", "sha256:"];
const NO_ASSIGNMENT: &str = "a value, not an assignment NAME=…";

/// Normalizes the description; tells whether anything is left of it.
pub(super) fn normalize(sandbox: &mut Sandbox) -> Result<bool, IntentError> {
    field::optional_word(&mut sandbox.network_mode, "network_mode", NETWORK_MODES)?;
    field::optional_word(&mut sandbox.env_exposure_mode, "env_exposure_mode", ENV_EXPOSURE_MODES)?;
    field::optional_word(&mut sandbox.filesystem_isolation, "filesystem_isolation", FILESYSTEM_ISOLATIONS)?;
    field::optional_word(&mut sandbox.user_mode, "user_mode", USER_MODES)?;
    if sandbox.timeout_seconds < 0 {
        return Err(IntentError::invalid("timeout_seconds", "zero or more"));
    }
    clean_paths(&mut sandbox.writable_paths, "writable_paths")?;
    clean_paths(&mut sandbox.read_only_roots, "read_only_roots")?;
    field::optional_digest(&mut sandbox.evidence_digest, "evidence_digest")?;
    text::trim_in_place(&mut sandbox.evidence_ref);
    check_reference(&sandbox.evidence_ref)?;
    Ok(*sandbox != Sandbox::default())
}

/// Cleans each path by its letters; the working folder itself and blank entries vanish.
fn clean_paths(paths: &mut Vec<String>, field: &str) -> Result<(), IntentError> {
    for (index, entry) in paths.iter_mut().enumerate() {
        text::trim_in_place(entry);
        if entry.is_empty() {
            continue;
        }
        *entry = path::clean(entry);
        if is_assignment(entry) {
            return Err(IntentError::invalid("", NO_ASSIGNMENT).in_item(index).in_member(field));
        }
    }
    paths.retain(|entry| !entry.is_empty() && entry != ".");
    text::sort_dedup(paths);
    Ok(())
}

fn check_reference(reference: &str) -> Result<(), IntentError> {
    if is_assignment(reference) {
        return Err(IntentError::invalid("evidence_ref", NO_ASSIGNMENT));
    }
    let marked = REFERENCE_PREFIXES.iter().any(|prefix| starts_with_fold(reference, prefix));
    if !marked && looks_like_material(reference) {
        return Err(IntentError::SecretMaterial { path: "evidence_ref".to_owned() });
    }
    Ok(())
}

/// Whether the text begins like the setting of an environment variable.
fn is_assignment(text: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
