//! Tokens as they are handed to a gate: what costs time and never changes is computed once.

use std::sync::Arc;

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{Encode, JsonError};
use gait_base::signature::Signature;

use super::AuthorityError;
use crate::mode::Mode;

/// A signed document that has a normal form.
pub trait SignedToken: Encode + Sized {
    /// The document in normal form and without its signature: what is signed.
    ///
    /// # Errors
    /// [`AuthorityError`] when it has no normal form.
    fn unsigned_normal(&self) -> Result<Self, AuthorityError>;

    /// Its signature.
    fn signature(&self) -> Option<&Signature>;

    /// Reads a token file.
    ///
    /// # Errors
    /// Not JSON, or of other types than the members have; in strict mode also unknown, re-cased and repeated members.
    fn parse_token(bytes: &[u8], mode: Mode) -> Result<Self, JsonError>;
}

/// A token as it was handed in, with its normal form and the digest of that. Cloning is cheap.
///
/// ```
/// use gait_gate::authority::approval::ApprovalToken;
/// use gait_gate::authority::token::Presented;
///
/// let empty = Presented::new(ApprovalToken::default());
/// assert!(empty.content_digest().is_none(), "it has no normal form, so nobody can have signed it");
/// ```
#[derive(Debug)]
pub struct Presented<T>(Arc<Parts<T>>);

#[derive(Debug)]
struct Parts<T> {
    token: T,
    /// A normal form that cannot be written (a time may leave its range) has no digest.
    normal: Option<(T, Option<Digest>)>,
}

impl<T> Clone for Presented<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: PartialEq> PartialEq for Presented<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.token == other.0.token
    }
}

impl<T: SignedToken> Presented<T> {
    /// Looks at a token. One without normal form can be presented; it is refused where it is validated.
    #[must_use]
    pub fn new(token: T) -> Self {
        let normal = token.unsigned_normal().ok().map(|normal| {
            let digest = jcs::digest_of(&normal).ok();
            (normal, digest)
        });
        Self(Arc::new(Parts { token, normal }))
    }

    /// Reads a token file.
    ///
    /// # Errors
    /// As [`SignedToken::parse_token`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        T::parse_token(bytes, mode).map(Self::new)
    }

    /// The token as it was read.
    #[must_use]
    pub fn token(&self) -> &T {
        &self.0.token
    }

    /// Digest of the normal form without signature: the same for every spelling of the token.
    #[must_use]
    pub fn content_digest(&self) -> Option<Digest> {
        self.0.normal.as_ref().and_then(|(_, digest)| *digest)
    }

    /// The normal form and its digest.
    pub(crate) fn normal(&self) -> Option<(&T, Option<Digest>)> {
        self.0.normal.as_ref().map(|(normal, digest)| (normal, *digest))
    }
}
