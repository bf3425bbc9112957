//! State of this process alone, gone with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gait_base::digest::{Digest, sha256};
use gait_base::time::Timestamp;

use super::ledger::UsedTokens;
use super::{Claim, Revision, StateError, StateStore, Swap, TokenUse, Topic, Versioned, decision_digests};
use crate::authority::approval::{ApprovalRequest, ApprovalToken};
use crate::authority::kill_switch::KillSwitchState;
use crate::authority::limit::{CounterState, LimitDecision};
use crate::mode::Mode;
use crate::policy::document::Limit;

/// The most requests and the most approvals that are kept at once.
pub const APPROVAL_CAPACITY: usize = 10_000;

/// Keeps everything in memory, for the threads of this process.
///
/// It keeps no kill switch until it is given one. It is bounded: counters by
/// [`COUNTER_CAPACITY`](crate::authority::limit::COUNTER_CAPACITY) in a window, used tokens by
/// [`LEDGER_CAPACITY`](super::LEDGER_CAPACITY) that live at once, requests and approvals by [`APPROVAL_CAPACITY`] each, after
/// those have gone that were over at the time of the last take or claim. What goes beyond is an error.
#[derive(Debug, Default)]
pub struct MemoryStore {
    counting: Mutex<Counting>,
    used: Mutex<UsedTokens>,
    shared: Mutex<Shared>,
    changed: Condvar,
}

/// The counters, and the clock's time when it was last shown.
#[derive(Debug, Default)]
struct Counting {
    counters: CounterState,
    now: Timestamp,
}

/// What threads wait for.
#[derive(Debug, Default)]
struct Shared {
    kill_switch: Option<Versioned<KillSwitchState>>,
    requests: BTreeMap<(Digest, Digest), ApprovalRequest>,
    approvals: BTreeMap<(Digest, Digest), BTreeMap<(String, Digest), ApprovalToken>>,
    approvals_revision: Revision,
}

impl MemoryStore {
    /// An empty store. The mode says how clocks that jump are taken, see [`CounterState`].
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self {
            counting: Mutex::new(Counting { counters: CounterState::new(mode), now: Timestamp::ZERO }),
            ..Self::default()
        }
    }

    /// The same store with a kill switch in it.
    ///
    /// # Errors
    /// [`StateError`] when it is no valid state.
    pub fn with_kill_switch(self, state: KillSwitchState) -> Result<Self, StateError> {
        self.shared().kill_switch = Some(versioned(&state)?);
        Ok(self)
    }

    // Whoever panicked while holding one of these left it whole: each change below is a single step.
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counting(&self) -> MutexGuard<'_, Counting> {
        self.counting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn revision(&self, topic: Topic) -> Revision {
        match topic {
            Topic::KillSwitch => self.kill_switch.as_ref().map(|kept| kept.revision).unwrap_or_default(),
            Topic::Approvals => self.approvals_revision,
        }
    }

    /// Sets the revision to what is there now.
    fn approvals_changed(&mut self) {
        let mut content = Vec::new();
        for (intent, policy) in self.requests.keys() {
            content.push(b'r');
            content.extend_from_slice(intent.as_bytes());
            content.extend_from_slice(policy.as_bytes());
        }
        for (_, token) in self.approvals.values().flat_map(BTreeMap::keys) {
            content.push(b't');
            content.extend_from_slice(token.as_bytes());
        }
        self.approvals_revision = Revision((!content.is_empty()).then(|| sha256(&content)));
    }

    fn drop_what_is_over(&mut self, now: &Timestamp) {
        for tokens in self.approvals.values_mut() {
            tokens.retain(|_, token| !token.expires_at.is_before(now));
        }
        self.approvals.retain(|_, tokens| !tokens.is_empty());
    }
}

impl StateStore for MemoryStore {
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, StateError> {
        let mut counting = self.counting();
        counting.now = *now;
        counting.counters.take(limit, tool_name, identity, now).map_err(|error| StateError::of(&error))
    }

    fn claim(&self, uses: &[TokenUse], now: &Timestamp) -> Result<Claim, StateError> {
        self.counting().now = *now;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.claim(uses, now).map_err(|error| StateError::of(&error))
    }

