//! The rules that single text fields share: required, one of some words, a digest, a time.

use gait_base::text;
use gait_base::time::Timestamp;

use super::error::IntentError;

type Result = std::result::Result<(), IntentError>;

/// Trims; what is left must not be empty.
pub(super) fn required(value: &mut String, field: &str) -> Result {
    text::trim_in_place(value);
    present(value, field)
}

/// Trims and folds; what is left must not be empty.
pub(super) fn required_fold(value: &mut String, field: &str) -> Result {
    text::trim_fold_in_place(value);
    present(value, field)
}

fn present(value: &str, field: &str) -> Result {
    if value.is_empty() { Err(IntentError::missing(field)) } else { Ok(()) }
}

/// Trims and folds; what is left must be empty or among `allowed`.
pub(super) fn optional_word(value: &mut String, field: &str, allowed: &'static [&'static str]) -> Result {
    text::trim_fold_in_place(value);
    if value.is_empty() { Ok(()) } else { one_of(value, field, allowed) }
}

/// Checks that `value` is among `allowed`.
pub(super) fn one_of(value: &str, field: &str, allowed: &'static [&'static str]) -> Result {
    // The lists are short: comparing lengths first, as equality does, beats halving.
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(IntentError::UnknownWord { path: field.to_owned(), allowed })
}

/// Trims and folds; what is left must be empty or 64 hex digits.
pub(super) fn optional_digest(value: &mut String, field: &str) -> Result {
    text::trim_fold_in_place(value);
    if value.is_empty() || text::is_lower_hex_digest(value) {
        return Ok(());
    }
    Err(IntentError::invalid(field, "a SHA-256 digest of 64 hex digits"))
}

/// Turns a time to UTC. What cannot be written in UTC cannot be hashed.
pub(super) fn utc(time: &mut Timestamp, field: &str) -> Result {
    *time = time.to_utc().map_err(|_| IntentError::invalid(field, "a time between the years 0 and 9999 in UTC"))?;
    Ok(())
}

/// Checks that `expires` lies after `start` when both are set.
pub(super) fn expires_after(start: &Timestamp, expires: &Timestamp, expected: &'static str) -> Result {
    if start.is_zero() || expires.is_zero() || start.is_before(expires) {
        return Ok(());
    }
    Err(IntentError::invalid("expires_at", expected))
}
