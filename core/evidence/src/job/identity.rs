//! Names of jobs (05 §14). They become names of folders, so that nothing else is taken for one.

use super::error::JobError;

/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// Whether a text is an id as it stands: a letter or digit, then up to 127 letters, digits, `.`, `_`, `:` and `-`.
///
/// ```
/// use gait_evidence::job::is_job_id;
///
/// assert!(is_job_id("A.b_c:d-1"));
/// assert!(!is_job_id("../x") && !is_job_id("-a") && !is_job_id(""));
/// ```
#[must_use]
pub fn is_job_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= MAX_ID_BYTES
        && bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-'))
}

/// The id that a person typed, trimmed.
///
/// # Errors
/// [`JobError::InvalidId`] when that is no id.
pub fn job_id(typed: &str) -> Result<&str, JobError> {
    let trimmed = typed.trim();
    if is_job_id(trimmed) { Ok(trimmed) } else { Err(JobError::InvalidId(trimmed.to_owned())) }
}
