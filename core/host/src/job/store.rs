//! The operations on stored jobs (05 §16, §19).

use std::path::{Path, PathBuf};

use gait_evidence::job::{
    BlockedDispatch, Checkpoint, CheckpointDraft, JobError, JobEvent, JobState, Mutation, Resumption, Submission, Tail,
    job_id,
};
use gait_gate::mode::Mode;

use super::folder::JobFolder;
use super::journal;
use super::notice::JobNotice;
use super::{DEFAULT_ROOT, mutation::Committed};
use crate::clock::{Clock, SystemClock};
use crate::error::HostError;
use crate::fs::{FileIdentity, clean_path, create_folder, sync_folder};

/// How often a reader that met a change under way looks again before it asks for the lock.
const UNLOCKED_READINGS: usize = 16;

/// The jobs below a root. Any number of processes and threads may use the same root.
pub struct JobStore {
    pub(super) root: PathBuf,
    pub(super) mode: Mode,
    clock: Box<dyn Clock>,
}

/// A job after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct JobChange {
    /// The state.
    pub state: JobState,
    /// What happened.
    pub event: JobEvent,
    /// What was found and done on the way.
    pub notices: Vec<JobNotice>,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct JobHistory {
    /// The state.
    pub state: JobState,
    /// The events that led to it, in order; empty where they were not asked for.
    pub events: Vec<JobEvent>,
    /// What was found and done on the way.
    pub notices: Vec<JobNotice>,
}

impl JobStore {
    /// The jobs below a root; a blank one is [`DEFAULT_ROOT`]. Nothing is opened or made yet.
    ///
    /// # Errors
    /// [`HostError::Io`] when the working folder of a relative root is unknown.
    pub fn new(root: impl AsRef<Path>, mode: Mode) -> Result<Self, HostError> {
        let root = root.as_ref();
        let blank = root.to_str().is_some_and(|text| text.trim().is_empty());
        let root = if blank { Path::new(DEFAULT_ROOT) } else { root };
        let absolute = std::path::absolute(root).map_err(|source| HostError::io("find", root, source))?;
        Ok(Self { root: clean_path(&absolute), mode, clock: Box::new(SystemClock) })
    }

