//! A look at the end of an archive before its directory is read.
//!
//! The zip crate reserves memory for as many entries as the end records declare. Classic records cannot declare more
//! than 65535, zip64 records any number; so those are checked first.

use std::io::{self, Read, Seek, SeekFrom};

use super::Limits;
use super::directory::{archive_error, malformed};
use crate::error::EvidenceError;

const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: usize = 20;
const ZIP64_END_LENGTH: usize = 56;
/// The end record with the longest comment, what must stand before it in a zip64 archive, and some more.
const TAIL_LENGTH: usize = END_LENGTH + LOCATOR_LENGTH + ZIP64_END_LENGTH + (64 << 10) + 64;

/// Refuses archives whose zip64 end declares more entries than allowed, or is not where every writer puts it: right
/// before its locator, at the offset that the locator tells.
pub(super) fn check(source: &mut (impl Read + Seek), limits: &Limits) -> Result<(), EvidenceError> {
    let (start, tail) = tail(source).map_err(|error| archive_error(error.into(), limits))?;
    for at in 0..tail.len() {
        if !tail[at..].starts_with(b"PK\x05\x06") {
            continue;
        }
        let Some(locator) = at.checked_sub(LOCATOR_LENGTH).filter(|&at| tail[at..].starts_with(b"PK\x06\x07")) else {
            continue;
        };
        let record = locator.checked_sub(ZIP64_END_LENGTH).filter(|&at| tail[at..].starts_with(b"PK\x06\x06"));
        let Some(record) = record.filter(|&at| {
            number(&tail, at + 4) == ZIP64_END_LENGTH as u64 - 12 && number(&tail, locator + 8) == start + at as u64
        }) else {
            return Err(malformed("its zip64 end record is not where it belongs"));
        };
        if number(&tail, record + 32) > limits.entries as u64 {
            return Err(EvidenceError::ArchiveEntries { limit: limits.entries });
        }
    }
    Ok(())
}

/// The last bytes of the source, and where they begin.
fn tail(source: &mut (impl Read + Seek)) -> io::Result<(u64, Vec<u8>)> {
    let length = source.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(TAIL_LENGTH as u64);
    source.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    source.take(TAIL_LENGTH as u64).read_to_end(&mut tail)?;
    Ok((start, tail))
}

/// The little-endian number of eight bytes at `at`.
fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
