//! The folder of one job and the files in it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gait_evidence::job::{JobError, JobState, Journal, MAX_JOURNAL_BYTES, MAX_MARKER_BYTES, MAX_STATE_BYTES};
use gait_evidence::job::{PendingMutation, is_job_id};
use gait_gate::mode::Mode;

use crate::error::HostError;
use crate::fs::{FileIdentity, FileLock, LockProfile, exists, read_regular, sync_folder};

const STATE: &str = "state.json";
const MARKER: &str = "pending_mutation.json";

/// Where the files of a job lie.
#[derive(Clone, Debug)]
pub(super) struct JobFolder {
    pub(super) job_id: String,
    pub(super) path: PathBuf,
    pub(super) state: PathBuf,
    pub(super) journal: PathBuf,
    pub(super) marker: PathBuf,
}

impl JobFolder {
    /// The folder of a job below a root. The id must be one.
    pub(super) fn new(root: &Path, job_id: &str) -> Result<Self, JobError> {
        if !is_job_id(job_id) {
            return Err(JobError::InvalidId(job_id.to_owned()));
        }
        let path = root.join(job_id);
        Ok(Self {
            job_id: job_id.to_owned(),
            state: path.join(STATE),
            journal: path.join("events.jsonl"),
            marker: path.join(MARKER),
            path,
        })
    }

    /// Whether the folder is there.
    pub(super) fn exists(&self) -> Result<bool, HostError> {
        match std::fs::metadata(&self.path) {
            Ok(metadata) => Ok(metadata.is_dir()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(HostError::io("examine", &self.path, error)),
        }
    }

    /// Keeps everybody else from changing the job.
    pub(super) fn lock(&self) -> Result<FileLock, HostError> {
        FileLock::beside(&self.state, &LockProfile::JOB)
    }

    /// The state, and which file it was read from.
    pub(super) fn read_state(&self, mode: Mode) -> Result<Option<(JobState, FileIdentity)>, HostError> {
        let Some((bytes, identity)) = read_if_there(&self.state, MAX_STATE_BYTES as u64)? else { return Ok(None) };
        Ok(Some((JobState::parse(&bytes, mode)?, identity)))
    }

    /// The state as it stands, for whoever holds the lock.
    pub(super) fn stored_state(&self, mode: Mode) -> Result<Option<JobState>, HostError> {
        Ok(self.read_state(mode)?.map(|(state, _)| state))
    }

    /// The journal; a missing one is empty.
    pub(super) fn read_journal(&self, mode: Mode) -> Result<Journal, HostError> {
        match read_if_there(&self.journal, MAX_JOURNAL_BYTES)? {
            Some((bytes, _)) => Ok(Journal::parse(&bytes, mode)?),
            None => Ok(Journal::default()),
        }
    }

    /// The mark of a change under way or interrupted.
    pub(super) fn read_marker(&self, mode: Mode) -> Result<Option<PendingMutation>, HostError> {
        match read_if_there(&self.marker, MAX_MARKER_BYTES as u64)? {
            Some((bytes, _)) => Ok(Some(PendingMutation::parse(&bytes, &self.job_id, mode)?)),
            None => Ok(None),
        }
    }

    pub(super) fn has_marker(&self) -> Result<bool, HostError> {
        exists(&self.marker)
    }

    /// Removes the mark; nothing to remove is fine.
    pub(super) fn remove_marker(&self) -> Result<(), HostError> {
        remove(&self.marker)
    }

    /// Removes the state of a job that was never submitted.
    pub(super) fn remove_state(&self) -> Result<(), HostError> {
        remove(&self.state)?;
        sync_folder(&self.path);
        Ok(())
    }

    /// Removes the unfinished files of writers that were killed. Only for whoever holds the lock, under which all writers
    /// write. Failures matter to nobody.
    pub(super) fn sweep(&self) {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_draft = |target: &str| {
                name.to_str()
                    .and_then(|name| name.strip_prefix('.')?.strip_prefix(target)?.strip_prefix(".tmp-"))
                    .is_some()
            };
            if is_draft(STATE) || is_draft(MARKER) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// A regular file's content and identity; nothing when there is no such file.
pub(super) fn read_if_there(path: &Path, limit: u64) -> Result<Option<(Vec<u8>, FileIdentity)>, HostError> {
    match read_regular(path, limit) {
        Ok(found) => Ok(Some(found)),
        Err(HostError::Io { source, .. }) if source.kind() == ErrorKind::NotFound && !exists(path)? => Ok(None),
        Err(error) => Err(error),
    }
}

fn remove(path: &Path) -> Result<(), HostError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(HostError::io("remove", path, error)),
    }
}
