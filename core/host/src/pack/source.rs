//! A pack's file, readable by several threads at once.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::io::Errno;

use crate::error::HostError;

const BUFFER_BYTES: usize = 64 << 10;

/// An open file that keeps no position of its own, so that every reader of it has one.
#[derive(Debug)]
pub struct PackFile {
    file: File,
    length: u64,
}

impl PackFile {
    /// Opens a file.
    ///
    /// # Errors
    /// [`HostError::Io`], for a folder too.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, HostError> {
        let path = path.as_ref();
        let failed = |source| HostError::io("open", path, source);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(HostError::io("open", path, Errno::ISDIR));
        }
        Ok(Self { file, length: metadata.len() })
    }

    /// A reader of the whole file.
    #[must_use]
    pub fn reader(&self) -> BufReader<Positioned<'_>> {
        BufReader::with_capacity(BUFFER_BYTES, Positioned { file: &self.file, length: self.length, at: 0 })
    }
}

/// One reader of a [`PackFile`].
#[derive(Debug)]
pub struct Positioned<'f> {
    file: &'f File,
    length: u64,
    at: u64,
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Positioned<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
