//! Why a pack cannot be made or read, and why one does not hold (05 §18).

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::proof::ProofError;
use gait_base::time::TimeError;
use gait_gate::authority::authorization_bundle::{BundleError, BundleFault};
use gait_gate::authority::context_envelope::ContextEnvelopeError;

use super::call::CallError;
use super::export::TableNameError;
use super::manifest::{MANIFEST_PATH, ManifestFault};
use super::replay::ReplayFault;
use crate::error::EvidenceError;
use crate::guard::GuardError;
use crate::job::JobError;
use crate::runpack::RunpackError;

/// The code of everything that readers of packs find wrong with one (01 §7.3).
pub const VERIFY_FAILED: &str = "pack_verify_failed";

/// A failure of this module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] EvidenceError),
    /// The archive holds neither the manifest of a pack nor that of a runpack.
    #[error("missing {MANIFEST_PATH}")]
    ManifestMissing,
    /// The manifest cannot be used, where only that is asked.
    #[error("{MANIFEST_PATH}: {0}")]
    Manifest(ManifestFault),
    /// An evidence pack of `guard`, which only verification takes.
    #[error("guard evidence packs cannot be inspected, compared or exported as packs")]
    GuardPack,
    /// The pack does not hold.
    #[error(transparent)]
    Fault(Box<PackFault>),
    /// A runpack cannot be read, or does not hold.
    #[error(transparent)]
    Runpack(#[from] RunpackError),
    /// A runpack to be packed does not hold.
    #[error("runpack does not hold: {missing} entries missing, {mismatches} with another digest")]
    RunpackDamaged {
        /// How many listed entries are not there.
        missing: usize,
        /// How many have another digest than listed.
        mismatches: usize,
    },
    /// The references of a run cannot be made an envelope.
    #[error("context envelope: {0}")]
    Context(#[from] ContextEnvelopeError),
    /// A job cannot be read.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A call record is refused.
    #[error("call record: {0}")]
    Call(#[from] CallError),
    /// An authorization bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// An evidence pack of `guard` cannot be verified.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The table for an index of packs is called what no table is.
    #[error(transparent)]
    TableName(#[from] TableNameError),
    /// A pack of this type holds no runpack.
    #[error("a pack of type {0} holds no runpack")]
    NoRunpack(String),
    /// A proof record cannot be made.
    #[error(transparent)]
    Proof(ProofError),
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl From<PackFault> for PackError {
    fn from(fault: PackFault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl Classify for PackError {
    fn code(&self) -> &'static str {
        match self {
            Self::Archive(error) => error.code(),
            Self::ManifestMissing => "pack_manifest_missing",
            Self::Manifest(_) => "pack_manifest_invalid",
            Self::GuardPack => "pack_type_unsupported",
            Self::Fault(_) => VERIFY_FAILED,
            Self::Runpack(error) => error.code(),
            Self::RunpackDamaged { .. } => "runpack_hash_mismatch",
            Self::Context(error) => error.code(),
            Self::Job(error) => error.code(),
            Self::Call(error) => error.code(),
            Self::Bundle(error) => error.code(),
            Self::Guard(error) => error.code(),
            Self::TableName(error) => error.code(),
            Self::NoRunpack(_) => "pack_without_runpack",
            Self::Proof(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Archive(error) => error.category(),
            Self::Fault(_) => Category::VerificationFailed,
            Self::Runpack(error) => error.category(),
            Self::Guard(error) => error.category(),
            Self::Proof(error) => error.category(),
            Self::Encode(error) => error.category(),
            Self::ManifestMissing
            | Self::Manifest(_)
            | Self::GuardPack
            | Self::RunpackDamaged { .. }
            | Self::Context(_)
            | Self::Job(_)
            | Self::Call(_)
            | Self::Bundle(_)
            | Self::TableName(_)
            | Self::NoRunpack(_)
            | Self::Time(_) => Category::InvalidInput,
        }
    }
}

/// Why a pack does not hold. Always a failed verification.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackFault {
    /// The manifest is not as it must be.
    #[error("{MANIFEST_PATH}: {0}")]
    Manifest(#[from] ManifestFault),
    /// The id is not the digest of the manifest.
    #[error("pack_id is not the digest of {MANIFEST_PATH}")]
    PackId,
    /// The proof records do not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// An entry that packs of this type have is not there.
    #[error("{0} is not in the pack")]
    EntryMissing(&'static str),
    /// An entry is no document of its type.
    #[error("{entry}{}: {source}", at(*line))]
    Document {
        /// The entry.
        entry: &'static str,
        /// The line of it, from 1, where it has lines.
        line: Option<usize>,
        /// What is wrong.
        source: JsonError,
    },
    /// An entry, or a line of it, is larger than any reader takes.
    #[error("{entry}{} has more than {limit} bytes", at(*line))]
    TooLarge {
        /// The entry.
        entry: &'static str,
        /// The line of it, from 1, where it has lines.
        line: Option<usize>,
        /// The limit in bytes.
        limit: usize,
    },
    /// A member has another value than it may have.
    #[error("{entry}{}: {member} must be {expected}", at(*line))]
    Member {
        /// The entry.
        entry: &'static str,
        /// The line of it, from 1, where it has lines.
        line: Option<usize>,
        /// Which member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Two entries tell different things of the same.
    #[error("{entry} and {other} differ in {member}")]
    Disagreement {
        /// One entry.
        entry: &'static str,
        /// The other.
        other: &'static str,
        /// What they differ in.
        member: &'static str,
    },
    /// A document of a call does not hold.
    #[error("{entry}{}: {source}", at(*line))]
    Call {
        /// The entry.
        entry: &'static str,
        /// The line of it, from 1, where it has lines.
        line: Option<usize>,
        /// What is wrong.
        source: CallError,
    },
    /// An authorization bundle, or a file that it links to, does not hold.
    #[error(transparent)]
    Bundle(#[from] BundleFault),
    /// Deep verification: a path is declared twice.
    #[error("{MANIFEST_PATH} declares {0:?} twice")]
    DeclaredTwice(String),
    /// Deep verification: an entry without a proof record.
    #[error("no proof record names {0:?}")]
    Unproven(String),
    /// Deep verification: a proof record does not tell of an entry what is true of it.
    #[error("proof_records line {line}: {member} is not that of the pack or its entry")]
    ProofRecord {
        /// Which line, from 1.
        line: usize,
        /// The member of its event.
        member: &'static str,
    },
    /// Deep verification: the embedded runpack does not hold.
    #[error("source/runpack.zip: {0}")]
    Source(#[from] SourceFault),
    /// Deep verification: the journal does not lead to the state.
    #[error(transparent)]
    Replay(#[from] ReplayFault),
    /// Deep verification: a linked trace is not that of the decision.
    #[error("{entry}: {member} is not that of the authorization bundle")]
    Trace {
        /// The entry.
        entry: String,
        /// What differs.
        member: &'static str,
    },
}

/// What is wrong with an embedded runpack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceFault {
    /// It cannot be read.
    #[error(transparent)]
    Runpack(#[from] RunpackError),
    /// It has other entries than it lists.
    #[error("{missing} entries missing, {mismatches} with another digest, {undeclared} not listed")]
    Damaged {
        /// How many listed entries are not there.
        missing: usize,
        /// How many have another digest than listed.
        mismatches: usize,
        /// How many are not listed.
        undeclared: usize,
    },
    /// The payload of the pack, or its context envelope, tells something else of it.
    #[error("{member} is not what {entry} says")]
    Differs {
        /// The entry of the pack.
        entry: &'static str,
        /// What differs.
        member: &'static str,
    },
    /// The context envelope does not follow from its references.
    #[error("context envelope: {0}")]
    Context(#[from] ContextEnvelopeError),
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" line {line}")).unwrap_or_default()
}
