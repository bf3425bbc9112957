//! Decisions: the answer, its grounds and its trace. Nothing but the decision itself is computed before it is asked for.

use std::sync::Arc;

use gait_base::error::Category;
use gait_base::json::Notice;
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::evaluate::Decision;
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use gait_gate::intent::Intent;
use gait_gate::policy::document::Limit;
use gait_gate::trace::TraceRecord;
use gait_gate::verdict::Verdict;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::document::to_json;
use crate::fault::{self, Subject};
use crate::judge::Judge;

/// A decision with everything that its trace needs.
pub(crate) struct Decided {
    decision: Decision,
    intent: Option<Arc<Intent>>,
    notices: Vec<Notice>,
    judge: Arc<Judge>,
    now: Timestamp,
}

impl Decided {
    pub(crate) const fn new(
        decision: Decision,
        intent: Option<Arc<Intent>>,
        notices: Vec<Notice>,
        judge: Arc<Judge>,
        now: Timestamp,
    ) -> Self {
        Self { decision, intent, notices, judge, now }
    }
}

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
    /// What a decision says, but for what must be computed for it.
    #[derive(Clone, Debug, PartialEq)]
    struct Facts {
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
        /// Whether the intent could be evaluated.
        evaluable: bool,
        /// What was not kept exactly.
        notices: Vec<NoticeFact>,
    }
}

/// The verdict, as its place among `allow`, `dry_run`, `require_approval` and `block`.
#[napi(catch_unwind)]
pub(crate) fn decision_verdict(decided: &External<Decided>) -> u32 {
    match decided.decision.verdict {
        Verdict::Allow => 0,
        Verdict::DryRun => 1,
        Verdict::RequireApproval => 2,
        Verdict::Block => 3,
    }
}

/// What the decision says, as JSON.
#[napi(catch_unwind)]
pub(crate) fn decision_facts(decided: &External<Decided>) -> napi::Result<String> {
    let decision = &decided.decision;
    let intent = decided.intent.as_deref();
    let script = decision.script.as_ref();
    to_json(&Facts {
        reason_codes: decision.reason_codes.to_strings(),
        violations: decision.violations.to_strings(),
        matched_rule: decision.matched_rule.clone(),
        tool_name: intent.map(|intent| intent.request().tool_name.clone()),
        created_at: decision.created_at,
        evaluated_at: decided.now,
        policy_digest: decision.policy_digest.to_hex(),
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
        evaluable: decision.evaluable,
        notices: NoticeFact::all(&decided.notices),
    })
}

/// The digest of the request; nothing when it could not be normalized.
#[napi(catch_unwind)]
pub(crate) fn decision_intent_digest(decided: &External<Decided>) -> Option<String> {
    decided.intent.as_deref().map(|intent| intent.digest().to_hex())
}

/// The trace, made and signed now.
#[napi(catch_unwind)]
pub(crate) fn decision_trace(decided: &External<Decided>) -> napi::Result<External<TraceRecord>> {
    let Some(intent) = decided.intent.as_deref() else {
        let message = "an intent that cannot be normalized has no trace";
        return Err(fault::plain(Category::InvalidInput, "intent_not_evaluable", message));
    };
    let record = decided.judge.trace(intent, &decided.decision, decided.now);
    record.map(External::new).map_err(|error| fault::exception(&error, Subject::Other))
}
