//! What operations on jobs take from the machine: the environment, lists of revocations.

use std::path::Path;

use gait_evidence::job::{Environment, Revocations};
use gait_gate::mode::Mode;

use crate::environment::{architecture, operating_system};
use crate::error::HostError;
use crate::fs::read_limited;

/// Larger than any list of revocations, in bytes.
const REVOCATIONS_LIMIT: u64 = 16 << 20;

/// What this library is built with, as far as that can make a difference to a job: the oldest compiler that builds it.
const TOOLCHAIN: &str = concat!("rust", env!("CARGO_PKG_RUST_VERSION"));

/// The fingerprint given, trimmed, or else that of this environment; `lookup` gives the value of a variable.
#[must_use]
pub fn environment_fingerprint(given: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    match given.trim() {
        "" => Environment {
            operating_system: operating_system(),
            architecture: architecture(),
            toolchain: TOOLCHAIN,
            shell: &lookup("SHELL").unwrap_or_default(),
        }
        .fingerprint(),
        given => given.to_owned(),
    }
}

/// Reads a list of revoked identities.
///
/// # Errors
/// [`HostError::Io`] when it is missing or unreadable; [`HostError::Job`] when it is malformed, in strict mode.
pub fn revocations(path: impl AsRef<Path>, mode: Mode) -> Result<Revocations, HostError> {
    Ok(Revocations::parse(&read_limited(path, REVOCATIONS_LIMIT)?, mode)?)
}
