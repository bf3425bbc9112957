//! The normal form of single members.

use gait_base::json::Reading;
use gait_base::text::{is_lower_hex_digest, trim_fold_in_place, trim_in_place};

use super::AuthorityError;
use crate::mode::Mode;

/// How token files and registries are read (00 D8).
pub(crate) const fn reading(mode: Mode) -> Reading {
    match mode {
        Mode::Strict => Reading::STRICT,
        Mode::Compat => Reading::COMPAT,
    }
}

/// An empty `schema_id` or `schema_version` takes the default; any other value than the default is refused, a padded
/// one too.
pub(crate) fn adopt_schema(value: &mut String, default: &str, member: &'static str) -> Result<(), AuthorityError> {
    if value.is_empty() {
        value.push_str(default);
        return Ok(());
    }
    if value == default { Ok(()) } else { Err(AuthorityError::Schema(member)) }
}

/// Trims; what is blank is refused.
pub(crate) fn require_trimmed(value: &mut String, member: &'static str) -> Result<(), AuthorityError> {
    trim_in_place(value);
    if value.is_empty() { Err(AuthorityError::Missing(member)) } else { Ok(()) }
}

/// Trims and lower-cases; what is not a hex digest then is refused.
pub(crate) fn fold_digest(value: &mut String, member: &'static str) -> Result<(), AuthorityError> {
    trim_fold_in_place(value);
    if is_lower_hex_digest(value) { Ok(()) } else { Err(AuthorityError::NotADigest(member)) }
}
