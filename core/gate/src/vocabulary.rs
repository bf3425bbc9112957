//! The closed lists of words of the contract, each in one place: policies, intents and brokers share them
//! (02 §2.3, §4.4–§4.8).

/// Endpoint classes.
pub(crate) const ENDPOINT_CLASSES: &[&str] = &[
    "fs.read",
    "fs.write",
    "fs.delete",
    "proc.exec",
    "net.http",
    "net.dns",
    "ui.click",
    "ui.type",
    "ui.navigate",
    "other",
];

/// How a tool was discovered.
pub(crate) const DISCOVERY_METHODS: &[&str] =
    &["webmcp", "dynamic_mcp", "a2a", "mcp", "static_mcp", "manual", "unknown"];

/// Kinds of targets.
pub(crate) const TARGET_KINDS: &[&str] = &["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];

/// Where arguments come from.
pub(crate) const PROVENANCE_SOURCES: &[&str] = &["user", "tool_output", "external", "system"];

/// The usual risk classes. Intents may carry others; a policy that names one has more likely mistyped.
pub(crate) const RISK_CLASSES: &[&str] = &["low", "medium", "high", "critical"];

/// Where credentials come from.
pub(crate) const CREDENTIAL_SOURCES: &[&str] = &[
    "aws_iam_user",
    "aws_sts",
    "azure_federated",
    "command",
    "env",
    "gcp_sts",
    "github_oidc",
    "github_pat",
    "kubernetes_service_account",
    "stub",
    "unknown",
    "vault_dynamic",
];

/// How credentials give access.
pub(crate) const CREDENTIAL_ACCESS_TYPES: &[&str] =
    &["cloud_admin", "inherited", "jit", "standing", "static", "unknown"];

/// Network modes of a sandbox.
pub(crate) const NETWORK_MODES: &[&str] = &["disabled", "egress_allowlist", "full"];

/// How much of the environment a sandbox shows.
pub(crate) const ENV_EXPOSURE_MODES: &[&str] = &["allowlist", "full", "none"];

/// How a sandbox keeps files apart.
pub(crate) const FILESYSTEM_ISOLATIONS: &[&str] = &["container", "none", "workspace"];

/// As whom a sandbox runs.
pub(crate) const USER_MODES: &[&str] = &["default", "root", "unprivileged"];

/// Parts of an intent that fail-closed may require.
pub(crate) const REQUIRED_FIELDS: &[&str] =
    &["targets", "arg_provenance", "endpoint_class", "delegation", "context_evidence"];

/// Context members that fail-closed may require.
pub(crate) const HIGH_RISK_FIELDS: &[&str] = &[
    "agent_id",
    "agent_identity",
    "run_id",
    "workflow_id",
    "repo",
    "environment",
    "credential_ref",
    "credential_source",
    "credential_access_type",
    "credential_issuer",
    "credential_ttl_seconds",
    "approval_ref",
    "wrkr_inventory_ref",
    "agent_action_bom_ref",
];

/// What fail-closed and MCP trust hold for unless told otherwise.
pub(crate) const HIGH_RISK_CLASSES: &[&str] = &["critical", "high"];

/// Sources that count as tainted unless told otherwise.
pub(crate) const TAINTED_SOURCES: &[&str] = &["external", "tool_output"];

/// How complete context evidence claims to be.
pub(crate) const EVIDENCE_MODES: &[&str] = &["best_effort", "required"];

/// What a call is for: going through the motions, or the thing itself.
pub(crate) const PHASES: &[&str] = &["apply", "plan"];

/// Values that begin so are credentials of well-known issuers.
pub(crate) const SECRET_PREFIXES: &[&str] = &["ghp_", "gho_", "github_pat_", "sk-", "AKIA", "ASIA"];
