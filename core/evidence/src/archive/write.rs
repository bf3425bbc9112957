//! Writing archives: entries in, bytes out.

use super::deflate::Encoder;
use super::record::{EntryRecord, end_records};
use crate::error::EvidenceError;

/// Any of these in a mode makes an entry executable.
const EXECUTE_BITS: u32 = 0o111;

/// A file to be put into an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The path in the archive, with `/` between its parts. It is written as it is: it need not be UTF-8, and nothing
    /// in it has a meaning here (readers of evidence never unpack to paths).
    pub path: &'a [u8],
    /// The content.
    pub contents: &'a [u8],
    /// The Unix mode. Only whether there is an execute bit counts: the archive says 0755 then, else 0644.
    pub mode: Option<u32>,
}

impl<'a> Entry<'a> {
    /// An entry without a mode.
    #[must_use]
    pub fn new(path: &'a str, contents: &'a [u8]) -> Self {
        Self { path: path.as_bytes(), contents, mode: None }
    }

    fn is_executable(&self) -> bool {
        self.mode.is_some_and(|mode| mode & EXECUTE_BITS != 0)
    }
}

/// Writes one archive with tables of its own, see [`ArchiveWriter::write`].
///
/// # Errors
/// Those of [`ArchiveWriter::write`].
///
/// ```
/// let mut bytes = Vec::new();
/// gait_evidence::archive::write_archive(&[], &mut bytes)?;
/// assert!(bytes.is_empty());
/// # Ok::<(), gait_evidence::EvidenceError>(())
/// ```
pub fn write_archive(entries: &[Entry<'_>], out: &mut Vec<u8>) -> Result<(), EvidenceError> {
    ArchiveWriter::new().write(entries, out)
}

/// Writes deterministic archives (01 §6.1). Keep one for many archives: it reuses the tables of its [`Encoder`].
///
/// ```
/// use gait_evidence::archive::{ArchiveWriter, Entry};
///
/// let mut writer = ArchiveWriter::new();
/// let mut first = Vec::new();
/// writer.write(&[Entry::new("a.json", b"1"), Entry::new("b.json", b"2")], &mut first)?;
/// let mut second = Vec::new();
/// writer.write(&[Entry::new("b.json", b"2"), Entry::new("a.json", b"1")], &mut second)?;
/// assert_eq!(first, second);
/// # Ok::<(), gait_evidence::EvidenceError>(())
/// ```
#[derive(Debug, Default)]
pub struct ArchiveWriter {
    encoder: Encoder,
}

impl ArchiveWriter {
    /// A writer with empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an archive of `entries` to `out`, in whatever order they come. No entries: nothing is appended.
    ///
    /// # Errors
    /// [`EvidenceError::EntryPath`] for a path that is empty, ends in `/` or has more than 65535 bytes;
    /// [`EvidenceError::EntryRepeated`] for two equal paths. Nothing is appended then.
    pub fn write(&mut self, entries: &[Entry<'_>], out: &mut Vec<u8>) -> Result<(), EvidenceError> {
        let sorted = sorted(entries)?;
        if sorted.is_empty() {
            return Ok(());
        }
        let start = out.len();
        let mut records = Vec::with_capacity(sorted.len());
        for entry in sorted {
            let mut record = EntryRecord {
                path: entry.path,
                executable: entry.is_executable(),
                crc: checksum(entry.contents),
                compressed: 0,
                size: entry.contents.len() as u64,
                offset: (out.len() - start) as u64,
            };
            record.local_header(out);
            let data_start = out.len();
            self.encoder.encode(entry.contents, out);
            record.compressed = (out.len() - data_start) as u64;
            record.descriptor(out);
            records.push(record);
        }
        let directory = out.len();
        for record in &records {
            record.central_header(out);
        }
        end_records(records.len() as u64, (out.len() - directory) as u64, (directory - start) as u64, out);
        Ok(())
    }
}

/// The entries by path bytes, every path checked.
fn sorted<'e, 'a>(entries: &'e [Entry<'a>]) -> Result<Vec<&'e Entry<'a>>, EvidenceError> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.path);
    for entry in &sorted {
        let reason = match entry.path {
            [] => "it is empty",
            [.., b'/'] => "it names a folder",
            path if path.len() > usize::from(u16::MAX) => "it is longer than 65535 bytes",
            _ => continue,
        };
        let path = String::from_utf8_lossy(&entry.path[..entry.path.len().min(200)]).into_owned();
        return Err(EvidenceError::EntryPath { path, reason });
    }
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].path == pair[1].path) {
        return Err(EvidenceError::EntryRepeated { path: String::from_utf8_lossy(pair[0].path).into_owned() });
    }
    Ok(sorted)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gait_base::error::{Category, Classify};

    #[test]
    fn unusable_paths_are_refused_and_nothing_is_written() {
        let long = "x".repeat(65536);
        for (paths, code) in [
            (vec![""], "archive_entry_path"),
            (vec!["a", "folder/"], "archive_entry_path"),
            (vec![long.as_str()], "archive_entry_path"),
            (vec!["b", "a", "b"], "archive_entry_repeated"),
        ] {
            let entries: Vec<_> = paths.iter().map(|path| Entry::new(path, b"")).collect();
            let mut out = vec![1, 2];
            let error = write_archive(&entries, &mut out).unwrap_err();
            assert_eq!((error.code(), error.category()), (code, Category::InvalidInput));
            assert_eq!(out, [1, 2]);
        }
    }

    #[test]
    fn odd_paths_are_ordinary() {
        let long = "x".repeat(65535);
        let entries = ["../x", "/abs", "a\\b", " ", long.as_str()].map(|path| Entry::new(path, b""));
        assert!(write_archive(&entries, &mut Vec::new()).is_ok());
    }

    #[test]
    fn an_archive_does_not_depend_on_what_stands_before_it() {
        let entries = [Entry::new("a", b"1"), Entry { mode: Some(0o100), ..Entry::new("b", b"2") }];
        let mut alone = Vec::new();
        write_archive(&entries, &mut alone).unwrap();
        let mut appended = b"before".to_vec();
        write_archive(&entries, &mut appended).unwrap();
        assert_eq!(appended[6..], alone);
    }
}
