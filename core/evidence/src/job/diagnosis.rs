//! What is wrong with stored jobs, told without changing them (05 §15.3).

use std::fmt;

use gait_gate::mode::Mode;

use super::error::JobError;
use super::journal::{Journal, Tail};
use super::state::JobState;

/// What lies in the folder of a job.
#[derive(Clone, Copy, Debug)]
pub struct StoredJob<'a> {
    /// The name of the folder.
    pub job_id: &'a str,
    /// Whether there is a mark of a mutation under way.
    pub has_marker: bool,
    /// The state, if there is one.
    pub state: Option<&'a [u8]>,
    /// The journal, if there is one.
    pub journal: Option<&'a [u8]>,
}

/// Something wrong with a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobIssue {
    /// The name of the job's folder.
    pub job_id: String,
    /// What is wrong.
    pub kind: IssueKind,
}

impl fmt::Display for JobIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.job_id, self.kind.as_str())
    }
}

/// The kinds of issues, in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IssueKind {
    /// The journal tells more than the state knows.
    EventLogAheadOfState,
    /// There is a journal but no state.
    MissingStateWithEvents,
    /// A mutation was interrupted; the next command on the job completes it or takes it back.
    PendingMutation,
    /// The state knows more than the journal tells.
    StateAheadOfEventLog,
    /// The last line of the journal was cut by a crash; the next command that writes mends it.
    TornEventLog,
}

impl IssueKind {
    /// The kind as it stands in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventLogAheadOfState => "event_log_ahead_of_state",
            Self::MissingStateWithEvents => "missing_state_with_events",
            Self::PendingMutation => "pending_mutation",
            Self::StateAheadOfEventLog => "state_ahead_of_event_log",
            Self::TornEventLog => "torn_event_log",
        }
    }
}

/// The issues of a job, sorted by kind.
///
/// # Errors
/// [`JobError`] when state or journal is malformed. The mark is not read.
pub fn diagnose(job: &StoredJob<'_>, mode: Mode) -> Result<Vec<JobIssue>, JobError> {
    let state = job.state.map(|bytes| JobState::parse(bytes, mode)).transpose()?;
    let journal = job.journal.map(|bytes| Journal::parse(bytes, mode)).transpose()?.unwrap_or_default();
    let mut kinds = Vec::new();
    let (known, told) = (state.as_ref().map(|state| state.revision), journal.last_revision());
    match known {
        None if !journal.events.is_empty() => kinds.push(IssueKind::MissingStateWithEvents),
        None => {}
        Some(known) if known > told => kinds.push(IssueKind::StateAheadOfEventLog),
        Some(known) if known < told => kinds.push(IssueKind::EventLogAheadOfState),
        Some(_) => {}
    }
    if job.has_marker {
        kinds.push(IssueKind::PendingMutation);
    }
    if matches!(journal.tail, Tail::Torn { .. }) {
        kinds.push(IssueKind::TornEventLog);
    }
    kinds.sort_unstable();
    Ok(kinds.into_iter().map(|kind| JobIssue { job_id: job.job_id.to_owned(), kind }).collect())
}
