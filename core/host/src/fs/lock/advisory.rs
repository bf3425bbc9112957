//! The advisory lock on `<lock>.os`: held by one of us at a time, given back by the operating system at death.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::{remove_if_same, same_file, suffixed};

/// How often a file that its last holder just removed is opened anew before the usual pause.
const REOPENINGS: usize = 8;

/// More than any note is long.
const NOTE_LIMIT: u64 = 1024;

/// What came of an attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    /// Ours.
    Held(Advisory),
    /// Somebody else's.
    Busy,
    /// This folder or file system has none: the lock file must do alone.
    Unavailable,
}

impl Attempt {
    pub(super) fn held_mut(&mut self) -> Option<&mut Advisory> {
        match self {
            Self::Held(advisory) => Some(advisory),
            Self::Busy | Self::Unavailable => None,
        }
    }

    pub(super) fn into_held(self) -> Option<Advisory> {
        match self {
            Self::Held(advisory) => Some(advisory),
            Self::Busy | Self::Unavailable => None,
        }
    }
}

/// The advisory lock, held until dropped.
#[derive(Debug)]
pub(super) struct Advisory {
    path: PathBuf,
    file: File,
    /// What the previous holder wrote: the lock file that it made and, if this is still there, died with.
    note: String,
    /// Whether nothing was ever written into the file.
    is_fresh: bool,
}

impl Advisory {
    pub(super) fn attempt(lock: &Path) -> Attempt {
        let path = suffixed(lock, ".os");
        for _ in 0..REOPENINGS {
            let opened = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(crate::fs::PRIVATE)
                .custom_flags(open_flags())
                .open(&path);
            let Ok(mut file) = opened else { return Attempt::Unavailable };
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Attempt::Busy,
                Err(_) => return Attempt::Unavailable,
            }
            // The last holder removes the file before it lets go: a lock on a removed file excludes nobody.
            let (Ok(ours), Ok(found)) = (file.metadata(), std::fs::symlink_metadata(&path)) else { continue };
            if !same_file(&ours, &found) {
                continue;
            }
            if !ours.is_file() || ours.nlink() != 1 {
                // Not a file of ours: a link planted here would let the note overwrite another file.
                return Attempt::Unavailable;
            }
            let mut note = String::new();
            if (&mut file).take(NOTE_LIMIT).read_to_string(&mut note).is_err() {
                note.clear();
            }
            return Attempt::Held(Self { path, file, note, is_fresh: ours.len() == 0 });
        }
        Attempt::Busy
    }

    /// Whether the previous holder made this lock file, on this machine, and so must have died with it.
    pub(super) fn names(&self, lock: &Metadata) -> bool {
        !self.note.is_empty() && self.note == description(lock)
    }

    /// Notes which file becomes the lock file. A failure costs only the quick recovery.
    pub(super) fn note(&mut self, lock: &Metadata) {
        let note = description(lock);
        // A file that was cut to nothing is written out when it is closed, by some file systems, so that a fresh one is not.
        let emptied = if self.is_fresh { Ok(()) } else { self.file.set_len(0) };
        let _ = emptied.and_then(|()| self.file.write_all_at(note.as_bytes(), 0));
        self.is_fresh = false;
    }
}

impl Drop for Advisory {
    fn drop(&mut self) {
        if let Ok(ours) = self.file.metadata() {
            remove_if_same(&self.path, &ours);
        }
        // Explicitly, because a child that is just being started may still share the open file.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn open_flags() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

/// A lock file told apart from any other, before and after: machine, device, inode and the time of its last change.
fn description(lock: &Metadata) -> String {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    format!("{machine} {} {} {}.{:09}\n", lock.dev(), lock.ino(), lock.mtime(), lock.mtime_nsec())
}
