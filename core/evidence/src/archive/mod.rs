//! The deterministic zip (01 §6): the same entries give the same bytes, on any machine and in any version.
//!
//! Writing is a wire format of our own down to the deflate stream ([`Encoder`]); reading accepts any zip archive within
//! [`Limits`].
//!
//! ```
//! use gait_evidence::archive::{ArchiveReader, Entry, Limits, write_archive};
//!
//! let entries = [Entry::new("b.json", b"{}"), Entry::new("a.txt", b"text")];
//! let mut bytes = Vec::new();
//! write_archive(&entries, &mut bytes)?;
//!
//! let mut archive = ArchiveReader::from_bytes(&bytes, Limits::default())?;
//! archive.refuse_duplicates("duplicate_entries")?;
//! assert_eq!(archive.entries()[0].name(), b"a.txt");
//! assert_eq!(archive.read_named("b.json")?, b"{}");
//! # Ok::<(), gait_evidence::EvidenceError>(())
//! ```

mod deflate;
mod read;
mod record;
mod write;

pub use deflate::Encoder;
pub use read::{ArchiveEntry, ArchiveReader, Limits};
pub use write::{ArchiveWriter, Entry, write_archive};
