//! Reading archives that others made, within limits (01 §6.4, 00 D6).
//!
//! Any valid zip is accepted: stored or deflated entries, in any order, with comments, with bytes before and after.
//! Nothing in it is trusted: counts and sizes are checked before memory is spent on them, the content of an entry must
//! have the declared size and checksum, and entries that share bytes with others cannot be read.

mod directory;
mod end;

use std::io::{self, Cursor, Read, Seek};
use std::sync::Arc;

use zip::CompressionMethod;
use zip::read::{ZipArchiveMetadata, ZipReadOptions};
use zip::result::ZipError;

use crate::error::EvidenceError;

const FILE_TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;

/// How much of an archive is acceptable. The default values are those of 00 D6.
///
/// ```
/// use gait_evidence::archive::Limits;
///
/// let limits = Limits { entries: 10, ..Limits::default() };
/// assert_eq!(limits.entry_bytes, 104_857_600);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Number of entries: 100 000.
    pub entries: usize,
    /// Bytes of the central directory, which is kept in memory: 32 MiB.
    pub directory_bytes: u64,
    /// Bytes of all entries together, inflated: 4 GiB.
    pub total_bytes: u64,
    /// Bytes of one entry, inflated: 100 MiB.
    pub entry_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 100_000, directory_bytes: 32 << 20, total_bytes: 4 << 30, entry_bytes: 100 << 20 }
    }
}

/// What the directory of an archive tells about one entry.
#[derive(Clone, Debug)]
pub struct ArchiveEntry {
    name: Box<[u8]>,
    size: u64,
    mode: Option<u32>,
    /// It shares bytes of the archive with another entry or with the directory.
    overlaps: bool,
}

impl ArchiveEntry {
    /// The name as it stands in the directory, neither trimmed nor decoded.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The declared size in bytes, inflated.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The Unix mode, or one made up from the attributes of another system; none if the archive tells nothing.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        self.mode
    }

    /// Whether this is a folder: by its name, which ends in `/`, or by its mode.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.mode.is_some_and(|mode| mode & FILE_TYPE == FOLDER)
    }
}

/// An open archive over bytes in memory or any other source that can seek.
///
/// ```
/// use gait_evidence::archive::{ArchiveReader, Limits};
/// use gait_base::error::{Category, Classify};
///
/// let error = ArchiveReader::from_bytes(b"no archive", Limits::default()).unwrap_err();
/// assert_eq!(error.category(), Category::InvalidInput);
/// ```
#[derive(Debug)]
pub struct ArchiveReader<R> {
    source: R,
    limits: Limits,
    metadata: Arc<ZipArchiveMetadata>,
    entries: Vec<ArchiveEntry>,
    /// Indexes of `entries`, sorted by name.
    by_name: Vec<usize>,
    duplicates: Vec<String>,
}

impl<'a> ArchiveReader<Cursor<&'a [u8]>> {
    /// Opens an archive in memory, see [`ArchiveReader::open`].
    ///
    /// # Errors
    /// Those of [`ArchiveReader::open`].
    pub fn from_bytes(bytes: &'a [u8], limits: Limits) -> Result<Self, EvidenceError> {
        Self::open(Cursor::new(bytes), limits)
    }
}

impl<R: Read + Seek> ArchiveReader<R> {
    /// Reads the directory of an archive. No entry is read yet, and names that occur twice are not refused yet.
    ///
    /// # Errors
    /// [`EvidenceError::ArchiveMalformed`] for what is no archive, or a cut one; [`EvidenceError::ArchiveEntries`],
    /// [`EvidenceError::ArchiveDirectory`] and [`EvidenceError::ArchiveTotal`] beyond the limits;
    /// [`EvidenceError::Source`] when the source fails.
    pub fn open(mut source: R, limits: Limits) -> Result<Self, EvidenceError> {
        let directory::Directory { metadata, entries, duplicates } = directory::read(&mut source, &limits)?;
        let mut by_name: Vec<usize> = (0..entries.len()).collect();
        by_name.sort_by_key(|&index| entries[index].name());
        Ok(Self { source, limits, metadata, entries, by_name, duplicates })
    }

    /// A reader of the same archive through another handle to its bytes, so that several threads can read entries at
    /// once. The directory is not read again.
    pub fn through<S: Read + Seek>(&self, source: S) -> ArchiveReader<S> {
        ArchiveReader {
            source,
            limits: self.limits,
            metadata: Arc::clone(&self.metadata),
            entries: self.entries.clone(),
            by_name: self.by_name.clone(),
            duplicates: self.duplicates.clone(),
        }
    }

