//! `gait kill-switch list` (03 §5.2).

use gait_host::kill_switch::{Missing, load_or};

use super::kill_switch::{KillSwitchOutput, line, path, warned};
use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = path(call)?;
    let now = token::moment(call)?;
    let missing = Missing::Start { producer_version: call.producer_version, now: &now };
    let state = load_or(path, call.mode(), missing)?;
    let text = Text::ok("kill-switch list").pair("state", path).pair("entries", state.entries.len());
    let text = state.entries.iter().fold(text, |text, entry| line(text, entry, &now));
    let text = state.entries.iter().fold(text, |text, entry| warned(text, entry, &now));
    let record = KillSwitchOutput {
        ok: true,
        action: "list".to_owned(),
        entries: state.entries.clone(),
        state: Some(state),
        ..KillSwitchOutput::default()
    };
    Ok(Report::new(&record, text))
}
