//! What a manifest promises about an archive: the digests of its entries, and signatures over itself (04 §6.2).
//!
//! Shared by all archives with a manifest. Entries are hashed as they inflate; none is held in memory, and none is
//! inflated twice, however often a manifest lists it.

use std::io::{Read, Seek};

use gait_base::digest::{Digest, DigestSink};
use gait_base::json::Sink as _;
use gait_base::key::VerifyingKey;
use gait_base::record;
use gait_base::signature::Signature;

use crate::archive::ArchiveReader;
use crate::error::EvidenceError;

record! {
    /// An entry that has another digest than the manifest says.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct HashMismatch {
        /// The entry.
        pub path: String,
        /// The digest that the manifest lists, as it stands there.
        pub expected: String,
        /// The digest of what is there.
        pub actual: String,
    }
}

/// The digests of entries, each computed once.
#[derive(Debug, Default)]
pub struct EntryDigests(Vec<Option<Digest>>);

impl EntryDigests {
    /// The digest of an entry's content.
    ///
    /// # Errors
    /// Those of [`ArchiveReader::stream`].
    pub fn of<R: Read + Seek>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        index: usize,
    ) -> Result<Digest, EvidenceError> {
        if let Some(Some(known)) = self.0.get(index) {
            return Ok(*known);
        }
        let mut sink = DigestSink::new();
        archive.stream(index, |bytes| sink.put(bytes))?;
        let digest = sink.finish();
        self.know(index, digest);
        Ok(digest)
    }

    /// Takes note of a digest that was computed elsewhere.
    pub fn know(&mut self, index: usize, digest: Digest) {
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(digest);
    }

    /// Compares listed entries with what is there, in the order of the list: first the missing ones, then those with
    /// another digest than listed (in hex of any case).
    ///
    /// # Errors
    /// Those of [`ArchiveReader::stream`]: entries that cannot be read.
    pub fn compare<'l, R: Read + Seek>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        listed: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Result<(Vec<String>, Vec<HashMismatch>), EvidenceError> {
        let (mut missing, mut mismatches) = (Vec::new(), Vec::new());
        for (path, expected) in listed {
            let Some(index) = archive.find(path) else {
                missing.push(path.to_owned());
                continue;
            };
            mismatches.extend(mismatch(path, expected, &self.of(archive, index)?));
        }
        Ok((missing, mismatches))
    }
}

/// What is wrong with a listed digest, if anything is.
#[must_use]
pub fn mismatch(path: &str, expected: &str, actual: &Digest) -> Option<HashMismatch> {
    let actual = actual.hex();
    (!expected.eq_ignore_ascii_case(&actual)).then(|| HashMismatch {
        path: path.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_string(),
    })
}

/// What is known about the signatures of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureStatus {
    /// There are none.
    #[default]
    Missing,
    /// There is no key to check them with.
    Skipped,
    /// At least one holds.
    Verified,
    /// None holds.
    Failed,
}

impl SignatureStatus {
    /// The name in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Skipped => "skipped",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }

    /// Whether this is good enough.
    #[must_use]
    pub const fn is_acceptable(self, required: bool) -> bool {
        match self {
            Self::Verified => true,
            Self::Failed => false,
            Self::Missing | Self::Skipped => !required,
        }
    }
}

/// What came of checking signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureReport {
    /// The outcome.
    pub status: SignatureStatus,
    /// What is wrong with those that do not hold, sorted.
    pub errors: Vec<String>,
    /// How many there are.
    pub total: usize,
    /// How many hold.
    pub valid: usize,
}

impl SignatureReport {
    /// Checks signatures over a document; `signable` tells the digest they should be over and is asked only when needed.
    ///
    /// # Errors
    /// Those of `signable`.
    pub fn check<E>(
        signatures: &[Signature],
        key: Option<&VerifyingKey>,
        required: bool,
        signable: impl FnOnce() -> Result<Digest, E>,
    ) -> Result<Self, E> {
        let mut report = Self { total: signatures.len(), ..Self::default() };
        if signatures.is_empty() {
            if required {
                report.errors.push("manifest has no signatures".to_owned());
            }
            return Ok(report);
        }
        let Some(key) = key else {
            report.status = SignatureStatus::Skipped;
            report.errors.push("public key not configured".to_owned());
            return Ok(report);
        };
        let digest = signable()?;
        for signature in signatures {
            match key.verify_computed(signature, &digest) {
                Ok(true) => report.valid += 1,
                Ok(false) => report.errors.push("signature verification failed".to_owned()),
                Err(error) => report.errors.push(error.to_string()),
            }
        }
        report.errors.sort();
        report.status = if report.valid > 0 { SignatureStatus::Verified } else { SignatureStatus::Failed };
        Ok(report)
    }
}
