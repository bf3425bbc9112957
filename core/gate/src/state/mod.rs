//! Where a gate keeps what outlives one decision: counters, the kill switch, used tokens, approvals on their way.
//!
//! [`StateStore`] is the seam. A store may live in memory ([`MemoryStore`]), in files that processes share (the host's file
//! store), or in a database of the caller's. Four properties make it safe to share, and every implementation owes them:
//!
//! - taking a slot of a limit is one atomic step: whatever the number of processes, no more are admitted than the limit says;
//! - claiming tokens is one atomic step: all of them, or none;
//! - a document is replaced only if it is still the one that was read ([`Swap`]);
//! - a change is seen by the next question, in every process; [`StateStore::wait`] tells of it without being asked again.
//!
//! A store that fails answers with a [`StateError`], which never lets anything pass.

mod error;
mod ledger;
mod memory;

pub use error::StateError;
pub use ledger::{LEDGER_CAPACITY, LedgerError, UsedTokens};
pub use memory::{APPROVAL_CAPACITY, MemoryStore};

use std::sync::Arc;
use std::time::Duration;

use gait_base::digest::Digest;
use gait_base::time::Timestamp;

use crate::authority::approval::{ApprovalRequest, ApprovalToken};
use crate::authority::kill_switch::KillSwitchState;
use crate::authority::limit::LimitDecision;
use crate::policy::document::Limit;

/// Which state of a document somebody saw. Equal revisions mean equal content; a document that is not there has the default one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Revision(pub Option<Digest>);

/// What can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The kill switch.
    KillSwitch,
    /// Approvals and requests for them.
    Approvals,
}

/// A document with the revision under which it was read.
#[derive(Clone, Debug)]
pub struct Versioned<T> {
    /// The document. The same allocation as before while it did not change.
    pub document: Arc<T>,
    /// Its revision.
    pub revision: Revision,
}

/// What came of replacing a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// It was replaced; this is its revision now.
    Done(Revision),
    /// Somebody else replaced it first; this is the revision that stands. Nothing was written.
    Stale(Revision),
}

/// One use of a token that may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenUse {
    /// Digest of the token's content: no other spelling of the same token has another.
    pub token: Digest,
    /// When the token ends; a ledger may forget it then, if it never admits it again.
    pub expires_at: Timestamp,
}

/// What came of claiming tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// All are claimed now, and were not before.
    Granted,
    /// These were claimed before. None of the others is claimed now.
    Used(Vec<Digest>),
}

/// What claims tokens for a decision in the making: [`StateStore::claim`] with the moment and the caller's error.
pub type Ledger<'a, E> = &'a mut dyn FnMut(&[TokenUse]) -> Result<Claim, E>;

/// A place where state is kept. All threads may share one.
pub trait StateStore: Send + Sync {
    /// Admits one request under a limit and counts it, or refuses it: one atomic step. `now` is the wall clock's time.
    ///
    /// # Errors
    /// [`StateError`] when the counters cannot be had; the request must then not run.
    fn take(
        &self,
        limit: &Limit,
        tool_name: &str,
        identity: &str,
        now: &Timestamp,
    ) -> Result<LimitDecision, StateError>;

    /// Claims tokens that may be used once: all of them, or none when any was claimed before.
    ///
    /// A token that has been over for as long as the ledger remembers counts as claimed, so that a clock that is set back
    /// brings none to life again.
    ///
    /// # Errors
    /// [`StateError`] when the ledger cannot be had; nothing may pass on these tokens then.
    fn claim(&self, uses: &[TokenUse], now: &Timestamp) -> Result<Claim, StateError>;

    /// The kill switch as it stands now, or `None` when this store keeps none.
    ///
    /// # Errors
    /// [`StateError`] when there is one and it cannot be read.
    fn kill_switch(&self) -> Result<Option<Versioned<KillSwitchState>>, StateError>;

    /// Replaces the kill switch if it is still at the revision that was seen. From the default revision it is created
    /// where a store could keep one and none is there.
    ///
    /// # Errors
    /// [`StateError`] when this store can keep none, the state is invalid, or it cannot be written.
    fn replace_kill_switch(&self, seen: Revision, state: KillSwitchState) -> Result<Swap, StateError>;

    /// Leaves a request where approvers find it. Asking again for the same decision changes nothing.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be kept.
    fn request_approval(&self, request: &ApprovalRequest) -> Result<(), StateError>;

    /// The requests that wait, oldest first.
    ///
    /// # Errors
    /// [`StateError`] when they cannot be read.
    fn approval_requests(&self) -> Result<Vec<ApprovalRequest>, StateError>;

    /// Takes a request back, answered or not. An unknown one is no error.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be removed.
    fn withdraw_request(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<(), StateError>;

    /// Leaves an approval where the gate finds it. Nothing is verified here; the gate does that.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be kept.
    fn add_approval(&self, token: &ApprovalToken) -> Result<(), StateError>;

    /// The approvals that name this intent and this policy, by token id.
    ///
    /// # Errors
    /// [`StateError`] when they cannot be read.
    fn approvals(&self, intent_digest: &Digest, policy_digest: &Digest) -> Result<Vec<ApprovalToken>, StateError>;

    /// The revision of a topic now.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be had.
    fn revision(&self, topic: Topic) -> Result<Revision, StateError>;

    /// Waits until a topic's revision is not the one seen, at most for `patience`, and tells the revision then.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be had.
    fn wait(&self, topic: Topic, seen: Revision, patience: Duration) -> Result<Revision, StateError>;
}

/// The digests that name a decision, from a document that claims them. Every store files approvals by these and by no
/// other text of a document.
///
/// # Errors
/// [`StateError`] when one is no digest.
pub fn decision_digests(intent_digest: &str, policy_digest: &str) -> Result<(Digest, Digest), StateError> {
    let read = |text: &str| Digest::parse_hex(&text.trim().to_ascii_lowercase()).ok_or_else(StateError::no_digest);
    Ok((read(intent_digest)?, read(policy_digest)?))
}
