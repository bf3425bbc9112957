//! Sealing an artifact with a key: AES-256 in Galois/Counter mode (05 §13.2).
//!
//! Opening gives all of the plain text or nothing: the algorithm, the length of the nonce, the tag and the digest must
//! hold before a byte is handed out. What stands beside the cipher text (times, source of the key) is not authenticated.

use aes_gcm::aead::{Aead as _, AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use gait_base::digest::sha256;
use gait_base::error::{Category, Classify};
use gait_base::jcs::to_canonical;
use gait_base::json::{Decode as _, EncodeError, JsonError, Reader, Reading};
use gait_base::key::{decode_base64, encode_base64};
use gait_base::record;
use gait_base::time::{TimeError, Timestamp};
use gait_gate::mode::Mode;
use zeroize::Zeroizing;

/// Kind of the document.
pub const SCHEMA_ID: &str = "gait.guard.encrypted_artifact";
/// Version of the document.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// The only algorithm.
pub const ALGORITHM: &str = "aes-256-gcm";
/// The bytes of a key.
pub const KEY_BYTES: usize = 32;
/// The bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// The most bytes of plain text: all of it is held in memory, more than once.
pub const MAX_PLAIN_BYTES: usize = 256 << 20;
/// The most bytes of an encrypted artifact: the cipher text in base64, and some for the rest.
pub const MAX_ARTIFACT_BYTES: usize = MAX_PLAIN_BYTES / 3 * 4 + (1 << 20);

/// The bytes of the tag at the end of a cipher text.
const TAG_BYTES: usize = 16;

/// Why an artifact could not be sealed or opened. No text tells anything of a key or of plain text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// The key is no base64 of 32 bytes.
    #[error("encryption key must be base64 of 32 bytes")]
    Key,
    /// There is more to seal than fits.
    #[error("more than {limit} bytes to encrypt")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The cipher refused.
    #[error("encryption failed")]
    Seal,
    /// The artifact is no such document.
    #[error("parse encrypted artifact: {0}")]
    Document(JsonError),
    /// Strict: the artifact is of another kind or version.
    #[error("not a gait.guard.encrypted_artifact 1.0.0")]
    Kind,
    /// The artifact names another algorithm.
    #[error("unsupported algorithm: {0}")]
    Algorithm(String),
    /// A member is not base64.
    #[error("{0} is not base64")]
    Base64(&'static str),
    /// The nonce has another length.
    #[error("nonce must have {NONCE_BYTES} bytes, not {0}")]
    Nonce(usize),
    /// The cipher text is cut.
    #[error("ciphertext is too short")]
    Truncated,
    /// The key is another one, or nonce or cipher text were changed.
    #[error("decryption failed: wrong key, or the artifact was changed")]
    Open,
    /// The plain text has another digest than recorded.
    #[error("plain_sha256 mismatch")]
    Digest,
    /// Strict: the plain text has another size than recorded.
    #[error("plain_size mismatch")]
    Size,
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Something has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for EncryptionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Key => "encryption_key_invalid",
            Self::TooLarge { .. } => "encryption_too_large",
            Self::Seal => "encryption_failed",
            Self::Document(_) | Self::Kind | Self::Base64(_) => "encrypted_artifact_malformed",
            Self::Algorithm(_) => "encryption_algorithm_unsupported",
            Self::Nonce(_) => "encryption_nonce_invalid",
            Self::Truncated | Self::Open => "decryption_failed",
            Self::Digest | Self::Size => "decryption_plain_mismatch",
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Seal => Category::InternalFailure,
            Self::Encode(error) => error.category(),
            // The contract has no other exit code for artifacts that cannot be opened (05 §18).
            _ => Category::InvalidInput,
        }
    }
}

/// A key; wiped from memory when dropped, and without a `Debug` form of its bytes.
pub struct EncryptionKey(Zeroizing<[u8; KEY_BYTES]>);

