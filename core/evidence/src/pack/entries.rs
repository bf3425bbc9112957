//! The entries of a pack under verification: hashed once, read piece by piece, and what is read is what was hashed.

use std::io::{Read, Seek};

use gait_base::digest::{Digest, DigestSink, sha256};
use gait_base::json::{self, Decode, JsonError, Sink as _};
use gait_gate::mode::Mode;

use super::manifest::reading;
use super::{PackError, PackFault};
use crate::archive::ArchiveReader;
use crate::error::EvidenceError;
use crate::runpack::EntryDigests;

/// The longest line of a file of lines, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 10 << 20;

pub(super) struct Entries<'a, R> {
    pub(super) archive: &'a mut ArchiveReader<R>,
    pub(super) digests: EntryDigests,
    pub(super) mode: Mode,
}

impl<R: Read + Seek> Entries<'_, R> {
    /// The place of an entry that packs of this type have.
    pub(super) fn require(&self, path: &'static str) -> Result<usize, PackError> {
        Ok(self.archive.find(path).ok_or(PackFault::EntryMissing(path))?)
    }

    pub(super) fn digest(&mut self, index: usize) -> Result<Digest, EvidenceError> {
        self.digests.of(self.archive, index)
    }

    /// The content of an entry.
    pub(super) fn bytes(&mut self, index: usize) -> Result<Vec<u8>, PackError> {
        let bytes = self.archive.read(index)?;
        self.refuse_change(index, &sha256(&bytes))?;
        Ok(bytes)
    }

    /// Reads an entry that is one document of at most `limit` bytes.
    pub(super) fn document<T: Decode + Default>(&mut self, path: &'static str, limit: usize) -> Result<T, PackError> {
        let index = self.require(path)?;
        let size = self.archive.entries().get(index).map_or(0, crate::archive::ArchiveEntry::size);
        if size > limit as u64 {
            return Err(PackFault::TooLarge { entry: path, line: None, limit }.into());
        }
        let bytes = self.bytes(index)?;
        let document = json::decode(&bytes, reading(self.mode, limit));
        Ok(document.map_err(|source| PackFault::Document { entry: path, line: None, source })?)
    }

    /// Reads an entry that holds a document a line, without holding more than a line. Gives the number of documents.
    pub(super) fn documents<T: Decode + Default>(
        &mut self,
        path: &'static str,
        mut each: impl FnMut(usize, T) -> Result<(), PackError>,
    ) -> Result<usize, PackError> {
        let reading = reading(self.mode, MAX_LINE_BYTES);
        let mut count = 0_usize;
        self.lines(path, |line, text| {
            let text = trimmed(text);
            if text.is_empty() {
                return Ok(());
            }
            count = count.saturating_add(1);
            let fault = |source: JsonError| PackFault::Document { entry: path, line: Some(line), source };
            each(line, json::decode(text, reading).map_err(fault)?)
        })?;
        Ok(count)
    }

    /// Hands out the lines of an entry, with their numbers from 1.
    pub(super) fn lines(
        &mut self,
        path: &'static str,
        each: impl FnMut(usize, &[u8]) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        let index = self.require(path)?;
        let mut digest = DigestSink::new();
        let mut lines = Lines::new(path, each);
        self.archive.stream(index, |bytes| {
            digest.put(bytes);
            lines.take(bytes);
        })?;
        self.refuse_change(index, &digest.finish())?;
        lines.finish()
    }

    /// Refuses an entry that is not any more what it was when its digest was compared.
    fn refuse_change(&mut self, index: usize, read: &Digest) -> Result<(), PackError> {
        if self.digest(index)? == *read {
            return Ok(());
        }
        let name = self.archive.entries().get(index).map_or(&b""[..], crate::archive::ArchiveEntry::name);
        let path = String::from_utf8_lossy(name).into_owned();
        Err(EvidenceError::EntryCorrupt { path, detail: "it changed while it was read".to_owned() }.into())
    }
}

/// Makes lines of pieces. After an error nothing more is handed out.
pub(super) struct Lines<F> {
    entry: &'static str,
    each: F,
    number: usize,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    failure: Option<PackError>,
}

impl<F: FnMut(usize, &[u8]) -> Result<(), PackError>> Lines<F> {
    pub(super) const fn new(entry: &'static str, each: F) -> Self {
        Self { entry, each, number: 0, begun: Vec::new(), failure: None }
    }

    pub(super) fn take(&mut self, mut bytes: &[u8]) {
        while self.failure.is_none() && !bytes.is_empty() {
            let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
                if self.fits(bytes.len()) {
                    self.begun.extend_from_slice(bytes);
                }
                return;
            };
            let (line, rest) = (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default());
            if self.begun.is_empty() {
                self.hand_out(line);
            } else if self.fits(line.len()) {
                let mut whole = std::mem::take(&mut self.begun);
                whole.extend_from_slice(line);
                self.hand_out(&whole);
                whole.clear();
                self.begun = whole;
            }
            bytes = rest;
        }
    }

    pub(super) fn finish(mut self) -> Result<(), PackError> {
        let last = std::mem::take(&mut self.begun);
        if !last.is_empty() && self.failure.is_none() {
            self.hand_out(&last);
        }
        self.failure.map_or(Ok(()), Err)
    }

    fn fits(&mut self, more: usize) -> bool {
        let fits = self.begun.len().saturating_add(more) <= MAX_LINE_BYTES;
        if !fits {
            let line = Some(self.number.saturating_add(1));
            self.failure = Some(PackFault::TooLarge { entry: self.entry, line, limit: MAX_LINE_BYTES }.into());
        }
        fits
    }

    fn hand_out(&mut self, line: &[u8]) {
        self.number = self.number.saturating_add(1);
        self.failure = (self.each)(self.number, line).err();
    }
}

/// A line without white space at its ends.
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    std::str::from_utf8(line).map_or_else(|_| line.trim_ascii(), |text| text.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &[u8], piece: usize) -> Vec<(usize, Vec<u8>)> {
        let mut found = Vec::new();
        let mut lines = Lines::new("x", |number, line| {
            found.push((number, line.to_vec()));
            Ok(())
        });
        text.chunks(piece).for_each(|bytes| lines.take(bytes));
        lines.finish().unwrap();
        found
    }

    #[test]
    fn pieces_give_the_lines_of_the_whole() {
        for text in ["", "a", "a\n", "a\nb", "\n\na\n\n", "long line\nand another\n\nend"] {
            let mut expected: Vec<_> = text.split('\n').map(|line| line.as_bytes().to_vec()).collect();
            if expected.last().is_some_and(Vec::is_empty) {
                expected.pop();
            }
            let expected: Vec<_> = (1..).zip(expected).collect();
            for piece in 1..=text.len().max(1) {
                assert_eq!(split(text.as_bytes(), piece), expected, "{text:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_not_gathered() {
        let mut lines = Lines::new("x", |_, _| Ok(()));
        for _ in 0..3 {
            lines.take(&vec![b'a'; 5 << 20]);
        }
        assert!(lines.begun.len() <= MAX_LINE_BYTES);
        assert!(
            matches!(lines.finish(), Err(PackError::Fault(fault)) if matches!(*fault, PackFault::TooLarge { line: Some(1), .. }))
        );
    }
}
