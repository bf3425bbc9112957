//! Reads what several commands take: policies, intents, and one thing named by a flag or a positional.

use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_host::fs::read_limited;
use gait_host::timezone::local_zone;

use crate::report::{Call, Failure};

/// Larger than any policy or intent that a person or program should give.
pub(super) const FILE_LIMIT: u64 = 64 << 20;

/// A policy file.
pub(super) fn policy(path: &str, mode: Mode) -> Result<Policy, Failure> {
    let policy = Policy::parse(&read_limited(path, FILE_LIMIT)?, mode).map_err(|error| Failure::of_policy(&error))?;
    Ok(match local_zone() {
        Some(zone) => policy.with_local_zone(&zone),
        None => policy,
    })
}

/// An intent file.
pub(super) fn intent(path: &str, mode: Mode) -> Result<Intent, Failure> {
    Ok(Intent::parse(&read_limited(path, FILE_LIMIT)?, mode)?)
}

/// What a flag or else the only positional names.
///
/// # Errors
/// The usage error `missing` when neither does, or both do.
pub(super) fn flag_or_positional<'a>(call: &Call<'a>, flag: &str, missing: &str) -> Result<&'a str, Failure> {
    match (call.args.text(flag), call.args.positionals()) {
        ("", [named]) if !named.is_empty() => Ok(named),
        (named, []) if !named.is_empty() => Ok(named),
        _ => Err(Failure::usage(missing)),
    }
}
