//! SHA-256 digests and the sink through which canonical JSON streams into them.

use std::fmt;
use std::ops::Deref;

use sha2::{Digest as _, Sha256};

use crate::json::Sink;

/// A SHA-256 digest. Displays as 64 lower-case hex digits ("hex digest" of 01 §1).
///
/// ```
/// let digest = gait_base::digest::sha256(b"abc");
/// assert!(digest.to_hex().starts_with("ba7816bf"));
/// assert_eq!(gait_base::digest::Digest::parse_hex(&digest.to_hex()), Some(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// The SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

impl Digest {
    /// Wraps 32 bytes that are a digest already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hex form, without an allocation.
    #[must_use]
    pub fn hex(&self) -> HexDigest {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        HexDigest(text)
    }

    /// The hex form as a string.
    #[must_use]
    pub fn to_hex(&self) -> String {
        String::from(&*self.hex())
    }

    /// The first `digits` hex digits: how ids are cut from digests.
    #[must_use]
    pub fn short(&self, digits: usize) -> String {
        String::from(self.hex().get(..digits).unwrap_or_default())
    }

    /// Reads exactly 64 lower-case hex digits.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        if !crate::text::is_lower_hex_digest(text) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The 64 hex digits of a [`Digest`]; dereferences to `str`.
#[derive(Clone, Copy)]
pub struct HexDigest([u8; 64]);

impl Deref for HexDigest {
    type Target = str;

    fn deref(&self) -> &str {
        // Hex digits are ASCII, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for HexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Hashes what is written to it.
///
/// Writers emit many small pieces; they are gathered in a block before they reach the hash function.
pub struct DigestSink {
    hasher: Sha256,
    block: [u8; BLOCK],
    filled: usize,
}

const BLOCK: usize = 1024;

impl DigestSink {
    /// A sink that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { hasher: Sha256::new(), block: [0; BLOCK], filled: 0 }
    }

    /// The digest of all that was written.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.hasher.update(&self.block[..self.filled]);
        Digest(self.hasher.finalize().into())
    }

    #[cold]
    fn put_long(&mut self, bytes: &[u8]) {
        self.hasher.update(&self.block[..self.filled]);
        self.filled = 0;
        if bytes.len() >= BLOCK {
            self.hasher.update(bytes);
        } else {
            self.block[..bytes.len()].copy_from_slice(bytes);
            self.filled = bytes.len();
        }
    }
}

impl Default for DigestSink {
    fn default() -> Self {
        Self::new()
    }
}

impl Sink for DigestSink {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        match self.block.get_mut(self.filled..end) {
            Some(free) => {
                free.copy_from_slice(bytes);
                self.filled = end;
            }
            None => self.put_long(bytes),
        }
    }

    #[inline]
    fn put_quoted(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len() + 2;
        match self.block.get_mut(self.filled..end) {
            Some([before, free @ .., after]) => {
                *before = b'"';
                free.copy_from_slice(bytes);
                *after = b'"';
                self.filled = end;
            }
            _ => {
                self.put(b"\"");
                self.put(bytes);
                self.put(b"\"");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hash_like_the_whole() {
        let bytes: Vec<u8> = (0..10_000u32).map(|n| n.to_le_bytes()[0]).collect();
        for size in (1..40).chain([64, 1023, 1024, 1025, 5000]) {
            let mut sink = DigestSink::new();
            bytes.chunks(size).for_each(|piece| sink.put(piece));
            assert_eq!(sink.finish(), sha256(&bytes));
            let (mut quoted, mut expected) = (DigestSink::new(), Vec::new());
            for piece in bytes.chunks(size) {
                quoted.put_quoted(piece);
                expected.put_quoted(piece);
            }
            assert_eq!(quoted.finish(), sha256(&expected));
        }
    }

    #[test]
    fn upper_case_and_prefixed_text_is_no_digest() {
        let hex = sha256(b"").to_hex();
        assert!(Digest::parse_hex(&hex.to_uppercase()).is_none());
        assert!(Digest::parse_hex(&format!("sha256:{hex}")).is_none());
    }
}
