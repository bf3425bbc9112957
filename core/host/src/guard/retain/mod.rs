//! Retention: find the artifacts below a folder, write down what will go, remove it (05 §13.1).
//!
//! Symbolic links are never followed, not even ones that appear while this runs: folders are opened one by one from the
//! root, and a file goes only if it is still the very one that was looked at. A list of legal holds that cannot be read
//! stops everything.

mod tree;

#[cfg(test)]
mod tests;

use std::path::Path;

use gait_base::jcs::to_canonical;
use gait_evidence::guard::retention::{
    HoldError, HoldList, MAX_HOLD_BYTES, Reason, ReportState, RetentionPolicy, RetentionReport,
};
use gait_gate::mode::Mode;

use super::GuardFileError;
use crate::clock::Clock;
use crate::error::HostError;
use crate::fs::{PRIVATE, create_parents, read_limited, write_replacing};
use tree::{Removal, Tree};

/// What to look at, and what to do.
#[derive(Clone, Copy, Debug)]
pub struct RetainRequest<'a> {
    /// The folder; blank for the working folder.
    pub root: &'a str,
    /// How much of each kind is kept.
    pub policy: RetentionPolicy,
    /// Whether nothing is removed.
    pub dry_run: bool,
    /// Where the report goes; blank for nowhere, which strict mode takes for dry runs only.
    pub report: &'a str,
    /// A list of legal holds, beside those that lie in the folders; blank for none.
    pub hold: &'a str,
    /// Version of the program.
    pub producer_version: &'a str,
    /// See `report`.
    pub mode: Mode,
}

/// What was done.
#[derive(Clone, Debug)]
#[must_use = "files that should have gone may still be there"]
pub struct Retained {
    /// The report as it was written.
    pub report: RetentionReport,
    /// Files that should have gone and could not be removed.
    pub not_removed: Vec<NotRemoved>,
}

/// A file that could not be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRemoved {
    /// Its path, as in the report.
    pub path: String,
    /// Why, for a person.
    pub reason: String,
}

/// Removes what the policy lets go, or tells what that would be.
///
/// The report is on disk before the first file goes: until all is done its `state` is `planned`. A file that cannot be
/// removed does not keep the others.
///
/// # Errors
/// [`GuardFileError`] when the folder or a hold list cannot be read, or the first report not be written; nothing is
/// removed then.
pub fn retain(request: &RetainRequest<'_>, clock: &dyn Clock) -> Result<Retained, GuardFileError> {
    let report_path = request.report.trim();
    if request.mode.is_strict() && !request.dry_run && report_path.is_empty() {
        return Err(GuardFileError::ReportMissing);
    }
    let holds = listed_holds(request.hold.trim())?;
    let mut tree = Tree::scan(request.root, &request.policy, &holds)?;
    let artifacts = tree.artifacts();
    let now = clock.now();
    let mut fates = request.policy.plan(&artifacts, &now);
    let report = |fates: &_, state| {
        let report =
            RetentionReport::new(request.root, &request.policy, &artifacts, fates, now, request.producer_version);
        RetentionReport { dry_run: request.dry_run, ..report }.in_state(state)
    };
    if request.dry_run {
        let report = report(&fates, ReportState::Done);
        write_report(report_path, &report)?;
        return Ok(Retained { report, not_removed: Vec::new() });
    }

    write_report(report_path, &report(&fates, ReportState::Planned))?;
    let mut not_removed = Vec::new();
    for (at, fate) in fates.iter_mut().enumerate().filter(|(_, fate)| fate.goes) {
        match tree.remove(at) {
            Removal::Gone => {}
            Removal::Changed => (fate.goes, fate.reason) = (false, Some(Reason::Changed)),
            Removal::Failed(error) => {
                (fate.goes, fate.reason) = (false, Some(Reason::Failed));
                let path = artifacts.get(at).map(|artifact| artifact.path.clone()).unwrap_or_default();
                not_removed.push(NotRemoved { path, reason: error.to_string() });
            }
        }
    }
    let report = report(&fates, ReportState::Done);
    write_report(report_path, &report)?;
    Ok(Retained { report, not_removed })
}

fn write_report(path: &str, report: &RetentionReport) -> Result<(), GuardFileError> {
    if path.is_empty() {
        return Ok(());
    }
    create_parents(path)?;
    let bytes = to_canonical(report).map_err(HostError::from)?;
    Ok(write_replacing(path, &bytes, PRIVATE)?)
}

/// The holds in a file that somebody named.
fn listed_holds(path: &str) -> Result<HoldList, GuardFileError> {
    if path.is_empty() {
        return Ok(HoldList::default());
    }
    let bytes = read_limited(path, MAX_HOLD_BYTES as u64)?;
    parse_holds(&bytes, Path::new(path))
}

fn parse_holds(bytes: &[u8], path: &Path) -> Result<HoldList, GuardFileError> {
    HoldList::parse(bytes).map_err(|source: HoldError| GuardFileError::Hold { path: path.to_path_buf(), source })
}
