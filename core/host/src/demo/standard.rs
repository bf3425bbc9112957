//! A run of three calls, recorded and verified (04 §9.1).

use gait_base::time::Timestamp;
use gait_evidence::runpack::{self, RecordOptions, VerifyOptions, checked_ticket_footer};

use crate::runpack::{RunpackFileError, verify, write};

/// Where the runpack lies.
pub const BUNDLE_PATH: &str = "gait-out/runpack_run_demo.zip";

/// What the demo made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardDemo {
    /// The run.
    pub run_id: String,
    /// [`BUNDLE_PATH`].
    pub path: &'static str,
    /// The digest of the manifest: the same for the same version.
    pub manifest_digest: String,
    /// The line for a ticket.
    pub ticket_footer: String,
}

/// Records the demo's run, and verifies it.
///
/// # Errors
/// [`RunpackFileError`].
pub fn standard(producer_version: &str) -> Result<StandardDemo, RunpackFileError> {
    let options = RecordOptions { now: Timestamp::EPOCH_1980, signing_key: None };
    let recorded = runpack::record(runpack::demo(producer_version), &options)?;
    let path = write(BUNDLE_PATH, &recorded.bytes)?;
    if !verify(&path, &VerifyOptions::default())?.ok() {
        return Err(RunpackFileError::NotVerified(path));
    }
    let manifest = recorded.manifest;
    Ok(StandardDemo {
        ticket_footer: checked_ticket_footer(&manifest.run_id, &manifest.manifest_digest)?,
        run_id: manifest.run_id,
        path: BUNDLE_PATH,
        manifest_digest: manifest.manifest_digest,
    })
}
