//! The steps of one change, in the order that makes each crash between them harmless (05 §15.1).

use gait_evidence::job::{JobEvent, JobState, Mutation, PendingMutation};
use gait_gate::mode::Mode;

use super::folder::JobFolder;
use super::journal::Appending;
use super::notice::JobNotice;
use crate::error::HostError;
use crate::fs::{PRIVATE, write_replacing};

/// A change that is on disk.
pub(super) struct Committed {
    pub(super) state: JobState,
    pub(super) event: JobEvent,
    pub(super) notices: Vec<JobNotice>,
}

impl JobFolder {
    /// Stores a change. Only for whoever holds the lock. An error means that the change was taken back or, where that
    /// failed too, that its mark is there for the next command to settle.
    pub(super) fn commit(&self, mutation: Mutation, mode: Mode) -> Result<Committed, HostError> {
        let marker = mutation.into_marker(&self.job_id);
        // All that may be refused comes before the first write.
        let (mark, state) = (marker.to_file()?, marker.updated_state.to_file()?);
        let line = marker.event.to_line()?;
        let journal = Appending::open(&self.journal, &line, mode)?;
        write_replacing(&self.marker, &mark, PRIVATE)?;
        if let Err(error) = write_replacing(&self.state, &state, PRIVATE) {
            self.withdraw(&marker, mode);
            return Err(error);
        }
        let torn = match journal.append(&line) {
            Ok(torn) => torn,
            Err(error) => {
                self.withdraw(&marker, mode);
                return Err(error);
            }
        };
        let mended = torn.map(|bytes| JobNotice::JournalMended { bytes });
        let notices = mended.into_iter().chain(self.unmark()).collect();
        let PendingMutation { updated_state, event, .. } = marker;
        Ok(Committed { state: updated_state, event, notices })
    }

    /// Takes a change back whose event did not reach the journal. Where it did, or the machine fails again, the mark stays:
    /// the next command looks at the journal anew.
    fn withdraw(&self, marker: &PendingMutation, mode: Mode) {
        let Ok(journal) = self.read_journal(mode) else { return };
        if marker.is_in(&journal) {
            return;
        }
        let Ok(stored) = self.stored_state(mode) else { return };
        let _ = self.settle(marker, stored.as_ref(), false);
    }
}
