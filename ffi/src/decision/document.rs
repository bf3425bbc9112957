//! A decision as one JSON document.

use gait_base::digest::Digest;
use gait_base::json;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::authority::audit::{ApprovalAuditEntry, DelegationAuditEntry};
use gait_gate::authority::broker::BrokerResponse;
use gait_gate::authority::limit::LimitDecision;
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use gait_gate::intent::Intent;
use gait_gate::policy::document::Limit;
use gait_gate::settle::Settlement;

use super::answer::exit_code;
use super::{Decided, gait_decision};
use crate::border::{call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::handle;
use crate::status::gait_status;

record! {
    /// A limit.
    #[derive(Clone, Debug, PartialEq)]
    struct LimitDocument {
        /// The number.
        requests: i64,
        /// The window.
        window: String,
        /// What is counted together.
        scope: String,
    }
}

record! {
    /// Something that was not kept exactly.
    #[derive(Clone, Debug, PartialEq)]
    struct NoticeDocument {
        /// What happened.
        kind: String,
        /// Where, in bytes.
        offset: i64,
    }
}

record! {
    /// Everything a decision says.
    #[derive(Clone, Debug, PartialEq)]
    struct DecisionDocument {
        /// The answer.
        verdict: String,
        /// Why.
        reason_codes: Vec<String>,
        /// What was violated.
        violations: Vec<String>,
        /// The rules that matched.
        matched_rule: String,
        /// The intent's creation time.
        created_at: Timestamp,
        /// Whether the intent could be evaluated.
        evaluable: bool,
        /// Exit code of a command that ends so.
        exit_code: i64,
        /// Digest of the policy.
        policy_digest: String,
        /// Digest of the intent as given.
        intent_digest: String => omit,
        /// Digest of the intent as judged.
        prepared_intent_digest: String => omit,
        /// Digest of the arguments.
        args_digest: String => omit,
        /// Digest of the steps.
        script_hash: String => omit,
        /// Approvals asked for.
        min_approvals: i64 => omit,
        /// Of different people.
        require_distinct_approvers: bool => omit,
        /// Whether a broker must issue a credential.
        require_broker_credential: bool => omit,
        /// For the broker.
        broker_reference: String => omit,
        /// For the broker.
        broker_scopes: Vec<String> => omit,
        /// Whether delegation tokens are asked for.
        require_delegation: bool => omit,
        /// Scopes of the delegation.
        delegation_scopes: Vec<String> => omit,
        /// The rate limit.
        rate_limit: Option<LimitDocument> => omit,
        /// The budget of destructive calls.
        destructive_budget: Option<LimitDocument> => omit,
        /// Whether tainted data was stopped.
        dataflow_triggered: bool => omit,
        /// Steps of a script.
        step_count: i64 => omit,
        /// Risk of a script.
        composite_risk_class: String => omit,
        /// The answer for each step.
        step_verdicts: Vec<StepVerdict> => omit,
        /// Where context came from.
        context_source: String => omit,
        /// What the freeze windows said.
        freeze_window: Option<FreezeWindowDecision> => omit,
        /// What the sandbox check said.
        sandbox: Option<SandboxDecision> => omit,
        /// What the kill switch said.
        kill_switch: Option<KillSwitchDecision> => omit,
        /// Ids of the accepted approvals.
        approval_ref: String => omit,
        /// Approvals that the decision takes.
        required_approvals: i64 => omit,
        /// Approvals that are valid.
        valid_approvals: i64 => omit,
        /// What became of each approval.
        approvals: Vec<ApprovalAuditEntry> => omit,
        /// Ids of the accepted delegation tokens.
        delegation_ref: String => omit,
        /// Links that are covered.
        valid_delegations: i64 => omit,
        /// What became of each link and delegation token.
        delegations: Vec<DelegationAuditEntry> => omit,
        /// What is counted together.
        rate_limit_scope: String => omit,
        /// Whose requests are counted together.
        rate_limit_key: String => omit,
        /// How many passed.
        rate_limit_used: i64 => omit,
        /// How many more may pass.
        rate_limit_remaining: i64 => omit,
        /// What is counted together.
        destructive_budget_scope: String => omit,
        /// Whose requests are counted together.
        destructive_budget_key: String => omit,
        /// How many passed.
        destructive_budget_used: i64 => omit,
        /// How many more may pass.
        destructive_budget_remaining: i64 => omit,
        /// Who stands behind the issued credential.
        credential_issuer: String => omit,
        /// Where it comes from.
        credential_source: String => omit,
        /// Kind of access it gives.
        credential_access_type: String => omit,
        /// Its reference.
        credential_ref: String => omit,
        /// Its life.
        credential_ttl_seconds: i64 => omit,
        /// Whether an approved script let it pass.
        pre_approved: bool => omit,
        /// Which approved script.
        pattern_id: String => omit,
        /// What the registry said.
        registry_reason: String => omit,
        /// Whether the gate simulates.
        simulated: bool => omit,
        /// The verdict without simulation.
        simulated_verdict: String => omit,
        /// The reasons without simulation.
        simulated_reason_codes: Vec<String> => omit,
        /// Whether the tool would not have run.
        would_have_blocked: bool => omit,
        /// What was not kept exactly.
        notices: Vec<NoticeDocument> => omit,
    }
}

impl LimitDocument {
    fn new(limit: &Limit) -> Self {
        Self {
            requests: limit.requests,
            window: limit.window.as_str().to_owned(),
            scope: limit.scope.as_str().to_owned(),
        }
    }
}

impl DecisionDocument {
    fn new(decided: &Decided) -> Self {
        let decision = &decided.decision;
        let hex = |digest: Option<Digest>| digest.map(|digest| digest.to_hex()).unwrap_or_default();
        let script = decision.script.as_ref();
        let notices = decided.notices.iter().map(|notice| NoticeDocument {
            kind: notice.kind.as_str().to_owned(),
            offset: i64::try_from(notice.offset).unwrap_or(i64::MAX),
        });
        Self {
            verdict: decision.verdict.as_str().to_owned(),
            reason_codes: decision.reason_codes.to_strings(),
            violations: decision.violations.to_strings(),
            matched_rule: decision.matched_rule.clone(),
            created_at: decision.created_at,
            evaluable: decision.evaluable,
            exit_code: i64::from(exit_code(decision.verdict)),
            policy_digest: decision.policy_digest.to_hex(),
            intent_digest: hex(decided.intent().map(Intent::digest)),
            prepared_intent_digest: hex(decision.intent_digest),
            args_digest: hex(decision.args_digest),
            script_hash: hex(decided.intent().and_then(Intent::script_hash)),
            min_approvals: decision.min_approvals,
            require_distinct_approvers: decision.require_distinct_approvers,
            require_broker_credential: decision.require_broker_credential,
            broker_reference: decision.broker_reference.clone(),
            broker_scopes: decision.broker_scopes.clone(),
            require_delegation: decision.require_delegation,
            delegation_scopes: decision.delegation_scopes.clone(),
            rate_limit: decision.rate_limit.as_ref().map(LimitDocument::new),
            destructive_budget: decision.destructive_budget.as_ref().map(LimitDocument::new),
            dataflow_triggered: decision.dataflow_triggered,
            step_count: script.map_or(0, |script| script.step_count),
            composite_risk_class: script.map(|script| script.composite_risk_class.to_owned()).unwrap_or_default(),
            step_verdicts: script.map(|script| script.step_verdicts.clone()).unwrap_or_default(),
            context_source: decision.context_source.clone(),
            freeze_window: decision.freeze_window.clone(),
            sandbox: decision.sandbox.clone(),
            kill_switch: decision.kill_switch.clone(),
            notices: notices.collect(),
            ..Self::settled(decided.settlement())
        }
    }

    /// What came after the evaluation.
    fn settled(settlement: Option<&Settlement>) -> Self {
        let Some(settled) = settlement else { return Self::default() };
        let (rate, budget) = (settled.rate_limit.as_ref(), settled.destructive_budget.as_ref());
        let scope = |taken: &LimitDecision| taken.scope.as_str().to_owned();
        let issued = settled.credential.as_ref().map(|issued| &issued.response);
        let simulation = settled.simulation.as_ref();
        let text = |pick: fn(&BrokerResponse) -> &str| issued.map(pick).unwrap_or_default().to_owned();
        Self {
            approval_ref: settled.approval_ref.clone(),
            required_approvals: settled.required_approvals,
            valid_approvals: settled.approvals.as_ref().map_or(0, |outcome| outcome.valid),
            approvals: settled.approvals.as_ref().map(|outcome| outcome.entries()).unwrap_or_default(),
            delegation_ref: settled.delegation_ref.clone(),
            valid_delegations: settled.delegation.as_ref().map_or(0, |outcome| outcome.valid),
            delegations: settled.delegation.as_ref().map(|outcome| outcome.entries()).unwrap_or_default(),
            rate_limit_scope: rate.map(scope).unwrap_or_default(),
            rate_limit_key: rate.map(|taken| taken.scope_key.clone()).unwrap_or_default(),
            rate_limit_used: rate.map_or(0, |taken| taken.used),
            rate_limit_remaining: rate.map_or(0, |taken| taken.remaining),
            destructive_budget_scope: budget.map(scope).unwrap_or_default(),
            destructive_budget_key: budget.map(|taken| taken.scope_key.clone()).unwrap_or_default(),
            destructive_budget_used: budget.map_or(0, |taken| taken.used),
            destructive_budget_remaining: budget.map_or(0, |taken| taken.remaining),
            credential_issuer: text(BrokerResponse::issuer_shown),
            credential_source: text(|response| &response.source),
            credential_access_type: text(|response| &response.access_type),
            credential_ref: text(|response| &response.credential_ref),
            credential_ttl_seconds: issued.map_or(0, |response| response.ttl_seconds),
            pre_approved: settled.pre_approved,
            pattern_id: settled.pattern_id.clone(),
            registry_reason: settled.registry_reason.clone(),
            simulated: simulation.is_some(),
            simulated_verdict: simulation.map(|one| one.verdict.as_str().to_owned()).unwrap_or_default(),
            simulated_reason_codes: simulation.map(|one| one.reason_codes.to_strings()).unwrap_or_default(),
            would_have_blocked: simulation.is_some_and(|one| one.would_have_blocked),
            ..Self::default()
        }
    }
}

/// All of a decision as a JSON object. Members are named as the functions are, without `gait_decision_`, and as those of
/// `gait gate eval --json` where a function gives several values at once; what is empty is absent, but for verdict, codes,
/// matched rule, times and policy digest.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_to_json(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(Buffer::Plain(json::to_compact(&DecisionDocument::new(handle::borrow(decision)?))?)))
        })
    }
}
