//! Canonical JSON (RFC 8785) and the digests over it (01 §2).

mod canonicalize;
mod encode;
mod fault;
mod number;
mod order;
mod string;

pub use canonicalize::{canonicalize, canonicalize_strict};
pub use encode::{digest_of, to_canonical};
pub use fault::{CanonicalError, CanonicalFault};

use crate::digest::{Digest, DigestSink};
use crate::json::Sink as _;

/// The digest of the canonical form of raw JSON text, which is hashed without being put together first (01 §2.3).
///
/// # Errors
/// As [`canonicalize`].
///
/// ```
/// use gait_base::jcs;
///
/// let digest = jcs::digest(br#" {"a": 1.0} "#)?;
/// assert_eq!(digest.to_hex(), "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
/// # Ok::<(), jcs::CanonicalError>(())
/// ```
pub fn digest(input: &[u8]) -> Result<Digest, CanonicalError> {
    let mut sink = DigestSink::new();
    canonicalize::Flattened::read(input, false)?.emit(|piece| sink.put(piece));
    Ok(sink.finish())
}
