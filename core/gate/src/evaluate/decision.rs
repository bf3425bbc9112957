//! The answer of the gate, and everything that it rests on.

use gait_base::digest::Digest;
use gait_base::time::Timestamp;

use super::prepare::Prepared;
use super::script::composite_risk;
use super::strictest::Outcome;
use crate::code::CodeSet;
use crate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use crate::intent::{Context, Intent};
use crate::policy::Policy;
use crate::policy::document::Limit;
use crate::settle::Settlement;
use crate::verdict::Verdict;

/// A decision: a pure function of policy, intent and inputs.
///
/// Only [`Verdict::Allow`] lets the tool run. What limits, approvals, delegations and brokers must still say stands in the
/// fields that name them; [`crate::settle`] lets them speak and sets verdict, reasons and violations accordingly.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// Why, sorted.
    pub reason_codes: CodeSet,
    /// What was violated, sorted.
    pub violations: CodeSet,
    /// Names of the rules that matched, sorted and joined by commas; empty when the default verdict decided.
    pub matched_rule: String,
    /// Numbers of the rules that matched, in the policy's evaluation order.
    pub matched_rules: Vec<usize>,
    /// The intent's creation time in UTC, or 1980 when it has none: never the clock.
    pub created_at: Timestamp,
    /// Digest of the policy.
    pub policy_digest: Digest,
    /// Digest of the prepared intent; none when the intent could not be evaluated at all.
    pub intent_digest: Option<Digest>,
    /// Digest of the arguments; none when the intent could not be evaluated at all.
    pub args_digest: Option<Digest>,
    /// How many approvals the matched rules ask for.
    pub min_approvals: i64,
    /// Whether they must come from different people.
    pub require_distinct_approvers: bool,
    /// Whether a broker must issue a credential.
    pub require_broker_credential: bool,
    /// The reference for the broker.
    pub broker_reference: String,
    /// The scopes to ask of the broker.
    pub broker_scopes: Vec<String>,
    /// Whether delegation tokens must cover the intent's delegation.
    pub require_delegation: bool,
    /// The scopes of which a delegation token must hold one.
    pub delegation_scopes: Vec<String>,
    /// The rate limit that counts.
    pub rate_limit: Option<Limit>,
    /// The budget of destructive calls that counts.
    pub destructive_budget: Option<Limit>,
    /// Whether tainted data would have reached a destination.
    pub dataflow_triggered: bool,
    /// What is known of a script.
    pub script: Option<ScriptFacts>,
    /// Where context came from: `context_envelope`, the inventory, both or nothing.
    pub context_source: String,
    /// What the freeze windows said.
    pub freeze_window: Option<FreezeWindowDecision>,
    /// What the sandbox check said.
    pub sandbox: Option<SandboxDecision>,
    /// What the kill switch said.
    pub kill_switch: Option<KillSwitchDecision>,
    /// Whether the intent itself could be evaluated (02 §6.2).
    pub evaluable: bool,
    /// What tokens, counters, brokers and registries said afterwards; none for a pure evaluation.
    pub settlement: Option<Box<Settlement>>,
    /// The prepared context where it differs from the intent's.
    prepared_context: Option<Box<Context>>,
}

/// What a decision about a script adds (02 §8).
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptFacts {
    /// Number of steps.
    pub step_count: i64,
    /// Digest of the steps.
    pub script_hash: Option<Digest>,
    /// `low`, `medium` or `high`.
    pub composite_risk_class: &'static str,
    /// The answer for each step.
    pub step_verdicts: Vec<StepVerdict>,
}

impl Decision {
    pub(super) fn new(
        policy: &Policy,
        intent: &Intent,
        prepared: Prepared<'_>,
        created_at: Timestamp,
        outcome: Outcome,
        script: Option<ScriptFacts>,
        context_source: String,
    ) -> Self {
        let (intent_digest, args_digest) = intent.digests_with(prepared.context());
        Self {
            verdict: outcome.verdict,
            reason_codes: outcome.reasons,
            violations: outcome.violations,
            matched_rule: outcome.matched_rule,
            matched_rules: outcome.matched_rules,
            created_at,
            policy_digest: policy.digest(),
            intent_digest: Some(intent_digest),
            args_digest: Some(args_digest),
            min_approvals: outcome.min_approvals,
            require_distinct_approvers: outcome.require_distinct_approvers,
            require_broker_credential: outcome.require_broker_credential,
            broker_reference: outcome.broker_reference,
            broker_scopes: outcome.broker_scopes,
            require_delegation: outcome.require_delegation,
            delegation_scopes: outcome.delegation_scopes,
            rate_limit: outcome.rate_limit,
            destructive_budget: outcome.destructive_budget,
            dataflow_triggered: outcome.dataflow_triggered,
            script,
            context_source,
            freeze_window: outcome.freeze_window.map(|decision| *decision),
            sandbox: outcome.sandbox.map(|decision| *decision),
            kill_switch: None,
            evaluable: true,
            settlement: None,
            prepared_context: prepared.into_changed(),
        }
    }

