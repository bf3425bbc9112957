//! The approval audit record (03 §2.5).

use gait_base::record;
use gait_base::text::{set, trim_fold};
use gait_base::time::{TimeError, Timestamp};

use super::relationship::{Party, of_decision};
use super::{AuditedDecision, SCHEMA_VERSION};
use crate::authority::approval::{ApprovalFault, ApprovalToken};
use crate::relationship::Relationship;

record! {
    /// What became of each approval token of one decision.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ApprovalAuditRecord {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// Creation time of the decision.
        pub created_at: Timestamp,
        /// Version of the program that wrote it.
        pub producer_version: String,
        /// Id of the decision's trace.
        pub trace_id: String,
        /// Name of the tool.
        pub tool_name: String,
        /// Digest of the prepared intent.
        pub intent_digest: String,
        /// Digest of the policy.
        pub policy_digest: String,
        /// How many approvals were asked for.
        pub required_approvals: i64,
        /// How many tokens are valid.
        pub valid_approvals: i64,
        /// Whether the valid tokens are at least the required ones; says nothing of distinct approvers.
        pub approved: bool,
        /// Who signed valid tokens.
        pub approvers: Vec<String> => omit,
        /// How the record relates to others.
        pub relationship: Option<Relationship> => omit,
        /// One entry a token; `null` when there was none.
        pub entries: Option<Vec<ApprovalAuditEntry>>,
    }
}

record! {
    /// What became of one approval token. Its values are as written, trimmed.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ApprovalAuditEntry {
        /// Id of the token.
        pub token_id: String => omit,
        /// Who approves.
        pub approver_identity: String => omit,
        /// Why.
        pub reason_code: String => omit,
        /// What it lets pass, case kept.
        pub scope: Vec<String> => omit,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Whether it counts.
        pub valid: bool,
        /// Why it does not count.
        pub error_code: String => omit,
    }
}

impl ApprovalAuditEntry {
    /// The entry of a token which is valid, or has this fault.
    #[must_use]
    pub fn of(token: &ApprovalToken, fault: Option<ApprovalFault>) -> Self {
        let mut scope = token.scope.clone();
        set(&mut scope);
        Self {
            token_id: token.token_id.trim().to_owned(),
            approver_identity: token.approver_identity.trim().to_owned(),
            reason_code: token.reason_code.trim().to_owned(),
            scope,
            expires_at: token.expires_at,
            valid: fault.is_none(),
            error_code: fault.map_or_else(String::new, |fault| fault.as_str().to_owned()),
        }
    }
}

impl ApprovalAuditRecord {
    /// The record of a decision: `required` is the number that its outcome asks for, `entries` those of
    /// [`ApprovalOutcome`](crate::authority::approval::ApprovalOutcome), or none when approvals were not looked at.
    ///
    /// # Errors
    /// When a time cannot be written in UTC.
    pub fn new(
        decision: &AuditedDecision<'_>,
        required: i64,
        mut entries: Vec<ApprovalAuditEntry>,
    ) -> Result<Self, TimeError> {
        for entry in &mut entries {
            entry.expires_at = entry.expires_at.to_utc()?;
        }
        entries.sort_by(|a, b| {
            let by_token = a.token_id.cmp(&b.token_id);
            let by_approver = || a.approver_identity.cmp(&b.approver_identity);
            let by_reason = || a.reason_code.cmp(&b.reason_code);
            let by_expiry = || a.expires_at.cmp_instant(&b.expires_at);
            let by_scope = || a.scope.join(",").cmp(&b.scope.join(","));
            by_token.then_with(by_approver).then_with(by_reason).then_with(by_expiry).then_with(by_scope)
        });
        let valid = entries.iter().filter(|entry| entry.valid);
        let mut approvers: Vec<String> = valid.map(|entry| entry.approver_identity.clone()).collect();
        let valid_approvals = i64::try_from(approvers.len()).unwrap_or(i64::MAX);
        set(&mut approvers);
        let relationship = of_decision(decision, approvers.iter().map(|approver| Party::Approver(approver)));
        Ok(Self {
            schema_id: "gait.gate.approval_audit_record".to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: decision.created_at()?,
            producer_version: decision.producer_version.to_owned(),
            trace_id: decision.trace_id.trim().to_owned(),
            tool_name: decision.tool_name.trim().to_owned(),
            intent_digest: trim_fold(decision.intent_digest),
            policy_digest: trim_fold(decision.policy_digest),
            required_approvals: required.max(0),
            valid_approvals,
            approved: valid_approvals >= required,
            approvers,
            relationship,
            entries: if entries.is_empty() { None } else { Some(entries) },
        })
    }
}
