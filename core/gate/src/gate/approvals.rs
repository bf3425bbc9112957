//! Approvals on their way: what the store of a gate keeps for a request, and whether it would do.

use std::time::Duration;

use gait_base::digest::Digest;
use gait_base::time::Timestamp;

use super::Gate;
use crate::authority::approval::{ApprovalRequest, ApprovalToken, count};
use crate::authority::token::Presented;
use crate::state::{StateError, Topic};

/// The approvals that are there for a request.
#[derive(Clone, Debug)]
pub struct AwaitedApprovals {
    /// All of them, by token id.
    pub tokens: Vec<Presented<ApprovalToken>>,
    /// Whether they would turn the hold into an allow: enough of them are valid and were not used before.
    pub suffice: bool,
}

impl Gate {
    /// The approvals that the store keeps for a request. While they do not suffice it waits for one change, at most for
    /// `patience`; whoever waits longer asks again. `spent` are ids of tokens that were used before.
    ///
    /// # Errors
    /// [`StateError`] when the request names no digests, or the store fails.
    pub fn await_approvals(
        &self,
        request: &ApprovalRequest,
        spent: &[String],
        now: Timestamp,
        patience: Duration,
    ) -> Result<AwaitedApprovals, StateError> {
        // Before the look, so that nothing that comes in between is missed.
        let seen = self.store.revision(Topic::Approvals)?;
        let found = self.stored_approvals(request, spent, now)?;
        if found.suffice || self.store.wait(Topic::Approvals, seen, patience)? == seen {
            return Ok(found);
        }
        self.stored_approvals(request, spent, now)
    }

    fn stored_approvals(
        &self,
        request: &ApprovalRequest,
        spent: &[String],
        now: Timestamp,
    ) -> Result<AwaitedApprovals, StateError> {
        let (intent_digest, policy_digest) = request.digests()?;
        let tokens = self.store.approvals(&intent_digest, &policy_digest)?;
        let tokens: Vec<_> = tokens.into_iter().map(Presented::new).collect();
        let used = tokens.iter().filter(|one| spent.contains(&one.token().token_id));
        let used: Vec<Digest> = used.filter_map(Presented::content_digest).collect();
        let expectation = request.expectation(now)?;
        let required = request.required_approvals;
        let counted = count(&tokens, &self.approvers, &expectation, required, &*self.signatures, &used);
        Ok(AwaitedApprovals { tokens, suffice: counted.granted })
    }
}
