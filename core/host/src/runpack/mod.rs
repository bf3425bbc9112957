//! Runpacks in files: recording, verifying, reading, replaying with real tools, capturing (04 §3, §6, §8).
//!
//! The rules are those of [`gait_evidence::runpack`]; here are files, environment and children.

mod capture;
mod error;
mod file;
mod record;
mod replay;
mod rewrite;
mod tool;

pub use capture::{capture, write_receipt};
pub use error::{EnvelopeFault, RunpackFileError};
pub use file::{MAX_DOCUMENT_BYTES, open, read, read_chain, resolve, verify, write};
pub use record::{RecordOutcome, RecordRequest, record};
pub use replay::{Interlocks, Locked, RealTools, replay};
pub use rewrite::{Migrated, ReducedFile, migrate, reduce};
