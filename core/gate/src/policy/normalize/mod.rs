//! From the policy as written to the policy in normal form, each step and check in the order of 02 §2.3; the first
//! fault ends it.

mod check;
mod conditions;
mod limits;
mod restrictions;
mod rule;

use gait_base::duration::parse_duration;
use gait_base::text::{set_fold, trim_fold, trim_fold_in_place, trim_in_place};

pub(super) use self::rule::normalize as normalize_rule;

use self::check::Subject;
use super::document::{
    FailClosed, McpTrust, PolicyAsWritten, PolicyDocument, Rule, SCHEMA_ID, SCHEMA_VERSION, Scripts,
};
use super::error::PolicyError;
use super::source::{FailClosedSource, McpTrustSource, PolicySource, ScriptsSource};
use crate::verdict::Verdict;
use crate::vocabulary::{HIGH_RISK_CLASSES, HIGH_RISK_FIELDS, REQUIRED_FIELDS};

const ROOT: Subject<'_> = Subject::ROOT;

/// What a rule's extra check may do: block or ask.
const RESTRICTIONS: &[Verdict] = &[Verdict::Block, Verdict::RequireApproval];

/// Puts a policy into normal form; its rules are so already, but not in order.
///
/// # Errors
/// [`PolicyError`] at the first setting that cannot be.
pub(super) fn normalize(source: PolicySource) -> Result<PolicyDocument, PolicyError> {
    schema("schema_id", &source.schema_id, SCHEMA_ID)?;
    schema("schema_version", &source.schema_version, SCHEMA_VERSION)?;
    let default_verdict = default_verdict(&source)?;
    let fail_closed = fail_closed(source.fail_closed)?;
    let min_score = source.mcp_trust.min_score;
    let mcp_trust = mcp_trust(source.mcp_trust)?;
    let scripts = scripts(source.scripts)?;
    let rules = sorted(source.rules);
    let min_score = if mcp_trust.is_some() { 0.0 } else { min_score };
    let as_written = PolicyAsWritten { default_action: source.default_action, min_score };
    Ok(PolicyDocument { default_verdict, scripts, fail_closed, mcp_trust, rules, as_written })
}

/// Sorts by priority, then name; rules that are equal in both keep their places in the file.
fn sorted(rules: Vec<Rule>) -> Vec<Rule> {
    let compare = |a: &Rule, b: &Rule| a.priority.cmp(&b.priority).then_with(|| a.name.cmp(&b.name));
    if rules.is_sorted_by(|a, b| compare(a, b).is_le()) {
        return rules;
    }
    // A rule is large: references are sorted, and each rule moved once.
    let mut order: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    order.sort_by(|a, b| compare(a.1, b.1));
    let order: Vec<usize> = order.into_iter().map(|(place, _)| place).collect();
    let mut rules: Vec<Option<Rule>> = rules.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| rules.get_mut(place).and_then(Option::take)).collect()
}

fn schema(setting: &str, value: &str, expected: &str) -> Result<(), PolicyError> {
    if value.is_empty() || value == expected {
        return Ok(());
    }
    Err(ROOT.fault(setting, format!("`{value}` is not supported, only `{expected}`")))
}

fn default_verdict(source: &PolicySource) -> Result<Verdict, PolicyError> {
    let verdict = trim_fold(&source.default_verdict);
    let action = trim_fold(&source.default_action);
    if !verdict.is_empty() && !action.is_empty() && verdict != action {
        return Err(ROOT.fault("default_action", format!("`{action}` contradicts default_verdict `{verdict}`")));
    }
    let (setting, name) = if verdict.is_empty() { ("default_action", action) } else { ("default_verdict", verdict) };
    if name.is_empty() { Ok(Verdict::RequireApproval) } else { ROOT.verdict(setting, &name, &Verdict::ALL) }
}

fn or_high_risk(classes: Vec<String>) -> Vec<String> {
    if classes.is_empty() { owned(HIGH_RISK_CLASSES) } else { classes }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn fail_closed(source: FailClosedSource) -> Result<FailClosed, PolicyError> {
    let FailClosedSource { enabled, mut risk_classes, mut required_fields, mut required_high_risk_fields } = source;
    set_fold(&mut risk_classes);
    if enabled {
        risk_classes = or_high_risk(risk_classes);
    }
    set_fold(&mut required_fields);
    ROOT.all_of("fail_closed.required_fields", &required_fields, REQUIRED_FIELDS)?;
    set_fold(&mut required_high_risk_fields);
    ROOT.all_of("fail_closed.required_high_risk_fields", &required_high_risk_fields, HIGH_RISK_FIELDS)?;
    Ok(FailClosed { enabled, risk_classes, required_fields, required_high_risk_fields })
}

fn mcp_trust(mut source: McpTrustSource) -> Result<Option<Box<McpTrust>>, PolicyError> {
    trim_in_place(&mut source.snapshot);
    trim_fold_in_place(&mut source.action);
    set_fold(&mut source.required_risk_classes);
    trim_in_place(&mut source.max_age);
    set_fold(&mut source.publisher_allowlist);
    let configured = source.enabled
        || !source.snapshot.is_empty()
        || !source.action.is_empty()
        || !source.required_risk_classes.is_empty()
        || source.min_score > 0.0
        || !source.max_age.is_empty()
        || !source.publisher_allowlist.is_empty()
        || source.require_registry;
    if !configured {
        return Ok(None);
    }
    if source.snapshot.is_empty() {
        return Err(ROOT.fault("mcp_trust.snapshot", "a snapshot is required"));
    }
    let action = match source.action.as_str() {
        "" => Verdict::Block,
        action => ROOT.verdict("mcp_trust.action", action, RESTRICTIONS)?,
    };
    if !(0.0..=1.0).contains(&source.min_score) {
        return Err(ROOT.fault("mcp_trust.min_score", format!("{} is not between 0 and 1", source.min_score)));
    }
    let max_age_nanos = match source.max_age.as_str() {
        "" => None,
        text => match parse_duration(text) {
            Ok(nanos) if nanos > 0 => Some(nanos),
            _ => {
                return Err(
                    ROOT.fault("mcp_trust.max_age", format!("`{text}` is not a positive duration such as 1h30m"))
                );
            }
        },
    };
    Ok(Some(Box::new(McpTrust {
        snapshot: source.snapshot,
        action,
        required_risk_classes: or_high_risk(source.required_risk_classes),
        min_score: source.min_score,
        max_age_nanos,
        publisher_allowlist: source.publisher_allowlist,
        require_registry: source.require_registry,
    })))
}

fn scripts(source: ScriptsSource) -> Result<Scripts, PolicyError> {
    let ScriptsSource { max_steps, require_approval_above, block_mixed_risk } = source;
    ROOT.not_negative("scripts.max_steps", max_steps)?;
    ROOT.not_negative("scripts.require_approval_above", require_approval_above)?;
    Ok(Scripts { max_steps, require_approval_above, block_mixed_risk })
}
