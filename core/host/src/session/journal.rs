//! The journal's file, and what is known of it between two operations (04 §7.5).

use std::fs::{File, Metadata, OpenOptions};
use std::io::{BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gait_base::time::Timestamp;
use gait_evidence::session::{JournalReader, Record, SessionError, State, Tail};
use gait_gate::mode::Mode;
use rustix::fs::OFlags;

use super::error::SessionFault;
use super::repair::{Repair, set_aside};
use super::settings::STATE_INTERVAL;
use super::store_state;
use crate::error::HostError;
use crate::fs::read_limited;

/// The state lies beside the journal under its name with this.
pub(super) const STATE_SUFFIX: &str = ".state.json";

/// Larger than any state.
const STATE_LIMIT: u64 = 1 << 20;

/// The age beyond which an unfinished file is nobody's: a command under another lock may write a copy here.
const LEFT_BEHIND: Duration = Duration::from_secs(60);

/// How much of a journal is read at once.
const BUFFER: usize = 256 << 10;

/// What the file is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Nothing is changed: a torn line is an error.
    Read,
    /// Something will be written: a torn line is mended first.
    Write,
}

/// The file, and what it was found to hold.
pub(super) struct Journal {
    path: PathBuf,
    mode: Mode,
    known: Option<Known>,
    repairs: Vec<Repair>,
    saved: Instant,
}

/// A file that was looked at. True as long as it is the one at the path, with the size that the state names.
pub(super) struct Known {
    pub(super) file: File,
    pub(super) state: State,
    /// Whether it ends with a newline.
    closed: bool,
    /// Whether the state beside it is another one.
    unsaved: bool,
    /// Whether the journal had to be read for the state.
    rebuilt: bool,
}

impl Known {
    fn metadata(&self) -> Option<Metadata> {
        self.file.metadata().ok()
    }

    /// Takes note of a change that is on disk.
    pub(super) fn changed(&mut self, change: impl FnOnce(&mut State)) {
        change(&mut self.state);
        self.unsaved = true;
    }
}

impl Journal {
    pub(super) fn new(path: PathBuf, mode: Mode) -> Self {
        Self { path, mode, known: None, repairs: Vec::new(), saved: Instant::now() }
    }

    /// What the file holds now, for whoever holds the lock.
    pub(super) fn refresh(&mut self, now: &Timestamp, purpose: Purpose) -> Result<&mut Known, SessionFault> {
        let failed = |source| HostError::io("open session journal:", &self.path, source);
        let found = std::fs::metadata(&self.path).map_err(failed)?;
        let mut known = match self.known.take() {
            Some(known) if is_same(&known, &found) => Some(known),
            _ => None,
        };
        if let Some(stale) = known.as_mut()
            && size_of(&found) != stale.state.journal_size_bytes
        {
            // Others have written meanwhile: what is new is read, and if that does not fit, everything.
            known = known.and_then(|stale| read_on(stale, &found, self.mode, now));
        }
        let known = match known {
            Some(known) if known.closed || purpose == Purpose::Read => known,
            _ => self.read(now, purpose)?,
        };
        Ok(self.known.insert(known))
    }

    /// Opens the file, and finds out what it holds.
    fn read(&mut self, now: &Timestamp, purpose: Purpose) -> Result<Known, SessionFault> {
        let mut file = open(&self.path)?;
        let metadata = file.metadata().map_err(|source| self.failed(source))?;
        if !metadata.is_file() {
            return Err(HostError::PathNotAFile { path: self.path.display().to_string() }.into());
        }
        let closed = ends_with_newline(&file, metadata.len()).map_err(|source| self.failed(source))?;
        if (closed || purpose == Purpose::Read)
            && let Ok(bytes) = read_limited(suffixed(&self.path, STATE_SUFFIX), STATE_LIMIT)
            && let Some(state) = State::trusted(&bytes, size_of(&metadata))
        {
            return Ok(Known { file, state, closed, unsaved: false, rebuilt: false });
        }
        self.sweep();
        let mut reader = JournalReader::new(self.mode);
        let tail = reader.read_all(BufReader::with_capacity(BUFFER, &file), |_| {});
        let closed = match (tail, purpose) {
            (Ok(Tail::Closed), _) => true,
            (Ok(Tail::Open), Purpose::Read) => false,
            (Ok(Tail::Open), Purpose::Write) => {
                let closing = file.write_all(b"\n").and_then(|()| file.sync_data());
                closing.map_err(|source| self.failed(source))?;
                self.repairs.push(Repair::Closed);
                true
            }
            (Err(SessionError::Torn { offset, .. }), Purpose::Write) => {
                let repair = set_aside(&mut file, &self.path, offset, now)?;
                self.repairs.push(repair);
                if reader.header().is_none() {
                    // The session never began; whoever starts it finds nothing in the way.
                    std::fs::remove_file(&self.path).map_err(|source| self.failed(source))?;
                    return Err(SessionError::HeaderMissing.into());
                }
                true
            }
            (Err(error), _) => return Err(error.into()),
        };
        let size = file.metadata().map_err(|source| self.failed(source))?;
        let state = reader.state(size_of(&size), now)?;
        Ok(Known { file, state, closed, unsaved: true, rebuilt: true })
    }

