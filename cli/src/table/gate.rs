//! `gait gate`: decisions (02 §11).

use super::{Flag, Group, Leaf, Order};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["gate"],
    summary: "decide whether a tool call may run",
    sentence: "gate eval decides whether a proposed tool call may run and leaves a signed trace of the answer.",
};

pub(super) static LEAVES: &[Leaf] = &[Leaf {
    path: &["gate", "eval"],
    summary: "decide an intent under a policy and sign the trace",
    sentence: "Decides whether a proposed tool call may run: reads a policy and an intent, applies rules, limits, approvals and delegations, and writes a signed trace.",
    positionals: &[],
    order: Order::FlagsFirst,
    flags: &[
        Flag::file("policy", "the policy, a YAML file (required here or in the project defaults)"),
        Flag::file("intent", "the intent, a JSON file (required)"),
        Flag::file("context-envelope", "context evidence to check the intent's claims against"),
        Flag::file("trace-out", "where to write the trace (trace_<id>.json when empty)"),
        Flag::text("approval-token-ref", "REF", "reference to an approval, for the record"),
        Flag::file("approval-token", "approval token"),
        Flag { value: "FILES", ..Flag::file("approval-token-chain", "further approval tokens, separated by commas") },
        Flag::file("approval-audit-out", "where to write the approval audit record"),
        Flag::file("approval-request-out", "where to write what approvers must sign, when an approval is missing"),
        Flag::file("delegation-token", "delegation token"),
        Flag {
            value: "FILES",
            ..Flag::file("delegation-token-chain", "further delegation tokens, separated by commas")
        },
        Flag::file("delegation-audit-out", "where to write the delegation audit record"),
        Flag::file("approval-public-key", "public key of the approvers"),
        Flag::variable("approval-public-key-env", "environment variable that holds it"),
        Flag::file("approval-private-key", "private key of the approvers, instead of the public one"),
        Flag::variable("approval-private-key-env", "environment variable that holds it"),
        Flag::file("delegation-public-key", "public key of the delegators"),
        Flag::variable("delegation-public-key-env", "environment variable that holds it"),
        Flag::file("delegation-private-key", "private key of the delegators, instead of the public one"),
        Flag::variable("delegation-private-key-env", "environment variable that holds it"),
        Flag::text("key-mode", "MODE", "dev signs with a fresh key, prod with yours (dev when empty)")
            .among(&["dev", "prod"]),
        Flag::file("private-key", "private key that signs the trace"),
        Flag::variable("private-key-env", "environment variable that holds it"),
        Flag::text("profile", "PROFILE", "standard or oss-prod (standard when empty)").among(&["standard", "oss-prod"]),
        Flag::text("evaluation-time", "TIME", "RFC 3339 time to decide at, instead of the clock"),
        Flag::file("kill-switch-state", "state of the kill switch"),
        Flag::file("rate-limit-state", "state of the limits (.gait-out/gate_rate_limits.json when empty)"),
        Flag::text("credential-broker", "BROKER", "where credentials come from (off when empty)")
            .among(&["off", "stub", "env", "command"]),
        Flag::text("credential-env-prefix", "PREFIX", "prefix of the env broker (GAIT_BROKER_TOKEN_ when empty)"),
        Flag::text("credential-ref", "REF", "which credential to ask for, instead of the rule's"),
        Flag::text("credential-scopes", "SCOPES", "further scopes to ask for, separated by commas"),
        Flag::file("credential-command", "program of the command broker"),
        Flag::text("credential-command-args", "ARGS", "its arguments, separated by commas"),
        Flag::file("credential-evidence-out", "where to write the credential evidence"),
        Flag::file("wrkr-inventory", "inventory of agents and their risks"),
        Flag::file("approved-script-registry", "registry of approved scripts"),
        Flag::file("approved-script-public-key", "public key that verifies the registry"),
        Flag::variable("approved-script-public-key-env", "environment variable that holds it"),
        Flag::file("config", "project defaults").or(".gait/config.yaml"),
        Flag::switch("no-config", "do not read project defaults"),
        Flag::switch("simulate", "tell the verdict but enforce nothing: exit 0"),
        Flag::switch("explain", "with --json: print why, instead of the result"),
    ],
    error_members: "",
    needs_dashes: false,
    run: command::gate_eval::run,
}];
