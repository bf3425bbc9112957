//! `gait run session start` (04 §8.4).

use super::run_session::{required, told, warnings, with_session};
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    required(call, "journal")?;
    let (session_id, run_id) = (required(call, "session-id")?, required(call, "run-id")?);
    with_session(call, "start", |session, record| {
        let started = session.start(session_id, run_id)?;
        let text = told("start", &started.status);
        record.status = Some(started.status);
        record.warnings = warnings(&started.repairs);
        Ok(text)
    })
}