    /// The entries in the order of the directory. Of several with the very same name only the last is there.
    #[must_use]
    pub fn entries(&self) -> &[ArchiveEntry] {
        &self.entries
    }

    /// The names that occur more than once when trimmed: sorted, each once, blank ones left out.
    #[must_use]
    pub fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// Refuses an archive in which a trimmed name occurs twice. `code` is what the error reports.
    ///
    /// # Errors
    /// [`EvidenceError::ArchiveDuplicates`], a verification failure.
    pub fn refuse_duplicates(&self, code: &'static str) -> Result<(), EvidenceError> {
        if self.duplicates.is_empty() {
            return Ok(());
        }
        Err(EvidenceError::ArchiveDuplicates { code, names: self.duplicates.clone() })
    }

    /// The index of the entry with exactly this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let at = self.by_name.binary_search_by(|&index| self.entries[index].name().cmp(name.as_bytes())).ok()?;
        self.by_name.get(at).copied()
    }

    /// The content of the entry with this index.
    ///
    /// # Errors
    /// Those of [`ArchiveReader::stream`].
    pub fn read(&mut self, index: usize) -> Result<Vec<u8>, EvidenceError> {
        // The declared size is not trusted with more memory than this before there is data.
        const TRUSTED: u64 = 1 << 20;
        let size = self.entries.get(index).map_or(0, |entry| entry.size.min(TRUSTED));
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        self.stream(index, |bytes| content.extend_from_slice(bytes))?;
        Ok(content)
    }

    /// The content of the entry with exactly this name.
    ///
    /// # Errors
    /// [`EvidenceError::EntryMissing`] if there is none, and those of [`ArchiveReader::stream`].
    pub fn read_named(&mut self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        let index = self.find(name).ok_or_else(|| EvidenceError::EntryMissing { entry: name.to_owned() })?;
        self.read(index)
    }

    /// Hands the content of an entry to `sink`, part by part. What `sink` has got is to be trusted only once this
    /// returns without error.
    ///
    /// # Errors
    /// [`EvidenceError::EntryMissing`] for an index out of range; [`EvidenceError::EntryTooLarge`] beyond the limit;
    /// [`EvidenceError::EntryUnsupported`] for other methods and encryption; [`EvidenceError::EntryCorrupt`] for a
    /// content of another size or checksum than declared; [`EvidenceError::Source`] when the source fails.
    pub fn stream(&mut self, index: usize, mut sink: impl FnMut(&[u8])) -> Result<(), EvidenceError> {
        let Some(entry) = self.entries.get(index) else {
            return Err(EvidenceError::EntryMissing { entry: format!("with index {index}") });
        };
        let path = || String::from_utf8_lossy(&entry.name).into_owned();
        let corrupt = |detail: &str| EvidenceError::EntryCorrupt { path: path(), detail: detail.to_owned() };
        if entry.size > self.limits.entry_bytes {
            return Err(EvidenceError::EntryTooLarge { path: path(), size: entry.size });
        }
        if entry.overlaps {
            return Err(corrupt("it shares bytes with another part of the archive"));
        }
        let record = self.metadata.entry(index).map_err(|error| entry_error(error, path()))?;
        if !matches!(record.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(EvidenceError::EntryUnsupported { path: path(), detail: record.compression().to_string() });
        }
        let mut file =
            record.with_reader(&mut self.source, ZipReadOptions::new()).map_err(|error| entry_error(error, path()))?;

        let mut buffer = vec![0; 32 << 10];
        let mut left = entry.size;
        loop {
            let count = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(entry_error(ZipError::Io(error), path())),
            };
            left = left.checked_sub(count as u64).ok_or_else(|| corrupt("it is larger than declared"))?;
            sink(&buffer[..count]);
        }
        if left > 0 {
            return Err(corrupt("it is smaller than declared"));
        }
        Ok(())
    }
}

/// What an error while reading an entry is for us.
fn entry_error(error: ZipError, path: String) -> EvidenceError {
    match error {
        ZipError::Io(error) if !tells_of_data(&error) => EvidenceError::Source(error),
        ZipError::Io(error) => EvidenceError::EntryCorrupt { path, detail: error.to_string() },
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            EvidenceError::EntryUnsupported { path, detail: error.to_string() }
        }
        other => EvidenceError::EntryCorrupt { path, detail: other.to_string() },
    }
}

/// Whether an error is about what was read and not about reading.
fn tells_of_data(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    // An error of the operating system keeps its number; decoders have none.
    error.raw_os_error().is_none() && matches!(error.kind(), InvalidData | InvalidInput | Other | UnexpectedEof)
}
