//! `gait kill-switch add` (03 §5.2).

use gait_base::text::split_csv;
use gait_gate::authority::kill_switch::KillSwitchEntry;
use gait_host::kill_switch::{Missing, change};

use super::kill_switch::{KillSwitchOutput, expires_at, line, path, warned};
use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = path(call)?;
    let now = token::moment(call)?;
    let text = |name: &str| call.args.text(name).to_owned();
    let missing = Missing::Start { producer_version: call.producer_version, now: &now };
    // The state comes first: what is wrong with it counts before what is wrong with the flags.
    let changed: Result<_, Failure> = change(path, call.mode(), missing, |state| {
        let entry = KillSwitchEntry {
            entry_id: text("entry-id"),
            agent_id: text("agent-id"),
            identity: text("identity"),
            tool_name: text("tool-name"),
            target_kind: text("target-kind"),
            target_value: text("target-value"),
            environment: text("environment"),
            path_prefixes: split_csv(call.args.text("path-prefixes")),
            workspace_prefixes: split_csv(call.args.text("workspace-prefixes")),
            reason: text("reason"),
            actor: text("actor"),
            expires_at: expires_at(call)?.unwrap_or_default(),
            ..KillSwitchEntry::default()
        };
        Ok(state.add(entry, &now)?.clone())
    });
    let (state, entry) = changed?;
    let text = Text::ok("kill-switch add").pair("entry_id", &entry.entry_id).pair("state", path);
    let text = warned(line(text, &entry, &now), &entry, &now);
    let record = KillSwitchOutput {
        ok: true,
        action: "add".to_owned(),
        state: Some(state),
        entry: Some(entry),
        ..KillSwitchOutput::default()
    };
    Ok(Report::new(&record, text))
}
