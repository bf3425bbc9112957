//! Evidence formats of libgait: bytes in, bytes out. No files, no clock, no environment.
//!
//! - [`archive`]: the deterministic zip that runpacks and packs are made of, and the bounded reader of such archives.
//! - [`guard`]: packs of evidence for auditors; which artifacts may go, and sealing them.
//! - [`incident`]: which evidence belongs to an incident.
//! - [`job`]: durable jobs: their states and journals, and what each operation makes of them.
//! - [`pack`]: signed containers of runs, jobs, calls and authorizations: built, verified, inspected, compared, exported.
//! - [`runpack`]: the evidence of one run: recorded, verified, read, compared, reduced, replayed.
//! - [`session`]: journals of gate decisions, checkpointed into runpacks whose digests form a chain.
#![forbid(unsafe_code)]

pub mod archive;
pub mod error;
pub mod guard;
pub mod incident;
pub mod job;
pub mod pack;
pub mod runpack;
pub mod session;

pub use error::EvidenceError;
