//! What the commands of the kill switch share: their output, and how entries are told (03 §5.2).

use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};

use super::token;
use crate::report::{Call, Failure};
use crate::text::Text;

gait_base::record! {
    /// What the kill-switch commands print.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct KillSwitchOutput {
        /// Always true; failures print the error members alone.
        pub(super) ok: bool,
        /// `add`, `list`, `disable` or `expire`.
        pub(super) action: String => omit,
        /// The whole state; an entry that was just added stands last in it.
        pub(super) state: Option<KillSwitchState> => omit,
        /// The entry that was added or changed.
        pub(super) entry: Option<KillSwitchEntry> => omit,
        /// The entries, for `list`.
        pub(super) entries: Vec<KillSwitchEntry> => omit,
    }
}

/// The path of the state.
pub(super) fn path<'a>(call: &Call<'a>) -> Result<&'a str, Failure> {
    token::required(call, "state").map(str::trim)
}

/// The time of `--expires-at`; nothing when it is not given.
pub(super) fn expires_at(call: &Call<'_>) -> Result<Option<Timestamp>, Failure> {
    match call.args.text("expires-at").trim() {
        "" => Ok(None),
        given => Timestamp::parse(given)
            .map(Some)
            .map_err(|error| Failure::usage(format!("--expires-at {given:?}: {error}"))),
    }
}

/// A line about an entry.
pub(super) fn line(text: Text, entry: &KillSwitchEntry, now: &Timestamp) -> Text {
    let status = match entry {
        entry if !entry.enabled => "disabled",
        entry if in_force(entry, now) => "in_force",
        _ => "expired",
    };
    let mut text = text.label("entry").words(&entry.entry_id).pair("status", status);
    let (paths, workspaces) = (entry.path_prefixes.join(","), entry.workspace_prefixes.join(","));
    let members = [
        ("agent_id", &entry.agent_id),
        ("identity", &entry.identity),
        ("tool_name", &entry.tool_name),
        ("target_kind", &entry.target_kind),
        ("target_value", &entry.target_value),
        ("environment", &entry.environment),
        ("path_prefixes", &paths),
        ("workspace_prefixes", &workspaces),
        ("reason", &entry.reason),
        ("actor", &entry.actor),
    ];
    for (name, value) in members {
        if !value.is_empty() {
            text = text.pair(name, value);
        }
    }
    if !entry.expires_at.is_zero() {
        text = text.pair("expires_at", entry.expires_at);
    }
    text
}

/// Warns of an entry that, having no selector, stops every call there is.
pub(super) fn warned(text: Text, entry: &KillSwitchEntry, now: &Timestamp) -> Text {
    if !in_force(entry, now) || !entry.selects_everything() {
        return text;
    }
    let id = &entry.entry_id;
    text.line("warning", &format!("entry {id:?} has no selector: it stops everything while it is in force"))
}

fn in_force(entry: &KillSwitchEntry, now: &Timestamp) -> bool {
    entry.enabled && (entry.expires_at.is_zero() || now.is_before(&entry.expires_at))
}
