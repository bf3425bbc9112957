//! Ed25519 keys: what a key file or an environment variable holds, and the ids of keys (01 §4.1, §4.3).
//!
//! Secrets are wiped from memory when dropped and stand in no `Debug` form, message or error.

mod base64;
pub mod config;

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::Verifier;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

pub(crate) use self::base64::decode_signature;
pub use self::base64::{Base64Error, decode as decode_base64, encode as encode_base64};
use crate::digest::{HexDigest, sha256};
use crate::error::{Category, Classify};

const SEED: usize = 32;
const PUBLIC: usize = 32;
const PRIVATE: usize = SEED + PUBLIC;

/// Which part of a pair is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    /// The private key.
    Private,
    /// The public key.
    Public,
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Private => "private",
            Self::Public => "public",
        })
    }
}

/// Why there is no key. Never quotes key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not base64.
    #[error("decode {half} key: {source}")]
    Decode {
        /// Of which half.
        half: Half,
        /// What the decoder says.
        source: Base64Error,
    },
    /// The text decodes to another number of bytes than 64 (private) or 32 (public).
    #[error("invalid {half} key length: {length}")]
    Length {
        /// Of which half.
        half: Half,
        /// How many bytes there are.
        length: usize,
    },
    /// The public half within a private key belongs to another seed; signing with it could reveal the secret (00 D6).
    #[error("private key is inconsistent: its public half does not belong to its seed")]
    Inconsistent,
    /// The text is blank.
    #[error("{half} key is blank")]
    Blank {
        /// Which half.
        half: Half,
    },
    /// The file of a key cannot be read.
    #[error("read {half} key: {reason}")]
    Read {
        /// Of which half.
        half: Half,
        /// What the reader says.
        reason: String,
    },
    /// An environment variable that should hold a key is unset or blank.
    #[error("{half} key env not set: {name}")]
    EnvNotSet {
        /// Of which half.
        half: Half,
        /// The variable's name.
        name: String,
    },
    /// Both a file and a variable are named for one half.
    #[error("{half} key: give a path or an environment variable, not both")]
    TwoSources {
        /// Of which half.
        half: Half,
    },
    /// A mode that is neither `dev` nor `prod`.
    #[error("unsupported key mode: {0:?}")]
    UnsupportedMode(String),
    /// Mode `dev` makes its own key and takes none.
    #[error("key mode dev takes no key: remove the key path or environment variable, or use key mode prod")]
    SourceInDevMode,
    /// Mode `prod` without a private key.
    #[error("private key not configured: key mode prod needs a path or an environment variable")]
    PrivateNotConfigured,
    /// Nothing to verify with.
    #[error("public key not configured")]
    PublicNotConfigured,
    /// The public key given beside a private one is of another pair.
    #[error("public key does not belong to the private key")]
    PairMismatch,
    /// No randomness for a fresh key.
    #[error("generate key: {reason}")]
    Random {
        /// What the source of randomness says.
        reason: String,
    },
}

impl Classify for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Decode { .. } | Self::Length { .. } | Self::Blank { .. } => "key_malformed",
            Self::Inconsistent => "key_inconsistent",
            Self::Read { .. } => "key_unreadable",
            Self::EnvNotSet { .. } => "key_env_not_set",
            Self::TwoSources { .. } | Self::SourceInDevMode => "key_sources_conflict",
            Self::UnsupportedMode(_) => "key_mode_unsupported",
            Self::PrivateNotConfigured | Self::PublicNotConfigured => "key_not_configured",
            Self::PairMismatch => "key_pair_mismatch",
            Self::Random { .. } => "key_generation_failed",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Random { .. } => Category::InternalFailure,
            _ => Category::InvalidInput,
        }
    }
}

