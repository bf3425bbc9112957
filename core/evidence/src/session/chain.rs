//! Chains of checkpoints: reading, checking the links, comparing, looking one up (04 §7.7).

use std::borrow::Cow;
use std::collections::BTreeMap;

use gait_base::json::{self, Reading};
use gait_base::path::clean;
use gait_gate::mode::Mode;

use super::checkpoint::{checkpoint_digest, checkpoint_run_id};
use super::document::{CHAIN_SCHEMA, Chain, Checkpoint, Header, SCHEMA_VERSION, fill};
use super::error::SessionError;

/// Larger than any chain, in bytes.
const MAX_CHAIN_BYTES: usize = 1 << 30;

/// How two chains differ, by the numbers of their checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainDiff {
    /// Checkpoints of both with different digests.
    pub changed: Vec<i64>,
    /// Checkpoints of the left one only.
    pub left_only: Vec<i64>,
    /// Checkpoints of the right one only.
    pub right_only: Vec<i64>,
}

impl ChainDiff {
    /// Whether the chains are the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.left_only.is_empty() && self.right_only.is_empty()
    }
}

impl Chain {
    /// The chain of a session.
    ///
    /// # Errors
    /// [`SessionError::Time`].
    pub fn of(header: &Header, checkpoints: Vec<Checkpoint>) -> Result<Self, SessionError> {
        let created_at = if header.created_at.is_zero() { header.started_at } else { header.created_at };
        Ok(Self {
            schema_id: Cow::Borrowed(CHAIN_SCHEMA),
            schema_version: Cow::Borrowed(SCHEMA_VERSION),
            created_at: created_at.to_utc()?,
            producer_version: header.producer_version.clone(),
            session_id: header.session_id.clone(),
            run_id: header.run_id.clone(),
            checkpoints,
        })
    }

