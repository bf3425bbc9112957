//! Compaction: a journal without the events that its checkpoints cover (04 §7.6).

use gait_gate::mode::Mode;
use std::io::BufRead;

use super::document::{Checkpoint, Event};
use super::error::SessionError;
use super::journal::{JournalReader, Line, Record};

/// What is left of a journal, and what was there.
#[derive(Clone, Debug, PartialEq)]
pub struct Compaction {
    /// The compacted journal.
    pub bytes: Vec<u8>,
    /// How many events there were.
    pub events_before: i64,
    /// How many are left.
    pub events_after: i64,
    /// How many checkpoints there are; all are kept.
    pub checkpoints: i64,
    /// The last event that a checkpoint covers; 0 without checkpoints.
    pub last_checkpoint_sequence: i64,
}

impl Compaction {
    /// Compacts a journal: its header, all checkpoints, and the events after the last of them, each written anew.
    ///
    /// # Errors
    /// What is wrong with the journal; [`SessionError::HeaderMissing`]; [`SessionError::Encode`].
    pub fn of(source: impl BufRead, mode: Mode) -> Result<Self, SessionError> {
        let mut reader = JournalReader::new(mode);
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        let mut events: Vec<Event> = Vec::new();
        let mut events_before = 0;
        reader.read_all(source, |record| match record {
            Record::Header(_) => {}
            Record::Event(event) => {
                events_before += 1;
                events.push(*event);
            }
            Record::Checkpoint(checkpoint) => {
                events.retain(|event| event.sequence > checkpoint.sequence_end);
                checkpoints.push(*checkpoint);
            }
        })?;
        let mut header = reader.header().ok_or(SessionError::HeaderMissing)?.clone();
        header.created_at = header.created_at.to_utc()?;
        header.started_at = header.started_at.to_utc()?;
        header.events = None;
        header.checkpoints.clear();

        let mut bytes = Vec::new();
        Line::Header(&header).write_to(&mut bytes)?;
        for checkpoint in &checkpoints {
            Line::Checkpoint(checkpoint).write_to(&mut bytes)?;
        }
        for event in &events {
            Line::Event(event).write_to(&mut bytes)?;
        }
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        Ok(Self {
            bytes,
            events_before,
            events_after: count(events.len()),
            checkpoints: count(checkpoints.len()),
            last_checkpoint_sequence: checkpoints.last().map_or(0, |last| last.sequence_end),
        })
    }
}
