//! What this machine lends to verification: its cores for hashing, its disk for embedded archives.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use gait_base::digest::{Digest, DigestSink};
use gait_base::json::Sink as _;
use gait_evidence::archive::ArchiveReader;
use gait_evidence::pack::Workspace;

use super::source::PackFile;

/// Archives up to this size are kept in memory.
const MEMORY_BYTES: u64 = 4 << 20;
/// Below this there is nothing to gain from a second thread.
const PARALLEL_BYTES: u64 = 2 << 20;
/// More threads than this only wait for memory.
const MOST_THREADS: usize = 8;

/// The machine, for the verification of one file.
pub(super) struct Machine<'f>(pub(super) &'f PackFile);

impl Workspace for Machine<'_> {
    type Scratch = Scratch;

    fn scratch(&self, size: u64) -> io::Result<Scratch> {
        if size <= MEMORY_BYTES {
            return Ok(Scratch::Memory(Cursor::new(Vec::new())));
        }
        // It has no name, and goes when it is closed.
        tempfile::tempfile().map(Scratch::Disk)
    }

    fn digests<R: Read + Seek>(&self, archive: &ArchiveReader<R>, wanted: &[usize]) -> Vec<(usize, Digest)> {
        let size = |index: usize| archive.entries().get(index).map_or(0, gait_evidence::archive::ArchiveEntry::size);
        let total = wanted.iter().fold(0_u64, |sum, index| sum.saturating_add(size(*index)));
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(wanted.len());
        if threads < 2 || total < PARALLEL_BYTES {
            return Vec::new();
        }
        // The largest first, each to whoever has least to do.
        let mut sorted: Vec<usize> = wanted.to_vec();
        sorted.sort_by_key(|index| (std::cmp::Reverse(size(*index)), *index));
        let mut shares: Vec<(u64, Vec<usize>)> = vec![(0, Vec::new()); threads];
        for index in sorted {
            if let Some((load, share)) = shares.iter_mut().min_by_key(|(load, _)| *load) {
                *load = load.saturating_add(size(index)).saturating_add(1);
                share.push(index);
            }
        }
        let readers: Vec<_> = shares.iter().map(|_| archive.through(self.0.reader())).collect();
        std::thread::scope(|scope| {
            let work: Vec<_> = readers
                .into_iter()
                .zip(shares)
                .map(|(reader, (_, share))| scope.spawn(move || hash(reader, share)))
                .collect();
            work.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        })
    }
}

/// The digests of entries; what cannot be read is left out.
fn hash<R: Read + Seek>(mut archive: ArchiveReader<R>, share: Vec<usize>) -> Vec<(usize, Digest)> {
    let mut digests = Vec::with_capacity(share.len());
    for index in share {
        let mut sink = DigestSink::new();
        if archive.stream(index, |bytes| sink.put(bytes)).is_ok() {
            digests.push((index, sink.finish()));
        }
    }
    digests
}

/// A place for an archive.
#[derive(Debug)]
pub(super) enum Scratch {
    Memory(Cursor<Vec<u8>>),
    Disk(File),
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(memory) => memory.read(buffer),
            Self::Disk(file) => file.read(buffer),
        }
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Memory(memory) => memory.write(bytes),
            Self::Disk(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(memory) => memory.flush(),
            Self::Disk(file) => file.flush(),
        }
    }
}

impl Seek for Scratch {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(memory) => memory.seek(to),
            Self::Disk(file) => file.seek(to),
        }
    }
}
