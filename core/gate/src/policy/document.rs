//! The policy after normalization (02 §2.3): what evaluation reads, what the digest is taken of.
//!
//! Every list is in normal form (trimmed, folded where 02 §2.3 folds, sorted, without repeats). A group of settings that
//! is not in force is `None`, so that evaluation needs no second look. What only `policy fmt` shows again (aliases,
//! settings of groups that are not in force) stands apart in the `as_written` parts.

use crate::verdict::Verdict;

/// The only accepted `schema_id`.
pub const SCHEMA_ID: &str = "gait.gate.policy";
/// The only accepted `schema_version`.
pub const SCHEMA_VERSION: &str = "1.0.0";

/// A normalized, valid policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyDocument {
    /// The verdict when no rule matches.
    pub default_verdict: Verdict,
    /// Limits of multi-step intents.
    pub scripts: Scripts,
    /// What an intent must carry for its risk class.
    pub fail_closed: FailClosed,
    /// Trust in MCP servers, when configured; only the MCP commands read it.
    pub mcp_trust: Option<Box<McpTrust>>,
    /// The rules in evaluation order: by priority, then name, then place in the file.
    pub rules: Vec<Rule>,
    /// What only `policy fmt` shows.
    pub(crate) as_written: PolicyAsWritten,
}

/// Root settings that have no effect of their own but stay in a formatted policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PolicyAsWritten {
    /// `default_action`, untouched.
    pub(crate) default_action: String,
    /// `mcp_trust.min_score` of a policy without configured trust (zero or negative).
    pub(crate) min_score: f64,
}

/// Limits of multi-step intents (02 §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// The most steps allowed; 0 means the built-in limit.
    pub max_steps: i64,
    /// More steps than this need approval; 0 means no such threshold.
    pub require_approval_above: i64,
    /// Whether steps of different risk block the script.
    pub block_mixed_risk: bool,
}

/// What an intent of certain risk classes must carry (02 §9.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailClosed {
    /// Whether the check is on.
    pub enabled: bool,
    /// The risk classes it holds for.
    pub risk_classes: Vec<String>,
    /// Parts of the intent that must be there.
    pub required_fields: Vec<String>,
    /// Members of the context that must be set.
    pub required_high_risk_fields: Vec<String>,
}

/// Trust in MCP servers, read from a local snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct McpTrust {
    /// Path of the snapshot file.
    pub snapshot: String,
    /// What happens to a server that is not trusted: block or require approval.
    pub action: Verdict,
    /// The risk classes it holds for.
    pub required_risk_classes: Vec<String>,
    /// The least score, 0 to 1.
    pub min_score: f64,
    /// The greatest age of the snapshot in nanoseconds, when limited.
    pub max_age_nanos: Option<i64>,
    /// Publishers that are trusted, when limited.
    pub publisher_allowlist: Vec<String>,
    /// Whether the server must come from a registry.
    pub require_registry: bool,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Its name; not necessarily unique.
    pub name: String,
    /// Lower numbers are consulted first.
    pub priority: i64,
    /// What it says when it matches.
    pub effect: Verdict,
    /// When it matches (`match` in the file).
    pub conditions: Match,
    /// Limits on paths and domains.
    pub endpoint: Option<Box<EndpointRule>>,
    /// Reason codes of its own; without any, `matched_rule_<name>`.
    pub reason_codes: Vec<String>,
    /// Violations of its own.
    pub violations: Vec<String>,
    /// Demands on the agent's identity, when any is made.
    pub agent: Option<Box<AgentRule>>,
    /// Demands on the credential, when any is made.
    pub credential: Option<Box<CredentialRule>>,
    /// How many approvals are needed; at least 0.
    pub min_approvals: i64,
    /// Whether the approvals must come from different people.
    pub require_distinct_approvers: bool,
    /// Demands on the context evidence, when any is made.
    pub context_evidence: Option<ContextEvidenceRule>,
    /// Whether the action needs a credential from a broker.
    pub require_broker_credential: bool,
    /// The reference handed to the broker.
    pub broker_reference: String,
    /// The scopes asked of the broker.
    pub broker_scopes: Vec<String>,
    /// Times in which the rule is stricter.
    pub freeze_window: Option<Box<FreezeWindow>>,
    /// Demands on the sandbox.
    pub sandbox: Option<Box<SandboxRule>>,
    /// How many requests in a window.
    pub rate_limit: Option<Limit>,
    /// How many destructive requests in a window.
    pub destructive_budget: Option<Limit>,
    /// Limits on where tainted data may flow.
    pub dataflow: Option<Box<Dataflow>>,
    /// What only `policy fmt` shows.
    pub(crate) as_written: Option<Box<RuleAsWritten>>,
}

