//! What decisions say, as records that JavaScript reads.

use gait_base::json::Notice;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::authority::audit::{ApprovalAuditEntry, DelegationAuditEntry};
use gait_gate::authority::broker::BrokerResponse;
use gait_gate::authority::limit::LimitDecision;
use gait_gate::evaluate::Decision;
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use gait_gate::intent::Intent;
use gait_gate::policy::document::Limit;
use gait_gate::settle::{IssuedCredential, Settlement};

record! {
    /// Something that was not kept exactly.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct NoticeFact {
        /// What happened.
        kind: String,
        /// Where, in bytes.
        offset: i64,
    }
}

impl NoticeFact {
    pub(crate) fn all(notices: &[Notice]) -> Vec<Self> {
        let facts = notices.iter().map(|notice| Self {
            kind: notice.kind.as_str().to_owned(),
            offset: i64::try_from(notice.offset).unwrap_or(i64::MAX),
        });
        facts.collect()
    }
}

record! {
    /// A limit.
    #[derive(Clone, Debug, PartialEq)]
    struct LimitFact {
        /// The number.
        requests: i64,
        /// The window.
        window: String,
        /// What is counted together.
        scope: String,
    }
}

impl LimitFact {
    fn new(limit: Limit) -> Self {
        Self {
            requests: limit.requests,
            window: limit.window.as_str().to_owned(),
            scope: limit.scope.as_str().to_owned(),
        }
    }
}

record! {
    /// What a limit said.
    #[derive(Clone, Debug, PartialEq)]
    struct TakenFact {
        /// What is counted together.
        scope: String,
        /// Whose requests.
        key: String,
        /// How many were admitted.
        used: i64,
        /// How many more are.
        remaining: i64,
    }
}

impl TakenFact {
    fn new(taken: &LimitDecision) -> Self {
        Self {
            scope: taken.scope.as_str().to_owned(),
            key: taken.scope_key.clone(),
            used: taken.used,
            remaining: taken.remaining,
        }
    }
}

/// What a broker said of a credential, with whoever stands behind it. Never the secret.
fn credential(issued: &IssuedCredential) -> BrokerResponse {
    BrokerResponse { issuer: issued.response.issuer_shown().to_owned(), ..issued.response.clone() }
}

record! {
    /// What a decision says, but for what must be computed for it.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Facts {
        /// Why.
        reason_codes: Vec<String>,
        /// What was violated.
        violations: Vec<String>,
        /// The rules that matched.
        matched_rule: String,
        /// The tool.
        tool_name: Option<String>,
        /// The intent's time.
        created_at: Timestamp,
        /// The moment that was decided for.
        evaluated_at: Timestamp,
        /// Digest of the policy.
        policy_digest: String,
        /// Digest of the intent as it was given.
        intent_digest: Option<String>,
        /// Digest of the intent as it was judged.
        prepared_intent_digest: Option<String>,
        /// Digest of the arguments.
        args_digest: Option<String>,
        /// Digest of the steps.
        script_hash: Option<String>,
        /// Approvals asked for.
        min_approvals: i64,
        /// Of different people.
        require_distinct_approvers: bool,
        /// Whether a broker must issue a credential.
        require_broker_credential: bool,
        /// For the broker.
        broker_reference: String,
        /// For the broker.
        broker_scopes: Vec<String>,
        /// Whether delegation tokens are asked for.
        require_delegation: bool,
        /// Scopes of the delegation.
        required_delegation_scopes: Vec<String>,
        /// The rate limit.
        rate_limit: Option<LimitFact>,
        /// The budget of destructive calls.
        destructive_budget: Option<LimitFact>,
        /// Whether tainted data was stopped.
        dataflow_triggered: bool,
        /// Risk of a script.
        composite_risk_class: Option<String>,
        /// The answer for each step.
        step_verdicts: Vec<StepVerdict>,
        /// Where context came from.
        context_source: String,
        /// What the freeze windows said.
        freeze_window: Option<FreezeWindowDecision>,
        /// What the sandbox check said.
        sandbox: Option<SandboxDecision>,
        /// What the kill switch said.
        kill_switch: Option<KillSwitchDecision>,
        /// Approvals needed.
        required_approvals: i64,
        /// Valid approvals at hand.
        valid_approvals: i64,
        /// What became of each approval.
        approvals: Vec<ApprovalAuditEntry>,
        /// Ids of the approvals that count.
        approval_ref: String,
        /// Links of the delegation that are covered.
        valid_delegations: i64,
        /// What became of each link and delegation token.
        delegations: Vec<DelegationAuditEntry>,
        /// Ids of the delegation tokens that count.
        delegation_ref: String,
        /// What the rate limit said.
        rate_limit_taken: Option<TakenFact>,
        /// What the budget of destructive calls said.
        destructive_budget_taken: Option<TakenFact>,
        /// The credential.
        credential: Option<BrokerResponse>,
        /// Whether an approved script let it pass.
        pre_approved: bool,
        /// Which one.
        pattern_id: String,
        /// What the registry of approved scripts said.
        registry_reason: String,
        /// The verdict without simulation.
        simulated_verdict: Option<String>,
        /// The reasons without simulation.
        simulated_reason_codes: Vec<String>,
        /// Whether the tool would not have run.
        would_have_blocked: bool,
        /// Whether the intent could be evaluated.
        evaluable: bool,
        /// What was not kept exactly.
        notices: Vec<NoticeFact>,
    }
}

