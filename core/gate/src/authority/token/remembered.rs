//! Signatures that held once need not be computed again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use gait_base::digest::Digest;
use gait_base::key::VerifyingKey;
use gait_base::signature::Signature;

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

#[derive(Clone)]
struct Seen {
    key: VerifyingKey,
    signature: Signature,
}

impl Seen {
    fn is(&self, key: &VerifyingKey, signature: &Signature) -> bool {
        self.key == *key && self.signature == *signature
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
        if seen.current.get(digest).is_some_and(|own| own.is(key, signature)) {
            return true;
        }
        match seen.previous.remove(digest) {
            Some(own) if own.is(key, signature) => {
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
        seen.current.insert(*digest, Seen { key: key.clone(), signature: signature.clone() });
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
        let nameless = Signature { alg: "Ed25519".to_owned(), ..signature };
        assert!(!memory.verifies(key.verifying_key(), &nameless, &digest));
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
