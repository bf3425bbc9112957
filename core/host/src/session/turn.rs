//! Turns: so that the lock goes round instead of to the busiest.
//!
//! A process that appends without a pause would take its lock again before any that waits has looked. So each of ours waits
//! for its turn first, an advisory lock on the journal itself, and keeps it until it has the lock: whoever has just given
//! the lock back finds the turn taken. Turns only order those that wait; what they must not do together the lock forbids.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::journal::open;

/// The pause between two looks; the first are shorter.
const LONGEST_PAUSE: Duration = Duration::from_millis(1);
const SHORTEST_PAUSE: Duration = Duration::from_micros(50);

/// The turn to wait for the lock, until dropped.
pub(super) struct Turn {
    _journal: File,
}

impl Turn {
    /// Waits for the turn. Nothing comes of it where there is no journal yet, or no such lock; then the lock must do alone,
    /// as it must when the turn does not come in time.
    pub(super) fn take(journal: &Path, timeout: Duration) -> Option<Self> {
        let file = open(journal).ok()?;
        let started = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Some(Self { _journal: file }),
                Err(Errno::WOULDBLOCK | Errno::INTR) if started.elapsed() < timeout => std::thread::sleep(pause),
                Err(_) => return None,
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}