impl EncryptionKey {
    /// Takes a key as it is.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// Reads padded base64 with blanks around it, as variables and commands give it.
    ///
    /// # Errors
    /// [`EncryptionError::Key`].
    pub fn from_base64(text: &[u8]) -> Result<Self, EncryptionError> {
        let text = std::str::from_utf8(text).map_err(|_| EncryptionError::Key)?;
        let bytes = decode_base64(text.trim().as_bytes()).map_err(|_| EncryptionError::Key)?;
        let bytes: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| EncryptionError::Key)?;
        Ok(Self::from_bytes(bytes))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.0).into())
    }
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EncryptionKey(…)")
    }
}

record! {
    /// Where the key came from. Never the key itself.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct KeySource {
        /// `env` or `command`.
        pub mode: String,
        /// The environment variable.
        pub variable: String as "ref" => omit,
        /// The command, without its arguments.
        pub command: String => omit,
    }
}

impl KeySource {
    /// A key from an environment variable.
    #[must_use]
    pub fn variable(name: &str) -> Self {
        Self { mode: "env".to_owned(), variable: name.to_owned(), command: String::new() }
    }

    /// A key that a command printed.
    #[must_use]
    pub fn command(name: &str) -> Self {
        Self { mode: "command".to_owned(), variable: String::new(), command: name.to_owned() }
    }
}

record! {
    /// An artifact that was sealed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EncryptedArtifact {
        /// [`SCHEMA_ID`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it was sealed.
        pub created_at: Timestamp,
        /// Version of the program that sealed it.
        pub producer_version: String,
        /// [`ALGORITHM`].
        pub algorithm: String,
        /// Where the key came from.
        pub key_source: KeySource,
        /// Base64 of the nonce.
        pub nonce: String,
        /// Base64 of the cipher text, its tag at the end.
        pub ciphertext: String,
        /// SHA-256 of the plain text, in hex.
        pub plain_sha256: String,
        /// Bytes of the plain text.
        pub plain_size: i64,
    }
}

/// What an artifact says about its sealing.
#[derive(Clone, Debug)]
pub struct SealTerms<'a> {
    /// The time.
    pub created_at: Timestamp,
    /// Version of the program.
    pub producer_version: &'a str,
    /// Where the key came from.
    pub key_source: KeySource,
}

/// Seals a plain text. The nonce must be random: one that is used twice with a key gives both texts away.
///
/// # Errors
/// [`EncryptionError::TooLarge`], [`EncryptionError::Time`].
pub fn seal(
    plain: &[u8],
    key: &EncryptionKey,
    nonce: &[u8; NONCE_BYTES],
    terms: SealTerms<'_>,
) -> Result<EncryptedArtifact, EncryptionError> {
    if plain.len() > MAX_PLAIN_BYTES {
        return Err(EncryptionError::TooLarge { limit: MAX_PLAIN_BYTES });
    }
    let ciphertext = key.cipher().encrypt(&Nonce::from(*nonce), plain).map_err(|_| EncryptionError::Seal)?;
    Ok(EncryptedArtifact {
        schema_id: SCHEMA_ID.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: terms.created_at.to_utc()?,
        producer_version: terms.producer_version.to_owned(),
        algorithm: ALGORITHM.to_owned(),
        key_source: terms.key_source,
        nonce: encode_base64(nonce),
        ciphertext: encode_base64(&ciphertext),
        plain_sha256: sha256(plain).to_hex(),
        plain_size: i64::try_from(plain.len()).unwrap_or(i64::MAX),
    })
}

