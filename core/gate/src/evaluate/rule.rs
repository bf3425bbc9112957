//! One matched rule: its effect after all constraints (02 §6.4).

use gait_base::time::Timestamp;

use super::matching::Subject;
use super::strictest::Outcome;
use super::{agent, context_evidence, credential, dataflow, destructive, sandbox};
use crate::code::Code;
use crate::intent::targets_digest;
use crate::policy::compile::CompiledRule;
use crate::policy::document::Rule;
use crate::verdict::Verdict;

/// Evaluates a rule that matched.
pub(super) fn evaluate(
    rule: &Rule,
    compiled: &CompiledRule,
    subject: &Subject<'_>,
    age_seconds: Option<i64>,
    now: &Timestamp,
) -> Outcome {
    let mut effect = rule.effect;
    let mut reasons = compiled.reasons.clone();
    let mut violations = compiled.violations.clone();
    let mut dataflow_triggered = false;

    if let (Some(limit), Some(codes)) = (rule.dataflow.as_deref(), &compiled.dataflow)
        && dataflow::triggered(limit, subject.provenance, subject.targets)
    {
        // Replaced, not raised: a triggered dataflow limit also lowers a block (kept for compatibility).
        effect = limit.action;
        dataflow_triggered = true;
        reasons.insert(codes.reason.clone());
        violations.insert(codes.violation.clone());
    }
    let mut report = |reason: &'static str, violation: &'static str| {
        reasons.insert(Code::Known(reason));
        violations.insert(Code::Known(violation));
    };
    let mut labels = None;
    if let Some((endpoint, reason, violation)) = &compiled.endpoint
        && let Some(at_least) = endpoint.check(subject.targets, &mut report)
    {
        effect = effect.max(at_least);
        labels = Some((reason.clone(), violation.clone()));
    }
    let blocked = [
        rule.context_evidence
            .as_ref()
            .is_some_and(|rule| context_evidence::check(rule, subject.context, age_seconds, &mut report)),
        rule.agent.as_deref().is_some_and(|rule| agent::check(rule, subject.context, now, &mut report)),
        rule.credential.as_deref().is_some_and(|rule| {
            credential::check(rule, subject.context, || targets_digest(subject.targets), &mut report)
        }),
    ];
    if blocked.contains(&true) {
        effect = Verdict::Block;
    }
    if let Some((reason, violation)) = labels {
        reasons.insert(reason);
        violations.insert(violation);
    }
    let freeze_window = compiled.freeze.as_ref().map(|freeze| freeze.decide(subject.context, now));
    if let Some(decision) = freeze_window.as_ref().filter(|decision| !decision.reason_code.is_empty()) {
        let at_least = if decision.status == "active" { Verdict::parse(&decision.effect) } else { None };
        effect = effect.max(at_least.unwrap_or(Verdict::Block));
        reasons.insert(Code::named(&decision.reason_code));
        violations.insert(Code::named(&decision.reason_code));
    }
    let sandbox = rule.sandbox.as_deref().map(|rule| sandbox::check(rule, subject.context));
    if let Some(decision) = sandbox.as_ref().filter(|decision| !decision.reason_codes.is_empty()) {
        effect = Verdict::Block;
        for code in &decision.reason_codes {
            reasons.insert(Code::named(code));
            violations.insert(Code::named(code));
        }
    }
    let valid_sandbox = sandbox.as_ref().is_some_and(|decision| decision.status == "valid");
    if let Some((at_least, reason)) = destructive::phase_rule(subject.targets, &subject.context.phase, valid_sandbox) {
        effect = effect.max(at_least);
        reasons.insert(reason);
    }

    let needs_one = effect == Verdict::RequireApproval && rule.min_approvals == 0;
    let delegation = rule.conditions.delegation.as_deref();
    Outcome {
        verdict: effect,
        reasons,
        violations,
        min_approvals: if needs_one { 1 } else { rule.min_approvals },
        require_distinct_approvers: rule.require_distinct_approvers,
        require_broker_credential: rule.require_broker_credential,
        broker_reference: rule.broker_reference.clone(),
        broker_scopes: rule.broker_scopes.clone(),
        require_delegation: delegation.is_some_and(|delegation| delegation.required),
        delegation_scopes: delegation.map(|delegation| delegation.scopes.clone()).unwrap_or_default(),
        rate_limit: rule.rate_limit,
        destructive_budget: rule.destructive_budget,
        dataflow_triggered,
        freeze_window: freeze_window.map(Box::new),
        sandbox: sandbox.map(Box::new),
        matched_rule: String::new(),
        matched_rules: Vec::new(),
    }
}
