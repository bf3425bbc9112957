//! Verifying guard packs in files (05 §11.8).

use std::path::Path;

use gait_evidence::guard::{self, Verification, VerifyOptions};

use super::GuardFileError;
use crate::runpack::open;

/// Verifies a guard pack in a file, entry by entry: none is held in memory.
///
/// # Errors
/// When it cannot be opened, and those of [`guard::verify`].
pub fn verify(path: impl AsRef<Path>, options: &VerifyOptions<'_>) -> Result<Verification, GuardFileError> {
    Ok(guard::verify(open(path)?, options)?)
}
