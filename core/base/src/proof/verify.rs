//! Verification of a file of proof records: each line, the chain, and the signatures (01 §5).

use super::{ProofError, ProofIntegrity, ProofRecord, SIGNATURE_PREFIX, prefixed};
use crate::error::Classify;
use crate::json::{self, EncodeError, JsonError, Reading};
use crate::key::VerifyingKey;
use crate::signature::{ALGORITHM, Signature};
use crate::time::TimeError;

/// The longest line that is read: 10 MiB.
pub const MAX_LINE: usize = 10 << 20;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// Longer than 10 MiB.
    #[error("line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// No record of the expected shape.
    #[error(transparent)]
    Parse(#[from] JsonError),
    /// A required part is blank or unset.
    #[error("{0} is required")]
    Required(&'static str),
    /// The time has no UTC form.
    #[error("timestamp: {0}")]
    Time(#[from] TimeError),
    /// Something in the record has no canonical form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The hash is not that of the record.
    #[error("record_hash mismatch")]
    HashMismatch,
    /// The record does not name the hash of the one before.
    #[error("previous_record_hash mismatch")]
    ChainBroken,
}

impl LineFault {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "proof_line_too_long",
            Self::Parse(error) => error.code(),
            Self::Required(_) => "proof_record_incomplete",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::HashMismatch => "proof_hash_mismatch",
            Self::ChainBroken => "proof_chain_broken",
        }
    }
}

/// What a file of records holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProofReport {
    /// How many records there are, all of them whole and in their place in the chain.
    pub records: usize,
    /// What is wrong with signatures, a text a record; empty when no key was given.
    pub signature_errors: Vec<String>,
}

/// Verifies a file of records, line by line, against itself; with a key, its signatures too.
///
/// A cut tail is not noticed: what holds the file must know its digest. Wrong signatures are listed, not refused.
///
/// # Errors
/// [`ProofError::Line`] at the first line that is no record, whose hash is wrong, or that breaks the chain.
pub fn verify_lines(content: &[u8], key: Option<&VerifyingKey>) -> Result<ProofReport, ProofError> {
    let mut verifier = ProofVerifier::new(key, Reading::COMPAT);
    content.split(|&byte| byte == b'\n').try_for_each(|line| verifier.line(line).map(|_| ()))?;
    Ok(verifier.finish())
}

/// As [`verify_lines`], for files that come in parts: takes one line after another.
#[derive(Debug)]
pub struct ProofVerifier<'k> {
    key: Option<&'k VerifyingKey>,
    reading: Reading,
    lines: usize,
    previous: String,
    report: ProofReport,
}

impl<'k> ProofVerifier<'k> {
    /// A verifier that has seen nothing. With a key, signatures are checked.
    #[must_use]
    pub fn new(key: Option<&'k VerifyingKey>, reading: Reading) -> Self {
        Self { key, reading, lines: 0, previous: String::new(), report: ProofReport::default() }
    }

    /// Verifies the next line, which has no line break in it. Gives its record; none for a blank line.
    ///
    /// # Errors
    /// As [`verify_lines`]; what comes after an error means nothing.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<ProofRecord>, ProofError> {
        self.lines = self.lines.saturating_add(1);
        let number = self.lines;
        let fault = |fault| ProofError::Line { line: number, fault };
        if line.len() > MAX_LINE {
            return Err(fault(LineFault::TooLong));
        }
        let line = trim(line);
        if line.is_empty() {
            return Ok(None);
        }
        let record = verify_line(line, &self.previous, self.reading).map_err(fault)?;
        self.report.records += 1;
        if let Some(error) = self.key.and_then(|key| signature_fault(&record.integrity, key)) {
            self.report.signature_errors.push(format!("proof_records line {number} {error}"));
        }
        self.previous.clone_from(&record.integrity.record_hash);
        Ok(Some(record))
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> ProofReport {
        self.report
    }
}

fn verify_line(line: &[u8], previous: &str, reading: Reading) -> Result<ProofRecord, LineFault> {
    let record: ProofRecord = json::decode(line, reading)?;
    if let Some(name) = record.missing() {
        return Err(LineFault::Required(name));
    }
    let seconds = record.timestamp.format_seconds()?;
    if record.integrity.record_hash != prefixed(&record.digest(&seconds)?) {
        return Err(LineFault::HashMismatch);
    }
    if record.integrity.previous_record_hash != previous {
        return Err(LineFault::ChainBroken);
    }
    Ok(record)
}

/// What is wrong with the signature of a record; nothing when it is the key's.
fn signature_fault(integrity: &ProofIntegrity, key: &VerifyingKey) -> Option<String> {
    if integrity.signature.trim().is_empty() {
        return Some("missing signature".to_owned());
    }
    if integrity.signing_key_id.trim().is_empty() {
        return Some("missing signing_key_id".to_owned());
    }
    let Some(sig) = integrity.signature.strip_prefix(SIGNATURE_PREFIX) else {
        return Some("unsupported signature prefix".to_owned());
    };
    let signature = Signature {
        alg: ALGORITHM.to_owned(),
        key_id: integrity.signing_key_id.clone(),
        sig: sig.to_owned(),
        signed_digest: String::new(),
    };
    match key.verify_bytes(&signature, integrity.record_hash.as_bytes()) {
        Ok(true) => None,
        Ok(false) => Some("signature verification failed".to_owned()),
        Err(error) => Some(format!("signature verification: {error}")),
    }
}

/// Trims white space; of a line that is not UTF-8 only what ASCII knows as such.
fn trim(line: &[u8]) -> &[u8] {
    std::str::from_utf8(line).map_or_else(|_| line.trim_ascii(), |text| text.trim().as_bytes())
}
