//! Sessions in files: the lock, the journal, the state beside it, checkpoints and chains (04 §7).
//!
//! The rules are those of [`gait_evidence::session`]; here is what makes them hold on disk. A [`Session`] may be shared by
//! threads and lives beside other processes, those of other tools included. An append returns when its line is on disk;
//! what waits meanwhile goes with one write and one sync. A line that a crash cut off is set aside by the next command
//! that writes, and that command says so.

mod append;
mod chain;
mod checkpoint;
mod compact;
mod error;
mod journal;
mod queue;
mod repair;
mod settings;
mod start;
mod turn;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub use append::{Appended, AppendedAll};
pub use chain::{ChainDemand, ChainVerification, verify_chain};
pub use checkpoint::Checkpointed;
pub use compact::CompactionReport;
pub use error::SessionFault;
pub use repair::Repair;
pub use settings::{LockSettings, SessionSettings, StateWrites};
pub use start::Started;

use gait_evidence::runpack::DEFAULT_PRODUCER_VERSION;
use gait_evidence::session::{State, Status, default_chain_path};

use crate::error::HostError;
use crate::fs::{FileLock, LockProfile, create_parents, output_path, write_cache};
use journal::{Journal, Purpose, suffixed};
use queue::Queue;
use turn::Turn;

/// A session's journal, open for use by any number of threads.
pub struct Session {
    path: PathBuf,
    settings: SessionSettings,
    queue: Queue,
    /// What is known of the file. Changed only by whoever holds the lock between processes.
    journal: Mutex<Journal>,
}

impl Session {
    /// Names the journal of a session. Nothing is opened: the first operation tells whether it can be used.
    ///
    /// # Errors
    /// [`SessionFault::Host`] for a path that names no file or climbs out of the working folder.
    pub fn open(journal: &str, settings: SessionSettings) -> Result<Self, SessionFault> {
        let path = output_path(journal)?;
        let journal = Mutex::new(Journal::new(path.clone(), settings.mode));
        Ok(Self { path, settings, queue: Queue::default(), journal })
    }

    /// The journal's cleaned path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known about the session.
    ///
    /// # Errors
    /// [`SessionFault`]: contention, no journal, or one that cannot be read.
    pub fn status(&self) -> Result<Status, SessionFault> {
        let lock = self.lock()?;
        let mut journal = self.journal();
        let now = self.settings.clock.now();
        let status = journal.refresh(&now, Purpose::Read)?.state.status()?;
        self.save_rebuilt(&mut journal);
        drop(journal);
        lock.release();
        Ok(status)
    }

    /// An output's cleaned path, provided that it would not replace a file of the session itself.
    fn output(&self, typed: &str) -> Result<PathBuf, SessionFault> {
        let path = output_path(typed)?;
        let own = [".lock", journal::STATE_SUFFIX, ".lock.os"].map(|suffix| suffixed(&self.path, suffix));
        if path == self.path || path == self.chain_path() || own.contains(&path) {
            return Err(SessionFault::OwnFile(path));
        }
        Ok(path)
    }

    /// Where the chain lies: beside the journal.
    fn chain_path(&self) -> PathBuf {
        PathBuf::from(default_chain_path(&self.path.to_string_lossy()))
    }

    /// Takes the lock between processes. The journal's folder is made when it is missing.
    fn lock(&self) -> Result<FileLock, SessionFault> {
        let profile = self.settings.lock.profile();
        let started = Instant::now();
        let turn = Turn::take(&self.path, profile.timeout);
        let left = profile.timeout.saturating_sub(started.elapsed());
        let lock = self.lock_within(&LockProfile { timeout: left, ..profile });
        drop(turn);
        lock
    }

    fn lock_within(&self, profile: &LockProfile) -> Result<FileLock, SessionFault> {
        let taken = match FileLock::beside(&self.path, profile) {
            // Made only when it turns out to be missing: it hardly ever is.
            Err(HostError::Io { .. }) => {
                create_parents(&self.path)?;
                FileLock::beside(&self.path, profile)
            }
            taken => taken,
        };
        taken.map_err(|error| match error {
            HostError::LockTimeout { path, waited, .. } => {
                SessionFault::Contention { path, waited, lock: self.settings.lock }
            }
            error => SessionFault::Host(error),
        })
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the state if the settings want it after each operation, or it is due. For whoever holds the lock.
    fn save_state(&self, journal: &mut Journal) {
        if self.settings.state == StateWrites::Each || journal.is_save_due() {
            journal.save_state();
        }
    }

    /// Writes a state for which the journal had to be read, so that nobody has to read it again.
    fn save_rebuilt(&self, journal: &mut Journal) {
        if journal.is_rebuilt() {
            journal.save_state();
        }
    }
}

/// The state is a cache, so that nothing is lost when it cannot be written: the next one to need it reads the journal.
impl Drop for Session {
    fn drop(&mut self) {
        let unsaved = self.journal.get_mut().unwrap_or_else(PoisonError::into_inner).is_unsaved();
        if !unsaved {
            return;
        }
        let profile = LockProfile { timeout: settings::PARTING, ..self.settings.lock.profile() };
        if let Ok(lock) = self.lock_within(&profile) {
            let mut journal = self.journal();
            if journal.is_current() {
                journal.save_state();
            }
            drop(journal);
            lock.release();
        }
    }
}

/// Writes a state beside its journal; a failure costs only time.
fn store_state(journal: &Path, state: &State) -> bool {
    let written = state.to_file().map_err(HostError::from);
    written.and_then(|bytes| write_cache(&suffixed(journal, journal::STATE_SUFFIX), &bytes, crate::fs::PRIVATE)).is_ok()
}
