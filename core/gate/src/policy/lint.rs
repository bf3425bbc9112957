//! Warnings about policies that are valid and hardly what their author meant (02 §17).

use super::document::{Dataflow, Match, PolicyDocument, Rule};
use crate::verdict::Verdict;
use crate::vocabulary::{PROVENANCE_SOURCES, RISK_CLASSES, TARGET_KINDS};

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// A stable, machine-readable name of the kind of warning.
    pub code: &'static str,
    /// The rule it is about; nothing when it is about the policy as a whole.
    pub rule: Option<String>,
    /// What it means, for a person.
    pub message: String,
}

/// Looks at a policy. The warnings come in the order of the rules.
#[must_use]
pub fn lint(policy: &PolicyDocument) -> Vec<Lint> {
    let mut found = Findings { rule: None, lints: Vec::new() };
    if policy.default_verdict == Verdict::Allow {
        found.add(
            "default_allow_unchecked",
            "an intent that no rule matches is allowed as it is: destructive operations, freeze windows, sandboxes and \
             limits are only looked at in rules that match",
        );
    }
    found.unknown("fail_closed.risk_classes", &policy.fail_closed.risk_classes, RISK_CLASSES);
    for rule in &policy.rules {
        found.rule = Some(rule.name.as_str());
        found.look_at(rule);
    }
    found.lints
}

struct Findings<'p> {
    rule: Option<&'p str>,
    lints: Vec<Lint>,
}

impl Findings<'_> {
    fn add(&mut self, code: &'static str, message: impl Into<String>) {
        self.lints.push(Lint { code, rule: self.rule.map(str::to_owned), message: message.into() });
    }

    fn unknown(&mut self, setting: &str, words: &[String], usual: &[&str]) {
        for word in words.iter().filter(|word| !usual.contains(&word.as_str())) {
            let message = format!("{setting}: `{word}` is none of {}: it may never match anything", usual.join(", "));
            self.add("unknown_match_value", message);
        }
    }

    fn look_at(&mut self, rule: &Rule) {
        self.conditions(&rule.conditions);
        if let Some(dataflow) = &rule.dataflow {
            self.dataflow(rule.effect, dataflow);
        }
        if let Some(endpoint) = &rule.endpoint
            && endpoint.destructive_action.is_some_and(|action| action < endpoint.action)
        {
            let message = format!(
                "endpoint.destructive_action has no effect: the stricter endpoint.action `{}` applies to destructive \
                 operations too",
                endpoint.action
            );
            self.add("destructive_action_overruled", message);
        }
        if let Some(freeze) = &rule.freeze_window {
            self.unknown("freeze_window.risk_classes", &freeze.risk_classes, RISK_CLASSES);
        }
        if rule.sandbox.as_ref().is_some_and(|sandbox| !sandbox.read_only_roots.is_empty()) {
            self.add(
                "read_only_roots_optional",
                "sandbox.required_read_only_roots limits the roots that an intent declares; an intent that declares none \
                 passes",
            );
        }
    }

    fn conditions(&mut self, conditions: &Match) {
        self.unknown("match.risk_classes", &conditions.risk_classes, RISK_CLASSES);
        self.unknown("match.target_kinds", &conditions.target_kinds, TARGET_KINDS);
        self.unknown("match.destination_kinds", &conditions.destination_kinds, TARGET_KINDS);
        self.unknown("match.provenance_sources", &conditions.provenance_sources, PROVENANCE_SOURCES);
    }

    fn dataflow(&mut self, effect: Verdict, dataflow: &Dataflow) {
        if dataflow.action < effect {
            let message = format!(
                "dataflow.action `{}` replaces the rule's effect `{effect}` when tainted data flows out: the rule gets \
                 milder",
                dataflow.action
            );
            self.add("dataflow_lowers_effect", message);
        }
        self.unknown("dataflow.tainted_sources", &dataflow.tainted_sources, PROVENANCE_SOURCES);
        self.unknown("dataflow.destination_kinds", &dataflow.destination_kinds, TARGET_KINDS);
    }
}
