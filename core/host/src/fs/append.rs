//! Locked appends: lines of several processes never mix, and an acknowledged line is never lost (01 §11.2).

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::lock::{FileLock, LockProfile};
use super::{replace, rule};
use crate::error::HostError;

/// What an append found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The file ended in the middle of a line, left by a crash: the line was closed first, so that the new one stands
    /// alone. The fragment was never acknowledged; readers report it.
    pub closed_torn_line: bool,
}

/// Appends one line and a newline to a file, under its lock `<path>.lock`, and returns once it is on disk.
///
/// The path rule is that of [`super::write_atomic`]. Missing folders are made; a missing file is made with `mode` less
/// the umask. The line is not searched for newlines. When the write fails half-way the file is cut back to what it was.
///
/// # Errors
/// [`HostError::PathNotLocal`], [`HostError::PathNotAFile`], [`HostError::Io`], or [`HostError::LockTimeout`] with the
/// code `append_lock_timeout` after 30 seconds.
pub fn append_line(path: impl AsRef<Path>, line: &[u8], mode: u32) -> Result<Appended, HostError> {
    let path = rule::local_path(path.as_ref())?;
    let (folder, _) = rule::folder_and_name(&path)?;
    replace::create_parents(&path)?;
    let lock = FileLock::beside(&path, &LockProfile::APPEND)?;
    let appended = append_held(&path, line, mode);
    lock.release();
    if appended.is_ok() {
        replace::sync_folder(&folder);
    }
    appended
}

fn append_held(path: &Path, line: &[u8], mode: u32) -> Result<Appended, HostError> {
    let failed = |source| HostError::io("append to", path, source);
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(mode).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let before = metadata.is_file().then_some(metadata.len());
    let torn = match before {
        Some(length) if length > 0 => !ends_with_newline(&mut file).map_err(failed)?,
        _ => false,
    };
    let mut bytes = Vec::with_capacity(line.len().saturating_add(2));
    if torn {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(line);
    bytes.push(b'\n');
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    if let Err(source) = written {
        if let Some(length) = before {
            let _ = file.set_len(length);
        }
        return Err(failed(source));
    }
    Ok(Appended { closed_torn_line: torn })
}

fn ends_with_newline(file: &mut File) -> std::io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use gait_base::error::{Category, Classify};

    use super::*;

    #[test]
    fn a_torn_line_is_closed_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/log.jsonl");
        assert!(!append_line(&path, b"one", 0o600).unwrap().closed_torn_line);
        std::fs::write(&path, "one\n{\"torn").unwrap();
        assert!(append_line(&path, b"two", 0o600).unwrap().closed_torn_line);
        assert!(!append_line(&path, b"three", 0o600).unwrap().closed_torn_line);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n{\"torn\ntwo\nthree\n");
        assert_eq!(std::fs::read_dir(folder.path().join("deep/er")).unwrap().count(), 1, "no lock stays");
    }

    #[test]
    fn a_folder_takes_no_lines() {
        let folder = tempfile::tempdir().unwrap();
        let error = append_line(folder.path(), b"x", 0o600).unwrap_err();
        assert_eq!(error.category(), Category::InvalidInput);
        assert_eq!(append_line("../x.jsonl", b"x", 0o600).unwrap_err().code(), "path_not_local");
    }
}
