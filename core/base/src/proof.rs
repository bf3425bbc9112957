//! Proof records: one line of canonical JSON an event, chained by hashes and perhaps signed (01 §5).
//!
//! The id covers what happened, the hash the whole record and its predecessor, the signature the text of the hash.
//! Hash and id see the time in whole seconds, while the line may show a fraction.

mod verify;

pub use verify::{LineFault, MAX_LINE, ProofReport, ProofVerifier, verify_lines};

use crate::digest::Digest;
use crate::error::{Category, Classify};
use crate::jcs;
use crate::json::{Encode, EncodeError, Format, Map, Sink, Writer};
use crate::key::SigningKey;
use crate::text::trim_in_place;
use crate::time::{TimeError, Timestamp};

/// The version of a record that names none.
const DEFAULT_VERSION: &str = "1.0";

/// What stands before the base64 of a record's signature.
const SIGNATURE_PREFIX: &str = "base64:";

crate::record! {
    /// One event of a proof file.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ProofRecord {
        /// `prf-`, the time in whole seconds, and the first eight digits of the digest of what happened.
        pub record_id: String,
        /// `1.0` unless the producer says otherwise.
        pub record_version: String,
        /// When it happened, in UTC.
        pub timestamp: Timestamp,
        /// What reports it.
        pub source: String,
        /// The product that the source belongs to.
        pub source_product: String,
        /// Who acted.
        pub agent_id: String => omit,
        /// The kind of event.
        pub record_type: String,
        /// What happened.
        pub event: Option<Map>,
        /// What the event was held to.
        pub controls: ProofControls,
        /// Anything else. In a hash, unset and empty differ; in a line neither stands.
        pub metadata: Option<Map> => omit,
        /// Hashes and signature.
        pub integrity: ProofIntegrity,
    }
}

crate::record! {
    /// What an event was held to.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ProofControls {
        /// Whether permissions were enforced.
        pub permissions_enforced: bool,
        /// The scope that was approved.
        pub approved_scope: String => omit,
        /// Whether the event stayed within it.
        pub within_scope: Option<bool> => omit,
    }
}

crate::record! {
    /// Hashes and signature of a record.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ProofIntegrity {
        /// The prefixed digest of the record.
        pub record_hash: String,
        /// The hash of the record before; empty in the first.
        pub previous_record_hash: String => omit,
        /// The id of the key that signed.
        pub signing_key_id: String => omit,
        /// `base64:` and the signature over the text of `record_hash`.
        pub signature: String => omit,
    }
}

/// What a producer says of an event; the rest of its record follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProofDraft {
    /// Empty for `1.0`.
    pub record_version: String,
    /// Unset for now.
    pub timestamp: Option<Timestamp>,
    /// What reports it.
    pub source: String,
    /// The product that the source belongs to.
    pub source_product: String,
    /// Who acted; may be empty.
    pub agent_id: String,
    /// The kind of event.
    pub record_type: String,
    /// What happened; may be empty, but not unset.
    pub event: Option<Map>,
    /// What the event was held to.
    pub controls: ProofControls,
    /// Anything else.
    pub metadata: Option<Map>,
}

