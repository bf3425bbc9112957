//! Settling changes that were interrupted (05 §15.3).

use gait_evidence::job::{JobState, PendingMutation, Recovery};
use gait_gate::mode::Mode;

use super::folder::JobFolder;
use super::journal;
use super::notice::JobNotice;
use crate::error::HostError;
use crate::fs::{PRIVATE, write_replacing};

impl JobFolder {
    /// Completes or takes back the change whose mark is found. Only for whoever holds the lock. A mark, state or journal
    /// that cannot be read is an error and stays as it is.
    pub(super) fn recover(&self, mode: Mode) -> Result<Vec<JobNotice>, HostError> {
        let Some(marker) = self.read_marker(mode)? else { return Ok(Vec::new()) };
        let stored = self.stored_state(mode)?;
        let counts = marker.is_in(&self.read_journal(mode)?);
        if counts {
            // Its writer may have died between writing and syncing it.
            journal::sync(&self.journal)?;
        }
        let revision = marker.event.revision;
        let mut notices = vec![if counts {
            JobNotice::ChangeCompleted { revision }
        } else {
            JobNotice::ChangeTakenBack { revision }
        }];
        notices.extend(self.settle(&marker, stored.as_ref(), counts)?);
        Ok(notices)
    }

    /// Gives the job the state that a mark leads to, then removes the mark. An error leaves the mark for the next command.
    pub(super) fn settle(
        &self,
        marker: &PendingMutation,
        stored: Option<&JobState>,
        counts: bool,
    ) -> Result<Option<JobNotice>, HostError> {
        match marker.recovery(stored, counts) {
            Recovery::Keep => {}
            Recovery::Put(state) => self.write_state(state)?,
            Recovery::Remove => self.remove_state()?,
        }
        Ok(self.unmark())
    }

    pub(super) fn write_state(&self, state: &JobState) -> Result<(), HostError> {
        write_replacing(&self.state, &state.to_file()?, PRIVATE)
    }

    /// Removes the mark of a change that is settled. It can do no more than be settled again if it stays.
    pub(super) fn unmark(&self) -> Option<JobNotice> {
        self.remove_marker().err().map(|error| JobNotice::MarkerKept { reason: error.to_string() })
    }
}
