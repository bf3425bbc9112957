//! Scripts: each step is decided like a call of its own, the strictest answer counts (02 §8).

use super::decision::ScriptFacts;
use super::inputs::Inputs;
use super::matching::Subject;
use super::prepare::Prepared;
use super::single;
use super::strictest::{Outcome, unite};
use crate::code::Code;
use crate::finding::StepVerdict;
use crate::intent::{Intent, Script, Target};
use crate::policy::Policy;
use crate::verdict::Verdict;

/// The most steps a script may have when the policy does not say.
const MAX_STEPS: usize = 64;

/// Evaluates a script; the flag tells whether the inventory knew one of its tools.
pub(super) fn evaluate(
    policy: &Policy,
    intent: &Intent,
    script: &Script,
    prepared: &Prepared<'_>,
    inputs: &Inputs<'_>,
) -> (Outcome, ScriptFacts, bool) {
    let mut whole: Option<Outcome> = None;
    let mut step_verdicts = Vec::with_capacity(script.steps.len());
    let mut names: Vec<String> = Vec::new();
    let mut matched_rules = Vec::new();
    let mut inventory_used = false;
    let mut risks: Vec<Risk> = Vec::new();

    for (index, step) in (0i64..).zip(&script.steps) {
        let mut step_context = prepared.for_step();
        inventory_used |= step_context.add_inventory(&step.tool_name, inputs);
        let subject = Subject::of_step(intent.request(), step, step_context.context());
        let mut outcome = single::evaluate(policy, &subject, prepared.age_seconds, &inputs.now);
        step_verdicts.push(StepVerdict {
            index,
            tool_name: step.tool_name.clone(),
            verdict: outcome.verdict.as_str().to_owned(),
            reason_codes: outcome.reasons.to_strings(),
            violations: outcome.violations.to_strings(),
            matched_rule: outcome.matched_rule.clone(),
        });
        names.push(std::mem::take(&mut outcome.matched_rule));
        unite(&mut matched_rules, std::mem::take(&mut outcome.matched_rules));
        risks.push(Risk::of(&step.targets));
        match &mut whole {
            None => whole = Some(outcome),
            Some(whole) => {
                whole.verdict = whole.verdict.max(outcome.verdict);
                if whole.broker_reference.is_empty() {
                    whole.broker_reference = std::mem::take(&mut outcome.broker_reference);
                }
                whole.absorb(outcome);
            }
        }
    }
    // A normalized script has at least one step.
    let mut whole = whole.unwrap_or_else(|| Outcome::default_verdict(Verdict::Block));
    gait_base::text::set(&mut names);
    whole.matched_rule = names.join(",");
    whole.matched_rules = matched_rules;

    apply_limits(policy, script, &risks, &mut whole);
    let highest = risks.iter().max().copied().unwrap_or(Risk::Low);
    let facts = ScriptFacts {
        step_count: i64::try_from(script.steps.len()).unwrap_or(i64::MAX),
        script_hash: intent.script_hash(),
        composite_risk_class: highest.as_str(),
        step_verdicts,
    };
    (whole, facts, inventory_used)
}

/// The policy's limits on scripts as a whole.
fn apply_limits(policy: &Policy, script: &Script, risks: &[Risk], whole: &mut Outcome) {
    let limits = policy.document().scripts;
    let steps = script.steps.len();
    let max_steps = usize::try_from(limits.max_steps).ok().filter(|max| *max > 0).unwrap_or(MAX_STEPS);
    if steps > max_steps {
        whole.verdict = Verdict::Block;
        whole.reasons.insert("script_max_steps_exceeded");
        whole.violations.insert("script_max_steps_exceeded");
    }
    let threshold = usize::try_from(limits.require_approval_above).unwrap_or(0);
    if threshold > 0 && steps > threshold {
        whole.verdict = whole.verdict.max(Verdict::RequireApproval);
        whole.reasons.insert("script_step_threshold_approval");
        whole.min_approvals = whole.min_approvals.max(1);
    }
    if limits.block_mixed_risk && risks.iter().any(|risk| Some(risk) != risks.first()) {
        whole.verdict = Verdict::Block;
        whole.reasons.insert(Code::Known("script_mixed_risk_blocked"));
        whole.violations.insert(Code::Known("script_mixed_risk"));
    }
}

/// The risk of a step, derived from its targets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Risk {
    Low,
    Medium,
    High,
}

impl Risk {
    fn of(targets: &[Target]) -> Self {
        let risk = |target: &Target| match target.endpoint_class.as_str() {
            "fs.delete" | "proc.exec" => Self::High,
            _ if target.destructive => Self::High,
            "fs.write" | "net.http" | "net.dns" => Self::Medium,
            _ => Self::Low,
        };
        targets.iter().map(risk).max().unwrap_or(Self::Low)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The composite risk class of steps: the highest that the targets of any of them give.
#[must_use]
pub fn composite_risk<'a>(steps: impl IntoIterator<Item = &'a [Target]>) -> &'static str {
    steps.into_iter().map(Risk::of).max().unwrap_or(Risk::Low).as_str()
}
