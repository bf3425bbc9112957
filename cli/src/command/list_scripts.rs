//! `gait list-scripts` (03 §4.4).

use gait_host::script_registry;

use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// An entry of the registry.
    #[derive(Clone, Debug, PartialEq)]
    struct ListScriptsEntry {
        /// Its name.
        pattern_id: String,
        /// Who approved.
        approver_identity: String,
        /// The policy it is for.
        policy_digest: String,
        /// The script it is for.
        script_hash: String,
        /// The script's tools, sorted.
        tool_sequence: Vec<String>,
        /// Conditions on the intent.
        scope: Vec<String> => omit,
        /// When it ends, to the nanosecond.
        expires_at: String,
        /// Whether that is over.
        expired: bool,
    }
}

gait_base::record! {
    /// What `list-scripts` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct ListScriptsOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The registry.
        registry: String => omit,
        /// Number of entries.
        count: i64 => omit,
        /// The entries, in file order.
        entries: Vec<ListScriptsEntry> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = token::required(call, "registry")?.trim();
    let now = token::moment(call)?;
    let registry = script_registry::load(path, call.mode())?;
    let entries: Vec<ListScriptsEntry> = registry
        .entries
        .into_iter()
        .map(|entry| ListScriptsEntry {
            pattern_id: entry.pattern_id,
            approver_identity: entry.approver_identity,
            policy_digest: entry.policy_digest,
            script_hash: entry.script_hash,
            tool_sequence: entry.tool_sequence,
            scope: entry.scope,
            expires_at: entry.expires_at.to_string(),
            expired: !now.is_before(&entry.expires_at),
        })
        .collect();
    let mut text = Text::ok("list-scripts").pair("registry", path).pair("entries", entries.len());
    for entry in &entries {
        text = text
            .label("entry")
            .words(&entry.pattern_id)
            .pair("approver", &entry.approver_identity)
            .pair("tools", entry.tool_sequence.join(","))
            .pair("script_hash", &entry.script_hash)
            .pair("expires_at", &entry.expires_at)
            .pair("expired", entry.expired);
        if !entry.scope.is_empty() {
            text = text.pair("scope", entry.scope.join(","));
        }
    }
    let record = ListScriptsOutput {
        ok: true,
        registry: path.to_owned(),
        count: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        entries,
    };
    Ok(Report::new(&record, text))
}
