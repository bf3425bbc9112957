//! What a held decision asks of approvers, as a document that travels to them.

use gait_base::digest::Digest;
use gait_base::json::{self, EncodeError, JsonError};
use gait_base::record;
use gait_base::time::Timestamp;

use super::demand::{operation_count, required_scope, target_count};
use super::token::ApprovalTerms;
use super::validation::ApprovalExpectation;
use crate::authority::token::{AuthorityError, adopt_schema, fold_digest, reading, require_trimmed};
use crate::evaluate::Decision;
use crate::intent::Intent;
use crate::mode::Mode;
use crate::state::{StateError, decision_digests};

const SCHEMA_ID: &str = "gait.gate.approval_request";
const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// What must be signed for a held decision to become an allow, and what the signer should know.
    ///
    /// It is not signed and proves nothing: a token binds to the digests, and the gate compares those with the intent that
    /// it decides about.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ApprovalRequest {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When the intent was made.
        pub created_at: Timestamp,
        /// The tool that wants to run.
        pub tool_name: String,
        /// On whose behalf.
        pub identity: String,
        /// Where.
        pub workspace: String => omit,
        /// How risky the caller says it is.
        pub risk_class: String => omit,
        /// The prepared intent: what the token binds to.
        pub intent_digest: String,
        /// The policy: what the token binds to.
        pub policy_digest: String,
        /// The delegation that the token must name, when the intent has one.
        pub delegation_binding_digest: String => omit,
        /// What the token must cover.
        pub scope: Vec<String>,
        /// How many targets the intent has.
        pub target_count: i64,
        /// How many operations it counts as.
        pub operation_count: i64,
        /// How many approvals are needed.
        pub required_approvals: i64,
        /// Whether they must be of different people, each with a token of their own.
        pub distinct_approvers: bool,
        /// The rule that asks.
        pub matched_rule: String => omit,
        /// Why it asks.
        pub reason_codes: Vec<String>,
    }
}

impl ApprovalRequest {
    /// What the decision asks of approvers, or `None` when no approval would help.
    #[must_use]
    pub fn of(intent: &Intent, decision: &Decision) -> Option<Self> {
        if decision.verdict != crate::verdict::Verdict::RequireApproval {
            return None;
        }
        let request = intent.request();
        let intent_digest = decision.intent_digest.unwrap_or_else(|| intent.digest());
        let binding = intent.delegation_digest();
        Some(Self {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: decision.created_at,
            tool_name: request.tool_name.clone(),
            identity: request.context.identity.clone(),
            workspace: request.context.workspace.clone(),
            risk_class: request.context.risk_class.clone(),
            intent_digest: intent_digest.to_hex(),
            policy_digest: decision.policy_digest.to_hex(),
            delegation_binding_digest: binding.map(|digest| digest.to_hex()).unwrap_or_default(),
            scope: required_scope(request),
            target_count: as_count(target_count(request)),
            operation_count: as_count(operation_count(request)),
            required_approvals: decision.min_approvals.max(1),
            distinct_approvers: decision.min_approvals > 1 || decision.require_distinct_approvers,
            matched_rule: decision.matched_rule.clone(),
            reason_codes: decision.reason_codes.to_strings(),
        })
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`] when it is no document of this type, names no digest or asks for nothing.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, RequestError> {
        let mut request: Self = json::decode(bytes, reading(mode))?;
        adopt_schema(&mut request.schema_id, SCHEMA_ID, "schema_id")?;
        adopt_schema(&mut request.schema_version, SCHEMA_VERSION, "schema_version")?;
        fold_digest(&mut request.intent_digest, "intent_digest")?;
        fold_digest(&mut request.policy_digest, "policy_digest")?;
        if !request.delegation_binding_digest.trim().is_empty() {
            fold_digest(&mut request.delegation_binding_digest, "delegation_binding_digest")?;
        }
        require_trimmed(&mut request.tool_name, "tool_name")?;
        gait_base::text::set_fold(&mut request.scope);
        if request.scope.is_empty() {
            return Err(AuthorityError::ScopeEmpty.into());
        }
        Ok(request)
    }

    /// The document as it stands in a file.
    ///
    /// # Errors
    /// When a time cannot be written.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        json::to_indented(self)
    }

    /// The digests of intent and policy that approvals must name.
    ///
    /// # Errors
    /// [`StateError`] when they are none; a request that was read or made here names both.
    pub fn digests(&self) -> Result<(Digest, Digest), StateError> {
        decision_digests(&self.intent_digest, &self.policy_digest)
    }

    /// What approvals of this are held against at `now`.
    ///
    /// # Errors
    /// As [`ApprovalRequest::digests`].
    pub fn expectation(&self, now: Timestamp) -> Result<ApprovalExpectation, StateError> {
        let (intent_digest, policy_digest) = self.digests()?;
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        Ok(ApprovalExpectation {
            now,
            intent_digest: Some(intent_digest),
            policy_digest: Some(policy_digest),
            delegation_binding_digest: Digest::parse_hex(&self.delegation_binding_digest),
            required_scope: self.scope.clone(),
            target_count: count(self.target_count),
            operation_count: count(self.operation_count),
        })
    }

    /// The terms of a token that grants exactly this. Approver, reason, lifetime and producer are the approver's to fill
    /// in; limits stay open.
    #[must_use]
    pub fn terms(&self) -> ApprovalTerms {
        ApprovalTerms {
            intent_digest: self.intent_digest.clone(),
            policy_digest: self.policy_digest.clone(),
            delegation_binding_digest: self.delegation_binding_digest.clone(),
            scope: self.scope.clone(),
            ..ApprovalTerms::default()
        }
    }
}

/// Why an approval request cannot be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RequestError {
    /// It is no JSON document of this type.
    #[error("approval request: {0}")]
    Json(#[from] JsonError),
    /// A member is missing or unfit.
    #[error("approval request: {0}")]
    Member(#[from] AuthorityError),
}

impl gait_base::error::Classify for RequestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Member(error) => error.code(),
        }
    }

    fn category(&self) -> gait_base::error::Category {
        gait_base::error::Category::InvalidInput
    }
}

fn as_count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