    /// The same with another clock, by which every change is dated.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), ..self }
    }

    /// The root, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Starts a job. Missing folders are made.
    ///
    /// # Errors
    /// [`HostError::Job`] for an id that is none or is taken; [`HostError::LockTimeout`]; [`HostError::Io`].
    pub fn submit(&self, submission: &Submission) -> Result<JobChange, HostError> {
        let folder = self.folder(&submission.job_id)?;
        if !folder.exists()? {
            create_folder(&folder.path)?;
            // The folder itself must outlive a power failure, not only what lies in it.
            self.root.ancestors().take(3).for_each(sync_folder);
        }
        let lock = folder.lock()?;
        let notices = folder.recover(self.mode)?;
        folder.sweep();
        if folder.stored_state(self.mode)?.is_some() {
            return Err(JobError::Exists(folder.job_id).into());
        }
        let committed = folder.commit(submission.mutation(&self.clock.now())?, self.mode)?;
        lock.release();
        Ok(change(notices, committed))
    }

    /// Makes one change to a job, under its lock. `operation` is given the state as it stands and the time; nothing is
    /// written when it fails.
    ///
    /// # Errors
    /// [`HostError::Job`] for a job that does not exist or is malformed, and whatever `operation` refuses;
    /// [`HostError::LockTimeout`] with the code `job_lock_timeout` or `append_lock_timeout`; [`HostError::Io`].
    pub fn change(
        &self,
        typed_id: &str,
        operation: impl FnOnce(&JobState, &gait_base::time::Timestamp) -> Result<Mutation, JobError>,
    ) -> Result<JobChange, HostError> {
        let folder = self.folder(typed_id)?;
        if !folder.exists()? {
            return Err(JobError::NotFound.into());
        }
        let lock = folder.lock()?;
        let notices = folder.recover(self.mode)?;
        folder.sweep();
        let state = folder.stored_state(self.mode)?.ok_or(JobError::NotFound)?;
        let committed = folder.commit(operation(&state, &self.clock.now())?, self.mode)?;
        lock.release();
        Ok(change(notices, committed))
    }

    /// Adds a checkpoint; it stands last in the state.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn add_checkpoint(&self, job_id: &str, draft: &CheckpointDraft) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.add_checkpoint(draft, self.mode, now))
    }

    /// Pauses a job.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn pause(&self, job_id: &str, actor: &str) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.pause(actor, now))
    }

    /// Stops a job at once.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn stop(&self, job_id: &str, actor: &str) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.stop(actor, now))
    }

    /// Gives a job up for good.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn cancel(&self, job_id: &str, actor: &str) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.cancel(actor, now))
    }

    /// Records an approval.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn approve(&self, job_id: &str, actor: &str, reason: &str) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.approve(actor, reason, now))
    }

    /// Sets a job to work again.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn resume(&self, job_id: &str, resumption: &Resumption) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.resume(resumption, now))
    }

    /// Records that a call was blocked because the job is stopped.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn record_blocked_dispatch(&self, job_id: &str, blocked: BlockedDispatch<'_>) -> Result<JobChange, HostError> {
        self.change(job_id, |state, now| state.record_blocked_dispatch(blocked, now))
    }

    /// The state of a job. An interrupted change is settled first.
    ///
    /// # Errors
    /// [`HostError::Job`] when there is no such job or it is malformed; [`HostError::LockTimeout`] when an interrupted
    /// change cannot be settled; [`HostError::Io`].
    pub fn status(&self, job_id: &str) -> Result<JobHistory, HostError> {
        self.read(job_id, false)
    }

    /// The state of a job and the events that led to it. An interrupted change is settled first.
    ///
    /// # Errors
    /// As [`Self::status`].
    pub fn inspect(&self, job_id: &str) -> Result<JobHistory, HostError> {
        self.read(job_id, true)
    }

    /// One checkpoint of a job.
    ///
    /// # Errors
    /// As [`Self::status`]; [`HostError::Job`] when there is no such checkpoint.
    pub fn checkpoint(&self, job_id: &str, checkpoint_id: &str) -> Result<Checkpoint, HostError> {
        Ok(self.status(job_id)?.state.checkpoint(checkpoint_id)?.clone())
    }

    fn folder(&self, typed_id: &str) -> Result<JobFolder, HostError> {
        Ok(JobFolder::new(&self.root, job_id(typed_id)?)?)
    }

    fn read(&self, typed_id: &str, with_events: bool) -> Result<JobHistory, HostError> {
        let folder = self.folder(typed_id)?;
        for _ in 0..UNLOCKED_READINGS {
            if folder.has_marker()? {
                break;
            }
            let Some((state, identity)) = folder.read_state(self.mode)? else {
                if folder.has_marker()? {
                    break;
                }
                return Err(JobError::NotFound.into());
            };
            let history = self.with_journal(&folder, state, with_events);
            // Nobody began or finished a change meanwhile, so that state and journal belong together.
            if !folder.has_marker()? && FileIdentity::at(&folder.state)? == Some(identity) {
                return history;
            }
        }
        let lock = folder.lock()?;
        let mut notices = folder.recover(self.mode)?;
        let state = folder.stored_state(self.mode)?.ok_or(JobError::NotFound)?;
        let history = self.with_journal(&folder, state, with_events)?;
        lock.release();
        notices.extend(history.notices);
        Ok(JobHistory { notices, ..history })
    }

    fn with_journal(&self, folder: &JobFolder, state: JobState, with_events: bool) -> Result<JobHistory, HostError> {
        let (events, tail) = if with_events {
            let journal = folder.read_journal(self.mode)?;
            (journal.events, journal.tail)
        } else {
            // Who asks for the state alone is not bothered with a journal that cannot be read.
            (Vec::new(), journal::tail(&folder.journal, self.mode).unwrap_or_default())
        };
        let notices = match tail {
            Tail::Torn { bytes } => vec![JobNotice::JournalTorn { bytes }],
            Tail::Closed | Tail::Open => Vec::new(),
        };
        Ok(JobHistory { state, events, notices })
    }
}

fn change(mut notices: Vec<JobNotice>, committed: Committed) -> JobChange {
    notices.extend(committed.notices);
    JobChange { state: committed.state, event: committed.event, notices }
}
