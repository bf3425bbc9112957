//! Mending the numbers that older compactions started anew (00 D7).

use std::io::BufRead;

use gait_gate::mode::Mode;

use super::error::SessionError;
use super::journal::{JournalReader, Line, Record};

/// A journal whose events are numbered through again.
#[derive(Clone, Debug, PartialEq)]
pub struct Renumbering {
    /// The mended journal.
    pub bytes: Vec<u8>,
    /// How many events got another number.
    pub events: i64,
}

impl Renumbering {
    /// Mends a journal in which the events after the last checkpoint begin with 1 again: a tool that took the number of the
    /// next event from the events alone wrote it so after it had dropped them all.
    ///
    /// # Errors
    /// Whatever else is wrong with the journal.
    pub fn of(source: impl BufRead, mode: Mode) -> Result<Self, SessionError> {
        let mut reader = JournalReader::mending(mode);
        let mut bytes = Vec::new();
        let mut written = Ok(());
        reader.read_all(source, |record| {
            let line = match &record {
                Record::Header(header) => Line::Header(header),
                Record::Event(event) => Line::Event(event),
                Record::Checkpoint(checkpoint) => Line::Checkpoint(checkpoint),
            };
            if written.is_ok() {
                written = line.write_to(&mut bytes);
            }
        })?;
        written?;
        Ok(Self { bytes, events: reader.renumbered() })
    }
}
