//! `gait approve-script`, `gait list-scripts`: the registry of approved scripts (03 §4).

use super::signing::{KEY_MODE, MOMENT, SIGNING_KEY, SIGNING_KEY_ENV};
use super::{Flag, Leaf, Order};
use crate::command;

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["approve-script"],
        summary: "put a script into the registry of approved scripts",
        sentence: "Adds a signed entry to a registry, by which a script passes under one policy without being evaluated each time.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            Flag::file("policy", "the policy, a YAML file (required)"),
            Flag::file("intent", "an intent with the script, a JSON file (required)"),
            Flag::file("registry", "the registry; made when missing (required)"),
            Flag::text(
                "pattern-id",
                "ID",
                "name of the entry, which replaces those of the same name (pattern_<hash> when empty)",
            ),
            Flag::text("approver", "IDENTITY", "who approves (required)"),
            Flag::text("ttl", "DURATION", "how long the entry counts").or("168h"),
            Flag::text(
                "scope",
                "CONDITIONS",
                "risk:, tool:, workspace_prefix: and endpoint: conditions that must all hold, separated by commas",
            ),
            KEY_MODE,
            SIGNING_KEY,
            SIGNING_KEY_ENV,
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::approve_script::run,
    },
    Leaf {
        path: &["list-scripts"],
        summary: "list the registry of approved scripts",
        sentence: "Lists the entries of a registry of approved scripts, without verifying their signatures.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[Flag::file("registry", "the registry (required)"), MOMENT],
        error_members: "",
        needs_dashes: false,
        run: command::list_scripts::run,
    },
];
