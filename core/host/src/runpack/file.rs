//! Finding, opening and writing the files of runpacks.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use gait_evidence::runpack::{self, Runpack, Verification, VerifyOptions};
use gait_evidence::session::Chain;
use gait_gate::mode::Mode;

use super::RunpackFileError;
use crate::error::HostError;
use crate::fs::{PRIVATE, read_limited, write_artifact};
use crate::{environment, runpack_path};

/// Larger than any chain or trace, in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// The file that a path or run id stands for, by this process's home folder.
///
/// # Errors
/// [`RunpackFileError::NotFound`].
pub fn resolve(named: &str) -> Result<PathBuf, RunpackFileError> {
    let home = environment::variable("HOME");
    Ok(runpack_path::resolve(named, home.as_deref())?)
}

/// Opens an archive to be read in pieces.
///
/// # Errors
/// [`HostError::Io`].
pub fn open(path: impl AsRef<Path>) -> Result<BufReader<File>, HostError> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| HostError::io("open zip: open", path, source))?;
    Ok(BufReader::new(file))
}

/// Verifies a runpack in a file, entry by entry: none is held in memory.
///
/// # Errors
/// When it cannot be opened, and those of [`runpack::verify`].
pub fn verify(path: impl AsRef<Path>, options: &VerifyOptions<'_>) -> Result<Verification, RunpackFileError> {
    Ok(runpack::verify(open(path)?, options)?)
}

/// Reads a runpack in a file.
///
/// # Errors
/// When it cannot be opened, and those of [`runpack::read`].
pub fn read(path: impl AsRef<Path>, mode: Mode) -> Result<Runpack, RunpackFileError> {
    Ok(runpack::read(open(path)?, mode)?)
}

/// Writes a runpack: the file is whole or absent, folders are made. Returns the cleaned path.
///
/// # Errors
/// As [`write_artifact`].
pub fn write(typed: &str, bytes: &[u8]) -> Result<PathBuf, RunpackFileError> {
    Ok(write_artifact(typed, bytes, PRIVATE)?)
}

/// Reads a chain of checkpoints. Its links are not checked.
///
/// # Errors
/// When it cannot be read, and those of [`Chain::parse`].
pub fn read_chain(path: impl AsRef<Path>, mode: Mode) -> Result<Chain, RunpackFileError> {
    Ok(Chain::parse(&read_limited(path, MAX_DOCUMENT_BYTES)?, mode)?)
}
