//! Root fields of an older proposal for policies, and what to write instead (02 §2.6).

use super::yaml::{NodeKind, Tree};

/// How to move one legacy field to the current format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The legacy field.
    pub field: &'static str,
    /// The fields that took its place.
    pub replacement_fields: &'static [&'static str],
    /// What else to know; empty when nothing.
    pub note: &'static str,
}

/// `kind` of the migration object that outputs carry.
pub const MIGRATION_KIND: &str = "policy_fields";

/// All legacy fields, in the order in which they are reported.
pub const REPLACEMENTS: [Replacement; 6] = [
    Replacement {
        field: "version",
        replacement_fields: &["schema_id", "schema_version"],
        note: "set schema_id=gait.gate.policy and schema_version=1.0.0",
    },
    Replacement {
        field: "name",
        replacement_fields: &[],
        note: "remove the top-level policy name; rule names remain under rules[].name when needed",
    },
    Replacement { field: "boundaries", replacement_fields: &["rules", "mcp_trust"], note: "" },
    Replacement { field: "defaults", replacement_fields: &["default_verdict", "fail_closed"], note: "" },
    Replacement {
        field: "trust_sources",
        replacement_fields: &["mcp_trust.snapshot"],
        note: "render external trust data to a local snapshot before evaluation",
    },
    Replacement {
        field: "unknown_server",
        replacement_fields: &["mcp_trust.action"],
        note: "enforce unknown servers through local snapshot coverage and a fail-closed action",
    },
];

/// The legacy fields among the root keys, trimmed.
pub(super) fn fields_of(tree: &Tree) -> Vec<&'static Replacement> {
    let Some(NodeKind::Mapping(members)) = tree.root().map(|root| tree.kind(root)) else { return Vec::new() };
    let keys = tree.children(members).iter().step_by(2);
    let keys: Vec<&str> = keys.filter_map(|&key| tree.text(key)).map(str::trim).collect();
    REPLACEMENTS.iter().filter(|legacy| keys.contains(&legacy.field)).collect()
}
