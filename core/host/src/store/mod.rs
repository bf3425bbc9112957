//! State in files that processes share: counters, used tokens, the kill switch, approvals on their way.

mod approvals;
mod counters;
mod kill_switch;
mod ledger;
mod shared;

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use gait_base::digest::Digest;
use gait_base::time::Timestamp;
use gait_gate::authority::approval::{ApprovalRequest, ApprovalToken};
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::authority::limit::{CounterState, LimitDecision};
use gait_gate::mode::Mode;
use gait_gate::policy::document::Limit;
use gait_gate::state::{
    Claim, MemoryStore, Revision, StateError, StateStore, Swap, TokenUse, Topic, UsedTokens, Versioned,
};

use crate::error::HostError;
use crate::fs::{clean_path, local_path};
use approvals::ApprovalFolder;
use counters::Take;
use kill_switch::SharedKillSwitch;
use ledger::Claiming;
use shared::SharedFile;

/// Where the counters lie unless something else is said. Its folder is made when missing; others must exist.
pub const DEFAULT_COUNTERS_PATH: &str = ".gait-out/gate_rate_limits.json";

/// The folder of all default names.
const DEFAULT_FOLDER: &str = ".gait-out";

/// The first pause between two looks while waiting; each further one is half as long again, up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// Where state lies. What is not named is kept in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileStorePaths {
    /// File of the counters.
    pub counters: Option<PathBuf>,
    /// File of the tokens that were used.
    pub used_tokens: Option<PathBuf>,
    /// File of the kill switch. Once it is named it must be there: a missing file is an error, not the absence of entries.
    pub kill_switch: Option<PathBuf>,
    /// Folder of requests for approvals and of their answers; made when missing, but not the folder above it.
    pub approvals: Option<PathBuf>,
    /// A folder that is made when missing, 0750 less the umask. All others must exist.
    pub made: Option<PathBuf>,
}

impl FileStorePaths {
    /// The default names beneath a folder: `.gait-out/gate_rate_limits.json`, `gate_used_tokens.json`,
    /// `kill_switch_state.json` and `approvals` beside it. `.gait-out` is made when missing.
    ///
    /// The kill switch is among them, so that it must be started before a gate can ask it.
    #[must_use]
    pub fn beneath(folder: impl AsRef<Path>) -> Self {
        let folder = clean_path(&folder.as_ref().join(DEFAULT_FOLDER));
        Self {
            counters: Some(folder.join("gate_rate_limits.json")),
            used_tokens: Some(folder.join("gate_used_tokens.json")),
            kill_switch: Some(folder.join("kill_switch_state.json")),
            approvals: Some(folder.join("approvals")),
            made: Some(folder),
        }
    }

    /// Counters alone. The folder of the default path is made when missing.
    #[must_use]
    pub fn counters_at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let made = (clean_path(&path) == Path::new(DEFAULT_COUNTERS_PATH)).then(|| PathBuf::from(DEFAULT_FOLDER));
        Self { counters: Some(path), made, ..Self::default() }
    }

    /// Whether anything is named.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.counters.is_some() || self.used_tokens.is_some() || self.kill_switch.is_some() || self.approvals.is_some()
    }
}

/// State in files that processes share, the reference tool's included.
///
/// Every change is made under the lock `<file>.lock` and is on disk before it is answered. Threads of one process share one
/// write. Files are written anew and renamed into place, so that they are whole at any instant.
///
/// A file that cannot be read, or is no such file, makes the question fail; it is never taken for an empty one. A missing
/// file stands for no counters and no used tokens.
pub struct FileStore {
    counters: Option<SharedFile<CounterState>>,
    used_tokens: Option<SharedFile<UsedTokens>>,
    kill_switch: Option<SharedKillSwitch>,
    approvals: Option<ApprovalFolder>,
    /// What keeps the rest.
    memory: MemoryStore,
}

