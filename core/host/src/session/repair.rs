//! Repairing journals under the lock: the end that a crash cut off, and numbers that began anew (00 D7).

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gait_base::time::Timestamp;
use gait_evidence::session::{Renumbering, SessionError};

use super::Session;
use super::error::SessionFault;
use super::journal::{Purpose, open, suffixed};
use super::start::Started;
use crate::error::HostError;
use crate::fs::{PRIVATE, sync_folder};

/// How often a free name is looked for.
const NAME_ATTEMPTS: u32 = 1_000;

/// What was mended before something was written. Nothing that was ever acknowledged is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The last line was whole but for its newline, which was added.
    Closed,
    /// The last line was cut off while it was written, and was moved out of the journal.
    SetAside {
        /// How many bytes there were of it.
        bytes: u64,
        /// The file that they are in now.
        to: PathBuf,
    },
    /// Events after a checkpoint whose numbers began anew were numbered on.
    Renumbered {
        /// How many.
        events: i64,
        /// A copy of the journal as it was.
        copy: PathBuf,
    },
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the last line of the journal lacked its newline, which was added"),
            Self::SetAside { bytes, to } => write!(
                f,
                "the last line of the journal was cut off while it was written; its {bytes} bytes were moved to {}",
                to.display()
            ),
            Self::Renumbered { events, copy } => write!(
                f,
                "{events} events after a checkpoint began with number 1 again and were numbered on; the journal as it was \
                 is in {}",
                copy.display()
            ),
        }
    }
}

/// Moves all bytes from an offset on into a file of their own: first they are on disk there, then they go here.
pub(super) fn set_aside(file: &mut File, journal: &Path, offset: u64, now: &Timestamp) -> Result<Repair, HostError> {
    let failed = |source| HostError::io("repair session journal", journal, source);
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let (bytes, to) = keep_rest(file, journal, ".torn", now)?;
    file.set_len(offset).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Repair::SetAside { bytes, to })
}

/// Copies what is left to read of a journal into a new file beside it; on disk when this returns.
fn keep_rest(file: &mut File, journal: &Path, why: &str, now: &Timestamp) -> Result<(u64, PathBuf), HostError> {
    let (mut copy, to) = create_beside(journal, why, now)?;
    let copied = std::io::copy(&mut Read::by_ref(file), &mut copy).and_then(|bytes| copy.sync_all().map(|()| bytes));
    let bytes = copied.map_err(|source| {
        let _ = std::fs::remove_file(&to);
        HostError::io("copy session journal to", &to, source)
    })?;
    if let Some(folder) = to.parent() {
        sync_folder(folder);
    }
    Ok((bytes, to))
}

fn create_beside(journal: &Path, why: &str, now: &Timestamp) -> Result<(File, PathBuf), HostError> {
    let time = now.to_string().replace(['-', ':'], "");
    let named = |attempt: u32| match attempt {
        0 => suffixed(journal, &format!("{why}-{time}")),
        more => suffixed(journal, &format!("{why}-{time}-{more}")),
    };
    for path in (0..NAME_ATTEMPTS).map(named) {
        match OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(HostError::io("copy session journal to", &path, error)),
        }
    }
    Err(HostError::Exists { path: named(0) })
}

impl Session {
    /// Mends what no other operation does by itself: besides a torn line also numbers that an older compaction started
    /// anew. A copy of what was there is kept.
    ///
    /// # Errors
    /// [`SessionFault`]: contention, no journal, or one that is wrong in another way.
    pub fn repair(&self) -> Result<Started, SessionFault> {
        let lock = self.lock()?;
        let mut journal = self.journal();
        let now = self.settings.clock.now().to_utc()?;
        let mut repairs = Vec::new();
        loop {
            let mut file = open(&self.path)?;
            match Renumbering::of(BufReader::new(&file), self.settings.mode) {
                Err(SessionError::Torn { offset, .. }) if offset > 0 => {
                    journal.forget();
                    repairs.push(set_aside(&mut file, &self.path, offset, &now)?);
                }
                Err(error) => return Err(error.into()),
                Ok(mended) if mended.events == 0 => break,
                Ok(mended) => {
                    journal.forget();
                    file.rewind().map_err(|source| HostError::io("read", &self.path, source))?;
                    let (_, copy) = keep_rest(&mut file, &self.path, ".before", &now)?;
                    self.replace(&mended.bytes)?;
                    repairs.push(Repair::Renumbered { events: mended.events, copy });
                    break;
                }
            }
        }
        let status = journal.refresh(&now, Purpose::Write)?.state.status()?;
        repairs.extend(journal.take_repairs());
        journal.save_state();
        drop(journal);
        lock.release();
        Ok(Started { status, repairs })
    }
}
