//! The directory of an archive: what is in it, which names occur twice, which entries overlap.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use zip::ZipArchive;
use zip::read::ZipArchiveMetadata;
use zip::result::ZipError;

use super::{ArchiveEntry, Limits, end, tells_of_data};
use crate::error::EvidenceError;

const HEADER_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const HEADER_LENGTH: usize = 46;
/// A local header without its name and extra fields.
const LOCAL_HEADER_LENGTH: u64 = 30;

/// A directory that was read and found acceptable.
pub(super) struct Directory {
    pub(super) metadata: Arc<ZipArchiveMetadata>,
    /// In the order of `metadata`.
    pub(super) entries: Vec<ArchiveEntry>,
    pub(super) duplicates: Vec<String>,
}

/// Reads the directory. The zip crate keeps one entry a name and lets an extra field replace the name; so the names
/// are read once more as they stand in the headers.
pub(super) fn read<R: Read + Seek>(source: &mut R, limits: &Limits) -> Result<Directory, EvidenceError> {
    let failed = |error| archive_error(error, limits);
    end::check(source, limits)?;
    let (metadata, start) = {
        let archive =
            ZipArchive::new(Metered { source: &mut *source, left: limits.directory_bytes }).map_err(failed)?;
        (archive.metadata(), archive.central_directory_start())
    };
    let headers = if metadata.is_empty() {
        Vec::new()
    } else {
        let mut metered = Metered { source, left: limits.directory_bytes };
        header_names(&mut metered, start, limits.entries).map_err(|error| failed(ZipError::Io(error)))?
    };
    if headers.len().max(metadata.len()) > limits.entries {
        return Err(EvidenceError::ArchiveEntries { limit: limits.entries });
    }

    let mut entries = Vec::with_capacity(metadata.len());
    let mut extents = Vec::with_capacity(metadata.len());
    let mut total = 0_u64;
    for index in 0..metadata.len() {
        let record = metadata.entry(index).map_err(failed)?;
        let header = headers.binary_search_by_key(&record.central_header_start(), |header| header.start);
        let Some(header) = header.ok().and_then(|at| headers.get(at)) else {
            return Err(malformed("an entry has no header"));
        };
        total = total.saturating_add(record.size());
        let end = record.header_start().saturating_add(LOCAL_HEADER_LENGTH).saturating_add(record.compressed_size());
        extents.push(Extent { start: record.header_start(), end, index });
        entries.push(ArchiveEntry {
            name: header.name.clone(),
            size: record.size(),
            mode: record.unix_mode(),
            overlaps: false,
        });
    }
    if total > limits.total_bytes {
        return Err(EvidenceError::ArchiveTotal { limit: limits.total_bytes });
    }
    mark_overlaps(&mut extents, start, &mut entries);

    let mut names: Vec<&[u8]> = headers.iter().map(|header| &*header.name).collect();
    names.sort_unstable();
    let duplicates = duplicates(&names);
    names.dedup();
    if names.len() != metadata.len() {
        return Err(malformed("its directory does not have the declared number of entries"));
    }
    Ok(Directory { metadata, entries, duplicates })
}

/// One header of the directory.
struct Header {
    start: u64,
    name: Box<[u8]>,
}

/// The headers from `start` on, up to the first thing that is none, and at most one more than `limit`.
fn header_names(source: &mut (impl Read + Seek), start: u64, limit: usize) -> io::Result<Vec<Header>> {
    source.seek(SeekFrom::Start(start))?;
    let mut source = BufReader::new(source);
    let mut headers = Vec::new();
    let mut start = start;
    while headers.len() <= limit {
        let mut fixed = [0; HEADER_LENGTH];
        if !fill(&mut source, &mut fixed)? || !fixed.starts_with(&HEADER_SIGNATURE) {
            break;
        }
        let length = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let mut name = vec![0; usize::from(length(28))];
        let rest = i64::from(length(30)) + i64::from(length(32));
        if !fill(&mut source, &mut name)? {
            break;
        }
        source.seek_relative(rest)?;
        let whole = HEADER_LENGTH as u64 + name.len() as u64 + rest.unsigned_abs();
        headers.push(Header { start, name: name.into_boxed_slice() });
        start = start.saturating_add(whole);
    }
    Ok(headers)
}

/// Fills `buffer`; says whether there was enough.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match source.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes that an entry takes up at least.
struct Extent {
    start: u64,
    end: u64,
    index: usize,
}

