//! What approval tokens, delegation tokens and approved-script entries have in common: how their members are brought
//! into normal form, how they are signed and verified, and why one cannot be made (03 §1.1).

mod error;
mod member;
mod signature;

pub use error::AuthorityError;
pub(crate) use member::{adopt_schema, fold_digest, reading, require_trimmed};
pub use signature::{CheckEach, SignatureCheck};
pub(crate) use signature::{SignedState, signed_state};

/// What `producer_version` says when nobody said anything.
pub const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";

/// How many hex digits a token id has.
pub(crate) const TOKEN_ID_DIGITS: usize = 24;
