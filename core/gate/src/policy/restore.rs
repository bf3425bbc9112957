//! From the policy in normal form back to the records of the file, for `policy fmt`.

use gait_base::duration::format_duration;

use super::document::{
    Dataflow, EndpointRule, FreezeWindow, Limit, Match, McpTrust, PolicyDocument, Rule, RuleAsWritten, SCHEMA_ID,
    SCHEMA_VERSION, SandboxRule,
};
use super::source::{
    DataflowSource, EndpointSource, FailClosedSource, FreezeWindowSource, LimitSource, MatchSource, McpTrustSource,
    PolicySource, RuleSource, SandboxSource, ScriptsSource, ToolAnnotationsSource, WindowSource,
};

impl From<&PolicyDocument> for PolicySource {
    fn from(policy: &PolicyDocument) -> Self {
        let (scripts, fail_closed) = (policy.scripts, &policy.fail_closed);
        let without_trust = || McpTrustSource { min_score: policy.as_written.min_score, ..McpTrustSource::default() };
        Self {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            default_verdict: policy.default_verdict.to_string(),
            default_action: policy.as_written.default_action.clone(),
            scripts: ScriptsSource {
                max_steps: scripts.max_steps,
                require_approval_above: scripts.require_approval_above,
                block_mixed_risk: scripts.block_mixed_risk,
            },
            fail_closed: FailClosedSource {
                enabled: fail_closed.enabled,
                risk_classes: fail_closed.risk_classes.clone(),
                required_fields: fail_closed.required_fields.clone(),
                required_high_risk_fields: fail_closed.required_high_risk_fields.clone(),
            },
            mcp_trust: policy.mcp_trust.as_deref().map_or_else(without_trust, mcp_trust),
            rules: policy.rules.clone(),
        }
    }
}

fn mcp_trust(trust: &McpTrust) -> McpTrustSource {
    McpTrustSource {
        enabled: true,
        snapshot: trust.snapshot.clone(),
        action: trust.action.to_string(),
        required_risk_classes: trust.required_risk_classes.clone(),
        min_score: trust.min_score,
        max_age: trust.max_age_nanos.map(format_duration).unwrap_or_default(),
        publisher_allowlist: trust.publisher_allowlist.clone(),
        require_registry: trust.require_registry,
    }
}

/// The record of one rule.
pub(super) fn rule(rule: &Rule) -> RuleSource {
    let as_written = rule.as_written.as_deref().cloned().unwrap_or_default();
    let agent = rule.agent.as_deref().cloned().unwrap_or_default();
    let credential = rule.credential.as_deref().cloned().unwrap_or_default();
    let evidence = rule.context_evidence.unwrap_or_default();
    let mode = if evidence.mode_required { "required" } else { "" };
    let (window, scope) = as_written.rate_limit.clone();
    RuleSource {
        name: rule.name.clone(),
        priority: rule.priority,
        effect: rule.effect.to_string(),
        conditions: conditions(&rule.conditions, &as_written),
        endpoint: rule.endpoint.as_deref().map_or_else(|| dormant_endpoint(&as_written), endpoint),
        reason_codes: rule.reason_codes.clone(),
        violations: rule.violations.clone(),
        require_declared_agent: agent.require_declared,
        allowed_agent_ids: agent.allowed_ids,
        denied_agent_ids: agent.denied_ids,
        required_agent_manifest_digest: agent.manifest_digest,
        allowed_agent_manifest_publishers: agent.manifest_publishers,
        allowed_agent_manifest_sources: agent.manifest_sources,
        required_agent_lifecycle_states: agent.lifecycle_states,
        require_agent_owner: agent.require_owner,
        require_unexpired_agent: agent.require_unexpired,
        block_standing_credentials: credential.block_standing,
        allowed_credential_sources: credential.sources,
        allowed_credential_issuers: credential.issuers,
        allowed_credential_access_types: credential.access_types,
        max_credential_ttl_seconds: credential.max_ttl_seconds,
        require_jit_credential: credential.require_jit,
        min_approvals: rule.min_approvals,
        require_distinct_approvers: rule.require_distinct_approvers,
        require_context_evidence: evidence.required,
        required_context_evidence_mode: mode.to_owned(),
        max_context_age_seconds: evidence.max_age_seconds,
        require_broker_credential: rule.require_broker_credential,
        broker_reference: rule.broker_reference.clone(),
        broker_scopes: rule.broker_scopes.clone(),
        freeze_window: rule.freeze_window.as_deref().map(freeze_window).unwrap_or_default(),
        sandbox: rule.sandbox.as_deref().map(sandbox).unwrap_or_default(),
        rate_limit: rule.rate_limit.map_or(LimitSource { requests: 0, window, scope }, limit),
        destructive_budget: rule.destructive_budget.map(limit).unwrap_or_default(),
        dataflow: rule.dataflow.as_deref().map_or_else(|| dormant_dataflow(&as_written), dataflow),
        action: as_written.action,
    }
}

