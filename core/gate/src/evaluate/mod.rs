//! Evaluation: an intent against a compiled policy, with what is consulted from outside (02 §6 to §9).
//!
//! One way, no back-edges: the intent is prepared (context claims bound or stripped), the fail-closed fields are
//! checked, rules are matched and their constraints applied, scripts are put together from their steps, and the kill
//! switch has the last word.

mod agent;
mod context_evidence;
mod credential;
mod dataflow;
mod decision;
mod destructive;
mod endpoint;
mod error;
mod fail_closed;
mod freeze;
mod inputs;
mod matching;
mod prepare;
mod rule;
mod sandbox;
mod script;
mod single;
mod strictest;

use gait_base::time::Timestamp;

pub(crate) use credential::check_kind as check_credential_kind;
pub use decision::{Decision, ScriptFacts};
pub(crate) use endpoint::CompiledEndpoint;
pub use error::EvaluateError;
pub(crate) use freeze::CompiledFreeze;
pub use inputs::{Inputs, KillSwitchInput};
pub(crate) use matching::Subject;
pub use script::composite_risk;

use crate::code::CodeSet;
use crate::intent::{Intent, IntentRequest};
use crate::policy::Policy;
use crate::verdict::Verdict;
use prepare::Prepared;
use strictest::Outcome;

impl Policy {
    /// Decides about an intent. The same policy, intent and inputs always give the same decision.
    ///
    /// ```
    /// use gait_base::time::Timestamp;
    /// use gait_gate::evaluate::Inputs;
    /// use gait_gate::intent::Intent;
    /// use gait_gate::mode::Mode;
    /// use gait_gate::policy::Policy;
    /// use gait_gate::verdict::Verdict;
    ///
    /// let policy = Policy::parse(b"{default_verdict: block, rules: [{name: reads, effect: allow, match: {tool_name: fs.read}}]}", Mode::Strict)?;
    /// let intent = Intent::parse(
    ///     br#"{"tool_name": "fs.read", "args": {}, "targets": [], "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}"#,
    ///     Mode::Strict,
    /// )?;
    /// let decision = policy.evaluate(&intent, &Inputs::at(Timestamp::EPOCH_1980))?;
    /// assert_eq!(decision.verdict, Verdict::Allow);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EvaluateError`] when the policy is strict and the intent was not read strictly, when the intent contradicts the context envelope or, in strict mode, claims itself what only an
    /// inventory may claim (both are a block where the policy fails closed for its risk class), and when it holds a time
    /// that cannot be written.
    pub fn evaluate(&self, intent: &Intent, inputs: &Inputs<'_>) -> Result<Decision, EvaluateError> {
        self.refuse_lenient(intent)?;
        let request = intent.request();
        let created_at = created_at(&request.created_at)?;
        let mut prepared = match Prepared::new(self, intent, inputs) {
            Ok(prepared) => prepared,
            Err(EvaluateError::ContextMismatch { .. } | EvaluateError::UnprovenClaim { .. })
                if self.fails_closed_for(&request.context.risk_class) =>
            {
                return Ok(Decision::not_evaluable(self, intent, created_at));
            }
            Err(error) => return Err(error),
        };
        if self.fails_closed_for(&request.context.risk_class) {
            let (reasons, violations) = fail_closed::check(&self.document().fail_closed, request, prepared.context());
            if !reasons.is_empty() {
                return Ok(Decision::early(self, intent, prepared, created_at, reasons, violations));
            }
        }
        if matches!(inputs.kill_switch, KillSwitchInput::Unavailable) {
            let now = inputs.now.to_utc().unwrap_or(inputs.now);
            return Ok(Decision::kill_switch_unavailable(self, intent, prepared, created_at, now));
        }
        let (outcome, facts, context_source) = match &request.script {
            Some(script) => {
                let (outcome, facts, inventory_used) = script::evaluate(self, intent, script, &prepared, inputs);
                (outcome, Some(facts), prepared.context_source(inputs, inventory_used))
            }
            None => {
                let inventory_used = prepared.add_inventory(&request.tool_name, inputs);
                let subject = Subject::of_request(request, prepared.context());
                let outcome = single::evaluate(self, &subject, prepared.age_seconds, &inputs.now);
                (outcome, None, prepared.context_source(inputs, inventory_used))
            }
        };
        let mut decision = Decision::new(self, intent, prepared, created_at, outcome, facts, context_source);
        if let KillSwitchInput::State(state) = inputs.kill_switch {
            decision.apply_kill_switch(state.decide(request, &inputs.now, self.mode()));
        }
        Ok(decision)
    }

    /// Decides about a request that is not normalized yet. A request that cannot be normalized is a block where the
    /// policy fails closed for its risk class, and an error elsewhere (02 §6.2).
    ///
    /// # Errors
    /// [`EvaluateError`].
    pub fn evaluate_request(
        &self,
        request: IntentRequest,
        inputs: &Inputs<'_>,
    ) -> Result<(Decision, Option<Intent>), EvaluateError> {
        let risk_class = gait_base::text::trim_fold(&request.context.risk_class);
        let created_at = created_at(&request.created_at);
        match Intent::from_request(request, self.mode()) {
            Ok(intent) => self.evaluate(&intent, inputs).map(|decision| (decision, Some(intent))),
            Err(_) if self.fails_closed_for(&risk_class) => Ok((Decision::of_invalid_intent(self, created_at?), None)),
            Err(error) => Err(error.into()),
        }
    }

    /// A strict policy decides about strictly read intents alone: what strict reading refuses may be in others.
    pub(crate) fn refuse_lenient(&self, intent: &Intent) -> Result<(), EvaluateError> {
        if self.mode().is_strict() && !intent.mode().is_strict() {
            return Err(EvaluateError::StrictMismatch);
        }
        Ok(())
    }

    /// Whether the policy fails closed for a risk class.
    #[must_use]
    pub fn fails_closed_for(&self, risk_class: &str) -> bool {
        let fail_closed = &self.document().fail_closed;
        fail_closed.enabled && fail_closed.risk_classes.iter().any(|class| class == risk_class)
    }
}

/// The creation time of a result: the intent's in UTC, never the clock's (02 §6.1).
fn created_at(time: &Timestamp) -> Result<Timestamp, EvaluateError> {
    if time.is_zero() {
        return Ok(Timestamp::EPOCH_1980);
    }
    Ok(time.to_utc()?)
}

/// Whether a sorted list of normalized values holds `value`.
pub(crate) fn lists(list: &[String], value: &str) -> bool {
    // Most lists of a policy are short; comparing lengths first makes a walk cheaper than halving.
    if list.len() <= 8 {
        return list.iter().any(|item| item == value);
    }
    list.binary_search_by(|item| item.as_str().cmp(value)).is_ok()
}

impl Outcome {
    /// What holds when no rule matches: the default verdict, and no constraint of any kind.
    fn default_verdict(verdict: Verdict) -> Self {
        let mut reasons = CodeSet::default();
        reasons.insert(match verdict {
            Verdict::Allow => "default_allow",
            Verdict::DryRun => "default_dry_run",
            Verdict::RequireApproval => "default_require_approval",
            Verdict::Block => "default_block",
        });
        let min_approvals = i64::from(verdict == Verdict::RequireApproval);
        Self { verdict, reasons, min_approvals, ..Self::default() }
    }
}
