//! A change of a job, how it is kept while it is under way, and what becomes of one that was interrupted
//! (05 §15.1, §15.3).

use gait_base::json;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::error::JobError;
use super::event::{self, EventDraft, JobEvent};
use super::state::{JobState, MAX_STATE_BYTES};
use super::{journal::Journal, reading};

const SCHEMA_ID: &str = "gait.job.pending_mutation";
const SCHEMA_VERSION: &str = "1.0.0";

/// The largest mark of a mutation that is read, in bytes: it holds two states, indented once more.
pub const MAX_MARKER_BYTES: usize = 4 * MAX_STATE_BYTES;

/// What an operation makes of a state: the next state, and the event that tells how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Mutation {
    /// The state before; none for a new job.
    pub previous: Option<JobState>,
    /// The state after.
    pub updated: JobState,
    /// The event.
    pub event: JobEvent,
}

impl Mutation {
    /// The mutation that makes `change` of a state.
    pub(super) fn of(
        previous: &JobState,
        now: &Timestamp,
        draft: EventDraft<'_>,
        change: impl FnOnce(&mut JobState, &Timestamp),
    ) -> Result<Self, JobError> {
        let now = now.to_utc()?;
        let mut updated = previous.clone();
        change(&mut updated, &now);
        updated.updated_at = now;
        updated.revision = previous.revision.checked_add(1).ok_or(JobError::RevisionExhausted)?;
        Ok(Self { previous: Some(previous.clone()), event: complete(draft, &updated), updated })
    }

    /// The mutation that starts a job.
    pub(super) fn start(updated: JobState, draft: EventDraft<'_>) -> Self {
        Self { previous: None, event: complete(draft, &updated), updated }
    }

    /// The mark that is kept while the mutation is under way in the folder of a job.
    #[must_use]
    pub fn into_marker(self, job_id: &str) -> PendingMutation {
        PendingMutation {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: self.event.created_at,
            job_id: job_id.to_owned(),
            previous_state: self.previous,
            updated_state: self.updated,
            event: self.event,
        }
    }
}

fn complete(draft: EventDraft<'_>, updated: &JobState) -> JobEvent {
    JobEvent {
        schema_id: event::SCHEMA_ID.to_owned(),
        schema_version: event::SCHEMA_VERSION.to_owned(),
        created_at: updated.updated_at,
        job_id: updated.job_id.clone(),
        revision: updated.revision,
        kind: draft.kind.to_owned(),
        actor: draft.actor.to_owned(),
        reason_code: draft.reason_code.to_owned(),
        payload: draft.payload,
    }
}

gait_base::record! {
    /// The mark of a mutation under way, `gait.job.pending_mutation` 1.0.0.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PendingMutation {
        /// `gait.job.pending_mutation`; not checked on reading.
        pub schema_id: String,
        /// `1.0.0`; not checked on reading.
        pub schema_version: String,
        /// When the mutation began.
        pub created_at: Timestamp,
        /// The name of the job's folder.
        pub job_id: String,
        /// The state before; absent for a new job.
        pub previous_state: Option<JobState> => omit,
        /// The state after.
        pub updated_state: JobState,
        /// The event.
        pub event: JobEvent,
    }
}

/// What is to be done with the stored state of a job whose mutation was interrupted. The mark goes afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Recovery<'a> {
    /// It stays as it is.
    Keep,
    /// This one takes its place.
    Put(&'a JobState),
    /// It goes: the job was never submitted.
    Remove,
}

impl PendingMutation {
    /// Reads the mark that lies in the folder of a job.
    ///
    /// # Errors
    /// [`JobError::Malformed`]; [`JobError::ForeignMarker`] when any part of it belongs to another job.
    pub fn parse(bytes: &[u8], job_id: &str, mode: Mode) -> Result<Self, JobError> {
        let marker: Self = json::decode(bytes, reading(mode, MAX_MARKER_BYTES))
            .map_err(|source| JobError::Malformed { what: "pending mutation", line: None, source })?;
        let members = [
            ("job_id", Some(&marker.job_id)),
            ("updated_state", Some(&marker.updated_state.job_id)),
            ("previous_state", marker.previous_state.as_ref().map(|state| &state.job_id)),
            ("event", Some(&marker.event.job_id)),
        ];
        for (member, found) in members {
            if let Some(found) = found.filter(|found| found.trim() != job_id) {
                return Err(JobError::ForeignMarker { job_id: job_id.to_owned(), member, found: found.clone() });
            }
        }
        Ok(marker)
    }

    /// The mark as it is stored.
    ///
    /// # Errors
    /// [`JobError::TooLarge`]; [`JobError::Encode`] when a time has no written form.
    pub fn to_file(&self) -> Result<Vec<u8>, JobError> {
        let bytes = json::to_indented(self)?;
        if bytes.len() > MAX_MARKER_BYTES {
            return Err(JobError::TooLarge { what: "pending mutation", limit: MAX_MARKER_BYTES });
        }
        Ok(bytes)
    }

    /// Whether the event reached the journal, so that the mutation counts.
    #[must_use]
    pub fn is_in(&self, journal: &Journal) -> bool {
        journal.events.iter().any(|event| event.revision == self.event.revision)
    }

    /// What is to be done with the stored state, given whether the mutation counts.
    ///
    /// A mark that is older than a stored stop or cancellation takes nothing back: who stopped a job was told so, and
    /// no leftover may set it to work again (00 D7).
    #[must_use]
    pub fn recovery(&self, stored: Option<&JobState>, counts: bool) -> Recovery<'_> {
        let is_later_end = |stored: &JobState| {
            stored.revision > self.event.revision
                && stored.known_status().is_some_and(super::JobStatus::is_ended_by_person)
        };
        if stored.is_some_and(is_later_end) {
            return Recovery::Keep;
        }
        let wanted = if counts { Some(&self.updated_state) } else { self.previous_state.as_ref() };
        match wanted {
            wanted if wanted == stored => Recovery::Keep,
            Some(wanted) => Recovery::Put(wanted),
            None => Recovery::Remove,
        }
    }
}
