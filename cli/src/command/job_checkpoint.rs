//! `gait job checkpoint add`, `list` and `show` (05 §16.2, §17).

use gait_evidence::job::{CheckpointDraft, CheckpointType};

use super::job::{self, JobOutput};
use super::token;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

pub(crate) fn add(call: &Call<'_>) -> Answer {
    let text = |name: &str| call.args.text(name).to_owned();
    let draft = CheckpointDraft {
        kind: CheckpointType::parse(call.args.text("type"))?,
        summary: text("summary"),
        required_action: text("required-action"),
        actor: text("actor"),
    };
    let change = job::store(call)?.add_checkpoint(job::id(call)?, &draft)?;
    let operation = "checkpoint add";
    let checkpoint = change.state.checkpoints.last().cloned();
    let text = job::summary(operation, &change.state);
    let text = checkpoint.iter().fold(text, job::checkpoint_line);
    let text = job::notes(text, &change.notices);
    let output = JobOutput::new(call, operation, &change.state.job_id, &change.notices);
    Ok(Report::new(&JobOutput { job: Some(change.state), checkpoint, ..output }, text))
}

pub(crate) fn list(call: &Call<'_>) -> Answer {
    let id = job::id(call)?;
    let history = job::reading_store(call)?.status(id)?;
    let checkpoints = history.state.sorted_checkpoints();
    let operation = "checkpoint list";
    let text = job::summary(operation, &history.state).pair("checkpoints", checkpoints.len());
    let text = checkpoints.iter().fold(text, job::checkpoint_line);
    let text = job::notes(text, &history.notices);
    let output = JobOutput::new(call, operation, id, &history.notices);
    Ok(Report::new(&JobOutput { checkpoints, ..output }, text))
}

pub(crate) fn show(call: &Call<'_>) -> Answer {
    let (id, wanted) = (job::id(call)?, token::required(call, "checkpoint")?);
    let history = job::reading_store(call)?.status(id)?;
    let checkpoint = history.state.checkpoint(wanted)?.clone();
    let operation = "checkpoint show";
    let text = job::checkpoint_line(Text::default().label(&format!("job {operation}")).pair("id", id), &checkpoint);
    let text = job::notes(text, &history.notices);
    let output = JobOutput::new(call, operation, id, &history.notices);
    Ok(Report::new(&JobOutput { checkpoint: Some(checkpoint), ..output }, text))
}
