//! Packs in files: building them of what lies on this machine, verifying, inspecting, comparing and exporting them
//! (05 §3–§8).
//!
//! The rules are those of [`gait_evidence::pack`]; here are the files, the keys, the second core for hashing, and the
//! outputs that commands and bindings print.

mod build;
mod error;
mod export;
mod look;
mod output;
mod source;
mod workspace;

pub use build::{BuildRequest, build};
pub use error::PackFileError;
pub use export::{ExportRequest, export};
pub use look::{VerifyRequest, diff, inspect, verify};
pub use output::{DiffRecord, PackOutput, VerifyRecord};
pub use source::PackFile;

#[cfg(test)]
mod tests;
