//! `gait kill-switch disable`, `gait kill-switch expire` (03 §5.2).

use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_host::kill_switch::{Missing, change};

use super::kill_switch::{KillSwitchOutput, expires_at, line, path};
use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

pub(crate) fn disable(call: &Call<'_>) -> Answer {
    run(call, "disable", |state, id, now| Ok(state.disable(id, now)?.clone()))
}

pub(crate) fn expire(call: &Call<'_>) -> Answer {
    run(call, "expire", |state, id, now| {
        let end = expires_at(call)?.unwrap_or(*now);
        Ok(state.expire(id, &end, now)?.clone())
    })
}

fn run(
    call: &Call<'_>,
    action: &str,
    act: impl FnOnce(&mut KillSwitchState, &str, &Timestamp) -> Result<KillSwitchEntry, Failure>,
) -> Answer {
    let path = path(call)?;
    let id = token::required(call, "entry-id")?;
    let now = token::moment(call)?;
    let (state, entry) = change(path, call.mode(), Missing::Refuse, |state| act(state, id, &now))?;
    let text = Text::ok(&format!("kill-switch {action}")).pair("entry_id", &entry.entry_id).pair("state", path);
    let text = line(text, &entry, &now);
    let record = KillSwitchOutput {
        ok: true,
        action: action.to_owned(),
        state: Some(state),
        entry: Some(entry),
        ..KillSwitchOutput::default()
    };
    Ok(Report::new(&record, text))
}