fn conditions(conditions: &Match, as_written: &RuleAsWritten) -> MatchSource {
    let delegation = conditions.delegation.as_deref().cloned().unwrap_or_default();
    let hints = conditions.tool_annotations;
    MatchSource {
        tool_name: as_written.tool_name.clone(),
        tool_names: conditions.tool_names.clone(),
        risk_classes: conditions.risk_classes.clone(),
        target_kinds: conditions.target_kinds.clone(),
        target_values: conditions.target_values.clone(),
        endpoint_class: as_written.endpoint_class.clone(),
        endpoint_classes: conditions.endpoint_classes.clone(),
        discovery_method: conditions.discovery_methods.clone(),
        tool_annotations: ToolAnnotationsSource {
            read_only: hints.read_only,
            destructive: hints.destructive,
            idempotent: hints.idempotent,
            open_world: hints.open_world,
        },
        skill_publishers: conditions.skill_publishers.clone(),
        skill_sources: conditions.skill_sources.clone(),
        data_classes: conditions.data_classes.clone(),
        destination_kinds: conditions.destination_kinds.clone(),
        destination_values: conditions.destination_values.clone(),
        destination_operations: conditions.destination_operations.clone(),
        provenance_sources: conditions.provenance_sources.clone(),
        identities: conditions.identities.clone(),
        workspace_prefixes: conditions.workspace_prefixes.clone(),
        context_tool_names: conditions.context_tool_names.clone(),
        context_data_classes: conditions.context_data_classes.clone(),
        context_endpoint_classes: conditions.context_endpoint_classes.clone(),
        context_autonomy_levels: conditions.context_autonomy_levels.clone(),
        require_delegation: delegation.required,
        allowed_delegator_identities: delegation.delegators,
        allowed_delegate_identities: delegation.delegates,
        delegation_scopes: delegation.scopes,
        max_delegation_depth: delegation.max_depth,
    }
}

fn endpoint(endpoint: &EndpointRule) -> EndpointSource {
    EndpointSource {
        enabled: true,
        path_allowlist: endpoint.path_allowlist.clone(),
        path_denylist: endpoint.path_denylist.clone(),
        domain_allowlist: endpoint.domain_allowlist.clone(),
        domain_denylist: endpoint.domain_denylist.clone(),
        egress_classes: endpoint.egress_classes.clone(),
        action: endpoint.action.to_string(),
        destructive_action: endpoint.destructive_action.map(|action| action.to_string()).unwrap_or_default(),
        reason_code: endpoint.reason_code.clone(),
        violation: endpoint.violation.clone(),
    }
}

fn dormant_endpoint(as_written: &RuleAsWritten) -> EndpointSource {
    let labels = as_written.endpoint.clone();
    EndpointSource {
        action: labels.action,
        reason_code: labels.reason_code,
        violation: labels.violation,
        ..EndpointSource::default()
    }
}

fn freeze_window(freeze: &FreezeWindow) -> FreezeWindowSource {
    let window = |window: &super::document::Window| WindowSource {
        name: window.name.clone(),
        start: window.start.clone(),
        end: window.end.clone(),
    };
    FreezeWindowSource {
        enabled: true,
        timezone: freeze.timezone.clone(),
        effect: freeze.effect.to_string(),
        reason: freeze.reason.clone(),
        environments: freeze.environments.clone(),
        risk_classes: freeze.risk_classes.clone(),
        windows: freeze.windows.iter().map(window).collect(),
    }
}

fn sandbox(sandbox: &SandboxRule) -> SandboxSource {
    SandboxSource {
        enabled: true,
        allowed_network_modes: sandbox.network_modes.clone(),
        allowed_writable_path_prefixes: sandbox.writable_path_prefixes.clone(),
        required_read_only_roots: sandbox.read_only_roots.clone(),
        allowed_env_exposure_modes: sandbox.env_exposure_modes.clone(),
        max_timeout_seconds: sandbox.max_timeout_seconds,
        allowed_filesystem_isolations: sandbox.filesystem_isolations.clone(),
        allowed_user_modes: sandbox.user_modes.clone(),
    }
}

fn limit(limit: Limit) -> LimitSource {
    LimitSource {
        requests: limit.requests,
        window: limit.window.as_str().to_owned(),
        scope: limit.scope.as_str().to_owned(),
    }
}

fn dataflow(dataflow: &Dataflow) -> DataflowSource {
    DataflowSource {
        enabled: true,
        tainted_sources: dataflow.tainted_sources.clone(),
        destination_kinds: dataflow.destination_kinds.clone(),
        destination_values: dataflow.destination_values.clone(),
        destination_operations: dataflow.destination_operations.clone(),
        action: dataflow.action.to_string(),
        reason_code: dataflow.reason_code.clone(),
        violation: dataflow.violation.clone(),
    }
}

fn dormant_dataflow(as_written: &RuleAsWritten) -> DataflowSource {
    let labels = as_written.dataflow.clone();
    DataflowSource {
        action: labels.action,
        reason_code: labels.reason_code,
        violation: labels.violation,
        ..DataflowSource::default()
    }
}
