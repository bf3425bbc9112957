//! What verification may use besides the pack itself: other threads to hash entries, a place for what cannot stay in
//! memory.

use std::io::{self, Cursor, Read, Seek, Write};

use gait_base::digest::Digest;

use crate::archive::ArchiveReader;

/// What a machine lends to verification.
pub trait Workspace {
    /// A place for one embedded archive.
    type Scratch: Read + Write + Seek;

    /// A place for `size` bytes.
    ///
    /// # Errors
    /// When there is none.
    fn scratch(&self, size: u64) -> io::Result<Self::Scratch>;

    /// Digests of entries, computed ahead in any way; `wanted` are indexes of `archive`. What is left out or cannot be
    /// read is computed by verification itself, which then tells what is wrong.
    fn digests<R: Read + Seek>(&self, archive: &ArchiveReader<R>, wanted: &[usize]) -> Vec<(usize, Digest)> {
        let _ = (archive, wanted);
        Vec::new()
    }
}

/// Memory, and no other thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct InMemory;

impl Workspace for InMemory {
    type Scratch = Cursor<Vec<u8>>;

    fn scratch(&self, _size: u64) -> io::Result<Self::Scratch> {
        Ok(Cursor::new(Vec::new()))
    }
}