    /// Reads all records, each with every check. The journal must be refreshed.
    pub(super) fn scan(&mut self, visit: impl FnMut(Record)) -> Result<JournalReader, SessionFault> {
        let mut reader = JournalReader::new(self.mode);
        reader.read_all(BufReader::with_capacity(BUFFER, open(&self.path)?), visit)?;
        Ok(reader)
    }

    /// Appends bytes that end with a newline, with one write; on disk when this returns, if they are to be synced. If
    /// that fails the file is cut back, and looked at again before it is used.
    pub(super) fn append(&mut self, bytes: &[u8], sync: bool) -> Result<&mut Known, SessionFault> {
        let mut known = self.known.take().ok_or(SessionFault::Abandoned)?;
        let before = known.state.journal_size_bytes;
        let written = known.file.write_all(bytes).and_then(|()| if sync { known.file.sync_data() } else { Ok(()) });
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if let Err(source) = written {
            // Only what was just written is cut off, never what another tool may have added that took the lock from us.
            let ours = known.metadata().is_some_and(|found| size_of(&found) <= before.saturating_add(length));
            if let (true, Ok(before)) = (ours, u64::try_from(before)) {
                let _ = known.file.set_len(before).and_then(|()| known.file.sync_data());
            }
            return Err(self.failed(source).into());
        }
        known.state.journal_size_bytes = before.saturating_add(length);
        known.rebuilt = false;
        Ok(self.known.insert(known))
    }

    /// Forgets what is known of the file.
    pub(super) fn forget(&mut self) {
        self.known = None;
    }

    /// What was mended since this was last asked.
    pub(super) fn take_repairs(&mut self) -> Vec<Repair> {
        std::mem::take(&mut self.repairs)
    }

    pub(super) fn is_unsaved(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.unsaved)
    }

    pub(super) fn is_rebuilt(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.rebuilt && known.unsaved)
    }

    pub(super) fn is_save_due(&self) -> bool {
        self.saved.elapsed() >= STATE_INTERVAL
    }

    /// Whether what is known is still what stands at the path.
    pub(super) fn is_current(&self) -> bool {
        let found = std::fs::metadata(&self.path).ok();
        self.known
            .as_ref()
            .zip(found)
            .is_some_and(|(known, found)| is_same(known, &found) && size_of(&found) == known.state.journal_size_bytes)
    }

    /// Writes the state, if it is another one than that on disk.
    pub(super) fn save_state(&mut self) {
        if let Some(known) = self.known.as_mut().filter(|known| known.unsaved) {
            known.unsaved = !store_state(&self.path, &known.state);
            self.saved = Instant::now();
        }
    }

    /// Removes the unfinished files that killed writers left. Only for whoever holds the lock, under which all write.
    pub(super) fn sweep(&self) {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name().and_then(|name| name.to_str()))
        else {
            return;
        };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let prefixes = [format!(".{name}.tmp-"), format!(".{name}{STATE_SUFFIX}.tmp-")];
        for entry in entries.filter_map(Result::ok) {
            let found = entry.file_name();
            let is_ours =
                found.to_str().is_some_and(|found| prefixes.iter().any(|prefix| found.starts_with(prefix.as_str())));
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
            if is_ours && age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn failed(&self, source: std::io::Error) -> HostError {
        HostError::io("write session journal", &self.path, source)
    }
}

/// Opens a journal for reading and appending. Never waits for the other end of a pipe.
pub(super) fn open(path: &Path) -> Result<File, HostError> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let opened = OpenOptions::new().read(true).append(true).custom_flags(flags).open(path);
    opened.map_err(|source| HostError::io("open session journal:", path, source))
}

/// What is known of a file that has grown; `None` when it did not simply grow.
fn read_on(mut known: Known, found: &Metadata, mode: Mode, now: &Timestamp) -> Option<Known> {
    let from = u64::try_from(known.state.journal_size_bytes).ok()?;
    if !known.closed || found.len() < from {
        return None;
    }
    known.file.seek(SeekFrom::Start(from)).ok()?;
    let mut reader = JournalReader::resume(&known.state, mode);
    let tail = reader.read_all(BufReader::with_capacity(BUFFER, &known.file), |_| {}).ok()?;
    known.closed = tail == Tail::Closed;
    known.state = reader.state(size_of(found), now).ok()?;
    known.unsaved = true;
    Some(known)
}

fn is_same(known: &Known, found: &Metadata) -> bool {
    known.metadata().is_some_and(|ours| (ours.dev(), ours.ino()) == (found.dev(), found.ino()))
}

fn ends_with_newline(file: &File, size: u64) -> std::io::Result<bool> {
    let Some(last) = size.checked_sub(1) else { return Ok(true) };
    let mut byte = [0];
    match file.read_exact_at(&mut byte, last) {
        Ok(()) => Ok(byte == *b"\n"),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn size_of(metadata: &Metadata) -> i64 {
    i64::try_from(metadata.len()).unwrap_or(i64::MAX)
}

/// A path with something after its name.
pub(super) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}