impl FileStore {
    /// A store at these places. Nothing is opened yet.
    ///
    /// # Errors
    /// [`HostError::PathNotLocal`] for a path that leads out of the working folder; of the kill switch only when it is
    /// replaced.
    pub fn new(paths: FileStorePaths, mode: Mode) -> Result<Self, HostError> {
        let local = |path: Option<PathBuf>| path.map(|path| local_path(&path)).transpose();
        let FileStorePaths { counters, used_tokens, kill_switch, approvals, made } = paths;
        Ok(Self {
            counters: local(counters)?.map(|path| SharedFile::new(path, made.clone(), mode)),
            used_tokens: local(used_tokens)?.map(|path| SharedFile::new(path, made.clone(), mode)),
            kill_switch: kill_switch.map(|path| SharedKillSwitch::new(path, made.clone(), mode)),
            approvals: local(approvals)?.map(|path| ApprovalFolder::new(path, made, mode)),
            memory: MemoryStore::new(mode),
        })
    }
}

impl StateStore for FileStore {
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, StateError> {
        let Some(file) = &self.counters else { return self.memory.take(limit, tool_name, identity, now) };
        let (tool_name, identity) = (tool_name.to_owned(), identity.to_owned());
        file.submit(Take { limit: *limit, tool_name, identity, now: *now })
    }

    fn claim(&self, uses: &[TokenUse], now: &Timestamp) -> Result<Claim, StateError> {
        let Some(file) = &self.used_tokens else { return self.memory.claim(uses, now) };
        file.submit(Claiming { uses: uses.to_vec(), now: *now })
    }

    fn kill_switch(&self) -> Result<Option<Versioned<KillSwitchState>>, StateError> {
        let Some(file) = &self.kill_switch else { return self.memory.kill_switch() };
        file.load().map(Some).map_err(|error| StateError::of(&error))
    }

    fn replace_kill_switch(&self, seen: Revision, state: KillSwitchState) -> Result<Swap, StateError> {
        let Some(file) = &self.kill_switch else { return self.memory.replace_kill_switch(seen, state) };
        file.replace(seen, &state).map_err(|error| StateError::of(&error))
    }

    fn request_approval(&self, request: &ApprovalRequest) -> Result<(), StateError> {
        self.approvals.as_ref().map_or_else(|| self.memory.request_approval(request), |folder| folder.request(request))
    }

    fn approval_requests(&self) -> Result<Vec<ApprovalRequest>, StateError> {
        self.approvals.as_ref().map_or_else(|| self.memory.approval_requests(), ApprovalFolder::requests)
    }

    fn withdraw_request(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<(), StateError> {
        let Some(folder) = &self.approvals else { return self.memory.withdraw_request(intent_digest, policy_digest) };
        folder.withdraw(intent_digest, policy_digest)
    }

    fn add_approval(&self, token: &ApprovalToken) -> Result<(), StateError> {
        self.approvals.as_ref().map_or_else(|| self.memory.add_approval(token), |folder| folder.add(token))
    }

    fn approvals(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<Vec<ApprovalToken>, StateError> {
        let Some(folder) = &self.approvals else { return self.memory.approvals(intent_digest, policy_digest) };
        folder.tokens(intent_digest, policy_digest)
    }

    fn revision(&self, topic: Topic) -> Result<Revision, StateError> {
        match (topic, &self.kill_switch, &self.approvals) {
            (Topic::KillSwitch, Some(file), _) => file.revision().map_err(|error| StateError::of(&error)),
            (Topic::Approvals, _, Some(folder)) => folder.revision(),
            _ => self.memory.revision(topic),
        }
    }

    /// As promised by the trait. Other processes cannot wake this one: it looks again and again, after 1 ms at first and
    /// then ever more rarely, down to 40 times a second.
    fn wait(&self, topic: Topic, seen: Revision, patience: Duration) -> Result<Revision, StateError> {
        let in_memory = match topic {
            Topic::KillSwitch => self.kill_switch.is_none(),
            Topic::Approvals => self.approvals.is_none(),
        };
        if in_memory {
            return self.memory.wait(topic, seen, patience);
        }
        let (started, mut pause) = (Instant::now(), SHORTEST_PAUSE);
        loop {
            let revision = self.revision(topic)?;
            let left = patience.saturating_sub(started.elapsed());
            if revision != seen || left.is_zero() {
                return Ok(revision);
            }
            sleep(pause.min(left));
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests;