/// Marks the entries whose bytes belong to another entry too, or to the directory: the way of archives that unfold to
/// far more than their own size. No writer makes them.
fn mark_overlaps(extents: &mut [Extent], directory: u64, entries: &mut [ArchiveEntry]) {
    extents.sort_by_key(|extent| extent.start);
    let mut furthest: Option<&Extent> = None;
    for extent in extents.iter() {
        if extent.end > directory {
            entries[extent.index].overlaps = true;
        }
        if let Some(before) = furthest.filter(|before| before.end > extent.start) {
            entries[before.index].overlaps = true;
            entries[extent.index].overlaps = true;
        }
        if furthest.is_none_or(|before| before.end < extent.end) {
            furthest = Some(extent);
        }
    }
}

/// The names that occur more than once when trimmed.
fn duplicates(names: &[&[u8]]) -> Vec<String> {
    let mut trimmed: Vec<&[u8]> = names.iter().map(|name| trim(name)).filter(|name| !name.is_empty()).collect();
    trimmed.sort_unstable();
    let repeated = trimmed.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
    repeated.map(|run| String::from_utf8_lossy(run[0]).into_owned()).collect()
}

/// A name without white space (Unicode White_Space) at its ends. Undecodable bytes are not white space.
fn trim(name: &[u8]) -> &[u8] {
    let head = name.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let name = &name[head.len() - head.trim_start().len()..];
    let tail = name.utf8_chunks().last().filter(|chunk| chunk.invalid().is_empty()).map_or("", |chunk| chunk.valid());
    &name[..name.len() - (tail.len() - tail.trim_end().len())]
}

pub(super) fn malformed(detail: &str) -> EvidenceError {
    EvidenceError::ArchiveMalformed { detail: detail.to_owned() }
}

/// What an error while reading the directory is for us.
pub(super) fn archive_error(error: ZipError, limits: &Limits) -> EvidenceError {
    match error {
        ZipError::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Exhausted>()) => {
            EvidenceError::ArchiveDirectory { limit: limits.directory_bytes }
        }
        ZipError::Io(error) if !tells_of_data(&error) => EvidenceError::Source(error),
        ZipError::Io(error) => EvidenceError::ArchiveMalformed { detail: error.to_string() },
        other => EvidenceError::ArchiveMalformed { detail: other.to_string() },
    }
}

/// More was read for the directory than is allowed.
#[derive(Debug, thiserror::Error)]
#[error("the directory of the archive is too large")]
struct Exhausted;

/// A source of which only so many bytes may be read.
struct Metered<'a, R> {
    source: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.source.read(&mut buffer[..most])?;
        self.left -= count as u64;
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::other(Exhausted));
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Metered<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_like_text_around_undecodable_bytes() {
        for (name, trimmed) in [
            (&b" a\t"[..], &b"a"[..]),
            ("\u{a0}a b\u{2003}\u{85}".as_bytes(), b"a b"),
            (b" \xff ", b"\xff"),
            (b" a \xff", b"a \xff"),
            (b"\xff a ", b"\xff a"),
            (b"   ", b""),
            (b"", b""),
            (b"a\\", b"a\\"),
        ] {
            assert_eq!(trim(name), trimmed, "{name:?}");
        }
    }

    #[test]
    fn duplicates_are_sorted_and_told_once() {
        assert_eq!(duplicates(&[b"b", b" b", b"a ", b"a", b"a", b" ", b"", b"c"]), ["a", "b"]);
        assert_eq!(duplicates(&[b"\xff", b"\xfe"]), Vec::<String>::new());
    }

    #[test]
    fn overlaps_are_found_across_neighbours() {
        let mut entries: Vec<_> =
            (0..4).map(|_| ArchiveEntry { name: Box::default(), size: 0, mode: None, overlaps: false }).collect();
        let extent = |start, end, index| Extent { start, end, index };
        let mut extents = [extent(0, 100, 2), extent(10, 20, 0), extent(50, 60, 1), extent(100, 200, 3)];
        mark_overlaps(&mut extents, 200, &mut entries);
        assert_eq!(entries.iter().map(|entry| entry.overlaps).collect::<Vec<_>>(), [true, true, true, false]);
        mark_overlaps(&mut extents, 199, &mut entries);
        assert!(entries[3].overlaps);
    }
}
