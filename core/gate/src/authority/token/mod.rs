//! What approval tokens, delegation tokens and approved-script entries have in common: how their members are brought
//! into normal form, how they are signed and verified, why one cannot be made (03 §1.1), whose signatures
//! count, and what is remembered of those that held.

mod error;
mod member;
mod presented;
mod remembered;
mod signature;
mod trust;

pub use error::AuthorityError;
pub(crate) use member::{adopt_schema, fold_digest, reading, require_trimmed};
pub use presented::{Presented, SignedToken};
pub use remembered::RememberedSignatures;
pub(crate) use signature::{Authentic, SignedState, authenticate, signed_state};
pub use signature::{CheckEach, SignatureCheck};
pub use trust::TrustedKeys;

/// What `producer_version` says when nobody said anything.
pub const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";

/// How many hex digits a token id has.
pub(crate) const TOKEN_ID_DIGITS: usize = 24;
