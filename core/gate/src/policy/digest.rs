//! The policy digest: SHA-256 of the canonical form of the normalized policy (02 §3).
//!
//! The canonical form streams into the hash. Members are written in the order of their names, as RFC 8785 asks; the
//! order of the calls below is therefore part of the format.

use gait_base::digest::{Digest, DigestSink};
use gait_base::duration::format_duration;
use gait_base::json::{Canonical, Sink, Writer};

use super::document::{
    Dataflow, EndpointRule, FreezeWindow, Limit, Match, McpTrust, PolicyDocument, Rule, SCHEMA_ID, SCHEMA_VERSION,
    SandboxRule, ToolAnnotations,
};

/// The digest of a policy.
pub(super) fn digest(policy: &PolicyDocument) -> Digest {
    let mut sink = DigestSink::new();
    write(policy, &mut sink);
    sink.finish()
}

/// Writes the canonical form.
pub(super) fn write<S: Sink>(policy: &PolicyDocument, sink: &mut S) {
    let mut out = Canon(Writer::new(sink));
    out.root(policy);
    // Every number in a normalized policy is finite, so nothing can be without a written form.
    let finished = out.0.finish();
    debug_assert!(finished.is_ok());
}

struct Canon<'s, S: Sink>(Writer<'s, S, Canonical>);

