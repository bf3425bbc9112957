//! Appending events (04 §7.6).

use gait_base::time::Timestamp;
use gait_evidence::session::{Event, EventDraft, Line, SessionError};

use super::error::SessionFault;
use super::journal::{Journal, Purpose};
use super::queue::{Answer, Waiting};
use super::repair::Repair;
use super::{DEFAULT_PRODUCER_VERSION, Session};

/// An event that was appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// The event, with its number and time.
    pub event: Event,
    /// What was mended before.
    pub repairs: Vec<Repair>,
}

/// Events that were appended together.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendedAll {
    /// The events, numbered without a gap.
    pub events: Vec<Event>,
    /// What was mended before.
    pub repairs: Vec<Repair>,
}

impl Session {
    /// Appends an event, together with those that other threads append meanwhile. It is on disk when this returns (with
    /// the `swarm` settings: handed to the operating system).
    ///
    /// # Errors
    /// [`SessionFault`]: contention, no journal, one that cannot be read or written. The event is then not in it, unless
    /// the machine failed in a way that does not let us know.
    pub fn append(&self, event: EventDraft) -> Result<Appended, SessionFault> {
        let AppendedAll { events, repairs } = self.append_all(vec![event])?;
        let event = events.into_iter().next().ok_or(SessionFault::Abandoned)?;
        Ok(Appended { event, repairs })
    }

    /// Appends several events with one write, all or none.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn append_all(&self, events: Vec<EventDraft>) -> Result<AppendedAll, SessionFault> {
        let drafts: Vec<_> = events.into_iter().map(EventDraft::normalized).collect();
        if drafts.is_empty() {
            return Ok(AppendedAll { events: Vec::new(), repairs: Vec::new() });
        }
        let (events, repairs) = self.queue.submit(drafts, || self.lock(), |batch| self.commit(batch))?;
        Ok(AppendedAll { events, repairs })
    }

    /// Writes a batch. For whoever holds the lock.
    fn commit(&self, batch: &mut [Waiting]) -> Result<Vec<Answer>, SessionFault> {
        let mut journal = self.journal();
        let now = self.settings.clock.now().to_utc()?;
        let answers = self.write(&mut journal, batch, now)?;
        self.save_state(&mut journal);
        let mut repairs = journal.take_repairs();
        let mended = |answer: Answer| answer.map(|(events, _)| (events, std::mem::take(&mut repairs)));
        Ok(answers.into_iter().map(mended).collect())
    }

    fn write(&self, journal: &mut Journal, batch: &mut [Waiting], now: Timestamp) -> Result<Vec<Answer>, SessionFault> {
        let known = journal.refresh(&now, Purpose::Write)?;
        let state = &known.state;
        let producer = [self.settings.producer_version.as_str(), state.producer_version.as_str()];
        let producer = producer.into_iter().find(|version| !version.trim().is_empty()).unwrap_or_default();
        let producer = if producer.is_empty() { DEFAULT_PRODUCER_VERSION } else { producer }.to_owned();
        let mut bytes = Vec::new();
        let mut next = state.next_sequence()?;
        let mut number = |drafts: Vec<EventDraft>| -> Answer {
            let (start, mut sequence) = (bytes.len(), next);
            let mut events = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let following = sequence.checked_add(1).ok_or(SessionError::SequenceExhausted);
                let event = draft.into_event(&state.session_id, &state.run_id, sequence, now, &producer);
                let written = following.and_then(|following| {
                    Line::Event(&event).write_to(&mut bytes)?;
                    Ok(following)
                });
                match written {
                    Ok(following) => sequence = following,
                    Err(error) => {
                        bytes.truncate(start);
                        return Err(error.into());
                    }
                }
                events.push(event);
            }
            next = sequence;
            Ok((events, Vec::new()))
        };
        let answers: Vec<Answer> =
            batch.iter_mut().map(|waiting| number(std::mem::take(&mut waiting.drafts))).collect();
        let appended: usize =
            answers.iter().filter_map(|answer| answer.as_ref().ok()).map(|(events, _)| events.len()).sum();
        if appended == 0 {
            return Ok(answers);
        }
        let known = journal.append(&bytes, !self.settings.lock.swarm)?;
        known.changed(|state| {
            state.updated_at = now;
            state.producer_version = producer;
            state.last_sequence = next - 1;
            state.event_count = state.event_count.saturating_add(i64::try_from(appended).unwrap_or(i64::MAX));
        });
        Ok(answers)
    }
}
