//! The policy as a file spells it: every field of 02 §2.2, in the order in which `policy fmt` writes them.
//!
//! One declaration serves both ways: [`super::decode`] fills the records from a tree, [`super::format`] writes them.
//! Rules are numerous: each passes through its record on its own and is kept in normal form.

use super::decode::{Decode, DecodeError, Reader};
use super::document::Rule;
use super::format::{Emit, YamlText};
use super::yaml::NodeId;

/// Declares a record: its fields, their types, their names in the file.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl Decode for $name {
            fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
                let mut record = Self::default();
                for member in reader.members(node)?.chunks_exact(2) {
                    let &[key_node, value] = member else { continue };
                    match reader.key(key_node)? {
                        $($key => record.$field = Decode::decode(reader, value).map_err(|error| error.under($key))?,)*
                        _ => return Err(reader.unknown(key_node)),
                    }
                }
                Ok(record)
            }
        }

        impl Emit for $name {
            fn emit(&self, out: &mut YamlText) {
                out.begin_mapping();
                $(
                    out.key($key);
                    self.$field.emit(out);
                )*
                out.end_mapping();
            }
        }
    };
}

record! {
    /// The root.
    PolicySource {
        schema_id: String = "schema_id",
        schema_version: String = "schema_version",
        default_verdict: String = "default_verdict",
        default_action: String = "default_action",
        scripts: ScriptsSource = "scripts",
        fail_closed: FailClosedSource = "fail_closed",
        mcp_trust: McpTrustSource = "mcp_trust",
        rules: Vec<Rule> = "rules",
    }
}

record! {
    /// `scripts`.
    ScriptsSource {
        max_steps: i64 = "max_steps",
        require_approval_above: i64 = "require_approval_above",
        block_mixed_risk: bool = "block_mixed_risk",
    }
}

record! {
    /// `fail_closed`.
    FailClosedSource {
        enabled: bool = "enabled",
        risk_classes: Vec<String> = "risk_classes",
        required_fields: Vec<String> = "required_fields",
        required_high_risk_fields: Vec<String> = "required_high_risk_fields",
    }
}

record! {
    /// `mcp_trust`.
    McpTrustSource {
        enabled: bool = "enabled",
        snapshot: String = "snapshot",
        action: String = "action",
        required_risk_classes: Vec<String> = "required_risk_classes",
        min_score: f64 = "min_score",
        max_age: String = "max_age",
        publisher_allowlist: Vec<String> = "publisher_allowlist",
        require_registry: bool = "require_registry",
    }
}

record! {
    /// One of `rules`.
    RuleSource {
        name: String = "name",
        priority: i64 = "priority",
        effect: String = "effect",
        action: String = "action",
        conditions: MatchSource = "match",
        endpoint: EndpointSource = "endpoint",
        reason_codes: Vec<String> = "reason_codes",
        violations: Vec<String> = "violations",
        require_declared_agent: bool = "require_declared_agent",
        allowed_agent_ids: Vec<String> = "allowed_agent_ids",
        denied_agent_ids: Vec<String> = "denied_agent_ids",
        required_agent_manifest_digest: String = "required_agent_manifest_digest",
        allowed_agent_manifest_publishers: Vec<String> = "allowed_agent_manifest_publishers",
        allowed_agent_manifest_sources: Vec<String> = "allowed_agent_manifest_sources",
        required_agent_lifecycle_states: Vec<String> = "required_agent_lifecycle_states",
        require_agent_owner: bool = "require_agent_owner",
        require_unexpired_agent: bool = "require_unexpired_agent",
        block_standing_credentials: bool = "block_standing_credentials",
        allowed_credential_sources: Vec<String> = "allowed_credential_sources",
        allowed_credential_issuers: Vec<String> = "allowed_credential_issuers",
        allowed_credential_access_types: Vec<String> = "allowed_credential_access_types",
        max_credential_ttl_seconds: i64 = "max_credential_ttl_seconds",
        require_jit_credential: bool = "require_jit_credential",
        min_approvals: i64 = "min_approvals",
        require_distinct_approvers: bool = "require_distinct_approvers",
        require_context_evidence: bool = "require_context_evidence",
        required_context_evidence_mode: String = "required_context_evidence_mode",
        max_context_age_seconds: i64 = "max_context_age_seconds",
        require_broker_credential: bool = "require_broker_credential",
        broker_reference: String = "broker_reference",
        broker_scopes: Vec<String> = "broker_scopes",
        freeze_window: FreezeWindowSource = "freeze_window",
        sandbox: SandboxSource = "sandbox",
        rate_limit: LimitSource = "rate_limit",
        destructive_budget: LimitSource = "destructive_budget",
        dataflow: DataflowSource = "dataflow",
    }
}

