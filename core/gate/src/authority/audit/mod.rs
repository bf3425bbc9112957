//! What is written down about approvals, delegations and brokered credentials: one record each beside the trace
//! (03 §2.5, §2.6, §3.6, §10.6).

mod approval;
mod credential;
mod delegation;
mod relationship;

pub use approval::{ApprovalAuditEntry, ApprovalAuditRecord};
pub use credential::BrokerCredentialRecord;
pub use delegation::{DelegationAuditEntry, DelegationAuditRecord};

use gait_base::time::{TimeError, Timestamp};

const SCHEMA_VERSION: &str = "1.0.0";

/// The decision that a record is about.
#[derive(Clone, Copy, Debug)]
pub struct AuditedDecision<'a> {
    /// When the decision says that it was made: the intent's creation time. Zero becomes 1980.
    pub created_at: Timestamp,
    /// Version of the program that writes.
    pub producer_version: &'a str,
    /// Id of the decision's trace.
    pub trace_id: &'a str,
    /// Name of the tool.
    pub tool_name: &'a str,
    /// Digest of the prepared intent.
    pub intent_digest: &'a str,
    /// Digest of the policy.
    pub policy_digest: &'a str,
}

impl AuditedDecision<'_> {
    fn created_at(&self) -> Result<Timestamp, TimeError> {
        if self.created_at.is_zero() { Ok(Timestamp::EPOCH_1980) } else { self.created_at.to_utc() }
    }
}

#[cfg(test)]
mod tests;