    fn kill_switch(&self) -> Result<Option<Versioned<KillSwitchState>>, StateError> {
        Ok(self.shared().kill_switch.clone())
    }

    fn replace_kill_switch(&self, seen: Revision, state: KillSwitchState) -> Result<Swap, StateError> {
        let replacement = versioned(&state)?;
        let revision = replacement.revision;
        let mut shared = self.shared();
        let current = shared.revision(Topic::KillSwitch);
        if current != seen {
            return Ok(Swap::Stale(current));
        }
        if current != revision {
            shared.kill_switch = Some(replacement);
            self.changed.notify_all();
        }
        Ok(Swap::Done(revision))
    }

    fn request_approval(&self, request: &ApprovalRequest) -> Result<(), StateError> {
        let place = decision_digests(&request.intent_digest, &request.policy_digest)?;
        let mut shared = self.shared();
        if shared.requests.contains_key(&place) {
            return Ok(());
        }
        if shared.requests.len() >= APPROVAL_CAPACITY {
            return Err(StateError::full("approval requests", APPROVAL_CAPACITY));
        }
        shared.requests.insert(place, request.clone());
        shared.approvals_changed();
        self.changed.notify_all();
        Ok(())
    }

    fn approval_requests(&self) -> Result<Vec<ApprovalRequest>, StateError> {
        let mut requests: Vec<_> = self.shared().requests.values().cloned().collect();
        requests.sort_by(|a, b| a.created_at.cmp_instant(&b.created_at));
        Ok(requests)
    }

    fn withdraw_request(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<(), StateError> {
        let mut shared = self.shared();
        if shared.requests.remove(&(*intent_digest, *policy_digest)).is_some() {
            shared.approvals_changed();
            self.changed.notify_all();
        }
        Ok(())
    }

    fn add_approval(&self, token: &ApprovalToken) -> Result<(), StateError> {
        let place = decision_digests(&token.intent_digest, &token.policy_digest)?;
        let bytes = gait_base::json::to_indented(token).map_err(|error| StateError::of(&error))?;
        let now = self.counting().now;
        let mut shared = self.shared();
        shared.drop_what_is_over(&now);
        let kept: usize = shared.approvals.values().map(BTreeMap::len).sum();
        if kept >= APPROVAL_CAPACITY {
            return Err(StateError::full("approvals", APPROVAL_CAPACITY));
        }
        let name = (token.token_id.clone(), sha256(&bytes));
        shared.approvals.entry(place).or_default().insert(name, token.clone());
        shared.approvals_changed();
        self.changed.notify_all();
        Ok(())
    }

    fn approvals(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<Vec<ApprovalToken>, StateError> {
        let shared = self.shared();
        let tokens = shared.approvals.get(&(*intent_digest, *policy_digest));
        Ok(tokens.into_iter().flat_map(BTreeMap::values).cloned().collect())
    }

    fn revision(&self, topic: Topic) -> Result<Revision, StateError> {
        Ok(self.shared().revision(topic))
    }

    /// As promised by the trait, woken by whoever changes the topic. On WebAssembly nobody else could: there the answer
    /// comes at once.
    fn wait(&self, topic: Topic, seen: Revision, patience: Duration) -> Result<Revision, StateError> {
        let shared = self.shared();
        if cfg!(target_family = "wasm") {
            return Ok(shared.revision(topic));
        }
        let unchanged = |shared: &mut Shared| shared.revision(topic) == seen;
        let (shared, _) =
            self.changed.wait_timeout_while(shared, patience, unchanged).unwrap_or_else(PoisonError::into_inner);
        Ok(shared.revision(topic))
    }
}

/// A state in normal form under its revision.
fn versioned(state: &KillSwitchState) -> Result<Versioned<KillSwitchState>, StateError> {
    let bytes = state.to_file().map_err(|error| StateError::of(&error))?;
    let document = KillSwitchState::parse(&bytes, Mode::Compat).map_err(|error| StateError::of(&error))?;
    Ok(Versioned { document: Arc::new(document), revision: Revision(Some(sha256(&bytes))) })
}

#[cfg(test)]
mod tests;
