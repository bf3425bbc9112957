//! Guard and incident packs in files, retention of artifacts, encrypted artifacts (05 §11–§13).
//!
//! The rules are those of [`gait_evidence::guard`] and [`gait_evidence::incident`]; here are files, clocks and keys.

mod encryption;
mod error;
mod evidence;
mod incident;
mod pack;
mod retain;
mod verify;

pub use encryption::{
    DecryptRequest, Decrypted, EncryptRequest, Encrypted, KEY_COMMAND_TIMEOUT, KeyRequest, decrypt, encrypt,
};
pub use error::GuardFileError;
pub use evidence::EvidencePaths;
pub use incident::{IncidentPacked, IncidentRequest, pack_incident};
pub use pack::{PackRequest, Packed, pack};
pub use retain::{NotRemoved, RetainRequest, Retained, retain};
pub use verify::verify;
