//! A document that threads and processes change together, one write for all that wait.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use gait_gate::mode::Mode;
use gait_gate::state::StateError;

use crate::error::HostError;
use crate::fs::{FileIdentity, FileLock, LockProfile, PRIVATE, create_folder, read_regular, write_atomic};

/// What lies in such a file.
pub(super) trait Document: Sized + Send {
    /// What is asked of it.
    type Change: Send;
    /// What it answers.
    type Answer: Send;
    /// The lock under which it is changed.
    const LOCK: LockProfile;
    /// Larger than any, in bytes.
    const LIMIT: u64;

    /// What a missing file stands for.
    fn empty(mode: Mode) -> Self;

    /// Reads the file.
    fn parse(bytes: &[u8], mode: Mode) -> Result<Self, StateError>;

    /// What is written.
    fn to_file(&self) -> Result<Vec<u8>, StateError>;

    /// Answers, and tells whether the document is another one now. An error leaves it as it was.
    fn apply(&mut self, change: &Self::Change) -> Result<(Self::Answer, bool), StateError>;
}

/// The file, and the threads that want to change it.
///
/// One thread leads: it takes the lock between processes, applies what waits in the order in which it came, writes and syncs
/// once, and hands out the answers. What comes meanwhile waits for the next leader. No answer is given before it is
/// on disk.
pub(super) struct SharedFile<D: Document> {
    path: PathBuf,
    /// Made when missing.
    folder: Option<PathBuf>,
    mode: Mode,
    queue: Mutex<Queue<D>>,
    turn: Condvar,
    kept: Mutex<Option<Kept<D>>>,
}

struct Queue<D: Document> {
    waiting: Vec<Waiting<D>>,
    led: bool,
}

struct Waiting<D: Document> {
    change: D::Change,
    answer: Arc<Slot<D>>,
}

type Slot<D> = Mutex<Option<Result<<D as Document>::Answer, StateError>>>;

/// The document as it was read or written last.
struct Kept<D> {
    /// The file that holds it; `None` when its content must be compared.
    identity: Option<FileIdentity>,
    /// The content of that file; `None` when there was none.
    bytes: Option<Vec<u8>>,
    document: D,
}

impl<D: Document> SharedFile<D> {
    /// A file at a path, in a folder that must exist unless it is `folder`, which is made. Nothing is opened yet.
    pub(super) fn new(path: PathBuf, folder: Option<PathBuf>, mode: Mode) -> Self {
        let queue = Mutex::new(Queue { waiting: Vec::new(), led: false });
        Self { path, folder, mode, queue, turn: Condvar::new(), kept: Mutex::new(None) }
    }

    /// Applies one change, together with those of other threads, and answers once it is on disk.
    pub(super) fn submit(&self, change: D::Change) -> Result<D::Answer, StateError> {
        let slot = Arc::new(Slot::<D>::default());
        let mut queue = self.queue();
        queue.waiting.push(Waiting { change, answer: Arc::clone(&slot) });
        loop {
            if let Some(answer) = filled(&slot).take() {
                return answer;
            }
            if queue.led {
                queue = self.turn.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // Nobody leads, so that this change still waits: it is part of the batch.
            queue.led = true;
            let batch = std::mem::take(&mut queue.waiting);
            drop(queue);
            Lead { file: self, batch }.run();
            queue = self.queue();
        }
    }

    /// Applies changes to what the file holds now. An error means that none of them is on disk.
    fn commit(&self, batch: &[Waiting<D>]) -> Result<Vec<Result<D::Answer, StateError>>, StateError> {
        let failed = |error: HostError| StateError::of(&error);
        let lock = self.lock().map_err(failed)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that nothing is kept that may differ from the file when something fails below.
        let mut current = self.load(kept.take())?;
        let mut changed = false;
        let mut apply = |waiting: &Waiting<D>| {
            let (answer, did_change) = current.document.apply(&waiting.change)?;
            changed |= did_change;
            Ok(answer)
        };
        let answers = batch.iter().map(&mut apply).collect();
        if changed {
            let bytes = current.document.to_file()?;
            write_atomic(&self.path, &bytes, PRIVATE).map_err(failed)?;
            current.identity = None;
            current.bytes = Some(bytes);
        }
        *kept = Some(current);
        lock.release();
        Ok(answers)
    }

    fn lock(&self) -> Result<FileLock, HostError> {
        let first = FileLock::beside(&self.path, &D::LOCK);
        match (first, &self.folder) {
            // Made only when it turns out to be missing: it hardly ever is.
            (Err(HostError::CounterLock { .. } | HostError::Io { .. }), Some(folder)) => {
                create_folder(folder)?;
                FileLock::beside(&self.path, &D::LOCK)
            }
            (first, _) => first,
        }
    }

    /// What the file holds, under the lock; parsed again only if it is not what is kept.
    fn load(&self, kept: Option<Kept<D>>) -> Result<Kept<D>, StateError> {
        let failed = |error: HostError| StateError::of(&error);
        let found = FileIdentity::at(&self.path).map_err(failed)?;
        if found.is_none() {
            return Ok(Kept { identity: None, bytes: None, document: D::empty(self.mode) });
        }
        let kept = match kept {
            Some(kept) if kept.identity == found => return Ok(kept),
            kept => kept,
        };
        let (bytes, identity) = read_regular(&self.path, D::LIMIT).map_err(failed)?;
        let identity = identity.is_settled().then_some(identity);
        match kept {
            Some(kept) if kept.bytes.as_ref() == Some(&bytes) => Ok(Kept { identity, ..kept }),
            _ => Ok(Kept { identity, document: D::parse(&bytes, self.mode)?, bytes: Some(bytes) }),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<D>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The leadership over one batch. Ends with an answer for everyone, even if the leader panics.
struct Lead<'a, D: Document> {
    file: &'a SharedFile<D>,
    batch: Vec<Waiting<D>>,
}

impl<D: Document> Lead<'_, D> {
    fn run(self) {
        match self.file.commit(&self.batch) {
            Ok(answers) => {
                for (waiting, answer) in self.batch.iter().zip(answers) {
                    *filled(&waiting.answer) = Some(answer);
                }
            }
            Err(error) => {
                for waiting in &self.batch {
                    *filled(&waiting.answer) = Some(Err(error.clone()));
                }
            }
        }
    }
}

impl<D: Document> Drop for Lead<'_, D> {
    fn drop(&mut self) {
        for waiting in &self.batch {
            filled(&waiting.answer).get_or_insert_with(|| Err(StateError::abandoned()));
        }
        self.file.queue().led = false;
        self.file.turn.notify_all();
    }
}

fn filled<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
