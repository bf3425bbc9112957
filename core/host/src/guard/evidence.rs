//! Evidence in files: named one by one, or found beside a runpack by its name (05 §11.2 step 6, §12.1).

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gait_base::text::{set, split_csv};
use gait_evidence::archive::Limits;
use gait_evidence::guard::{
    Evidence, EvidenceDocument, MAX_EVIDENCE_BYTES, RegressLine, RegressResult, TraceLine, parse_evidence,
};
use gait_gate::mode::Mode;
use gait_gate::trace::TraceRecord;

use super::GuardFileError;
use crate::error::HostError;
use crate::fs::{read_limited, read_regular};

/// The names of approval audits beside a runpack.
pub(super) const APPROVAL_AUDITS: &str = "approval_audit_";
/// The names of credential records beside a runpack.
pub(super) const CREDENTIALS: &str = "credential_evidence_";

const LIMIT: u64 = MAX_EVIDENCE_BYTES as u64;

/// The files of evidence that somebody named. Each list is trimmed, sorted, and without blanks and repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidencePaths {
    /// Snapshots of inventories.
    pub inventories: Vec<String>,
    /// Traces.
    pub traces: Vec<String>,
    /// Results of regression runs.
    pub regressions: Vec<String>,
    /// Audits of approvals; when empty those beside the runpack.
    pub approval_audits: Vec<String>,
    /// Records of credentials; when empty those beside the runpack.
    pub credentials: Vec<String>,
}

impl EvidencePaths {
    /// The paths in a list that is written with commas.
    #[must_use]
    pub fn list(written: &str) -> Vec<String> {
        let mut paths = split_csv(written);
        set(&mut paths);
        paths
    }

    /// Reads them all, and what lies in `beside` of the two kinds for which none is named.
    pub(super) fn read(&self, beside: &Path, mode: Mode) -> Result<Evidence, GuardFileError> {
        let traces = self.traces.iter().map(|path| Ok(TraceLine::from(&named::<TraceRecord>(path, mode)?)));
        let regressions =
            self.regressions.iter().map(|path| Ok(RegressLine::from(&named::<RegressResult>(path, mode)?)));
        Ok(Evidence {
            inventories: self.inventories.iter().map(|path| named(path, mode)).collect::<Result<_, _>>()?,
            traces: traces.collect::<Result<_, GuardFileError>>()?,
            regressions: regressions.collect::<Result<_, GuardFileError>>()?,
            approval_audits: named_or_beside(&self.approval_audits, beside, APPROVAL_AUDITS, mode)?,
            credentials: named_or_beside(&self.credentials, beside, CREDENTIALS, mode)?,
        })
    }
}

fn named_or_beside<T: EvidenceDocument>(
    paths: &[String],
    beside: &Path,
    prefix: &str,
    mode: Mode,
) -> Result<Vec<T>, GuardFileError> {
    if paths.is_empty() {
        all_beside(beside, prefix, mode)
    } else {
        paths.iter().map(|path| named(path, mode)).collect()
    }
}

/// Reads a file that somebody named: it may be a pipe.
fn named<T: EvidenceDocument>(path: &str, mode: Mode) -> Result<T, GuardFileError> {
    let path = Path::new(path);
    parse(&read_limited(path, LIMIT)?, path, mode)
}

/// Reads a file that was found: never waits for anything.
pub(super) fn found<T: EvidenceDocument>(path: &Path, mode: Mode) -> Result<T, GuardFileError> {
    parse(&read_regular(path, LIMIT)?.0, path, mode)
}

fn parse<T: EvidenceDocument>(bytes: &[u8], path: &Path, mode: Mode) -> Result<T, GuardFileError> {
    parse_evidence(bytes, mode).map_err(|source| GuardFileError::Evidence { path: path.to_path_buf(), source })
}

/// All evidence of a kind in a folder.
pub(super) fn all_beside<T: EvidenceDocument>(
    folder: &Path,
    prefix: &str,
    mode: Mode,
) -> Result<Vec<T>, GuardFileError> {
    matching(folder, prefix)?.iter().map(|path| found(path, mode)).collect()
}

/// The files `<prefix>*.json` of a folder, sorted. Only names are matched: nothing in the folder's own path has a meaning.
pub(super) fn matching(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, GuardFileError> {
    const SUFFIX: &[u8] = b".json";
    let limit = Limits::default().entries;
    let failed = |source| HostError::io("read folder", folder, source);
    let listed = if folder == Path::new("") { Path::new(".") } else { folder };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(listed).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let rest = name.as_bytes().strip_prefix(prefix.as_bytes());
        if rest.is_some_and(|rest| rest.ends_with(SUFFIX)) {
            names.push(name);
        }
        if names.len() > limit {
            return Err(GuardFileError::TooManyFiles { folder: listed.to_path_buf(), limit });
        }
    }
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}