impl EncryptedArtifact {
    /// Reads an artifact. Unknown members are refused; text after the document is passed over, but for strict mode.
    ///
    /// # Errors
    /// [`EncryptionError::Document`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, EncryptionError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::CLOSED };
        let reading = Reading { max_bytes: MAX_ARTIFACT_BYTES, ..reading };
        let mut artifact = Self::default();
        let read = Reader::new(bytes, reading).and_then(|mut reader| {
            artifact.decode(&mut reader)?;
            if mode.is_strict() { reader.finish() } else { Ok(()) }
        });
        read.map(|()| artifact).map_err(EncryptionError::Document)
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// [`EncryptionError::Encode`] for a time that cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncryptionError> {
        Ok(to_canonical(self)?)
    }

    /// The plain text, once everything holds that is checked. Strict mode also asks for kind, digest and size.
    ///
    /// # Errors
    /// [`EncryptionError`].
    pub fn open(&self, key: &EncryptionKey, mode: Mode) -> Result<Zeroizing<Vec<u8>>, EncryptionError> {
        if mode.is_strict() && (self.schema_id != SCHEMA_ID || self.schema_version != SCHEMA_VERSION) {
            return Err(EncryptionError::Kind);
        }
        if self.algorithm != ALGORITHM {
            return Err(EncryptionError::Algorithm(self.algorithm.clone()));
        }
        let nonce = decode_base64(self.nonce.as_bytes()).map_err(|_| EncryptionError::Base64("nonce"))?;
        let nonce: &[u8; NONCE_BYTES] = nonce.as_slice().try_into().map_err(|_| EncryptionError::Nonce(nonce.len()))?;
        let mut text = decode_base64(self.ciphertext.as_bytes()).map_err(|_| EncryptionError::Base64("ciphertext"))?;
        if text.len() < TAG_BYTES {
            return Err(EncryptionError::Truncated);
        }
        // The buffer holds the plain text only when the tag was right: it is checked before anything is deciphered.
        key.cipher().decrypt_in_place(&Nonce::from(*nonce), b"", &mut *text).map_err(|_| EncryptionError::Open)?;
        let digest = sha256(&text).hex();
        let names_none = self.plain_sha256.is_empty() && !mode.is_strict();
        if !names_none && !self.plain_sha256.eq_ignore_ascii_case(&digest) {
            return Err(EncryptionError::Digest);
        }
        if mode.is_strict() && i64::try_from(text.len()).ok() != Some(self.plain_size) {
            return Err(EncryptionError::Size);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

    fn sealed(plain: &[u8]) -> EncryptedArtifact {
        let terms = SealTerms {
            created_at: Timestamp::EPOCH_1980,
            producer_version: "0.0.0-dev",
            key_source: KeySource::variable("K"),
        };
        seal(plain, &EncryptionKey::from_bytes(&KEY), &[9; NONCE_BYTES], terms).unwrap()
    }

    fn code(artifact: &EncryptedArtifact, mode: Mode) -> &'static str {
        artifact.open(&EncryptionKey::from_bytes(&KEY), mode).map_or_else(|error| error.code(), |_| "ok")
    }

    /// Test case 16 of the specification of the mode, without its associated data: the first blocks are the same.
    #[test]
    fn the_cipher_is_the_published_one() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let nonce: [u8; NONCE_BYTES] = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let plain = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        );
        let key = EncryptionKey::from_bytes(key.as_slice().try_into().unwrap());
        let terms =
            SealTerms { created_at: Timestamp::ZERO, producer_version: "", key_source: KeySource::command("cat") };
        let artifact = seal(&plain, &key, &nonce, terms).unwrap();
        let expected = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad\
                        b094dac5d93471bdec1a502270e3cc6c";
        assert_eq!(*decode_base64(artifact.ciphertext.as_bytes()).unwrap(), hex(expected));
        assert_eq!(*artifact.open(&key, Mode::Strict).unwrap(), plain);
    }

    #[test]
    fn what_was_sealed_can_be_read_and_opened() {
        for plain in [&b""[..], b"x", &[0; 100_000]] {
            let artifact = EncryptedArtifact::parse(&sealed(plain).to_bytes().unwrap(), Mode::Strict).unwrap();
            assert_eq!(*artifact.open(&EncryptionKey::from_bytes(&KEY), Mode::Strict).unwrap(), plain);
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let good = sealed(b"secret");
        let bytes = decode_base64(good.ciphertext.as_bytes()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            let artifact = EncryptedArtifact { ciphertext: encode_base64(&changed), ..good.clone() };
            assert_eq!(code(&artifact, Mode::Compat), "decryption_failed", "bit {bit}");
        }
        for length in 0..bytes.len() {
            let artifact = EncryptedArtifact { ciphertext: encode_base64(&bytes[..length]), ..good.clone() };
            assert_eq!(code(&artifact, Mode::Compat), "decryption_failed", "{length} bytes");
        }
        let artifact = EncryptedArtifact { nonce: encode_base64(&[8; NONCE_BYTES]), ..good.clone() };
        assert_eq!(code(&artifact, Mode::Compat), "decryption_failed");
        assert!(good.open(&EncryptionKey::from_bytes(&[8; KEY_BYTES]), Mode::Compat).is_err());
    }

    #[test]
    fn members_are_checked() {
        let good = sealed(b"secret");
        let change = |change: fn(&mut EncryptedArtifact)| {
            let mut artifact = good.clone();
            change(&mut artifact);
            (code(&artifact, Mode::Compat), code(&artifact, Mode::Strict))
        };
        let both = |code| (code, code);
        assert_eq!(change(|_| {}), both("ok"));
        for algorithm in ["", "none", "AES-256-GCM", "aes-128-gcm"] {
            let artifact = EncryptedArtifact { algorithm: algorithm.to_owned(), ..good.clone() };
            assert_eq!(code(&artifact, Mode::Compat), "encryption_algorithm_unsupported");
        }
        for bytes in [0, 11, 13, 16, 1000] {
            let artifact = EncryptedArtifact { nonce: encode_base64(&vec![9; bytes]), ..good.clone() };
            assert_eq!(code(&artifact, Mode::Compat), "encryption_nonce_invalid", "{bytes}");
        }
        assert_eq!(change(|it| it.nonce = "@@".to_owned()), both("encrypted_artifact_malformed"));
        assert_eq!(change(|it| it.ciphertext = "@@".to_owned()), both("encrypted_artifact_malformed"));
        assert_eq!(change(|it| it.plain_sha256 = "0".repeat(64)), both("decryption_plain_mismatch"));
        assert_eq!(change(|it| it.plain_sha256 = it.plain_sha256.to_uppercase()), both("ok"));
        assert_eq!(change(|it| it.plain_sha256 = String::new()), ("ok", "decryption_plain_mismatch"));
        assert_eq!(change(|it| it.plain_size = 3), ("ok", "decryption_plain_mismatch"));
        assert_eq!(change(|it| it.schema_id = "other".to_owned()), ("ok", "encrypted_artifact_malformed"));
    }

    #[test]
    fn documents_are_closed_and_text_behind_them_is_strict() {
        let text = String::from_utf8(sealed(b"x").to_bytes().unwrap()).unwrap();
        let parse = |text: &str, mode| EncryptedArtifact::parse(text.as_bytes(), mode).is_ok();
        let behind = format!("{text} behind");
        assert!(parse(&behind, Mode::Compat) && !parse(&behind, Mode::Strict));
        let more = text.replacen('{', "{\"extra\":1,", 1);
        assert!(!parse(&more, Mode::Compat) && !parse("hello", Mode::Compat) && !parse("", Mode::Compat));
        let inner = text.replacen("\"mode\"", "\"args\":1,\"mode\"", 1);
        assert!(!parse(&inner, Mode::Compat));
    }

    #[test]
    fn keys_are_base64_of_32_bytes() {
        let text = encode_base64(&KEY);
        assert!(EncryptionKey::from_base64(format!(" {text}\n").as_bytes()).is_ok());
        for bad in ["", "!!", "c2hvcnQ=", text.trim_end_matches('='), &encode_base64(&[0; 33])] {
            assert!(matches!(EncryptionKey::from_base64(bad.as_bytes()), Err(EncryptionError::Key)), "{bad}");
        }
        assert!(EncryptionKey::from_base64(&[0xff; 44]).is_err());
        assert_eq!(format!("{:?}", EncryptionKey::from_bytes(&KEY)), "EncryptionKey(…)");
    }
}
