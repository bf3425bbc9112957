//! Guard packs: what stands beside a run, gathered for auditors in one archive with an index by control (05 §11).
//!
//! [`build`] makes one of a runpack and of the [`Evidence`] about it, [`verify`] checks one. Incident packs are the same
//! with evidence chosen by time, see [`crate::incident`]. Beside them stand two rules about artifacts as files:
//! [`retention`] says which may go, [`encryption`] seals one with a key (05 §13).

mod build;
mod consistency;
mod document;
pub mod encryption;
mod error;
mod pdf;
pub mod retention;
mod source;
mod summary;
mod template;
mod verify;

#[cfg(test)]
mod tests;

pub use build::{BuildOptions, Evidence, GuardPack, IncidentScope, build};
pub use document::{
    CONTROL_INDEX_PATH, Control, EVIDENCE_POINTERS_PATH, EvidencePointer, IncidentWindow, MANIFEST_PATH,
    MANIFEST_SCHEMA, PackEntry, PackManifest, RenderedArtifact, SCHEMA_VERSION, SUMMARY_PDF_PATH, entry_type, pack_id,
};
pub use error::GuardError;
pub use pdf::escape as pdf_escape;
pub use source::{
    EvidenceDocument, GraderResult, InventoryItem, InventorySnapshot, MAX_EVIDENCE_BYTES, RegressResult, parse_evidence,
};
pub use summary::{RegressLine, TraceLine};
pub use template::Template;
pub use verify::{DUPLICATE_ENTRIES, Verification, VerifyOptions, verify};
