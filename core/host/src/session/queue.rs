//! Appends that wait, and who of the waiting threads writes for all.
//!
//! One thread leads: it takes the lock between processes, writes what waits with one write and one sync, and hands out the
//! answers. What comes meanwhile is the next batch. The lock is handed from leader to leader for a while, and then given
//! back for long enough that other processes get their turn.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gait_evidence::session::{Event, EventDraft};

use super::error::SessionFault;
use super::repair::Repair;
use crate::fs::FileLock;

/// How long the threads of one process pass the lock among themselves.
const HOLD: Duration = Duration::from_millis(50);

/// How long they leave it alone after that.
const REST: Duration = Duration::from_millis(5);

/// Events that were appended, and what was mended before.
pub(super) type Answer = Result<(Vec<Event>, Vec<Repair>), SessionFault>;

type Slot = Mutex<Option<Answer>>;

/// Appends of one caller, which succeed or fail together.
pub(super) struct Waiting {
    pub(super) drafts: Vec<EventDraft>,
    answer: Arc<Slot>,
}

/// The lock between processes, and since when it is ours.
pub(super) struct Held {
    lock: FileLock,
    since: Instant,
}

#[derive(Default)]
pub(super) struct Queue {
    line: Mutex<Line>,
    turn: Condvar,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    led: bool,
    held: Option<Held>,
    /// The lock was given back although more was waiting.
    resting: bool,
}

impl Queue {
    /// Waits until the events are appended. `lock` takes the lock; `commit` writes a batch under it and answers each.
    pub(super) fn submit(
        &self,
        drafts: Vec<EventDraft>,
        lock: impl Fn() -> Result<FileLock, SessionFault>,
        commit: impl Fn(&mut [Waiting]) -> Result<Vec<Answer>, SessionFault>,
    ) -> Answer {
        let slot = Arc::new(Slot::default());
        let mut line = self.line();
        line.waiting.push(Waiting { drafts, answer: Arc::clone(&slot) });
        loop {
            if let Some(answer) = filled(&slot).take() {
                return answer;
            }
            if line.led {
                line = self.turn.wait(line).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // Nobody leads, so that this append still waits: it is part of the batch.
            line.led = true;
            let held = line.held.take();
            let rest = std::mem::take(&mut line.resting);
            let batch = std::mem::take(&mut line.waiting);
            drop(line);
            let lead = Lead { queue: self, batch, held };
            if rest {
                std::thread::sleep(REST);
            }
            lead.run(&lock, &commit);
            line = self.line();
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The leadership over one batch. Ends with an answer for everyone, even if the leader panics.
struct Lead<'q> {
    queue: &'q Queue,
    batch: Vec<Waiting>,
    held: Option<Held>,
}

impl Lead<'_> {
    fn run(
        mut self,
        lock: &impl Fn() -> Result<FileLock, SessionFault>,
        commit: &impl Fn(&mut [Waiting]) -> Result<Vec<Answer>, SessionFault>,
    ) {
        let answers = match self.held {
            Some(_) => commit(&mut self.batch),
            None => lock().and_then(|lock| {
                self.held = Some(Held { lock, since: Instant::now() });
                commit(&mut self.batch)
            }),
        };
        match answers {
            Ok(answers) => {
                for (waiting, answer) in self.batch.iter().zip(answers) {
                    *filled(&waiting.answer) = Some(answer);
                }
            }
            Err(fault) if self.batch.len() == 1 => {
                if let Some(waiting) = self.batch.first() {
                    *filled(&waiting.answer) = Some(Err(fault));
                }
            }
            Err(fault) => {
                let fault = Arc::new(fault);
                for waiting in &self.batch {
                    *filled(&waiting.answer) = Some(Err(SessionFault::Shared(Arc::clone(&fault))));
                }
            }
        }
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        for waiting in &self.batch {
            filled(&waiting.answer).get_or_insert_with(|| Err(SessionFault::Abandoned));
        }
        let mut line = self.queue.line();
        let passes_on = |held: &Held| !line.waiting.is_empty() && held.since.elapsed() < HOLD;
        let (kept, returned) = match self.held.take() {
            Some(held) if passes_on(&held) => (Some(held), None),
            held => (None, held),
        };
        line.resting = returned.is_some() && !line.waiting.is_empty();
        line.held = kept;
        if let Some(held) = returned {
            // Given back before the next leader may ask for it.
            held.lock.release();
        }
        line.led = false;
        drop(line);
        self.queue.turn.notify_all();
    }
}

fn filled(slot: &Slot) -> MutexGuard<'_, Option<Answer>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
