//! Why a session's journal, state or chain cannot be used.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError};
use gait_base::time::TimeError;

use super::journal::MAX_LINE_BYTES;
use crate::runpack::RunpackError;

/// A failure of this module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// A line is not the JSON of a record.
    #[error("session journal parse line {line}: {source}")]
    Parse {
        /// Which line, from 1; blank ones count.
        line: u64,
        /// What is wrong.
        source: JsonError,
    },
    /// The last line is cut off: it has no newline, and what is there of it is not JSON. It was never acknowledged.
    #[error(
        "session journal parse line {line}: {source}; the line was cut off while it was written, \
         and the next command that writes to the session sets it aside"
    )]
    Torn {
        /// Which line, from 1.
        line: u64,
        /// Where it begins, in bytes from where reading began.
        offset: u64,
        /// What is wrong.
        source: JsonError,
    },
    /// A line is longer than any record may be.
    #[error("session journal parse line {line}: more than {MAX_LINE_BYTES} bytes")]
    LineTooLong {
        /// Which line, from 1.
        line: u64,
    },
    /// The journal cannot be read any further.
    #[error("read session journal: {0}")]
    Source(#[source] std::io::Error),
    /// A record of a kind that does not exist.
    #[error("session journal line {line} has unsupported record_type {kind:?}")]
    RecordType {
        /// Which line, from 1.
        line: u64,
        /// The kind.
        kind: String,
    },
    /// A record without the content of its kind.
    #[error("session journal line {line} missing {payload} payload")]
    PayloadMissing {
        /// Which line, from 1.
        line: u64,
        /// What is missing.
        payload: Payload,
    },
    /// A second header.
    #[error("session journal contains duplicate header")]
    HeaderRepeated,
    /// No header at all.
    #[error("session journal missing header")]
    HeaderMissing,
    /// An event or checkpoint before the header.
    #[error("session journal {0} encountered before header")]
    BeforeHeader(Payload),
    /// A header without one of its ids.
    #[error("session journal header missing session_id or run_id")]
    HeaderIds,
    /// A gap or a repeat in the numbers of events.
    #[error("session event sequence mismatch line {line}: got {got} want {want}")]
    Sequence {
        /// Which line, from 1.
        line: u64,
        /// The number that is there.
        got: i64,
        /// The number that must be there.
        want: i64,
    },
    /// An event or checkpoint of another session or run.
    #[error("session {payload} identity mismatch at line {line}")]
    Identity {
        /// Which line, from 1.
        line: u64,
        /// What it is.
        payload: Payload,
    },
    /// A checkpoint out of order.
    #[error("session checkpoint index mismatch at line {line}")]
    CheckpointIndex {
        /// Which line, from 1.
        line: u64,
    },
    /// A checkpoint over no events.
    #[error("session checkpoint sequence range invalid at line {line}")]
    CheckpointRange {
        /// Which line, from 1.
        line: u64,
    },
    /// A checkpoint over events of the one before.
    #[error("session checkpoint sequence overlap at line {line}")]
    CheckpointOverlap {
        /// Which line, from 1.
        line: u64,
    },
    /// A checkpoint that follows another one than stands before it.
    #[error("session checkpoint digest linkage mismatch at line {line}")]
    CheckpointLinkage {
        /// Which line, from 1.
        line: u64,
    },
    /// A checkpoint whose digest is not its own.
    #[error("session checkpoint digest invalid at line {line}")]
    CheckpointDigest {
        /// Which line, from 1.
        line: u64,
    },
    /// A session without one of its ids.
    #[error("session_id and run_id are required")]
    IdsRequired,
    /// The journal belongs to another session or run.
    #[error("session journal already initialized with different session/run")]
    OtherSession,
    /// There is nothing to checkpoint.
    #[error("no new session events available for checkpoint")]
    NothingNew,
    /// A runpack would replace that of an earlier checkpoint (strict only).
    #[error("{path} is the runpack of checkpoint {index}, which would be lost")]
    RunpackTaken {
        /// The path.
        path: String,
        /// The checkpoint that it belongs to.
        index: i64,
    },
    /// A record that readers would refuse for its length.
    #[error("session record has {size} bytes, more than readers take")]
    RecordTooLong {
        /// Its length.
        size: usize,
    },
    /// All numbers are used up.
    #[error("session has no sequence number left")]
    SequenceExhausted,
    /// A chain that is not JSON.
    #[error("parse session chain: {0}")]
    ChainParse(#[source] JsonError),
    /// A document of another kind or version.
    #[error("unsupported session chain schema")]
    ChainSchema,
    /// A chain of no session.
    #[error("session chain missing session_id/run_id")]
    ChainIds,
    /// A chain of nothing.
    #[error("session chain has no checkpoints")]
    ChainEmpty,
    /// A reference to a checkpoint that means none.
    #[error("invalid checkpoint reference: {0}")]
    Reference(String),
    /// A checkpoint that the chain does not have.
    #[error("checkpoint {0} not found")]
    CheckpointMissing(i64),
    /// The runpack of a checkpoint cannot be recorded.
    #[error(transparent)]
    Runpack(#[from] RunpackError),
    /// Something has no written form.
    #[error("encode session record: {0}")]
    Encode(#[from] EncodeError),
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The header.
    Header,
    /// An event.
    Event,
    /// A checkpoint.
    Checkpoint,
}

impl std::fmt::Display for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Event => "event",
            Self::Checkpoint => "checkpoint",
        })
    }
}

impl Classify for SessionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Torn { .. } => "session_journal_torn",
            Self::Parse { .. }
            | Self::LineTooLong { .. }
            | Self::RecordType { .. }
            | Self::PayloadMissing { .. }
            | Self::HeaderRepeated
            | Self::HeaderMissing
            | Self::BeforeHeader(_)
            | Self::HeaderIds
            | Self::Sequence { .. }
            | Self::Identity { .. }
            | Self::CheckpointIndex { .. }
            | Self::CheckpointRange { .. }
            | Self::CheckpointOverlap { .. }
            | Self::CheckpointLinkage { .. }
            | Self::CheckpointDigest { .. } => "session_journal_invalid",
            Self::Source(_) => "session_journal_unreadable",
            Self::IdsRequired => "session_ids_missing",
            Self::OtherSession => "session_conflict",
            Self::NothingNew => "session_nothing_new",
            Self::RunpackTaken { .. } => "session_runpack_taken",
            Self::RecordTooLong { .. } => "session_record_limit",
            Self::SequenceExhausted => "session_sequence_exhausted",
            Self::ChainParse(_) | Self::ChainSchema | Self::ChainIds | Self::ChainEmpty => "session_chain_invalid",
            Self::Reference(_) | Self::CheckpointMissing(_) => "session_checkpoint_unknown",
            Self::Runpack(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Time(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Source(_) => Category::IoFailure,
            Self::Runpack(error) => error.category(),
            Self::Encode(error) => error.category(),
            Self::Time(error) => error.category(),
            _ => Category::InvalidInput,
        }
    }
}
