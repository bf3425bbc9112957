//! Decisions: the answer of a policy or gate, and everything that it rests on.
//!
//! What is asked of a decision is grouped: the answer itself ([`answer`]), the digests ([`digest`]), what the policy
//! demands before the tool may run ([`demand`]), what single checks found ([`finding`]), what limits, tokens and brokers
//! said ([`settled`]); [`document`] writes all of it.

mod answer;
mod demand;
mod digest;
mod document;
mod finding;
mod settled;

use std::sync::Arc;

use gait_base::json::Notice;
use gait_gate::authority::approval::ApprovalRequest;
use gait_gate::evaluate::Decision;
use gait_gate::intent::Intent;

pub use answer::{
    gait_decision_created_at, gait_decision_evaluable, gait_decision_exit_code, gait_decision_matched_rule,
    gait_decision_notice, gait_decision_notice_count, gait_decision_reason_code, gait_decision_reason_code_count,
    gait_decision_verdict, gait_decision_violation, gait_decision_violation_count, gait_verdict, gait_verdict_name,
};
pub use demand::{
    gait_decision_broker_reference, gait_decision_broker_scope, gait_decision_broker_scope_count,
    gait_decision_delegation_scope, gait_decision_delegation_scope_count, gait_decision_destructive_budget,
    gait_decision_min_approvals, gait_decision_rate_limit, gait_decision_require_broker_credential,
    gait_decision_require_delegation, gait_decision_require_distinct_approvers, gait_limit,
};
pub use digest::{
    gait_decision_args_digest, gait_decision_intent_digest, gait_decision_policy_digest,
    gait_decision_prepared_intent_digest, gait_decision_script_hash,
};
pub use document::gait_decision_to_json;
pub use finding::{
    gait_decision_composite_risk_class, gait_decision_context_source, gait_decision_dataflow_triggered,
    gait_decision_freeze_window_status, gait_decision_kill_switch_status, gait_decision_sandbox_status,
    gait_decision_step_count, gait_decision_step_verdicts,
};

pub use settled::{
    gait_credential, gait_decision_approval_ref, gait_decision_approvals, gait_decision_credential,
    gait_decision_delegation_ref, gait_decision_delegations, gait_decision_destructive_budget_usage,
    gait_decision_pattern_id, gait_decision_pre_approved, gait_decision_rate_limit_usage,
    gait_decision_registry_reason, gait_decision_required_approvals, gait_decision_simulated,
    gait_decision_simulated_reason_code, gait_decision_simulated_reason_code_count, gait_decision_simulated_verdict,
    gait_decision_valid_approvals, gait_decision_valid_delegations, gait_decision_would_have_blocked, gait_usage,
};

use crate::handle::{self, Handle};
use crate::status::gait_status;

/// The answer of a policy or gate. Immutable; any number of threads may use one at the same time. Texts asked of it live
/// until it is freed.
pub struct gait_decision {
    _opaque: [u8; 0],
}

/// A decision with the intent it is about, which its trace needs.
pub(crate) struct Decided {
    decision: Decision,
    intent: About,
    notices: Vec<Notice>,
}

/// The intent of a decision.
#[expect(clippy::large_enum_variant, reason = "most decisions own their intent: a box would be a second allocation")]
pub(crate) enum About {
    /// What was given never became an intent.
    Nothing,
    /// An intent that was read for this decision.
    Own(Intent),
    /// An intent with a handle of its own.
    Shared(Arc<Intent>),
}

impl From<Option<Intent>> for About {
    fn from(intent: Option<Intent>) -> Self {
        intent.map_or(Self::Nothing, Self::Own)
    }
}

impl Decided {
    pub(crate) const fn new(decision: Decision, intent: About, notices: Vec<Notice>) -> Self {
        Self { decision, intent, notices }
    }

    pub(crate) const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What the decision asks of approvers, if an approval would help.
    pub(crate) fn approval_request(&self) -> Option<ApprovalRequest> {
        ApprovalRequest::of(self.intent()?, &self.decision)
    }

    /// The intent; nothing when what was given never became one.
    pub(crate) fn intent(&self) -> Option<&Intent> {
        match &self.intent {
            About::Nothing => None,
            About::Own(intent) => Some(intent),
            About::Shared(intent) => Some(intent),
        }
    }
}

impl Handle for gait_decision {
    type Content = Decided;
    const KIND: u8 = 11;
    const NAME: &'static str = "gait_decision";
    const KEEPS_MEMORY: bool = true;
}

/// Frees a decision; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_decision_free(decision: *mut gait_decision) -> gait_status {
    handle::free(decision)
}