/// Settings of a rule that have no effect of their own but stay in a formatted policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RuleAsWritten {
    /// `action`, untouched.
    pub(crate) action: String,
    /// `match.tool_name`, untouched.
    pub(crate) tool_name: String,
    /// `match.endpoint_class`, untouched.
    pub(crate) endpoint_class: Vec<String>,
    /// Labels of an endpoint rule that is not in force.
    pub(crate) endpoint: DormantLabels,
    /// Labels of a dataflow rule that is not in force.
    pub(crate) dataflow: DormantLabels,
    /// `window` and `scope` of a rate limit without requests.
    pub(crate) rate_limit: (String, String),
}

/// `action`, `reason_code` and `violation` of a group that is not in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DormantLabels {
    /// The action as normalized text.
    pub(crate) action: String,
    /// The reason code.
    pub(crate) reason_code: String,
    /// The violation.
    pub(crate) violation: String,
}

/// When a rule matches: all conditions that are set must hold; within a list one hit is enough (02 §2.4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// Tool names.
    pub tool_names: Vec<String>,
    /// Risk classes of the context.
    pub risk_classes: Vec<String>,
    /// Kinds of some target.
    pub target_kinds: Vec<String>,
    /// Values of some target.
    pub target_values: Vec<String>,
    /// Endpoint classes of some target.
    pub endpoint_classes: Vec<String>,
    /// Discovery methods of some target (`discovery_method` in the file).
    pub discovery_methods: Vec<String>,
    /// Hints of some target.
    pub tool_annotations: ToolAnnotations,
    /// Publishers of the skill.
    pub skill_publishers: Vec<String>,
    /// Sources of the skill.
    pub skill_sources: Vec<String>,
    /// Sensitivities of some target.
    pub data_classes: Vec<String>,
    /// Kinds of some target, as a destination.
    pub destination_kinds: Vec<String>,
    /// Values of some target, as a destination.
    pub destination_values: Vec<String>,
    /// Operations of some target.
    pub destination_operations: Vec<String>,
    /// Sources of some argument.
    pub provenance_sources: Vec<String>,
    /// Identities of the context.
    pub identities: Vec<String>,
    /// Prefixes of the workspace, compared as plain text.
    pub workspace_prefixes: Vec<String>,
    /// Values of the claim `wrkr.tool_name`.
    pub context_tool_names: Vec<String>,
    /// Values of the claim `wrkr.data_class`.
    pub context_data_classes: Vec<String>,
    /// Values of the claim `wrkr.endpoint_class`.
    pub context_endpoint_classes: Vec<String>,
    /// Values of the claim `wrkr.autonomy_level`.
    pub context_autonomy_levels: Vec<String>,
    /// Conditions on the delegation, when any is set.
    pub delegation: Option<Box<DelegationMatch>>,
}

/// Conditions on the delegation of an intent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DelegationMatch {
    /// `require_delegation`; alone it makes the rule demand a delegation token.
    pub required: bool,
    /// Delegators of some link.
    pub delegators: Vec<String>,
    /// The requester or delegates of some link.
    pub delegates: Vec<String>,
    /// Scope classes of the delegation or some link.
    pub scopes: Vec<String>,
    /// The longest chain.
    pub max_depth: Option<i64>,
}

/// Hints that some target must carry; `None` does not look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToolAnnotations {
    /// `readOnlyHint`.
    pub read_only: Option<bool>,
    /// `destructiveHint`.
    pub destructive: Option<bool>,
    /// `idempotentHint`.
    pub idempotent: Option<bool>,
    /// `openWorldHint`.
    pub open_world: Option<bool>,
}

impl ToolAnnotations {
    /// Whether no hint is looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Limits on paths and domains (02 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRule {
    /// Path patterns that are allowed.
    pub path_allowlist: Vec<String>,
    /// Path patterns that are denied.
    pub path_denylist: Vec<String>,
    /// Domain patterns that are allowed.
    pub domain_allowlist: Vec<String>,
    /// Domain patterns that are denied.
    pub domain_denylist: Vec<String>,
    /// Network endpoint classes that are allowed.
    pub egress_classes: Vec<String>,
    /// Block or require approval.
    pub action: Verdict,
    /// For destructive targets, when set: block or require approval.
    pub destructive_action: Option<Verdict>,
    /// The reason code it adds.
    pub reason_code: String,
    /// The violation it adds.
    pub violation: String,
}