    /// Reads a chain. Its links are not checked.
    ///
    /// # Errors
    /// [`SessionError::ChainParse`], [`SessionError::ChainSchema`], [`SessionError::ChainIds`],
    /// [`SessionError::ChainEmpty`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, SessionError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let reading = Reading { max_bytes: MAX_CHAIN_BYTES, ..reading };
        let mut chain: Self = json::decode(bytes, reading).map_err(SessionError::ChainParse)?;
        fill(&mut chain.schema_id, CHAIN_SCHEMA);
        fill(&mut chain.schema_version, SCHEMA_VERSION);
        if chain.schema_id != CHAIN_SCHEMA || chain.schema_version != SCHEMA_VERSION {
            return Err(SessionError::ChainSchema);
        }
        if chain.session_id.trim().is_empty() || chain.run_id.trim().is_empty() {
            return Err(SessionError::ChainIds);
        }
        if chain.checkpoints.is_empty() {
            return Err(SessionError::ChainEmpty);
        }
        Ok(chain)
    }

    /// The content of a chain's file.
    ///
    /// # Errors
    /// [`SessionError::Encode`].
    pub fn to_file(&self) -> Result<Vec<u8>, SessionError> {
        Ok(json::to_indented(self)?)
    }

    /// What is wrong with the links between the checkpoints, in their order.
    ///
    /// In strict mode also what the links do not bind: checkpoints of another session or run, and gaps between them.
    #[must_use]
    pub fn linkage_errors(&self, mode: Mode) -> Vec<String> {
        let mut errors = Vec::new();
        let (mut last_index, mut last_digest, mut last_end) = (0_i64, "", 0_i64);
        for (position, checkpoint) in self.checkpoints.iter().enumerate() {
            let index = checkpoint.checkpoint_index;
            if Some(index) != last_index.checked_add(1) {
                errors.push(format!("checkpoint index mismatch at position {position}"));
            }
            if index > 1 && checkpoint.prev_checkpoint_digest != last_digest {
                errors.push(format!("prev_checkpoint_digest mismatch at checkpoint {index}"));
            }
            if checkpoint.sequence_start <= last_end {
                errors.push(format!("sequence overlap at checkpoint {index}"));
            }
            if checkpoint.checkpoint_digest != checkpoint_digest(checkpoint) {
                errors.push(format!("checkpoint_digest mismatch at checkpoint {index}"));
            }
            if mode.is_strict() {
                if checkpoint.session_id != self.session_id || checkpoint.run_id != self.run_id {
                    errors.push(format!("session identity mismatch at checkpoint {index}"));
                }
                if checkpoint.sequence_start > last_end.saturating_add(1) {
                    errors.push(format!("sequence gap before checkpoint {index}"));
                }
                if checkpoint.sequence_end < checkpoint.sequence_start {
                    errors.push(format!("sequence range invalid at checkpoint {index}"));
                }
            }
            last_index = index;
            last_digest = &checkpoint.checkpoint_digest;
            last_end = checkpoint.sequence_end;
        }
        errors
    }

    /// The run id that the runpack of a checkpoint must have.
    #[must_use]
    pub fn runpack_run_id(&self, checkpoint: &Checkpoint) -> String {
        checkpoint_run_id(&self.run_id, checkpoint.checkpoint_index)
    }

    /// How another chain differs from this one, the left one. Of checkpoints with one number the last counts.
    #[must_use]
    pub fn diff(&self, right: &Self) -> ChainDiff {
        let by_index = |chain: &'_ Self| -> BTreeMap<i64, String> {
            let pairs = chain.checkpoints.iter().map(|one| (one.checkpoint_index, one.checkpoint_digest.clone()));
            pairs.collect()
        };
        let (left, right) = (by_index(self), by_index(right));
        let mut diff = ChainDiff::default();
        for (&index, digest) in &left {
            match right.get(&index) {
                None => diff.left_only.push(index),
                Some(other) if other != digest => diff.changed.push(index),
                Some(_) => {}
            }
        }
        diff.right_only.extend(right.keys().filter(|index| !left.contains_key(index)));
        diff
    }

    /// The checkpoint that a person names: `latest` (also when blank) or its number.
    ///
    /// # Errors
    /// [`SessionError::Reference`], [`SessionError::CheckpointMissing`], [`SessionError::ChainEmpty`].
    pub fn resolve(&self, reference: &str) -> Result<&Checkpoint, SessionError> {
        let named = reference.trim();
        if named.is_empty() || named.eq_ignore_ascii_case("latest") {
            return self.checkpoints.last().ok_or(SessionError::ChainEmpty);
        }
        let invalid = || SessionError::Reference(reference.to_owned());
        let (sign, digits) = match named.strip_prefix(['+', '-']) {
            Some(rest) => (named.starts_with('-'), rest),
            None => (false, named),
        };
        // A number followed by other characters counts as the number.
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let index: i64 = digits.get(..end).unwrap_or_default().parse().map_err(|_| invalid())?;
        if sign || index == 0 {
            return Err(invalid());
        }
        let found = self.checkpoints.iter().find(|checkpoint| checkpoint.checkpoint_index == index);
        found.ok_or(SessionError::CheckpointMissing(index))
    }
}

/// Where the chain of a journal lies unless something else is said: beside it, under its name without the last extension.
///
/// ```
/// use gait_evidence::session::default_chain_path;
///
/// assert_eq!(default_chain_path("d/a.journal.jsonl"), "d/a.journal_chain.json");
/// assert_eq!(default_chain_path("d/.hidden"), "d/session_chain.json");
/// ```
#[must_use]
pub fn default_chain_path(journal: &str) -> String {
    let journal = clean(journal.trim());
    let (folder, name) = match journal.rfind('/') {
        Some(at) => journal.split_at(at + 1),
        None => ("", journal.as_str()),
    };
    let stem = name.rfind('.').map_or(name, |at| name.split_at(at).0);
    let stem = if stem.trim().is_empty() { "session" } else { stem };
    format!("{folder}{stem}_chain.json")
}
