//! Decisions: the answer, and, when they are asked for, its grounds and its trace.

use std::sync::Arc;

use gait_base::error::Category;
use gait_base::json::{Notice, Reading, decode, to_indented};
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::code::CodeSet;
use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use gait_gate::intent::{Intent, decode_request};
use gait_gate::policy::document::Limit;
use gait_gate::verdict::Verdict;
use napi::Either;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::document::{text, to_json, written};
use crate::fault::{self, Subject};
use crate::judge::Judge;
use crate::moment::{Moment, moment};

/// What JavaScript gets of a decision: the place of its verdict in [`Verdict::ALL`] when the policy alone decided, or
/// what settling made of it, as JSON. In a batch, also the text of an error.
pub(crate) type Answer = Either<u32, String>;

record! {
    /// What settling made of a decision.
    #[derive(Clone, Debug, PartialEq)]
    struct Settled {
        /// The answer.
        verdict: String,
        /// Why.
        reason_codes: Vec<String>,
        /// What was violated.
        violations: Vec<String>,
    }
}

/// The answer for JavaScript.
pub(crate) fn answer(decision: &Decision) -> napi::Result<Answer> {
    if decision.settlement.is_none() {
        let place = Verdict::ALL.iter().position(|verdict| *verdict == decision.verdict);
        return Ok(Either::A(place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)));
    }
    let settled = Settled {
        verdict: decision.verdict.as_str().to_owned(),
        reason_codes: decision.reason_codes.to_strings(),
        violations: decision.violations.to_strings(),
    };
    to_json(&settled).map(Either::B)
}

/// A decision made once more, to be asked for more than its verdict.
///
/// Decisions are functions of policy, intent and moment, so what JavaScript keeps of one are these three. A decision
/// that was kept here would live until the event loop next turns: that is when Node finalizes native objects, and a
/// loop that decides without waiting for anything would fill the memory.
struct Remade<'a> {
    judge: &'a Judge,
    decision: Decision,
    intent: Option<Arc<Intent>>,
    notices: Vec<Notice>,
    now: Timestamp,
}

impl<'a> Remade<'a> {
    /// From the document of an intent that was decided about.
    fn of_document(judge: &'a Judge, document: &[u8], now: &Moment, settled: &str) -> napi::Result<Self> {
        let now = moment(now)?;
        let (request, notices) = decode_request(document, judge.mode()).map_err(|error| fault::of_intent(&error))?;
        let decided = judge.policy().evaluate_request(request, &Inputs::at(now));
        let (decision, intent) = decided.map_err(|error| fault::of_evaluation(&error))?;
        Self { judge, decision, intent: intent.map(Arc::new), notices, now }.settled(settled)
    }

    /// From an intent that was read before.
    fn of_intent(judge: &'a Judge, intent: &Arc<Intent>, now: &Moment, settled: &str) -> napi::Result<Self> {
        let now = moment(now)?;
        let decided = judge.policy().evaluate(intent, &Inputs::at(now));
        let decision = decided.map_err(|error| fault::of_evaluation(&error))?;
        let notices = intent.notices().to_vec();
        Self { judge, decision, intent: Some(intent.clone()), notices, now }.settled(settled)
    }

    /// Settling counts and must not happen twice: its outcome was kept.
    fn settled(mut self, settled: &str) -> napi::Result<Self> {
        if !settled.is_empty() {
            let settled: Settled =
                decode(settled.as_bytes(), Reading::STRICT).map_err(|error| fault::of_document(&error))?;
            self.decision.verdict = Verdict::parse(&settled.verdict).unwrap_or(Verdict::Block);
            self.decision.reason_codes = CodeSet::from_texts(settled.reason_codes);
            self.decision.violations = CodeSet::from_texts(settled.violations);
        }
        Ok(self)
    }

    fn trace(&self) -> napi::Result<String> {
        let Some(intent) = self.intent.as_deref() else {
            let message = "an intent that cannot be normalized has no trace";
            return Err(fault::plain(Category::InvalidInput, "intent_not_evaluable", message));
        };
        let record = self.judge.trace(intent, &self.decision, self.now);
        let record = record.map_err(|error| fault::exception(&error, Subject::Other))?;
        text(to_indented(&record).map_err(|error| fault::exception(&error, Subject::Document))?)
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
        /// Whether the intent could be evaluated.
        evaluable: bool,
        /// What was not kept exactly.
        notices: Vec<NoticeFact>,
    }
}

impl Facts {
    fn new(remade: &Remade<'_>) -> Self {
        let decision = &remade.decision;
        let intent = remade.intent.as_deref();
        let script = decision.script.as_ref();
        Self {
            reason_codes: decision.reason_codes.to_strings(),
            violations: decision.violations.to_strings(),
            matched_rule: decision.matched_rule.clone(),
            tool_name: intent.map(|intent| intent.request().tool_name.clone()),
            created_at: decision.created_at,
            evaluated_at: remade.now,
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
            evaluable: decision.evaluable,
            notices: NoticeFact::all(&remade.notices),
        }
    }
}

/// What a decision about a document says, as JSON.
#[napi(catch_unwind)]
pub(crate) fn decision_facts(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
    settled: String,
) -> napi::Result<String> {
    to_json(&Facts::new(&Remade::of_document(judge, written(bytes, start, end), &now, &settled)?))
}

/// What a decision about an intent says, as JSON.
#[napi(catch_unwind)]
pub(crate) fn decision_facts_of_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
    settled: String,
) -> napi::Result<String> {
    to_json(&Facts::new(&Remade::of_intent(judge, intent, &now, &settled)?))
}

/// The trace of a decision about a document, signed now.
#[napi(catch_unwind)]
pub(crate) fn decision_trace(
    judge: &External<Arc<Judge>>,
    bytes: &[u8],
    start: u32,
    end: u32,
    now: Moment,
    settled: String,
) -> napi::Result<String> {
    Remade::of_document(judge, written(bytes, start, end), &now, &settled)?.trace()
}

/// The trace of a decision about an intent, signed now.
#[napi(catch_unwind)]
pub(crate) fn decision_trace_of_intent(
    judge: &External<Arc<Judge>>,
    intent: &External<Arc<Intent>>,
    now: Moment,
    settled: String,
) -> napi::Result<String> {
    Remade::of_intent(judge, intent, &now, &settled)?.trace()
}
