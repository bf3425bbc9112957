//! The delegation audit record (03 §3.6).

use gait_base::record;
use gait_base::text::{set, trim_fold};
use gait_base::time::{TimeError, Timestamp};

use super::relationship::{Party, of_decision};
use super::{AuditedDecision, SCHEMA_VERSION};
use crate::authority::delegation::{DelegationFault, DelegationToken};
use crate::relationship::Relationship;

record! {
    /// What became of each link and each delegation token of one decision.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DelegationAuditRecord {
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
        /// Whether the decision asked for delegation.
        pub delegation_required: bool,
        /// How many links are covered.
        pub valid_delegations: i64,
        /// Whether any link is covered.
        pub delegated: bool,
        /// Ids of the tokens that cover the chain.
        pub delegation_ref: String => omit,
        /// How the record relates to others.
        pub relationship: Option<Relationship> => omit,
        /// One entry a link, and one a token that was not used.
        pub entries: Vec<DelegationAuditEntry>,
    }
}

record! {
    /// What became of one link or one delegation token. Its values are as written, trimmed.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DelegationAuditEntry {
        /// Id of the token; none for a link without one.
        pub token_id: String => omit,
        /// Who delegates.
        pub delegator_identity: String => omit,
        /// To whom.
        pub delegate_identity: String => omit,
        /// What is delegated, case kept.
        pub scope: Vec<String> => omit,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Whether it counts.
        pub valid: bool,
        /// Why it does not count.
        pub error_code: String => omit,
    }
}

impl DelegationAuditEntry {
    /// The entry of a token which covers a link, or has this fault.
    #[must_use]
    pub fn of(token: &DelegationToken, fault: Option<DelegationFault>) -> Self {
        let mut scope = token.scope.clone();
        set(&mut scope);
        Self {
            token_id: token.token_id.trim().to_owned(),
            delegator_identity: token.delegator_identity.trim().to_owned(),
            delegate_identity: token.delegate_identity.trim().to_owned(),
            scope,
            expires_at: token.expires_at,
            valid: fault.is_none(),
            error_code: fault.map_or_else(String::new, |fault| fault.as_str().to_owned()),
        }
    }

    /// The entry of a link that no token covers.
    #[must_use]
    pub fn missing(delegator: &str, delegate: &str, error_code: &str) -> Self {
        Self {
            delegator_identity: delegator.to_owned(),
            delegate_identity: delegate.to_owned(),
            error_code: error_code.to_owned(),
            ..Self::default()
        }
    }
}

impl DelegationAuditRecord {
    /// The record of a decision: `entries` and `delegation_ref` are those of
    /// [`DelegationOutcome`](crate::authority::delegation::DelegationOutcome).
    ///
    /// # Errors
    /// When a time cannot be written in UTC.
    pub fn new(
        decision: &AuditedDecision<'_>,
        required: bool,
        delegation_ref: &str,
        mut entries: Vec<DelegationAuditEntry>,
    ) -> Result<Self, TimeError> {
        for entry in &mut entries {
            entry.expires_at = entry.expires_at.to_utc()?;
        }
        entries.sort_by(|a, b| {
            let by_delegator = a.delegator_identity.cmp(&b.delegator_identity);
            let by_delegate = || a.delegate_identity.cmp(&b.delegate_identity);
            by_delegator.then_with(by_delegate).then_with(|| a.token_id.cmp(&b.token_id))
        });
        let parties = entries.iter().map(|entry| Party::HandOver(&entry.delegator_identity, &entry.delegate_identity));
        let relationship = of_decision(decision, parties);
        let valid = entries.iter().filter(|entry| entry.valid).count();
        Ok(Self {
            schema_id: "gait.gate.delegation_audit_record".to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: decision.created_at()?,
            producer_version: decision.producer_version.to_owned(),
            trace_id: decision.trace_id.trim().to_owned(),
            tool_name: decision.tool_name.trim().to_owned(),
            intent_digest: trim_fold(decision.intent_digest),
            policy_digest: trim_fold(decision.policy_digest),
            delegation_required: required,
            valid_delegations: i64::try_from(valid).unwrap_or(i64::MAX),
            delegated: valid > 0,
            delegation_ref: delegation_ref.trim().to_owned(),
            relationship,
            entries,
        })
    }
}