/// Why a record cannot be made, or a file of records does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// A required part is blank or unset.
    #[error("{0} is required")]
    Required(&'static str),
    /// The time has no UTC form.
    #[error("timestamp: {0}")]
    Time(#[from] TimeError),
    /// Something in the record has no written form.
    #[error("encode proof record: {0}")]
    Encode(#[from] EncodeError),
    /// A line of a file does not hold.
    #[error("proof_records line {line}: {fault}")]
    Line {
        /// Its number, from 1, over all lines of the file.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
}

impl Classify for ProofError {
    fn code(&self) -> &'static str {
        match self {
            Self::Required(_) => "proof_record_incomplete",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Line { fault, .. } => fault.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Line { .. } => Category::VerificationFailed,
            _ => Category::InvalidInput,
        }
    }
}

impl ProofRecord {
    /// Makes the record of an event. `previous_record_hash` is empty for the first of a chain; `now` is the time of an
    /// event that names none.
    ///
    /// # Errors
    /// [`ProofError::Required`] for a blank or unset part, or when something has no written form.
    ///
    /// ```
    /// use gait_base::json::Map;
    /// use gait_base::proof::{ProofDraft, ProofRecord};
    /// use gait_base::time::Timestamp;
    ///
    /// let draft = ProofDraft {
    ///     source: "example".into(),
    ///     source_product: "docs".into(),
    ///     record_type: "tool_invocation".into(),
    ///     event: Some(Map::new()),
    ///     ..ProofDraft::default()
    /// };
    /// let record = ProofRecord::build(draft, "", &Timestamp::EPOCH_1980)?;
    /// assert!(record.record_id.starts_with("prf-1980-01-01T00:00:00Z-"));
    /// # Ok::<(), gait_base::proof::ProofError>(())
    /// ```
    pub fn build(draft: ProofDraft, previous_record_hash: &str, now: &Timestamp) -> Result<Self, ProofError> {
        let timestamp = match draft.timestamp.filter(|time| !time.is_zero()) {
            Some(time) => time.to_utc()?,
            None => Timestamp::from_unix(now.unix_seconds(), 0)?,
        };
        let mut record = Self {
            record_id: String::new(),
            record_version: draft.record_version,
            timestamp,
            source: draft.source,
            source_product: draft.source_product,
            agent_id: draft.agent_id,
            record_type: draft.record_type,
            event: draft.event,
            controls: draft.controls,
            metadata: draft.metadata,
            integrity: ProofIntegrity {
                previous_record_hash: previous_record_hash.to_owned(),
                ..ProofIntegrity::default()
            },
        };
        if record.record_version.is_empty() {
            DEFAULT_VERSION.clone_into(&mut record.record_version);
        }
        let Self { source, source_product, agent_id, record_type, .. } = &mut record;
        [source, source_product, agent_id, record_type].into_iter().for_each(trim_in_place);
        record.missing().map_or(Ok(()), |name| Err(ProofError::Required(name)))?;

        let seconds = record.timestamp.format_seconds()?;
        let happened = jcs::digest_of(&IdInput { record: &record, seconds: &seconds })?;
        record.record_id = format!("prf-{seconds}-{}", happened.short(8));
        record.integrity.record_hash = prefixed(&record.digest(&seconds)?);
        Ok(record)
    }

    /// The first required part that is blank or unset.
    fn missing(&self) -> Option<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        [
            ("record_version", blank(&self.record_version)),
            ("timestamp", self.timestamp.is_zero()),
            ("source", blank(&self.source)),
            ("source_product", blank(&self.source_product)),
            ("record_type", blank(&self.record_type)),
            ("event", self.event.is_none()),
        ]
        .into_iter()
        .find_map(|(name, missing)| missing.then_some(name))
    }

    /// What the hash is over, given the time in whole seconds.
    fn digest(&self, seconds: &str) -> Result<Digest, EncodeError> {
        jcs::digest_of(&HashInput { record: self, seconds })
    }

    /// Signs the record's hash, in place of an earlier signature.
    pub fn sign(&mut self, key: &SigningKey) {
        let signature = key.sign_bytes(self.integrity.record_hash.as_bytes());
        self.integrity.signing_key_id = signature.key_id;
        self.integrity.signature = format!("{SIGNATURE_PREFIX}{}", signature.sig);
    }

    /// The record's line in a file, without a line break.
    ///
    /// # Errors
    /// When something in the record has no written form.
    pub fn to_line(&self) -> Result<Vec<u8>, EncodeError> {
        if self.metadata.as_ref().is_some_and(Map::is_empty) {
            return jcs::to_canonical(&Self { metadata: None, ..self.clone() });
        }
        jcs::to_canonical(self)
    }
}

/// Writes the records of one file, each chained to the one before.
///
/// ```
/// use gait_base::json::Map;
/// use gait_base::key::SigningKey;
/// use gait_base::proof::{ProofChain, ProofDraft, verify_lines};
/// use gait_base::time::Timestamp;
///
/// let key = SigningKey::from_seed(&[7; 32]);
/// let mut chain = ProofChain::new(Some(&key));
/// for _ in 0..2 {
///     let draft = ProofDraft {
///         source: "example".into(),
///         source_product: "docs".into(),
///         record_type: "tool_invocation".into(),
///         event: Some(Map::new()),
///         ..ProofDraft::default()
///     };
///     chain.append(draft, &Timestamp::EPOCH_1980)?;
/// }
/// let report = verify_lines(&chain.into_lines(), Some(key.verifying_key()))?;
/// assert_eq!((report.records, report.signature_errors.len()), (2, 0));
/// # Ok::<(), gait_base::proof::ProofError>(())
/// ```
#[derive(Debug)]
pub struct ProofChain<'k> {
    key: Option<&'k SigningKey>,
    previous: String,
    lines: Vec<u8>,
}

