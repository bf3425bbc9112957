//! Where requests are counted: in a state file that processes share, or in memory (03 §6).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gait_base::time::Timestamp;
use gait_gate::authority::limit::{CounterState, LimitDecision};
use gait_gate::mode::Mode;
use gait_gate::policy::document::Limit;

use crate::error::HostError;
use crate::fs::{
    FileLock, LockProfile, PRIVATE, clean_path, create_parents, exists, local_path, read_limited, write_atomic,
};

/// Where the state lies unless something else is said. Its folder is made when missing; others must exist.
pub const DEFAULT_STATE_PATH: &str = ".gait-out/gate_rate_limits.json";

/// Larger than any state: counters of past windows are dropped.
const STATE_LIMIT: u64 = 256 << 20;

/// A place where requests are counted. All threads may share one.
pub trait CounterStore: Send + Sync {
    /// Admits a request and counts it, or refuses it. `now` is the wall clock's time, whatever the evaluation's is.
    ///
    /// # Errors
    /// [`HostError`] when the counters cannot be had; the request must then not run.
    fn take(&self, limit: &Limit, tool_name: &str, identity: &str, now: &Timestamp)
    -> Result<LimitDecision, HostError>;
}

/// Counters in a state file, exact over all processes that use it.
#[derive(Clone, Debug)]
pub struct FileCounters {
    path: PathBuf,
    mode: Mode,
}

impl FileCounters {
    /// The counters of a state file. Nothing is opened yet.
    ///
    /// # Errors
    /// [`HostError::PathNotLocal`] when the path leads out of the working folder.
    pub fn at(path: impl AsRef<Path>, mode: Mode) -> Result<Self, HostError> {
        Ok(Self { path: local_path(path.as_ref())?, mode })
    }
}

impl CounterStore for FileCounters {
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, HostError> {
        if self.path == clean_path(Path::new(DEFAULT_STATE_PATH)) {
            create_parents(&self.path)?;
        }
        let lock = FileLock::beside(&self.path, &LockProfile::RATE_LIMIT)?;
        let mut state = if exists(&self.path)? {
            CounterState::parse(&read_limited(&self.path, STATE_LIMIT)?, self.mode)?
        } else {
            CounterState::default()
        };
        let decision = state.take(limit, tool_name, identity, now);
        if decision.allowed {
            write_atomic(&self.path, &state.to_file()?, PRIVATE)?;
        }
        lock.release();
        Ok(decision)
    }
}

/// Counters of this process alone, gone with it.
#[derive(Debug, Default)]
pub struct MemoryCounters(Mutex<CounterState>);

impl CounterStore for MemoryCounters {
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, HostError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).take(limit, tool_name, identity, now))
    }
}

/// Counts nothing: every request is the first. What a library caller gets who names no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uncounted;

impl CounterStore for Uncounted {
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, HostError> {
        Ok(CounterState::default().take(limit, tool_name, identity, now))
    }
}

#[cfg(test)]
mod tests {
    use gait_base::error::{Category, Classify};
    use gait_gate::policy::document::{LimitScope, LimitWindow};

    use super::*;

    const HOURLY: Limit = Limit { requests: 30, window: LimitWindow::Hour, scope: LimitScope::Tool };

    fn count_of(store: &dyn CounterStore, tries: usize) -> usize {
        let now = Timestamp::EPOCH_1980;
        (0..tries).filter(|_| store.take(&HOURLY, "tool.write", "alice", &now).unwrap().allowed).count()
    }

    #[test]
    fn stores_admit_exactly_as_many_as_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let file = FileCounters::at(folder.path().join("state.json"), Mode::Strict).unwrap();
        let memory = MemoryCounters::default();
        for store in [&file as &dyn CounterStore, &memory] {
            let admitted: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| count_of(store, 10))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(admitted, 30);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no lock stays");
        let again = FileCounters::at(folder.path().join("state.json"), Mode::Strict).unwrap();
        let decision = again.take(&HOURLY, "tool.write", "bob", &Timestamp::EPOCH_1980).unwrap();
        assert_eq!((decision.allowed, decision.used, decision.remaining), (false, 30, 0));
        assert_eq!(count_of(&Uncounted, 40), 40);
    }

    #[test]
    fn a_refusal_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let store = FileCounters::at(&path, Mode::Compat).unwrap();
        count_of(&store, 30);
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&before[..], b" \n"].concat()).unwrap();
        assert_eq!(count_of(&store, 1), 0);
        assert_eq!(std::fs::read(&path).unwrap(), [&before[..], b" \n"].concat());
    }

    #[test]
    fn problems_are_classified() {
        let folder = tempfile::tempdir().unwrap();
        let take = |path: &Path| {
            let now = Timestamp::EPOCH_1980;
            FileCounters::at(path, Mode::Compat).unwrap().take(&HOURLY, "t", "i", &now).unwrap_err()
        };
        let path = folder.path().join("state.json");
        assert_eq!(take(&folder.path().join("missing/state.json")).category(), Category::IoFailure);
        std::fs::write(&path, "[").unwrap();
        assert_eq!(take(&path).category(), Category::InvalidInput);
        std::fs::write(folder.path().join("state.json.lock"), "").unwrap();
        let error = take(&path);
        assert_eq!((error.category(), error.code()), (Category::StateContention, "rate_limit_lock_timeout"));
        assert_eq!(FileCounters::at("../x", Mode::Compat).unwrap_err().code(), "path_not_local");
    }
}
