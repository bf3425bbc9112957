//! `match` in normal form.

use gait_base::text::{set, set_fold};

use super::check::Subject;
use crate::mode::Mode;
use crate::policy::document::{DelegationMatch, Match, ToolAnnotations};
use crate::policy::error::PolicyError;
use crate::policy::source::MatchSource;
use crate::vocabulary::{DISCOVERY_METHODS, ENDPOINT_CLASSES, PROVENANCE_SOURCES, RISK_CLASSES, TARGET_KINDS};

fn folded(mut list: Vec<String>) -> Vec<String> {
    set_fold(&mut list);
    list
}

fn kept(mut list: Vec<String>) -> Vec<String> {
    set(&mut list);
    list
}

/// The list with `more` at its end, in normal form.
fn folded_with(mut list: Vec<String>, more: impl IntoIterator<Item = String>) -> Vec<String> {
    list.extend(more);
    folded(list)
}

/// Normalizes `match`, but for the aliases, which the caller keeps as written.
pub(super) fn normalize(source: MatchSource, subject: Subject<'_>, mode: Mode) -> Result<Match, PolicyError> {
    // Words that no intent carries match nothing; a typo would silently switch a rule off.
    let known = |setting: &str, words: Vec<String>, allowed: &[&str]| -> Result<_, PolicyError> {
        if mode.is_strict() {
            subject.all_of(setting, &words, allowed)?;
        }
        Ok(words)
    };
    let tool_names = folded_with(source.tool_names, Some(source.tool_name).filter(|name| !name.is_empty()));
    let risk_classes = known("match.risk_classes", folded(source.risk_classes), RISK_CLASSES)?;
    let target_kinds = known("match.target_kinds", folded(source.target_kinds), TARGET_KINDS)?;
    let endpoint_classes = folded_with(source.endpoint_classes, source.endpoint_class);
    subject.all_of("match.endpoint_classes", &endpoint_classes, ENDPOINT_CLASSES)?;
    let discovery_methods = folded(source.discovery_method);
    subject.all_of("match.discovery_method", &discovery_methods, DISCOVERY_METHODS)?;
    let destination_kinds = known("match.destination_kinds", folded(source.destination_kinds), TARGET_KINDS)?;
    let provenance_sources = known("match.provenance_sources", folded(source.provenance_sources), PROVENANCE_SOURCES)?;
    let delegation = DelegationMatch {
        required: source.require_delegation,
        delegators: kept(source.allowed_delegator_identities),
        delegates: kept(source.allowed_delegate_identities),
        scopes: folded(source.delegation_scopes),
        max_depth: source.max_delegation_depth,
    };
    subject.not_negative("match.max_delegation_depth", delegation.max_depth.unwrap_or(0))?;
    let annotations = source.tool_annotations;
    Ok(Match {
        tool_names,
        risk_classes,
        target_kinds,
        target_values: kept(source.target_values),
        endpoint_classes,
        discovery_methods,
        tool_annotations: ToolAnnotations {
            read_only: annotations.read_only,
            destructive: annotations.destructive,
            idempotent: annotations.idempotent,
            open_world: annotations.open_world,
        },
        skill_publishers: folded(source.skill_publishers),
        skill_sources: folded(source.skill_sources),
        data_classes: folded(source.data_classes),
        destination_kinds,
        destination_values: kept(source.destination_values),
        destination_operations: folded(source.destination_operations),
        provenance_sources,
        identities: kept(source.identities),
        workspace_prefixes: kept(source.workspace_prefixes),
        context_tool_names: folded(source.context_tool_names),
        context_data_classes: folded(source.context_data_classes),
        context_endpoint_classes: folded(source.context_endpoint_classes),
        context_autonomy_levels: folded(source.context_autonomy_levels),
        delegation: (delegation != DelegationMatch::default()).then(|| Box::new(delegation)),
    })
}