record! {
    /// `match`.
    MatchSource {
        tool_name: String = "tool_name",
        tool_names: Vec<String> = "tool_names",
        risk_classes: Vec<String> = "risk_classes",
        target_kinds: Vec<String> = "target_kinds",
        target_values: Vec<String> = "target_values",
        endpoint_class: Vec<String> = "endpoint_class",
        endpoint_classes: Vec<String> = "endpoint_classes",
        discovery_method: Vec<String> = "discovery_method",
        tool_annotations: ToolAnnotationsSource = "tool_annotations",
        skill_publishers: Vec<String> = "skill_publishers",
        skill_sources: Vec<String> = "skill_sources",
        data_classes: Vec<String> = "data_classes",
        destination_kinds: Vec<String> = "destination_kinds",
        destination_values: Vec<String> = "destination_values",
        destination_operations: Vec<String> = "destination_operations",
        provenance_sources: Vec<String> = "provenance_sources",
        identities: Vec<String> = "identities",
        workspace_prefixes: Vec<String> = "workspace_prefixes",
        context_tool_names: Vec<String> = "context_tool_names",
        context_data_classes: Vec<String> = "context_data_classes",
        context_endpoint_classes: Vec<String> = "context_endpoint_classes",
        context_autonomy_levels: Vec<String> = "context_autonomy_levels",
        require_delegation: bool = "require_delegation",
        allowed_delegator_identities: Vec<String> = "allowed_delegator_identities",
        allowed_delegate_identities: Vec<String> = "allowed_delegate_identities",
        delegation_scopes: Vec<String> = "delegation_scopes",
        max_delegation_depth: Option<i64> = "max_delegation_depth",
    }
}

record! {
    /// `match.tool_annotations`.
    #[derive(Copy)]
    ToolAnnotationsSource {
        read_only: Option<bool> = "readOnlyHint",
        destructive: Option<bool> = "destructiveHint",
        idempotent: Option<bool> = "idempotentHint",
        open_world: Option<bool> = "openWorldHint",
    }
}

record! {
    /// `endpoint`.
    EndpointSource {
        enabled: bool = "enabled",
        path_allowlist: Vec<String> = "path_allowlist",
        path_denylist: Vec<String> = "path_denylist",
        domain_allowlist: Vec<String> = "domain_allowlist",
        domain_denylist: Vec<String> = "domain_denylist",
        egress_classes: Vec<String> = "egress_classes",
        action: String = "action",
        destructive_action: String = "destructive_action",
        reason_code: String = "reason_code",
        violation: String = "violation",
    }
}

record! {
    /// `freeze_window`.
    FreezeWindowSource {
        enabled: bool = "enabled",
        timezone: String = "timezone",
        effect: String = "effect",
        reason: String = "reason",
        environments: Vec<String> = "environments",
        risk_classes: Vec<String> = "risk_classes",
        windows: Vec<WindowSource> = "windows",
    }
}

record! {
    /// One of `freeze_window.windows`.
    WindowSource {
        name: String = "name",
        start: String = "start",
        end: String = "end",
    }
}

record! {
    /// `sandbox`.
    SandboxSource {
        enabled: bool = "enabled",
        allowed_network_modes: Vec<String> = "allowed_network_modes",
        allowed_writable_path_prefixes: Vec<String> = "allowed_writable_path_prefixes",
        required_read_only_roots: Vec<String> = "required_read_only_roots",
        allowed_env_exposure_modes: Vec<String> = "allowed_env_exposure_modes",
        max_timeout_seconds: i64 = "max_timeout_seconds",
        allowed_filesystem_isolations: Vec<String> = "allowed_filesystem_isolations",
        allowed_user_modes: Vec<String> = "allowed_user_modes",
    }
}

record! {
    /// `rate_limit` and `destructive_budget`.
    LimitSource {
        requests: i64 = "requests",
        window: String = "window",
        scope: String = "scope",
    }
}

record! {
    /// `dataflow`.
    DataflowSource {
        enabled: bool = "enabled",
        tainted_sources: Vec<String> = "tainted_sources",
        destination_kinds: Vec<String> = "destination_kinds",
        destination_values: Vec<String> = "destination_values",
        destination_operations: Vec<String> = "destination_operations",
        action: String = "action",
        reason_code: String = "reason_code",
        violation: String = "violation",
    }
}