impl<'k> ProofChain<'k> {
    /// An empty chain, whose records `key` signs.
    #[must_use]
    pub const fn new(key: Option<&'k SigningKey>) -> Self {
        Self { key, previous: String::new(), lines: Vec::new() }
    }

    /// Makes the next record and adds its line. The chain is as it was when that fails.
    ///
    /// # Errors
    /// As [`ProofRecord::build`].
    pub fn append(&mut self, draft: ProofDraft, now: &Timestamp) -> Result<ProofRecord, ProofError> {
        let mut record = ProofRecord::build(draft, &self.previous, now)?;
        if let Some(key) = self.key {
            record.sign(key);
        }
        let line = record.to_line()?;
        if !self.lines.is_empty() {
            self.lines.push(b'\n');
        }
        self.lines.extend_from_slice(&line);
        self.previous.clone_from(&record.integrity.record_hash);
        Ok(record)
    }

    /// The lines as packs hold them: without a line break at the end.
    #[must_use]
    pub fn into_lines(self) -> Vec<u8> {
        self.lines
    }

    /// The lines as the gateway writes them: with a line break at the end, unless there are none.
    #[must_use]
    pub fn into_terminated_lines(mut self) -> Vec<u8> {
        if !self.lines.is_empty() {
            self.lines.push(b'\n');
        }
        self.lines
    }
}

fn prefixed(digest: &Digest) -> String {
    format!("sha256:{}", digest.hex())
}

/// What the id is over. Written in canonical order only.
struct IdInput<'a> {
    record: &'a ProofRecord,
    seconds: &'a str,
}

impl Encode for IdInput<'_> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        let record = self.record;
        writer.begin_object();
        member(writer, "agent_id", &record.agent_id);
        member(writer, "event", &record.event);
        member(writer, "record_type", &record.record_type);
        member(writer, "source", &record.source);
        member(writer, "source_product", &record.source_product);
        member(writer, "timestamp", self.seconds);
        writer.end_object();
    }
}

/// What the hash is over. Written in canonical order only.
struct HashInput<'a> {
    record: &'a ProofRecord,
    seconds: &'a str,
}

impl Encode for HashInput<'_> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        let record = self.record;
        writer.begin_object();
        member(writer, "agent_id", &record.agent_id);
        member(writer, "controls", &record.controls);
        member(writer, "event", &record.event);
        writer.name("integrity");
        writer.begin_object();
        member(writer, "previous_record_hash", &record.integrity.previous_record_hash);
        writer.end_object();
        member(writer, "metadata", &record.metadata);
        member(writer, "record_id", &record.record_id);
        member(writer, "record_type", &record.record_type);
        member(writer, "record_version", &record.record_version);
        member(writer, "source", &record.source);
        member(writer, "source_product", &record.source_product);
        member(writer, "timestamp", self.seconds);
        writer.end_object();
    }
}

fn member<S: Sink, F: Format, T: Encode + ?Sized>(writer: &mut Writer<'_, S, F>, name: &str, value: &T) {
    writer.name(name);
    value.encode(writer);
}
