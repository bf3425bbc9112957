//! The kill switch's file, watched and replaced as a whole.

use std::path::PathBuf;

use gait_base::digest::sha256;
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::mode::Mode;
use gait_gate::state::{Revision, Swap, Versioned};

use crate::error::HostError;
use crate::fs::{
    FileLock, LockProfile, PRIVATE, Watched, create_folder, exists, local_path, read_regular, write_atomic,
};
use crate::kill_switch::STATE_LIMIT;

/// A kill switch that other processes may change at any time. Its revision is the digest of the file.
pub(super) struct SharedKillSwitch {
    watched: Watched<KillSwitchState>,
    /// Made when missing.
    folder: Option<PathBuf>,
}

impl SharedKillSwitch {
    pub(super) fn new(path: PathBuf, folder: Option<PathBuf>, mode: Mode) -> Self {
        let watched = Watched::new(path, STATE_LIMIT, move |bytes| Ok(KillSwitchState::parse(bytes, mode)?));
        Self { watched, folder }
    }

    /// The state as it stands now; a missing file is an error like any other.
    pub(super) fn load(&self) -> Result<Versioned<KillSwitchState>, HostError> {
        let seen = self.watched.load()?;
        Ok(Versioned { document: seen.document, revision: Revision(seen.digest) })
    }

    /// The revision now; a missing file has the default one.
    pub(super) fn revision(&self) -> Result<Revision, HostError> {
        match self.load() {
            Err(_) if !exists(self.watched.path())? => Ok(Revision::default()),
            loaded => loaded.map(|state| state.revision),
        }
    }

    /// Replaces the file if it still has the revision that was seen, under its lock.
    pub(super) fn replace(&self, seen: Revision, state: &KillSwitchState) -> Result<Swap, HostError> {
        let path = local_path(self.watched.path())?;
        let bytes = state.to_file()?;
        // Nobody could read back what is no valid state.
        KillSwitchState::parse(&bytes, Mode::Compat)?;
        if let Some(folder) = &self.folder {
            create_folder(folder)?;
        }
        let lock = FileLock::beside(&path, &LockProfile::APPEND)?;
        let current = if exists(&path)? {
            Revision(Some(sha256(&read_regular(&path, STATE_LIMIT)?.0)))
        } else {
            Revision::default()
        };
        if current != seen {
            return Ok(Swap::Stale(current));
        }
        let replaced = Revision(Some(sha256(&bytes)));
        if replaced != current {
            write_atomic(&path, &bytes, PRIVATE)?;
        }
        lock.release();
        Ok(Swap::Done(replaced))
    }
}
