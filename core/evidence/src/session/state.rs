//! What an appender must know of a journal without reading it (04 §7.5).

use std::borrow::Cow;

use gait_base::json::{self, EncodeError, Reading};
use gait_base::record;
use gait_base::time::Timestamp;

use super::document::{SCHEMA_VERSION, STATE_SCHEMA};
use super::error::SessionError;
use super::journal::Progress;
use crate::runpack::DEFAULT_PRODUCER_VERSION;

record! {
    /// The file beside a journal: a cache that counts only as long as it names the journal's very size.
    #[derive(Clone, Debug, PartialEq)]
    pub struct State {
        /// [`STATE_SCHEMA`].
        pub schema_id: Cow<'static, str>,
        /// [`SCHEMA_VERSION`].
        pub schema_version: Cow<'static, str>,
        /// When it was written.
        pub updated_at: Timestamp,
        /// Version of the program that last wrote to the journal.
        pub producer_version: String,
        /// The session.
        pub session_id: String,
        /// The run.
        pub run_id: String,
        /// When the journal was made.
        pub created_at: Timestamp,
        /// When the session began.
        pub started_at: Timestamp,
        /// How many events the journal holds.
        pub event_count: i64,
        /// The number of the last event, in the journal or compacted away.
        pub last_sequence: i64,
        /// How many checkpoints the journal holds.
        pub checkpoint_count: i64,
        /// The number of the last checkpoint; 0 before the first.
        pub last_checkpoint_index: i64,
        /// The last event that a checkpoint covers; 0 before the first.
        pub last_checkpoint_sequence: i64,
        /// The digest of the last checkpoint.
        pub last_checkpoint_digest: String => omit,
        /// The size of the journal that all this is true of, in bytes.
        pub journal_size_bytes: i64,
    }
}

record! {
    /// What is told about a session.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Status {
        /// The session.
        pub session_id: String,
        /// The run.
        pub run_id: String,
        /// When the journal was made, UTC.
        pub created_at: Timestamp,
        /// When the session began, UTC.
        pub started_at: Timestamp,
        /// How many events the journal holds.
        pub event_count: i64,
        /// How many checkpoints the journal holds.
        pub checkpoint_count: i64,
        /// The number of the last event.
        pub last_sequence: i64,
    }
}

impl State {
    /// The state in a file, if it counts for a journal of this size.
    #[must_use]
    pub fn trusted(bytes: &[u8], journal_size_bytes: i64) -> Option<Self> {
        let state: Self = json::decode(bytes, Reading::COMPAT).ok()?;
        let counters = [
            state.event_count,
            state.checkpoint_count,
            state.last_sequence,
            state.last_checkpoint_sequence,
            state.journal_size_bytes,
        ];
        let valid = state.schema_id == STATE_SCHEMA
            && state.schema_version == SCHEMA_VERSION
            && !state.session_id.trim().is_empty()
            && !state.run_id.trim().is_empty()
            && counters.iter().all(|&counter| counter >= 0);
        (valid && state.journal_size_bytes == journal_size_bytes).then_some(state)
    }

    pub(super) fn rebuild(progress: &Progress, size: i64, now: &Timestamp) -> Result<Self, SessionError> {
        let or = |time: &Timestamp, other: &Timestamp| match (time.is_zero(), other.is_zero()) {
            (false, _) => time.to_utc(),
            (true, false) => other.to_utc(),
            (true, true) => now.to_utc(),
        };
        let producer = progress.producer_version.trim();
        Ok(Self {
            schema_id: Cow::Borrowed(STATE_SCHEMA),
            schema_version: Cow::Borrowed(SCHEMA_VERSION),
            updated_at: now.to_utc()?,
            producer_version: if producer.is_empty() { DEFAULT_PRODUCER_VERSION } else { producer }.to_owned(),
            session_id: progress.session_id.clone(),
            run_id: progress.run_id.clone(),
            created_at: or(&progress.created_at, &progress.started_at)?,
            started_at: or(&progress.started_at, &progress.created_at)?,
            event_count: progress.events,
            last_sequence: progress.last_sequence,
            checkpoint_count: progress.checkpoints,
            last_checkpoint_index: progress.last_index,
            last_checkpoint_sequence: progress.last_end,
            last_checkpoint_digest: progress.last_digest.clone(),
            journal_size_bytes: size,
        })
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            session_id: self.session_id.clone(),
            run_id: self.run_id.clone(),
            producer_version: self.producer_version.clone(),
            created_at: self.created_at,
            started_at: self.started_at,
            events: self.event_count,
            checkpoints: self.checkpoint_count,
            last_sequence: self.last_sequence.max(self.last_checkpoint_sequence),
            last_index: self.last_checkpoint_index,
            last_end: self.last_checkpoint_sequence,
            last_digest: self.last_checkpoint_digest.clone(),
        }
    }

    /// The number of the next event. Never one that a checkpoint covers, whatever wrote the state.
    ///
    /// # Errors
    /// [`SessionError::SequenceExhausted`].
    pub fn next_sequence(&self) -> Result<i64, SessionError> {
        let last = self.last_sequence.max(self.last_checkpoint_sequence);
        last.checked_add(1).ok_or(SessionError::SequenceExhausted)
    }

    /// What is told about the session.
    ///
    /// # Errors
    /// [`SessionError::Time`].
    pub fn status(&self) -> Result<Status, SessionError> {
        Ok(Status {
            session_id: self.session_id.clone(),
            run_id: self.run_id.clone(),
            created_at: self.created_at.to_utc()?,
            started_at: self.started_at.to_utc()?,
            event_count: self.event_count,
            checkpoint_count: self.checkpoint_count,
            last_sequence: self.last_sequence,
        })
    }

    /// The content of the file.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        json::to_indented(self)
    }
}