/// Demands on the agent's identity (02 §7.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentRule {
    /// The agent must be declared.
    pub require_declared: bool,
    /// The agent must have an owner.
    pub require_owner: bool,
    /// The identity must carry an expiry and not be past it.
    pub require_unexpired: bool,
    /// Agents that are allowed.
    pub allowed_ids: Vec<String>,
    /// Agents that are denied.
    pub denied_ids: Vec<String>,
    /// The digest its manifest must have; empty when free.
    pub manifest_digest: String,
    /// Publishers its manifest may have.
    pub manifest_publishers: Vec<String>,
    /// Sources its manifest may have.
    pub manifest_sources: Vec<String>,
    /// Lifecycle states it must be in, all of them.
    pub lifecycle_states: Vec<String>,
}

/// Demands on the credential (02 §7.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialRule {
    /// Long-lived credentials are refused.
    pub block_standing: bool,
    /// Only just-in-time credentials.
    pub require_jit: bool,
    /// Sources that are allowed.
    pub sources: Vec<String>,
    /// Issuers that are allowed.
    pub issuers: Vec<String>,
    /// Access types that are allowed.
    pub access_types: Vec<String>,
    /// The longest life in seconds; 0 is no limit.
    pub max_ttl_seconds: i64,
}

/// Demands on the context evidence (02 §7.3); in force when present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextEvidenceRule {
    /// `require_context_evidence`.
    pub required: bool,
    /// Whether `required_context_evidence_mode` is `required`.
    pub mode_required: bool,
    /// The greatest age in seconds; 0 is no limit.
    pub max_age_seconds: i64,
}

/// Times in which a rule is stricter (03). Zone and times are checked when they are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreezeWindow {
    /// Name of the time zone.
    pub timezone: String,
    /// Block or require approval.
    pub effect: Verdict,
    /// The reason shown.
    pub reason: String,
    /// Environments it holds for; all when empty.
    pub environments: Vec<String>,
    /// Risk classes it holds for; all when empty.
    pub risk_classes: Vec<String>,
    /// The windows, in file order; at least one.
    pub windows: Vec<Window>,
}

/// One window of a freeze.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// Its start as written.
    pub start: String,
    /// Its end as written.
    pub end: String,
}

/// Demands on the sandbox (02 §7.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxRule {
    /// Network modes that are allowed.
    pub network_modes: Vec<String>,
    /// Prefixes under which paths may be writable.
    pub writable_path_prefixes: Vec<String>,
    /// Roots that may be declared read-only.
    pub read_only_roots: Vec<String>,
    /// Environment exposures that are allowed.
    pub env_exposure_modes: Vec<String>,
    /// The longest timeout in seconds; 0 is no limit.
    pub max_timeout_seconds: i64,
    /// Filesystem isolations that are allowed.
    pub filesystem_isolations: Vec<String>,
    /// User modes that are allowed.
    pub user_modes: Vec<String>,
}

/// How many requests in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number; at least 1.
    pub requests: i64,
    /// The window.
    pub window: LimitWindow,
    /// What is counted together.
    pub scope: LimitScope,
}

/// The window of a limit; the shorter is the lesser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitWindow {
    /// A minute.
    #[default]
    Minute,
    /// An hour.
    Hour,
}

impl LimitWindow {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
        }
    }
}

/// What a limit counts together; ordered by name, which breaks ties between limits (02 §6.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitScope {
    /// All requests of one identity.
    Identity,
    /// All requests for one tool.
    Tool,
    /// The requests of one identity for one tool.
    #[default]
    ToolIdentity,
}

impl LimitScope {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Tool => "tool",
            Self::ToolIdentity => "tool_identity",
        }
    }
}

/// Limits on where tainted data may flow (02 §7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataflow {
    /// Sources of arguments that count as tainted.
    pub tainted_sources: Vec<String>,
    /// Kinds of a destination.
    pub destination_kinds: Vec<String>,
    /// Values of a destination.
    pub destination_values: Vec<String>,
    /// Operations on a destination.
    pub destination_operations: Vec<String>,
    /// Block or require approval; replaces the rule's effect.
    pub action: Verdict,
    /// The reason code it adds.
    pub reason_code: String,
    /// The violation it adds.
    pub violation: String,
}
