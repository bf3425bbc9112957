//! Whether a rule matches (02 §2.4).

use gait_base::json::Value;
use gait_base::text::trim_fold;

use super::lists;
use crate::authority::inventory::{CLAIM_AUTONOMY_LEVEL, CLAIM_DATA_CLASS, CLAIM_ENDPOINT_CLASS, CLAIM_TOOL_NAME};
use crate::intent::{ArgProvenance, Context, Delegation, IntentRequest, ScriptStep, SkillProvenance, Target};
use crate::policy::document::{DelegationMatch, Match, ToolAnnotations};

/// One tool call as rules see it: an intent, or a step of a script with what it shares with the others.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) tool_name: &'a str,
    pub(crate) targets: &'a [Target],
    pub(crate) provenance: &'a [ArgProvenance],
    pub(crate) context: &'a Context,
    pub(crate) skill: Option<&'a SkillProvenance>,
    pub(crate) delegation: Option<&'a Delegation>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of_request(request: &'a IntentRequest, context: &'a Context) -> Self {
        Self {
            tool_name: &request.tool_name,
            targets: &request.targets,
            provenance: &request.arg_provenance,
            context,
            skill: request.skill_provenance.as_ref(),
            delegation: request.delegation.as_ref(),
        }
    }

    pub(crate) fn of_step(request: &'a IntentRequest, step: &'a ScriptStep, context: &'a Context) -> Self {
        Self {
            tool_name: &step.tool_name,
            targets: &step.targets,
            provenance: &step.arg_provenance,
            ..Self::of_request(request, context)
        }
    }

    /// Whether all conditions hold.
    pub(crate) fn matches(&self, conditions: &Match) -> bool {
        let or_free = |list: &[String], value: &str| list.is_empty() || lists(list, value);
        let any_target = |list: &[String], of: fn(&Target) -> &str| {
            list.is_empty() || self.targets.iter().any(|target| lists(list, of(target)))
        };
        or_free(&conditions.tool_names, self.tool_name)
            && or_free(&conditions.risk_classes, &self.context.risk_class)
            && or_free(&conditions.identities, &self.context.identity)
            && any_target(&conditions.target_kinds, |target| &target.kind)
            && any_target(&conditions.target_values, |target| &target.value)
            && any_target(&conditions.endpoint_classes, |target| &target.endpoint_class)
            && any_target(&conditions.discovery_methods, |target| &target.discovery_method)
            && any_target(&conditions.data_classes, |target| &target.sensitivity)
            && any_target(&conditions.destination_kinds, |target| &target.kind)
            && any_target(&conditions.destination_values, |target| &target.value)
            && any_target(&conditions.destination_operations, |target| &target.operation)
            && (conditions.provenance_sources.is_empty()
                || self.provenance.iter().any(|entry| lists(&conditions.provenance_sources, &entry.source)))
            && (conditions.workspace_prefixes.is_empty()
                || conditions.workspace_prefixes.iter().any(|prefix| self.context.workspace.starts_with(prefix)))
            && self.annotations_match(&conditions.tool_annotations)
            && self.skill_matches(conditions)
            && self.claim_matches(&conditions.context_tool_names, CLAIM_TOOL_NAME)
            && self.claim_matches(&conditions.context_data_classes, CLAIM_DATA_CLASS)
            && self.claim_matches(&conditions.context_endpoint_classes, CLAIM_ENDPOINT_CLASS)
            && self.claim_matches(&conditions.context_autonomy_levels, CLAIM_AUTONOMY_LEVEL)
            && conditions.delegation.as_deref().is_none_or(|delegation| self.delegation_matches(delegation))
    }

    /// Each hint asked for must stand so on some target; without targets nothing matches.
    fn annotations_match(&self, wanted: &ToolAnnotations) -> bool {
        let holds = |wanted: Option<bool>, of: fn(&Target) -> bool| {
            wanted.is_none_or(|wanted| self.targets.iter().any(|target| of(target) == wanted))
        };
        holds(wanted.read_only, |target| target.read_only_hint)
            && holds(wanted.destructive, |target| target.destructive_hint)
            && holds(wanted.idempotent, |target| target.idempotent_hint)
            && holds(wanted.open_world, |target| target.open_world_hint)
    }

    fn skill_matches(&self, conditions: &Match) -> bool {
        let matches = |list: &[String], of: fn(&SkillProvenance) -> &str| {
            list.is_empty() || self.skill.is_some_and(|skill| lists(list, &trim_fold(of(skill))))
        };
        matches(&conditions.skill_publishers, |skill| &skill.publisher)
            && matches(&conditions.skill_sources, |skill| &skill.source)
    }

    fn claim_matches(&self, list: &[String], claim: &str) -> bool {
        list.is_empty()
            || self
                .context
                .auth_context
                .get(claim)
                .and_then(Value::as_str)
                .map(trim_fold)
                .is_some_and(|value| !value.is_empty() && lists(list, &value))
    }

    fn delegation_matches(&self, wanted: &DelegationMatch) -> bool {
        let Some(delegation) = self.delegation else { return false };
        let chain = &delegation.chain;
        let depth = i64::try_from(chain.len()).unwrap_or(i64::MAX);
        wanted.max_depth.is_none_or(|max| depth <= max)
            && (wanted.delegators.is_empty()
                || chain.iter().any(|link| lists(&wanted.delegators, &link.delegator_identity)))
            && (wanted.delegates.is_empty()
                || lists(&wanted.delegates, &delegation.requester_identity)
                || chain.iter().any(|link| lists(&wanted.delegates, &link.delegate_identity)))
            && (wanted.scopes.is_empty()
                || lists(&wanted.scopes, &delegation.scope_class)
                || chain.iter().any(|link| lists(&wanted.scopes, &link.scope_class)))
    }
}
