//! Canonical JSON (RFC 8785) and the digests over it (01 §2).

mod canonicalize;
mod fault;
mod number;
mod order;
mod string;

pub use canonicalize::{canonicalize, canonicalize_strict};
pub use fault::{CanonicalError, CanonicalFault};
