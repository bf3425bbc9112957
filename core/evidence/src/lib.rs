//! Evidence formats of libgait: bytes in, bytes out. No files, no clock, no environment.
//!
//! - [`archive`]: the deterministic zip that runpacks and packs are made of, and the bounded reader of such archives.
#![forbid(unsafe_code)]

pub mod archive;
pub mod error;

pub use error::EvidenceError;
