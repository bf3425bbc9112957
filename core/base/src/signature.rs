//! Signatures over bytes, digests and JSON documents, and their verification in the contract's order (01 §4.1–4.2).
//!
//! A JSON document is signed through the 32 bytes of the SHA-256 of its canonical form, not through the hex text or the
//! canonical text. Which document that is — always without its signature member — stands with each kind of document.

use crate::digest::Digest;
use crate::error::{Category, Classify};
use crate::jcs::{self, CanonicalError};
use crate::json::{Encode, EncodeError};
use crate::key::{Base64Error, SigningKey, VerifyingKey, decode_base64, decode_signature, encode_base64};

/// The only algorithm.
pub const ALGORITHM: &str = "ed25519";

crate::record! {
    /// A signature as it stands in a document.
    ///
    /// ```
    /// use gait_base::key::SigningKey;
    ///
    /// let key = SigningKey::from_seed(&[7; 32]);
    /// let signature = key.sign_json(br#"{"a": 1}"#)?;
    /// assert_eq!(key.verifying_key().verify_json(&signature, br#" {"a": 1.0} "#), Ok(true));
    /// assert!(key.verifying_key().verify_json(&signature, br#"{"a": 2}"#).is_err());
    /// # Ok::<(), gait_base::jcs::CanonicalError>(())
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Signature {
        /// Always `ed25519`.
        pub alg: String,
        /// The id of the key: the hex digest of the public key.
        pub key_id: String,
        /// Base64 of the 64 bytes.
        pub sig: String,
        /// The hex digest that was signed; empty when bytes were signed.
        pub signed_digest: String => omit,
    }
}

/// Why a signature cannot be checked. The texts reach `signature_errors` lists.
///
/// A check that is made and fails is no error but `false`; both mean "not verified".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Another algorithm than `ed25519`.
    #[error("unsupported alg: {0}")]
    UnsupportedAlg(String),
    /// The signature names another key.
    #[error("key id mismatch")]
    KeyIdMismatch,
    /// The signature is not base64.
    #[error("decode sig: {0}")]
    DecodeSig(Base64Error),
    /// The signature has another number of bytes than 64.
    #[error("invalid signature length: {0}")]
    SignatureLength(usize),
    /// A digest was to be verified, and the signature names none.
    #[error("missing signed_digest")]
    MissingSignedDigest,
    /// The signature is over another document.
    #[error("signed_digest mismatch")]
    SignedDigestMismatch,
    /// The signed digest is not hex.
    #[error("decode digest: not pairs of hex digits")]
    DecodeDigest,
    /// The signed digest has another number of bytes than 32.
    #[error("invalid digest length: {0}")]
    DigestLength(usize),
    /// The document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

impl Classify for SignatureError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedAlg(_) => "signature_alg_unsupported",
            Self::KeyIdMismatch => "signature_key_mismatch",
            Self::DecodeSig(_) | Self::SignatureLength(_) => "signature_malformed",
            Self::MissingSignedDigest => "signature_digest_missing",
            Self::SignedDigestMismatch => "signature_digest_mismatch",
            Self::DecodeDigest | Self::DigestLength(_) => "signature_digest_malformed",
            Self::Canonical(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Canonical(error) => error.category(),
            _ => Category::VerificationFailed,
        }
    }
}

impl SigningKey {
    /// Signs bytes as they are.
    #[must_use]
    pub fn sign_bytes(&self, data: &[u8]) -> Signature {
        self.signature(data, String::new())
    }

    /// Signs the 32 bytes of a digest.
    #[must_use]
    pub fn sign_digest(&self, digest: &Digest) -> Signature {
        self.signature(digest.as_bytes(), digest.to_hex())
    }

    /// Signs the digest of the canonical form of JSON text.
    ///
    /// # Errors
    /// When the text has no canonical form.
    pub fn sign_json(&self, document: &[u8]) -> Result<Signature, CanonicalError> {
        jcs::digest(document).map(|digest| self.sign_digest(&digest))
    }

    /// Signs the digest of the canonical form of a record.
    ///
    /// # Errors
    /// When something in the record has no written form.
    pub fn sign_canonical<T: Encode + ?Sized>(&self, document: &T) -> Result<Signature, EncodeError> {
        jcs::digest_of(document).map(|digest| self.sign_digest(&digest))
    }

    fn signature(&self, message: &[u8], signed_digest: String) -> Signature {
        Signature {
            alg: ALGORITHM.to_owned(),
            key_id: self.key_id().to_owned(),
            sig: encode_base64(&self.sign_raw(message)),
            signed_digest,
        }
    }
}

impl VerifyingKey {
    /// Whether the signature is this key's over these bytes. An empty key id fits any key.
    ///
    /// # Errors
    /// In this order: the algorithm, the key id, the base64 and the length of the signature.
    pub fn verify_bytes(&self, signature: &Signature, data: &[u8]) -> Result<bool, SignatureError> {
        if signature.alg != ALGORITHM {
            return Err(SignatureError::UnsupportedAlg(signature.alg.clone()));
        }
        if !signature.key_id.is_empty() && signature.key_id != self.key_id() {
            return Err(SignatureError::KeyIdMismatch);
        }
        if let Some(bytes) = decode_signature(signature.sig.as_bytes()) {
            return Ok(self.verify_raw(data, &bytes));
        }
        let bytes = decode_base64(signature.sig.as_bytes()).map_err(SignatureError::DecodeSig)?;
        let bytes: &[u8; 64] = bytes.as_slice().try_into().map_err(|_| SignatureError::SignatureLength(bytes.len()))?;
        Ok(self.verify_raw(data, bytes))
    }

    /// Whether the signature is this key's over the digest that it names; hex digits of any case.
    ///
    /// Says nothing of any document: see [`VerifyingKey::verify_computed`].
    ///
    /// # Errors
    /// A missing or malformed digest, then as [`VerifyingKey::verify_bytes`].
    pub fn verify_digest(&self, signature: &Signature) -> Result<bool, SignatureError> {
        let digest = decode_signed_digest(&signature.signed_digest)?;
        self.verify_bytes(signature, digest.as_bytes())
    }

    /// Whether the signature is this key's over the canonical form of JSON text.
    ///
    /// # Errors
    /// A text without canonical form, then as [`VerifyingKey::verify_computed`].
    pub fn verify_json(&self, signature: &Signature, document: &[u8]) -> Result<bool, SignatureError> {
        self.verify_computed(signature, &jcs::digest(document)?)
    }

    /// Whether the signature is this key's over the document with this digest, which the caller computed.
    ///
    /// # Errors
    /// A signature without digest or over another one, compared by its lower-case hex text, then as
    /// [`VerifyingKey::verify_bytes`].
    pub fn verify_computed(&self, signature: &Signature, digest: &Digest) -> Result<bool, SignatureError> {
        if signature.signed_digest.is_empty() {
            return Err(SignatureError::MissingSignedDigest);
        }
        if *signature.signed_digest != *digest.hex() {
            return Err(SignatureError::SignedDigestMismatch);
        }
        self.verify_bytes(signature, digest.as_bytes())
    }
}

fn decode_signed_digest(text: &str) -> Result<Digest, SignatureError> {
    if text.is_empty() {
        return Err(SignatureError::MissingSignedDigest);
    }
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(SignatureError::DecodeDigest);
    }
    Digest::parse_hex(&text.to_ascii_lowercase()).ok_or(SignatureError::DigestLength(text.len() / 2))
}
