//! What the commands about durable jobs share: their output, and the store they work on (05 §17).

use gait_base::time::Timestamp;
use gait_evidence::job::{Checkpoint, JobEvent, JobState, PolicyBinding};
use gait_host::clock::FixedClock;
use gait_host::job::{JobChange, JobNotice, JobStore};

use super::{input, token};
use crate::report::{Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What the job commands print.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct JobOutput {
        /// `gait.job.output`.
        pub(super) schema_id: String,
        /// `1.0.0`.
        pub(super) schema_version: String,
        /// Always true; failures print the error members alone.
        pub(super) ok: bool,
        /// The words of the command after `job`.
        pub(super) operation: String => omit,
        /// The job.
        pub(super) job_id: String => omit,
        /// Its state.
        pub(super) job: Option<JobState> => omit,
        /// The checkpoint that was added or asked for.
        pub(super) checkpoint: Option<Checkpoint> => omit,
        /// All checkpoints, sorted by id.
        pub(super) checkpoints: Vec<Checkpoint> => omit,
        /// All events, in order.
        pub(super) events: Vec<JobEvent> => omit,
        /// What was found damaged or mended; in strict mode also what was settled.
        pub(super) warnings: Vec<String> => omit,
    }
}

impl JobOutput {
    pub(super) fn new(call: &Call<'_>, operation: &str, job_id: &str, notices: &[JobNotice]) -> Self {
        Self {
            schema_id: "gait.job.output".to_owned(),
            schema_version: "1.0.0".to_owned(),
            ok: true,
            operation: operation.to_owned(),
            job_id: job_id.to_owned(),
            warnings: notices.iter().filter(|one| call.strict || one.is_damage()).map(ToString::to_string).collect(),
            ..Self::default()
        }
    }
}

/// The name that was given.
pub(super) fn id<'a>(call: &Call<'a>) -> Result<&'a str, Failure> {
    token::required(call, "id").map(str::trim)
}

/// The jobs that `--root` names. Changes are dated by the clock, or in strict mode by `--evaluation-time`.
pub(super) fn store(call: &Call<'_>) -> Result<JobStore, Failure> {
    let store = JobStore::new(call.args.text("root").trim(), call.mode())?;
    if call.args.text("evaluation-time").trim().is_empty() {
        return Ok(store);
    }
    Ok(store.with_clock(FixedClock::new(token::moment(call)?)))
}

/// As [`store`], for commands that read no clock.
pub(super) fn reading_store(call: &Call<'_>) -> Result<JobStore, Failure> {
    Ok(JobStore::new(call.args.text("root").trim(), call.mode())?)
}

/// The policy that the three flags about it name.
pub(super) fn policy(call: &Call<'_>) -> Result<PolicyBinding, Failure> {
    let given = PolicyBinding {
        digest: call.args.text("policy-digest").to_owned(),
        reference: call.args.text("policy-ref").to_owned(),
    };
    match call.args.text("policy").trim() {
        "" => Ok(given),
        path => {
            let policy = input::policy(path, call.mode())?;
            Ok(PolicyBinding::to_policy(&given, path, &policy.digest().to_hex())?)
        }
    }
}

/// The report of a command that changed a job.
pub(super) fn changed(call: &Call<'_>, operation: &str, change: JobChange) -> Report {
    let text = notes(summary(operation, &change.state), &change.notices);
    let record = JobOutput {
        job: Some(change.state.clone()),
        ..JobOutput::new(call, operation, &change.state.job_id, &change.notices)
    };
    Report::new(&record, text)
}

/// The first line: where a job stands.
pub(super) fn summary(operation: &str, state: &JobState) -> Text {
    Text::default()
        .label(&format!("job {operation}"))
        .pair("id", &state.job_id)
        .pair("status", &state.status)
        .pair("stop_reason", &state.stop_reason)
        .pair("reason_code", &state.status_reason_code)
        .pair("revision", state.revision)
}

/// A line about a checkpoint.
pub(super) fn checkpoint_line(text: Text, checkpoint: &Checkpoint) -> Text {
    let text = text
        .label("checkpoint")
        .words(&checkpoint.checkpoint_id)
        .pair("type", &checkpoint.kind)
        .pair("at", told(&checkpoint.created_at));
    let text = if checkpoint.actor.is_empty() { text } else { text.pair("actor", &checkpoint.actor) };
    let text = text.line("  summary", &checkpoint.summary);
    if checkpoint.required_action.is_empty() {
        return text;
    }
    text.line("  required action", &checkpoint.required_action)
}

/// A line about an event.
pub(super) fn event_line(text: Text, event: &JobEvent) -> Text {
    let text = text
        .label("event")
        .words(&event.revision.to_string())
        .pair("type", &event.kind)
        .pair("at", told(&event.created_at))
        .pair("reason_code", &event.reason_code);
    if event.actor.is_empty() { text } else { text.pair("actor", &event.actor) }
}

/// A line for each thing that was found or done beside what was asked for.
pub(super) fn notes(text: Text, notices: &[JobNotice]) -> Text {
    notices
        .iter()
        .fold(text, |text, notice| text.line(if notice.is_damage() { "warning" } else { "note" }, &notice.to_string()))
}

fn told(time: &Timestamp) -> String {
    time.to_string()
}