impl<S: Sink> Canon<'_, S> {
    fn text(&mut self, name: &str, value: &str) {
        self.0.name(name);
        self.0.string(value);
    }

    fn bool(&mut self, name: &str, value: bool) {
        self.0.name(name);
        self.0.bool(value);
    }

    fn int(&mut self, name: &str, value: i64) {
        self.0.name(name);
        self.0.int(value);
    }

    fn list(&mut self, name: &str, values: &[String]) {
        self.0.name(name);
        self.0.begin_array();
        for value in values {
            self.0.item();
            self.0.string(value);
        }
        self.0.end_array();
    }

    fn list_or_null(&mut self, name: &str, values: &[String]) {
        if values.is_empty() {
            self.0.name(name);
            self.0.null();
        } else {
            self.list(name, values);
        }
    }

    fn text_if_set(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    fn if_true(&mut self, name: &str, value: bool) {
        if value {
            self.bool(name, true);
        }
    }

    fn int_if_set(&mut self, name: &str, value: i64) {
        if value != 0 {
            self.int(name, value);
        }
    }

    fn bool_if_set(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.bool(name, value);
        }
    }

    fn list_if_set(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.list(name, values);
        }
    }

    fn object(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.0.name(name);
        self.0.begin_object();
        members(self);
        self.0.end_object();
    }

    fn root(&mut self, policy: &PolicyDocument) {
        self.0.begin_object();
        self.text("DefaultVerdict", policy.default_verdict.as_str());
        self.object("FailClosed", |out| {
            let fail_closed = &policy.fail_closed;
            out.bool("Enabled", fail_closed.enabled);
            out.list("RequiredFields", &fail_closed.required_fields);
            out.list_if_set("RequiredHighRiskFields", &fail_closed.required_high_risk_fields);
            out.list("RiskClasses", &fail_closed.risk_classes);
        });
        if let Some(trust) = &policy.mcp_trust {
            self.object("MCPTrust", |out| out.mcp_trust(trust));
        }
        self.0.name("Rules");
        self.0.begin_array();
        for rule in &policy.rules {
            self.0.item();
            self.0.begin_object();
            self.rule(rule);
            self.0.end_object();
        }
        self.0.end_array();
        self.text("SchemaID", SCHEMA_ID);
        self.text("SchemaVersion", SCHEMA_VERSION);
        let scripts = policy.scripts;
        if scripts != super::document::Scripts::default() {
            self.object("Scripts", |out| {
                out.bool("BlockMixedRisk", scripts.block_mixed_risk);
                out.int("MaxSteps", scripts.max_steps);
                out.int("RequireApprovalAbove", scripts.require_approval_above);
            });
        }
        self.0.end_object();
    }

    fn mcp_trust(&mut self, trust: &McpTrust) {
        self.text("Action", trust.action.as_str());
        self.bool("Enabled", true);
        self.text("MaxAge", &trust.max_age_nanos.map(format_duration).unwrap_or_default());
        self.0.name("MinScore");
        self.0.float(trust.min_score);
        self.list("PublisherAllowlist", &trust.publisher_allowlist);
        self.bool("RequireRegistry", trust.require_registry);
        self.list("RequiredRiskClasses", &trust.required_risk_classes);
        self.text("SnapshotPath", &trust.snapshot);
    }

    fn rule(&mut self, rule: &Rule) {
        let agent = rule.agent.as_deref();
        let credential = rule.credential.as_deref();
        let evidence = rule.context_evidence.unwrap_or_default();
        if let Some(agent) = agent {
            self.list_if_set("AllowedAgentIDs", &agent.allowed_ids);
            self.list_if_set("AllowedAgentManifestPublishers", &agent.manifest_publishers);
            self.list_if_set("AllowedAgentManifestSources", &agent.manifest_sources);
        }
        if let Some(credential) = credential {
            self.list_if_set("AllowedCredentialAccessTypes", &credential.access_types);
            self.list_if_set("AllowedCredentialIssuers", &credential.issuers);
            self.list_if_set("AllowedCredentialSources", &credential.sources);
            self.if_true("BlockStandingCredentials", credential.block_standing);
        }
        self.text_if_set("BrokerReference", &rule.broker_reference);
        self.list_if_set("BrokerScopes", &rule.broker_scopes);
        if let Some(dataflow) = &rule.dataflow {
            self.object("Dataflow", |out| out.dataflow(dataflow));
        }
        if let Some(agent) = agent {
            self.list_if_set("DeniedAgentIDs", &agent.denied_ids);
        }
        if let Some(budget) = rule.destructive_budget {
            self.object("DestructiveBudget", |out| out.limit(budget));
        }
        self.text("Effect", rule.effect.as_str());
        if let Some(endpoint) = &rule.endpoint {
            self.object("Endpoint", |out| out.endpoint(endpoint));
        }
        if let Some(freeze) = &rule.freeze_window {
            self.object("FreezeWindow", |out| out.freeze_window(freeze));
        }
        self.object("Match", |out| out.conditions(&rule.conditions));
        self.int_if_set("MaxContextAgeSeconds", evidence.max_age_seconds);
        if let Some(credential) = credential {
            self.int_if_set("MaxCredentialTTLSeconds", credential.max_ttl_seconds);
        }
        self.int_if_set("MinApprovals", rule.min_approvals);
        self.text("Name", &rule.name);
        self.int("Priority", rule.priority);
        if let Some(limit) = rule.rate_limit {
            self.object("RateLimit", |out| out.limit(limit));
        }
        self.list("ReasonCodes", &rule.reason_codes);
        self.if_true("RequireAgentOwner", agent.is_some_and(|agent| agent.require_owner));
        self.if_true("RequireBrokerCredential", rule.require_broker_credential);
        self.if_true("RequireContextEvidence", evidence.required);
        self.if_true("RequireDeclaredAgent", agent.is_some_and(|agent| agent.require_declared));
        self.if_true("RequireDistinctApprovers", rule.require_distinct_approvers);
        self.if_true("RequireJITCredential", credential.is_some_and(|credential| credential.require_jit));
        self.if_true("RequireUnexpiredAgent", agent.is_some_and(|agent| agent.require_unexpired));
        if let Some(agent) = agent {
            self.list_if_set("RequiredAgentLifecycleStates", &agent.lifecycle_states);
            self.text_if_set("RequiredAgentManifestDigest", &agent.manifest_digest);
        }
        if evidence.mode_required {
            self.text("RequiredContextEvidenceMode", "required");
        }
        if let Some(sandbox) = &rule.sandbox {
            self.object("Sandbox", |out| out.sandbox(sandbox));
        }
        self.list("Violations", &rule.violations);
    }

    fn conditions(&mut self, conditions: &Match) {
        let delegation = conditions.delegation.as_deref();
        if let Some(delegation) = delegation {
            self.list_if_set("AllowedDelegateIdentities", &delegation.delegates);
            self.list_if_set("AllowedDelegatorIdentities", &delegation.delegators);
        }
        self.list_if_set("ContextAutonomyLevels", &conditions.context_autonomy_levels);
        self.list_if_set("ContextDataClasses", &conditions.context_data_classes);
        self.list_if_set("ContextEndpointClasses", &conditions.context_endpoint_classes);
        self.list_if_set("ContextToolNames", &conditions.context_tool_names);
        self.list_if_set("DataClasses", &conditions.data_classes);
        if let Some(delegation) = delegation {
            self.list_if_set("DelegationScopes", &delegation.scopes);
        }
        self.list_if_set("DestinationKinds", &conditions.destination_kinds);
        self.list_if_set("DestinationOps", &conditions.destination_operations);
        self.list_if_set("DestinationValues", &conditions.destination_values);
        self.list_if_set("DiscoveryMethods", &conditions.discovery_methods);
        self.list_if_set("EndpointClasses", &conditions.endpoint_classes);
        self.list("Identities", &conditions.identities);
        if let Some(depth) = delegation.and_then(|delegation| delegation.max_depth) {
            self.int("MaxDelegationDepth", depth);
        }
        self.list("ProvenanceSources", &conditions.provenance_sources);
        self.if_true("RequireDelegation", delegation.is_some_and(|delegation| delegation.required));
        self.list("RiskClasses", &conditions.risk_classes);
        self.list_if_set("SkillPublishers", &conditions.skill_publishers);
        self.list_if_set("SkillSources", &conditions.skill_sources);
        self.list("TargetKinds", &conditions.target_kinds);
        self.list("TargetValues", &conditions.target_values);
        if !conditions.tool_annotations.is_empty() {
            self.object("ToolAnnotations", |out| out.annotations(conditions.tool_annotations));
        }
        self.list("ToolNames", &conditions.tool_names);
        self.list("WorkspacePrefixes", &conditions.workspace_prefixes);
    }

    fn annotations(&mut self, annotations: ToolAnnotations) {
        self.bool_if_set("DestructiveHint", annotations.destructive);
        self.bool_if_set("IdempotentHint", annotations.idempotent);
        self.bool_if_set("OpenWorldHint", annotations.open_world);
        self.bool_if_set("ReadOnlyHint", annotations.read_only);
    }

    fn limit(&mut self, limit: Limit) {
        self.int("Requests", limit.requests);
        self.text("Scope", limit.scope.as_str());
        self.text("Window", limit.window.as_str());
    }

    fn dataflow(&mut self, dataflow: &Dataflow) {
        self.text("Action", dataflow.action.as_str());
        self.list_if_set("DestinationKinds", &dataflow.destination_kinds);
        self.list_if_set("DestinationOperations", &dataflow.destination_operations);
        self.list_if_set("DestinationValues", &dataflow.destination_values);
        self.bool("Enabled", true);
        self.text("ReasonCode", &dataflow.reason_code);
        self.list("TaintedSources", &dataflow.tainted_sources);
        self.text("Violation", &dataflow.violation);
    }

    fn endpoint(&mut self, endpoint: &EndpointRule) {
        self.text("Action", endpoint.action.as_str());
        self.text("DestructiveAction", endpoint.destructive_action.map_or("", |action| action.as_str()));
        self.list("DomainAllowlist", &endpoint.domain_allowlist);
        self.list("DomainDenylist", &endpoint.domain_denylist);
        self.list("EgressClasses", &endpoint.egress_classes);
        self.bool("Enabled", true);
        self.list("PathAllowlist", &endpoint.path_allowlist);
        self.list("PathDenylist", &endpoint.path_denylist);
        self.text("ReasonCode", &endpoint.reason_code);
        self.text("Violation", &endpoint.violation);
    }

    fn freeze_window(&mut self, freeze: &FreezeWindow) {
        self.text("Effect", freeze.effect.as_str());
        self.bool("Enabled", true);
        self.list("Environments", &freeze.environments);
        self.text("Reason", &freeze.reason);
        self.list("RiskClasses", &freeze.risk_classes);
        self.text("Timezone", &freeze.timezone);
        self.0.name("Windows");
        self.0.begin_array();
        for window in &freeze.windows {
            self.0.item();
            self.0.begin_object();
            self.text("End", &window.end);
            self.text("Name", &window.name);
            self.text("Start", &window.start);
            self.0.end_object();
        }
        self.0.end_array();
    }

    fn sandbox(&mut self, sandbox: &SandboxRule) {
        self.list("AllowedEnvExposureModes", &sandbox.env_exposure_modes);
        self.list("AllowedFilesystemIsolations", &sandbox.filesystem_isolations);
        self.list("AllowedNetworkModes", &sandbox.network_modes);
        self.list("AllowedUserModes", &sandbox.user_modes);
        self.list_or_null("AllowedWritablePathPrefixes", &sandbox.writable_path_prefixes);
        self.bool("Enabled", true);
        self.int("MaxTimeoutSeconds", sandbox.max_timeout_seconds);
        self.list_or_null("RequiredReadOnlyRoots", &sandbox.read_only_roots);
    }
}
