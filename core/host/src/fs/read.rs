//! Reading with a limit, so that no file can fill the memory.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::identity::FileIdentity;
use crate::error::HostError;

/// The whole content of a file of at most `limit` bytes.
///
/// # Errors
/// [`HostError::Io`] when it is missing, unreadable or a folder; [`HostError::TooLarge`] beyond the limit.
pub fn read_limited(path: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>, HostError> {
    let path = path.as_ref();
    let failed = |source| HostError::io("read", path, source);
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    read_open(file, size, path, limit)
}

/// As [`read_limited`], with the identity that the file had before it was read. For state that is read again and again:
/// it never waits for a writer at a pipe, and takes regular files only.
///
/// # Errors
/// As [`read_limited`]; [`HostError::PathNotAFile`] for anything but a regular file.
pub(crate) fn read_regular(path: &Path, limit: u64) -> Result<(Vec<u8>, FileIdentity), HostError> {
    let failed = |source| HostError::io("read", path, source);
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(HostError::PathNotAFile { path: path.display().to_string() });
    }
    let identity = FileIdentity::of(&metadata);
    Ok((read_open(file, metadata.len(), path, limit)?, identity))
}

fn read_open(file: File, size: u64, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
    let failed = |source| HostError::io("read", path, source);
    let too_large = || HostError::TooLarge { path: path.to_path_buf(), limit };
    if size > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // One byte more than the limit: a file may grow while it is read, and some files have no size.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Whether there is something at the path, a dangling symbolic link included.
///
/// # Errors
/// [`HostError::Io`] when the machine cannot tell, such as in a folder that may not be searched.
pub fn exists(path: impl AsRef<Path>) -> Result<bool, HostError> {
    let path = path.as_ref();
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(HostError::io("examine", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use gait_base::error::{Category, Classify};

    use super::*;

    #[test]
    fn the_limit_counts_the_last_byte_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(read_limited(&path, 5).unwrap(), b"12345");
        assert_eq!(read_limited(&path, 4).unwrap_err().code(), "file_too_large");
        assert_eq!(read_limited(folder.path(), 4).unwrap_err().category(), Category::InvalidInput);
        assert!(read_limited("/dev/zero", 1000).is_err());
    }
}
