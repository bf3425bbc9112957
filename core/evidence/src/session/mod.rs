//! Sessions: a journal of gate decisions, checkpointed into runpacks whose digests form a chain (04 §7).
//!
//! The journal is a file of JSON lines that only grows: a [`Header`], then [`Event`]s numbered from 1, then and when a
//! [`Checkpoint`] that binds the events since the last one to a runpack and to the checkpoint before it. [`JournalReader`]
//! checks it line by line; [`State`] is what an appender must know of it; [`CheckpointPlan`] makes a checkpoint,
//! [`Compaction`] drops what checkpoints cover, [`Chain`] is the list of checkpoints that others verify.
//!
//! Everything here is bytes in, bytes out. Files, locks and clocks are the host's.

mod chain;
mod checkpoint;
mod compaction;
mod document;
mod error;
mod event;
mod journal;
mod relationship;
mod renumbering;
mod state;

pub use chain::{ChainDiff, default_chain_path};
pub use checkpoint::{CheckpointPlan, checkpoint_digest};
pub use compaction::Compaction;
pub use document::{
    CHAIN_SCHEMA, CHECKPOINT_SCHEMA, Chain, Checkpoint, Codes, EVENT_SCHEMA, Event, Header, JOURNAL_SCHEMA,
    SCHEMA_VERSION, STATE_SCHEMA,
};
pub use error::{Payload, SessionError};
pub use event::EventDraft;
pub use journal::{JournalReader, Line, MAX_LINE_BYTES, Record, Tail};
pub use relationship::{EventTies, TimelineTies, checkpoint_relationship, event_relationship, timeline_relationship};
pub use renumbering::Renumbering;
pub use state::{State, Status};
