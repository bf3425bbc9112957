//! What the session commands share: opening the journal, and telling what came of it (04 §8.4).

use std::sync::Arc;

use gait_base::error::Classify;
use gait_evidence::session::{Checkpoint, Event, Status};
use gait_host::clock::SystemClock;
use gait_host::environment::variable;
use gait_host::session::{CompactionReport, LockSettings, Repair, Session, SessionFault, SessionSettings, StateWrites};

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What the session commands print.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct SessionOutput {
        /// Whether it was done.
        pub(super) ok: bool,
        /// Which command this is.
        pub(super) operation: String => omit,
        /// The journal, as it was named.
        pub(super) journal: String => omit,
        /// Where the chain is.
        pub(super) chain_path: String => omit,
        /// What was compacted.
        pub(super) compaction: Option<CompactionReport> => omit,
        /// How far the session is.
        pub(super) status: Option<Status> => omit,
        /// The event that was appended.
        pub(super) event: Option<Event> => omit,
        /// The checkpoint that was made.
        pub(super) checkpoint: Option<Checkpoint> => omit,
        /// The key that signed the checkpoint's runpack.
        pub(super) signature_key_id: String => omit,
        /// What was mended, and what else a person should know.
        pub(super) warnings: Vec<String> => omit,
        /// Why it was not done.
        pub(super) error: String => omit,
    }
}

/// The flag's value, trimmed.
///
/// # Errors
/// A usage error when it is blank.
pub(super) fn required<'a>(call: &Call<'a>, flag: &str) -> Result<&'a str, Failure> {
    match call.args.text(flag).trim() {
        "" => Err(Failure::usage(format!("--{flag} is required"))),
        value => Ok(value),
    }
}

/// Opens the journal that `--journal` names, does one thing with it, and tells it.
pub(super) fn with_session(
    call: &Call<'_>,
    operation: &str,
    act: impl FnOnce(&Session, &mut SessionOutput) -> Result<Text, SessionFault>,
) -> Answer {
    let journal = required(call, "journal")?;
    let mut record =
        SessionOutput { operation: operation.to_owned(), journal: journal.to_owned(), ..SessionOutput::default() };
    let settings = SessionSettings {
        lock: LockSettings::from_environment(variable),
        producer_version: call.producer_version.to_owned(),
        mode: call.mode(),
        clock: Arc::new(SystemClock),
        state: StateWrites::Each,
    };
    match Session::open(journal, settings).and_then(|session| act(&session, &mut record)) {
        Ok(text) => {
            record.ok = true;
            let text = text.lines("warning", &record.warnings);
            Ok(Report::new(&record, text))
        }
        Err(fault) => {
            record.error = fault.to_string();
            let text = Text::error(&format!("session {operation}"), &record.error);
            Ok(Report::new(&record, text).exit(fault.category().exit_code()).classified(&fault))
        }
    }
}

/// The line about a session.
pub(super) fn told(operation: &str, status: &Status) -> Text {
    Text::default()
        .label(&format!("session {operation}"))
        .pair("session_id", &status.session_id)
        .pair("run_id", &status.run_id)
        .pair("events", status.event_count)
        .pair("checkpoints", status.checkpoint_count)
        .pair("last_sequence", status.last_sequence)
}

/// What was mended, in words.
pub(super) fn warnings(repairs: &[Repair]) -> Vec<String> {
    repairs.iter().map(ToString::to_string).collect()
}