/// A private key, always of one piece with its public half.
///
/// Can be shared between threads; signing takes no lock.
///
/// ```
/// use gait_base::key::SigningKey;
///
/// let key = SigningKey::from_seed(&[7; 32]);
/// let text = key.to_base64();
/// assert_eq!(SigningKey::parse_file_text(format!("{}\n", *text).as_bytes())?.key_id(), key.key_id());
/// assert!(!format!("{key:?}").contains(&text[..8]));
/// # Ok::<(), gait_base::key::KeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    inner: ed25519_dalek::SigningKey,
    /// Nonce key and scalar, derived from the seed once. Only ever used with the point that belongs to them.
    expanded: Arc<ExpandedSecretKey>,
    point: ed25519_dalek::VerifyingKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// The key that a seed determines.
    #[must_use]
    pub fn from_seed(seed: &[u8; SEED]) -> Self {
        let inner = ed25519_dalek::SigningKey::from_bytes(seed);
        let point = inner.verifying_key();
        let public = VerifyingKey::new(point.to_bytes(), Some(point));
        let expanded = Arc::new(ExpandedSecretKey::from(seed));
        Self { inner, expanded, point, public }
    }

    /// Reads base64 of the 64 bytes seed and public key, as it stands: untrimmed.
    ///
    /// # Errors
    /// [`KeyError::Decode`], [`KeyError::Length`], or [`KeyError::Inconsistent`] when the halves disagree.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        Self::read(text.as_bytes())
    }

    /// Reads the content of a key file: blanks, tabs and line breaks at both ends do not count, others do.
    ///
    /// # Errors
    /// As [`SigningKey::from_base64`].
    pub fn parse_file_text(content: &[u8]) -> Result<Self, KeyError> {
        Self::read(trim_file_text(content))
    }

    /// Reads the value of an environment variable, trimmed of Unicode white space.
    ///
    /// # Errors
    /// [`KeyError::Blank`], else as [`SigningKey::from_base64`].
    pub fn parse_env_text(value: &str) -> Result<Self, KeyError> {
        Self::read(trim_env_text(value, Half::Private)?)
    }

    fn read(text: &[u8]) -> Result<Self, KeyError> {
        let half = Half::Private;
        let bytes = base64::decode(text).map_err(|source| KeyError::Decode { half, source })?;
        let pair: Option<&[u8; PRIVATE]> = bytes.as_slice().try_into().ok();
        let (seed, public) = pair.ok_or(KeyError::Length { half, length: bytes.len() })?.split_at(SEED);
        let mut secret = Zeroizing::new([0; SEED]);
        secret.copy_from_slice(seed);
        let key = Self::from_seed(&secret);
        if bool::from(key.public.bytes.ct_eq(public)) { Ok(key) } else { Err(KeyError::Inconsistent) }
    }

    /// The text of the key for a file or a variable, without a line break.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        let mut pair = self.inner.to_keypair_bytes();
        let text = Zeroizing::new(base64::encode(&pair));
        pair.zeroize();
        text
    }

    /// The public half.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The id of the pair: the hex digest of its public half.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.public.key_id()
    }

    /// The 64 bytes of the signature over `message`.
    pub(crate) fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        raw_sign::<Sha512>(&self.expanded, message, &self.point).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.key_id())
    }
}

/// A public key: any 32 bytes. Bytes that are no point of the curve are a key that verifies nothing.
///
/// ```
/// use gait_base::key::{SigningKey, VerifyingKey};
///
/// let key = SigningKey::from_seed(&[7; 32]);
/// let public = VerifyingKey::from_base64(&key.verifying_key().to_base64())?;
/// assert_eq!(public, *key.verifying_key());
/// assert_eq!(public.key_id().len(), 64);
/// # Ok::<(), gait_base::key::KeyError>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    bytes: [u8; PUBLIC],
    point: Option<ed25519_dalek::VerifyingKey>,
    id: HexDigest,
}

impl VerifyingKey {
    /// The key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; PUBLIC]) -> Self {
        Self::new(*bytes, ed25519_dalek::VerifyingKey::from_bytes(bytes).ok())
    }

    fn new(bytes: [u8; PUBLIC], point: Option<ed25519_dalek::VerifyingKey>) -> Self {
        Self { id: sha256(&bytes).hex(), bytes, point }
    }

    /// Reads base64 of the 32 bytes, as it stands: untrimmed.
    ///
    /// # Errors
    /// [`KeyError::Decode`] or [`KeyError::Length`].
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        Self::read(text.as_bytes())
    }

    /// Reads the content of a key file: blanks, tabs and line breaks at both ends do not count, others do.
    ///
    /// # Errors
    /// As [`VerifyingKey::from_base64`].
    pub fn parse_file_text(content: &[u8]) -> Result<Self, KeyError> {
        Self::read(trim_file_text(content))
    }

    /// Reads the value of an environment variable, trimmed of Unicode white space.
    ///
    /// # Errors
    /// [`KeyError::Blank`], else as [`VerifyingKey::from_base64`].
    pub fn parse_env_text(value: &str) -> Result<Self, KeyError> {
        Self::read(trim_env_text(value, Half::Public)?)
    }

    fn read(text: &[u8]) -> Result<Self, KeyError> {
        let half = Half::Public;
        let bytes = base64::decode(text).map_err(|source| KeyError::Decode { half, source })?;
        let public: Option<&[u8; PUBLIC]> = bytes.as_slice().try_into().ok();
        public.map(Self::from_bytes).ok_or(KeyError::Length { half, length: bytes.len() })
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; PUBLIC] {
        &self.bytes
    }

    /// The text of the key for a file or a variable, without a line break.
    #[must_use]
    pub fn to_base64(&self) -> String {
        base64::encode(&self.bytes)
    }

    /// The id of the key: the hex digest of its 32 bytes.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.id
    }

    /// Whether the signature over `message` is this key's: `[S]B = R + [k]A` without cofactor, R compared as encoded,
    /// S below the group order.
    pub(crate) fn verify_raw(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.point.is_some_and(|point| point.verify(message, &signature).is_ok())
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.key_id())
    }
}

/// Only these four, whatever else Unicode calls white space.
fn trim_file_text(content: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = content.iter().position(|byte| !is_blank(byte)).unwrap_or(content.len());
    let end = content.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    content.get(start..end).unwrap_or_default()
}

fn trim_env_text(value: &str, half: Half) -> Result<&[u8], KeyError> {
    match value.trim() {
        "" => Err(KeyError::Blank { half }),
        text => Ok(text.as_bytes()),
    }
}
