//! Appending to the journal of a job, and mending its last line (05 §1.5, 00 D7).

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gait_evidence::job::{JobError, MAX_JOURNAL_BYTES, Tail};
use gait_gate::mode::Mode;
use rustix::fs::OFlags;

use crate::error::HostError;
use crate::fs::{FileLock, LockProfile, PRIVATE, sync_folder};

/// The lock of appends, waited for less long than usual: whoever appends to a job holds the job's own lock meanwhile, which
/// counts as forgotten after 30 seconds.
const LOCK: LockProfile = LockProfile { timeout: Duration::from_secs(20), ..LockProfile::APPEND };

/// How much is read at a time when the end of the last whole line is looked for.
const CHUNK: u64 = 64 << 10;

/// A journal open for one event.
pub(super) struct Appending {
    path: PathBuf,
    file: File,
    length: u64,
    tail: Tail,
    _lock: FileLock,
}

impl Appending {
    /// Locks and opens a journal; a missing one is made. Does all that can be refused before anything is written: the
    /// journal must be a regular file, not a link to one, and have room for `line`.
    pub(super) fn open(path: &Path, line: &[u8], mode: Mode) -> Result<Self, HostError> {
        let lock = FileLock::beside(path, &LOCK)?;
        let failed = |source| HostError::io("append to", path, source);
        let mut options = OpenOptions::new();
        options.read(true).append(true).mode(PRIVATE).custom_flags(flags());
        let file = match options.open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = options.create_new(true).open(path).map_err(failed)?;
                path.parent().into_iter().for_each(sync_folder);
                file
            }
            opened => opened.map_err(failed)?,
        };
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(HostError::PathNotAFile { path: path.display().to_string() });
        }
        let length = metadata.len();
        if length.saturating_add(line.len() as u64).saturating_add(2) > MAX_JOURNAL_BYTES {
            let limit = usize::try_from(MAX_JOURNAL_BYTES).unwrap_or(usize::MAX);
            return Err(JobError::TooLarge { what: "job events", limit }.into());
        }
        let tail = Tail::of(&rest(&file, length).map_err(failed)?, mode);
        Ok(Self { path: path.to_path_buf(), file, length, tail, _lock: lock })
    }

    /// Mends the last line, appends one, and returns once it is on disk. Tells how many bytes of a torn line went. When it
    /// fails the journal is cut back to its whole lines.
    pub(super) fn append(mut self, line: &[u8]) -> Result<Option<usize>, HostError> {
        let (whole, torn) = match self.tail {
            Tail::Torn { bytes } => (self.length.saturating_sub(bytes as u64), Some(bytes)),
            Tail::Closed | Tail::Open => (self.length, None),
        };
        let mut bytes = Vec::with_capacity(line.len().saturating_add(2));
        if self.tail == Tail::Open {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
        let cut = if torn.is_some() { self.file.set_len(whole) } else { Ok(()) };
        match cut.and_then(|()| self.file.write_all(&bytes)).and_then(|()| self.file.sync_all()) {
            Ok(()) => Ok(torn),
            Err(source) => {
                let _ = self.file.set_len(whole);
                Err(HostError::io("append to", &self.path, source))
            }
        }
    }
}

/// How a journal ends, for those who only read; a missing one ends well.
pub(super) fn tail(path: &Path, mode: Mode) -> Result<Tail, HostError> {
    let failed = |source| HostError::io("read", path, source);
    let file = match OpenOptions::new().read(true).custom_flags(flags()).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Tail::Closed),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(HostError::PathNotAFile { path: path.display().to_string() });
    }
    Ok(Tail::of(&rest(&file, metadata.len()).map_err(failed)?, mode))
}

/// Brings what other processes wrote into a journal to disk.
pub(super) fn sync(path: &Path) -> Result<(), HostError> {
    let failed = |source| HostError::io("write", path, source);
    OpenOptions::new().append(true).custom_flags(flags()).open(path).and_then(|file| file.sync_all()).map_err(failed)
}

/// What follows the last newline of a file.
fn rest(file: &File, length: u64) -> std::io::Result<Vec<u8>> {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let mut piece = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
        file.read_exact_at(&mut piece, start)?;
        if let Some(at) = piece.iter().rposition(|&byte| byte == b'\n') {
            piece.drain(..=at);
            pieces.push(piece);
            break;
        }
        pieces.push(piece);
        end = start;
    }
    pieces.reverse();
    Ok(pieces.concat())
}

/// Never through a link, and never waiting for the other end of a pipe.
fn flags() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed()
}
