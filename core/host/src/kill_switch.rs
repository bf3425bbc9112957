//! The kill switch on disk: its state, read and changed under its lock, and the journal of what it stopped
//! (03 §5.1, §5.2, §5.5).

use std::path::{Path, PathBuf};

use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{JOURNAL_FILE_NAME, KillSwitchJournalRecord, KillSwitchState};
use gait_gate::mode::Mode;

use crate::error::HostError;
use crate::fs::{
    Appended, FileLock, LockProfile, PRIVATE, append_line, clean_path, create_parents, exists, local_path,
    read_limited, write_atomic,
};

/// Where the state lies unless something else is said. Its folder is made when missing; others must exist.
pub const DEFAULT_STATE_PATH: &str = "./.gait-out/kill_switch_state.json";

/// Larger than any state.
pub(crate) const STATE_LIMIT: u64 = 64 << 20;

/// What a change finds when there is no state file.
#[derive(Clone, Copy, Debug)]
pub enum Missing<'a> {
    /// An error.
    Refuse,
    /// A state without entries.
    Start {
        /// Version of the program that starts it.
        producer_version: &'a str,
        /// When.
        now: &'a Timestamp,
    },
}

/// Reads a state file.
///
/// # Errors
/// [`HostError::Io`] when it is missing or unreadable, [`HostError::KillSwitch`] when it holds no valid state.
pub fn load(path: impl AsRef<Path>, mode: Mode) -> Result<KillSwitchState, HostError> {
    Ok(KillSwitchState::parse(&read_limited(path, STATE_LIMIT)?, mode)?)
}

/// As [`load`], but a missing file is a state without entries where `missing` says so.
///
/// # Errors
/// As [`load`].
pub fn load_or(path: impl AsRef<Path>, mode: Mode, missing: Missing<'_>) -> Result<KillSwitchState, HostError> {
    match missing {
        Missing::Start { producer_version, now } if !exists(&path)? => {
            Ok(KillSwitchState::fresh(producer_version, now)?)
        }
        Missing::Start { .. } | Missing::Refuse => load(path, mode),
    }
}

/// Reads a state, changes it and writes it back, all under the lock `<path>.lock`, so that no change of another process
/// is lost. Returns the state as it was changed (a new entry stands last in it) and what `change` returned. Nothing is
/// written when `change` fails.
///
/// # Errors
/// As [`load`]; [`HostError::PathNotLocal`]; [`HostError::LockTimeout`]; whatever `change` returns.
pub fn change<T, E: From<HostError>>(
    path: impl AsRef<Path>,
    mode: Mode,
    missing: Missing<'_>,
    change: impl FnOnce(&mut KillSwitchState) -> Result<T, E>,
) -> Result<(KillSwitchState, T), E> {
    let path = local_path(path.as_ref())?;
    if path == clean_path(Path::new(DEFAULT_STATE_PATH)) {
        create_parents(&path)?;
    }
    let lock = FileLock::beside(&path, &LockProfile::APPEND)?;
    let mut state = load_or(&path, mode, missing)?;
    let outcome = change(&mut state)?;
    let bytes = state.to_file().map_err(HostError::from)?;
    write_atomic(&path, &bytes, PRIVATE)?;
    lock.release();
    Ok((state, outcome))
}

/// Appends a line to the journal beside a state file.
///
/// # Errors
/// As [`append_line`]; [`HostError::Encode`] when the record has no written form.
pub fn append_journal(state_path: impl AsRef<Path>, record: &KillSwitchJournalRecord) -> Result<Appended, HostError> {
    append_line(journal_path(state_path.as_ref()), &record.to_line()?, PRIVATE)
}

/// Where the journal of a state file lies.
#[must_use]
pub fn journal_path(state_path: &Path) -> PathBuf {
    clean_path(state_path).with_file_name(JOURNAL_FILE_NAME)
}

#[cfg(test)]
mod tests {
    use gait_base::error::{Category, Classify};
    use gait_gate::authority::kill_switch::KillSwitchEntry;

    use super::*;

    fn entry(tool: &str) -> KillSwitchEntry {
        KillSwitchEntry { tool_name: tool.to_owned(), ..KillSwitchEntry::default() }
    }

    #[test]
    fn concurrent_changes_all_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let now = Timestamp::EPOCH_1980;
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..5 {
                        let missing = Missing::Start { producer_version: "1", now: &now };
                        let changed: Result<_, HostError> = change(path, Mode::Compat, missing, |state| {
                            Ok(state
                                .add(entry(&format!("tool.{thread}.{number}")), &now)
                                .map(|entry| entry.entry_id.clone())?)
                        });
                        let (state, id) = changed.unwrap();
                        assert_eq!(state.entries.last().unwrap().entry_id, id);
                    }
                });
            }
        });
        let state = load(&path, Mode::Strict).unwrap();
        assert_eq!(state.entries.len(), 20);
        assert!(state.entries.windows(2).all(|pair| pair[0].entry_id <= pair[1].entry_id));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_change_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let now = Timestamp::EPOCH_1980;
        let missing = Missing::Start { producer_version: "1", now: &now };
        let failed: Result<(_, ()), HostError> =
            change(&path, Mode::Compat, missing, |state| Ok(state.disable("none", &now).map(|_| ())?));
        assert_eq!(failed.unwrap_err().category(), Category::InvalidInput);
        assert!(!path.exists());
        let refused: Result<(_, ()), HostError> = change(&path, Mode::Compat, Missing::Refuse, |_| Ok(()));
        assert_eq!(refused.unwrap_err().code(), "file_unusable");
        let nowhere = folder.path().join("missing/state.json");
        let refused: Result<(_, ()), HostError> = change(nowhere, Mode::Compat, missing, |_| Ok(()));
        assert_eq!(refused.unwrap_err().category(), Category::InvalidInput);
    }

    #[test]
    fn the_journal_lies_beside_the_state() {
        assert_eq!(journal_path(Path::new("a/../b/state.json")), Path::new("b").join(JOURNAL_FILE_NAME));
        assert_eq!(journal_path(Path::new("state.json")), Path::new(JOURNAL_FILE_NAME));
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("made/state.json");
        for _ in 0..2 {
            append_journal(&state, &KillSwitchJournalRecord::default()).unwrap();
        }
        let journal = std::fs::read_to_string(folder.path().join("made").join(JOURNAL_FILE_NAME)).unwrap();
        assert_eq!(journal.lines().count(), 2);
    }
}
