//! `gait job status`, `gait job inspect` (05 §17).

use super::job::{self, JobOutput};
use crate::report::{Answer, Call, Report};

pub(crate) fn status(call: &Call<'_>) -> Answer {
    let history = job::reading_store(call)?.status(job::id(call)?)?;
    let text = job::notes(job::summary("status", &history.state), &history.notices);
    let output = JobOutput::new(call, "status", &history.state.job_id, &history.notices);
    Ok(Report::new(&JobOutput { job: Some(history.state), ..output }, text))
}

pub(crate) fn inspect(call: &Call<'_>) -> Answer {
    let history = job::reading_store(call)?.inspect(job::id(call)?)?;
    let text = job::summary("inspect", &history.state)
        .pair("checkpoints", history.state.checkpoints.len())
        .pair("approvals", history.state.approvals.len())
        .pair("events", history.events.len());
    let text = history.events.iter().fold(text, job::event_line);
    let text = job::notes(text, &history.notices);
    let output = JobOutput::new(call, "inspect", &history.state.job_id, &history.notices);
    Ok(Report::new(&JobOutput { job: Some(history.state), events: history.events, ..output }, text))
}
