//! Starting a session (04 §7.6).

use std::borrow::Cow;
use std::path::Path;

use gait_base::time::Timestamp;
use gait_evidence::session::{Header, JOURNAL_SCHEMA, Line, SCHEMA_VERSION, SessionError, Status};

use super::error::SessionFault;
use super::journal::{Journal, Purpose};
use super::repair::Repair;
use super::{DEFAULT_PRODUCER_VERSION, Session};
use crate::error::HostError;
use crate::fs::{PRIVATE, Staged, exists};

/// A session that was started, now or before.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// What is known about it.
    pub status: Status,
    /// What was mended before.
    pub repairs: Vec<Repair>,
}

impl Session {
    /// Starts the session: makes its journal, or finds that it is this session's. The ids are trimmed.
    ///
    /// # Errors
    /// [`SessionFault::Session`] for a blank id, a journal of another session or run, or one that cannot be read (a torn
    /// line included); [`SessionFault::Empty`] for one without any line, unless in strict mode; contention.
    pub fn start(&self, session_id: &str, run_id: &str) -> Result<Started, SessionFault> {
        let (session_id, run_id) = (session_id.trim(), run_id.trim());
        if session_id.is_empty() || run_id.is_empty() {
            return Err(SessionError::IdsRequired.into());
        }
        let lock = self.lock()?;
        let mut journal = self.journal();
        let now = self.settings.clock.now().to_utc()?;
        let begun = exists(&self.path)? && self.has_begun(&mut journal, &now, session_id, run_id)?;
        if !begun {
            self.begin(session_id, run_id, now)?;
            journal.forget();
        }
        // A line that is whole but for its newline counts; the next append closes it.
        let status = journal.refresh(&now, Purpose::Read)?.state.status()?;
        journal.save_state();
        let repairs = journal.take_repairs();
        drop(journal);
        lock.release();
        Ok(Started { status, repairs })
    }

    /// Whether the journal that is there is that of this session. A file that holds nothing whole is none.
    fn has_begun(
        &self,
        journal: &mut Journal,
        now: &Timestamp,
        session_id: &str,
        run_id: &str,
    ) -> Result<bool, SessionFault> {
        let size = std::fs::metadata(&self.path).map_or(0, |found| found.len());
        let reader = match journal.scan(|_| {}) {
            Err(SessionFault::Session(SessionError::Torn { offset: 0, .. })) => {
                // The header itself was cut off: mending removes the file.
                return match journal.refresh(now, Purpose::Write) {
                    Err(SessionFault::Session(SessionError::HeaderMissing)) => Ok(false),
                    mended => mended.map(|_| true),
                };
            }
            reader => reader?,
        };
        match reader.header() {
            Some(header) if header.session_id == session_id && header.run_id == run_id => Ok(true),
            Some(_) => Err(SessionError::OtherSession.into()),
            None if size > 0 => Err(SessionError::HeaderMissing.into()),
            None if self.settings.mode.is_strict() => {
                remove(&self.path)?;
                Ok(false)
            }
            None => Err(SessionFault::Empty(self.path.clone())),
        }
    }

    /// Makes the journal, so that nobody ever sees it without its header.
    fn begin(&self, session_id: &str, run_id: &str, now: Timestamp) -> Result<(), SessionFault> {
        let producer = self.settings.producer_version.trim();
        let header = Header {
            schema_id: Cow::Borrowed(JOURNAL_SCHEMA),
            schema_version: Cow::Borrowed(SCHEMA_VERSION),
            created_at: now,
            producer_version: if producer.is_empty() { DEFAULT_PRODUCER_VERSION } else { producer }.to_owned(),
            session_id: session_id.to_owned(),
            run_id: run_id.to_owned(),
            started_at: now,
            events: Some(Vec::new()),
            checkpoints: Vec::new(),
        };
        let mut bytes = Vec::new();
        Line::Header(&header).write_to(&mut bytes)?;
        if Staged::prepare(&self.path, &bytes, PRIVATE)?.place()? {
            Ok(())
        } else {
            Err(HostError::Exists { path: self.path.clone() }.into())
        }
    }
}

fn remove(path: &Path) -> Result<(), HostError> {
    std::fs::remove_file(path).map_err(|source| HostError::io("remove empty session journal", path, source))
}