    /// A block before any rule was looked at.
    pub(super) fn early(
        policy: &Policy,
        intent: &Intent,
        prepared: Prepared<'_>,
        created_at: Timestamp,
        reasons: CodeSet,
        violations: CodeSet,
    ) -> Self {
        let outcome = Outcome { verdict: Verdict::Block, reasons, violations, ..Outcome::default() };
        Self::new(policy, intent, prepared, created_at, outcome, None, String::new())
    }

    /// A block because a kill switch is required and cannot be read.
    pub(super) fn kill_switch_unavailable(
        policy: &Policy,
        intent: &Intent,
        prepared: Prepared<'_>,
        created_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        const CODE: &str = "kill_switch_state_unavailable";
        let codes = CodeSet::from_texts([CODE]);
        let mut decision = Self::early(policy, intent, prepared, created_at, codes.clone(), codes);
        decision.kill_switch = Some(KillSwitchDecision {
            status: "unavailable".to_owned(),
            reason_code: CODE.to_owned(),
            reason_codes: vec![CODE.to_owned()],
            evaluated_at: now,
            ..KillSwitchDecision::default()
        });
        decision
    }

    /// A block because the intent contradicts its context evidence; the intent stays as it was given.
    pub(super) fn not_evaluable(policy: &Policy, intent: &Intent, created_at: Timestamp) -> Self {
        Self {
            intent_digest: Some(intent.digest()),
            args_digest: Some(intent.args_digest()),
            ..Self::of_invalid_intent(policy, created_at)
        }
    }

    /// A block because there is no intent that could be evaluated.
    pub(super) fn of_invalid_intent(policy: &Policy, created_at: Timestamp) -> Self {
        Self {
            verdict: Verdict::Block,
            reason_codes: CodeSet::from_texts(["fail_closed_intent_invalid"]),
            violations: CodeSet::from_texts(["intent_not_evaluable"]),
            matched_rule: String::new(),
            matched_rules: Vec::new(),
            created_at,
            policy_digest: policy.digest(),
            intent_digest: None,
            args_digest: None,
            min_approvals: 0,
            require_distinct_approvers: false,
            require_broker_credential: false,
            broker_reference: String::new(),
            broker_scopes: Vec::new(),
            require_delegation: false,
            delegation_scopes: Vec::new(),
            rate_limit: None,
            destructive_budget: None,
            dataflow_triggered: false,
            script: None,
            context_source: String::new(),
            freeze_window: None,
            sandbox: None,
            kill_switch: None,
            evaluable: false,
            settlement: None,
            prepared_context: None,
        }
    }

    /// An allow without evaluation, which an approved script makes; the intent stays as it was given.
    pub(crate) fn pre_approved(policy: &Policy, intent: &Intent, created_at: Timestamp) -> Self {
        let reason = "approved_script_match";
        let steps = intent.request().script.as_ref().map(|script| script.steps.as_slice()).unwrap_or_default();
        let verdicts = (0..).zip(steps).map(|(index, step)| StepVerdict {
            index,
            tool_name: step.tool_name.clone(),
            verdict: Verdict::Allow.as_str().to_owned(),
            reason_codes: vec![reason.to_owned()],
            ..StepVerdict::default()
        });
        let script = ScriptFacts {
            step_count: i64::try_from(steps.len()).unwrap_or(i64::MAX),
            script_hash: intent.script_hash(),
            composite_risk_class: composite_risk(steps.iter().map(|step| step.targets.as_slice())),
            step_verdicts: verdicts.collect(),
        };
        Self {
            verdict: Verdict::Allow,
            reason_codes: CodeSet::from_texts([reason]),
            violations: CodeSet::default(),
            script: Some(script),
            evaluable: true,
            ..Self::not_evaluable(policy, intent, created_at)
        }
    }

    /// The kill switch has the last word (02 §6.2 step 6).
    pub(super) fn apply_kill_switch(&mut self, kill_switch: KillSwitchDecision) {
        if kill_switch.status == "active" {
            self.verdict = Verdict::Block;
            self.reason_codes.extend(&CodeSet::from_texts(&kill_switch.reason_codes));
            self.violations.insert("kill_switch_active");
        }
        self.kill_switch = Some(kill_switch);
    }

    /// The context of `intent` as this decision saw it.
    #[must_use]
    pub fn context<'a>(&'a self, intent: &'a Intent) -> &'a Context {
        self.prepared_context.as_deref().unwrap_or(&intent.request().context)
    }
}
