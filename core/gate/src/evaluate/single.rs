//! One tool call against the rules (02 §6.3).

use gait_base::time::Timestamp;

use super::matching::Subject;
use super::rule;
use super::strictest::Outcome;
use crate::policy::Policy;
use crate::verdict::Verdict;

/// Evaluates one tool call: the matching rules of the first priority that has any.
pub(super) fn evaluate(policy: &Policy, subject: &Subject<'_>, age_seconds: Option<i64>, now: &Timestamp) -> Outcome {
    let matching = policy
        .index()
        .candidates(subject)
        .filter_map(|number| policy.rule(number).map(|(rule, compiled)| (number, rule, compiled)))
        .filter(|(_, rule, _)| subject.matches(&rule.conditions));
    let mut strictest: Option<Outcome> = None;
    let mut references: Vec<String> = Vec::new();
    let mut matched_rules = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut priority = None;
    for (number, rule, compiled) in matching {
        if priority.is_some_and(|priority| priority != rule.priority) {
            break;
        }
        priority = Some(rule.priority);
        matched_rules.push(number);
        names.push(&compiled.name);
        let outcome = rule::evaluate(rule, compiled, subject, age_seconds, now);
        match &mut strictest {
            Some(current) if outcome.verdict < current.verdict => {}
            Some(current) if outcome.verdict == current.verdict => {
                references.push(outcome.broker_reference.clone());
                current.absorb(outcome);
            }
            _ => {
                references.clear();
                references.push(outcome.broker_reference.clone());
                strictest = Some(outcome);
            }
        }
    }
    let Some(mut outcome) = strictest else {
        return Outcome::default_verdict(policy.document().default_verdict);
    };
    if outcome.verdict != Verdict::RequireApproval {
        outcome.min_approvals = 0;
        outcome.require_distinct_approvers = false;
    }
    if references.len() > 1 {
        gait_base::text::set(&mut references);
        outcome.broker_reference = references.join(",");
    }
    names.sort_unstable();
    names.dedup();
    outcome.matched_rule = names.join(",");
    outcome.matched_rules = matched_rules;
    outcome
}
