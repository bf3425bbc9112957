//! Signatures that held once need not be computed again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use gait_base::digest::Digest;
use gait_base::key::VerifyingKey;
use gait_base::signature::{ALGORITHM, Signature};

use super::signature::{CheckEach, SignatureCheck};

/// How many signatures a generation remembers; two generations are kept.
const GENERATION: usize = 4096;

/// Remembers which signatures verified, by document digest, key and every member of the signature. What failed is not
/// remembered. All threads may share one; it stays within some megabytes however many tokens pass.
#[derive(Default)]
pub struct RememberedSignatures(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    current: HashMap<Digest, Seen>,
    previous: HashMap<Digest, Seen>,
}

/// What tells one signature that held over a document from another. Its other members cannot differ, see [`Seen::is`].
struct Seen {
    key: [u8; 32],
    names_key: bool,
    sig: Box<str>,
}

impl Seen {
    fn of(key: &VerifyingKey, signature: &Signature) -> Self {
        Self { key: *key.as_bytes(), names_key: !signature.key_id.is_empty(), sig: signature.sig.as_str().into() }
    }

    /// Whether this is the very signature: what verified had this algorithm, this digest, and the key's id or none.
    fn is(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool {
        self.key == *key.as_bytes()
            && *self.sig == *signature.sig
            && signature.alg == ALGORITHM
            && signature.key_id == if self.names_key { key.key_id() } else { "" }
            && *signature.signed_digest == *digest.hex()
    }
}

impl SignatureCheck for RememberedSignatures {
    fn verifies(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool {
        if self.knows(key, signature, digest) {
            return true;
        }
        // Verified outside the lock: threads with new tokens do not wait for each other.
        let holds = CheckEach.verifies(key, signature, digest);
        if holds {
            self.remember(key, signature, digest);
        }
        holds
    }
}

impl RememberedSignatures {
    fn knows(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.current.get(digest).is_some_and(|own| own.is(key, signature, digest)) {
            return true;
        }
        match seen.previous.remove(digest) {
            Some(own) if own.is(key, signature, digest) => {
                seen.current.insert(*digest, own);
                true
            }
            _ => false,
        }
    }

    fn remember(&self, key: &VerifyingKey, signature: &Signature, digest: &Digest) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.current.len() >= GENERATION {
            seen.previous = std::mem::take(&mut seen.current);
        }
        seen.current.insert(*digest, Seen::of(key, signature));
    }
}

impl fmt::Debug for RememberedSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedSignatures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use gait_base::digest::sha256;
    use gait_base::key::SigningKey;

    use super::*;

    #[test]
    fn only_the_very_same_signature_is_remembered() {
        let (key, other) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
        let digest = sha256(b"document");
        let signature = key.sign_digest(&digest);
        let memory = RememberedSignatures::default();
        assert!(!memory.knows(key.verifying_key(), &signature, &digest));
        for _ in 0..2 {
            assert!(memory.verifies(key.verifying_key(), &signature, &digest));
        }
        assert!(memory.knows(key.verifying_key(), &signature, &digest));
        assert!(!memory.verifies(other.verifying_key(), &signature, &digest));
        assert!(!memory.verifies(key.verifying_key(), &signature, &sha256(b"another")));
        let forged = Signature { sig: other.sign_digest(&digest).sig, ..signature.clone() };
        assert!(!memory.verifies(key.verifying_key(), &forged, &digest));
        let changed: [fn(&mut Signature); 5] = [
            |own| own.alg = "Ed25519".to_owned(),
            |own| own.key_id.make_ascii_uppercase(),
            |own| own.key_id.clear(),
            |own| own.signed_digest.make_ascii_uppercase(),
            |own| own.sig.push(' '),
        ];
        for change in changed {
            let mut other = signature.clone();
            change(&mut other);
            assert!(!memory.knows(key.verifying_key(), &other, &digest), "{other:?}");
        }
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_used() {
        let key = SigningKey::from_seed(&[1; 32]);
        let memory = RememberedSignatures::default();
        let often = sha256(b"often");
        let signature = key.sign_digest(&often);
        memory.remember(key.verifying_key(), &signature, &often);
        for number in 0..3 * GENERATION {
            memory.remember(key.verifying_key(), &signature, &sha256(&number.to_le_bytes()));
            assert!(memory.knows(key.verifying_key(), &signature, &often));
        }
        let seen = memory.0.lock().unwrap();
        assert!(seen.current.len() <= GENERATION && seen.previous.len() <= GENERATION);
    }
}
