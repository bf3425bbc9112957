//! What is wrong with the jobs below a root, told without changing them (05 §15.3, 08 §2.4).

use std::io::ErrorKind;

use gait_evidence::job::{JobIssue, MAX_JOURNAL_BYTES, MAX_STATE_BYTES, StoredJob, diagnose, is_job_id};

use super::folder::{JobFolder, read_if_there};
use super::store::JobStore;
use crate::error::HostError;

impl JobStore {
    /// The issues of all jobs, sorted by job and kind. Folders that cannot be those of jobs are passed over; a missing root
    /// has no issues.
    ///
    /// # Errors
    /// [`HostError::Job`] when a state or journal is malformed; [`HostError::Io`].
    pub fn diagnose(&self) -> Result<Vec<JobIssue>, HostError> {
        let failed = |source| HostError::io("read folder", &self.root, source);
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            match entry.file_name().into_string() {
                Ok(name) if is_job_id(&name) && entry.path().is_dir() => names.push(name),
                _ => {}
            }
        }
        names.sort_unstable();
        let mut issues = Vec::new();
        for name in names {
            let folder = JobFolder::new(&self.root, &name)?;
            let state = read_if_there(&folder.state, MAX_STATE_BYTES as u64)?;
            let journal = read_if_there(&folder.journal, MAX_JOURNAL_BYTES)?;
            let job = StoredJob {
                job_id: &name,
                has_marker: folder.has_marker()?,
                state: state.as_ref().map(|(bytes, _)| bytes.as_slice()),
                journal: journal.as_ref().map(|(bytes, _)| bytes.as_slice()),
            };
            issues.extend(diagnose(&job, self.mode)?);
        }
        Ok(issues)
    }
}
