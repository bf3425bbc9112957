//! Whose signatures count, and as whom.

use gait_base::key::VerifyingKey;
use gait_base::signature::Signature;

/// The keys whose signatures count. Each may be bound to the identities that its holder may sign as.
///
/// Without such a binding any key holder can claim any identity; two people who must both approve should therefore sign
/// with keys of their own, each bound to one name.
///
/// ```
/// use gait_base::key::SigningKey;
/// use gait_gate::authority::token::TrustedKeys;
///
/// let (alice, bob) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
/// let keys = TrustedKeys::default()
///     .with_holder(alice.verifying_key().clone(), ["alice@example.com"])
///     .with_holder(bob.verifying_key().clone(), ["bob@example.com"]);
/// assert_eq!(keys.len(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustedKeys(Vec<TrustedKey>);

#[derive(Clone, Debug)]
pub(crate) struct TrustedKey {
    pub(crate) key: VerifyingKey,
    /// Sorted; `None` is anybody.
    identities: Option<Vec<String>>,
}

impl TrustedKeys {
    /// Trusts a key in the name of anybody.
    #[must_use]
    pub fn with_key(mut self, key: VerifyingKey) -> Self {
        self.0.push(TrustedKey { key, identities: None });
        self
    }

    /// Trusts a key in these names alone; they are compared trimmed, case kept. A holder without a name signs nothing.
    #[must_use]
    pub fn with_holder<T: AsRef<str>>(mut self, key: VerifyingKey, identities: impl IntoIterator<Item = T>) -> Self {
        let mut identities: Vec<String> = identities.into_iter().map(|name| name.as_ref().trim().to_owned()).collect();
        identities.retain(|name| !name.is_empty());
        identities.sort_unstable();
        self.0.push(TrustedKey { key, identities: Some(identities) });
        self
    }

    /// How many keys are trusted.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that may have made a signature: those with the id that it names, or all where it names none.
    pub(crate) fn candidates<'a>(&'a self, signature: &'a Signature) -> impl Iterator<Item = &'a TrustedKey> {
        self.0.iter().filter(|trusted| signature.key_id.is_empty() || signature.key_id == trusted.key.key_id())
    }
}

impl From<VerifyingKey> for TrustedKeys {
    fn from(key: VerifyingKey) -> Self {
        Self::default().with_key(key)
    }
}

impl TrustedKey {
    /// Whether the holder may sign as `identity`, which is in normal form.
    pub(crate) fn may_sign_as(&self, identity: &str) -> bool {
        self.identities.as_ref().is_none_or(|names| names.binary_search_by(|name| name.as_str().cmp(identity)).is_ok())
    }
}
