//! Verification of signed documents, with a seam through which a caller may remember what was verified already.

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::Encode;
use gait_base::key::VerifyingKey;
use gait_base::signature::Signature;

use super::trust::TrustedKeys;

/// Decides whether a signature holds.
///
/// An implementation may remember answers, but only by *all three* arguments: the key, every member of the signature
/// and the digest. The digest is always computed from the document, never taken from the signature.
pub trait SignatureCheck {
    /// Whether `signature` is the key's over the document with this digest.
    fn verifies(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool;
}

/// Verifies every signature anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckEach;

impl SignatureCheck for CheckEach {
    fn verifies(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool {
        key.verify_computed(signature, digest) == Ok(true)
    }
}

impl<F: Fn(&VerifyingKey, &Signature, &Digest) -> bool> SignatureCheck for F {
    fn verifies(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool {
        self(key, signature, digest)
    }
}

/// What came of looking at a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedState {
    /// It holds.
    Verified,
    /// There is none.
    Missing,
    /// There is no key, or the signature does not hold, or the document has no canonical form.
    Invalid,
}

/// Looks at the signature of `unsigned`, a document in normal form without its signature.
pub(crate) fn signed_state<T: Encode>(
    unsigned: &T,
    signature: Option<&Signature>,
    key: Option<&VerifyingKey>,
    check: &dyn SignatureCheck,
) -> SignedState {
    let Some(key) = key else { return SignedState::Invalid };
    let Some(signature) = signature else { return SignedState::Missing };
    match jcs::digest_of(unsigned) {
        Ok(digest) if check.verifies(key, signature, &digest) => SignedState::Verified,
        _ => SignedState::Invalid,
    }
}

/// Who vouches for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authentic {
    /// A trusted key whose holder may sign as that identity.
    Yes,
    /// Nobody: it is not signed.
    Unsigned,
    /// Nobody who is trusted.
    No,
    /// A trusted key, but of somebody with another name.
    OtherHolder,
}

/// Whether somebody trusted signed the document with this digest, as `identity`. Nobody signed one without digest.
pub(crate) fn authenticate(
    digest: Option<Digest>,
    signature: Option<&Signature>,
    trusted: &TrustedKeys,
    identity: &str,
    check: &dyn SignatureCheck,
) -> Authentic {
    if trusted.is_empty() {
        return Authentic::No;
    }
    let Some(signature) = signature else { return Authentic::Unsigned };
    let Some(digest) = digest else { return Authentic::No };
    let mut authentic = Authentic::No;
    for candidate in trusted.candidates(signature) {
        if check.verifies(&candidate.key, signature, &digest) {
            if candidate.may_sign_as(identity) {
                return Authentic::Yes;
            }
            authentic = Authentic::OtherHolder;
        }
    }
    authentic
}