impl Facts {
    pub(crate) fn new(decision: &Decision, intent: Option<&Intent>, notices: &[Notice], now: Timestamp) -> Self {
        let script = decision.script.as_ref();
        let nothing = Settlement { required_approvals: decision.min_approvals, ..Settlement::default() };
        let settlement = decision.settlement.as_deref().unwrap_or(&nothing);
        let (approvals, delegation) = (settlement.approvals.as_ref(), settlement.delegation.as_ref());
        let simulation = settlement.simulation.as_ref();
        Self {
            reason_codes: decision.reason_codes.to_strings(),
            violations: decision.violations.to_strings(),
            matched_rule: decision.matched_rule.clone(),
            tool_name: intent.map(|intent| intent.request().tool_name.clone()),
            created_at: decision.created_at,
            evaluated_at: now,
            policy_digest: decision.policy_digest.to_hex(),
            intent_digest: intent.map(|intent| intent.digest().to_hex()),
            prepared_intent_digest: decision.intent_digest.map(|digest| digest.to_hex()),
            args_digest: decision.args_digest.map(|digest| digest.to_hex()),
            script_hash: intent.and_then(Intent::script_hash).map(|hash| hash.to_hex()),
            min_approvals: decision.min_approvals,
            require_distinct_approvers: decision.require_distinct_approvers,
            require_broker_credential: decision.require_broker_credential,
            broker_reference: decision.broker_reference.clone(),
            broker_scopes: decision.broker_scopes.clone(),
            require_delegation: decision.require_delegation,
            required_delegation_scopes: decision.delegation_scopes.clone(),
            rate_limit: decision.rate_limit.map(LimitFact::new),
            destructive_budget: decision.destructive_budget.map(LimitFact::new),
            dataflow_triggered: decision.dataflow_triggered,
            composite_risk_class: script.map(|facts| facts.composite_risk_class.to_owned()),
            step_verdicts: script.map(|facts| facts.step_verdicts.clone()).unwrap_or_default(),
            context_source: decision.context_source.clone(),
            freeze_window: decision.freeze_window.clone(),
            sandbox: decision.sandbox.clone(),
            kill_switch: decision.kill_switch.clone(),
            required_approvals: settlement.required_approvals,
            valid_approvals: approvals.map_or(0, |outcome| outcome.valid),
            approvals: approvals.map(|outcome| outcome.entries()).unwrap_or_default(),
            approval_ref: settlement.approval_ref.clone(),
            valid_delegations: delegation.map_or(0, |outcome| outcome.valid),
            delegations: delegation.map(|outcome| outcome.entries()).unwrap_or_default(),
            delegation_ref: settlement.delegation_ref.clone(),
            rate_limit_taken: settlement.rate_limit.as_ref().map(TakenFact::new),
            destructive_budget_taken: settlement.destructive_budget.as_ref().map(TakenFact::new),
            credential: settlement.credential.as_deref().map(credential),
            pre_approved: settlement.pre_approved,
            pattern_id: settlement.pattern_id.clone(),
            registry_reason: settlement.registry_reason.clone(),
            simulated_verdict: simulation.map(|simulation| simulation.verdict.as_str().to_owned()),
            simulated_reason_codes: simulation
                .map(|simulation| simulation.reason_codes.to_strings())
                .unwrap_or_default(),
            would_have_blocked: simulation.is_some_and(|simulation| simulation.would_have_blocked),
            evaluable: decision.evaluable,
            notices: NoticeFact::all(notices),
        }
    }
}
