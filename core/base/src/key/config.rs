//! Which key a command or a library signs or verifies with: the rules over mode, paths and environment variables
//! (01 §4.4). Reading files and variables is the caller's, through [`KeySource`].

use zeroize::Zeroizing;

use super::{Half, KeyError, SigningKey, VerifyingKey};

/// What a caller must be told when a throw-away key signs. Reaches `warnings` lists as it stands.
pub const DEV_KEY_WARNING: &str = "dev mode: ephemeral keypair generated; signatures will not verify across machines";

/// The mode that makes a throw-away key.
pub const DEV_MODE: &str = "dev";

/// The mode that reads a key; an empty mode means the same.
pub const PROD_MODE: &str = "prod";

/// Where keys come from. An empty text means "not given"; nothing is trimmed.
///
/// ```
/// use gait_base::key::config::KeyConfig;
///
/// let config = KeyConfig { mode: "prod", private_env: "GAIT_KEY", ..KeyConfig::default() };
/// assert!(config.has_private() && !config.has_public());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyConfig<'a> {
    /// `dev`, `prod` or empty.
    pub mode: &'a str,
    /// Path of a private key file.
    pub private_path: &'a str,
    /// Name of an environment variable that holds a private key.
    pub private_env: &'a str,
    /// Path of a public key file.
    pub public_path: &'a str,
    /// Name of an environment variable that holds a public key.
    pub public_env: &'a str,
}

/// Access to the files and environment variables that hold keys.
pub trait KeySource {
    /// The content of a file.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    fn read_file(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, String>;

    /// The value of an environment variable; nothing when it is unset or no Unicode.
    fn read_env(&self, name: &str) -> Option<Zeroizing<String>>;
}

/// A key to sign with, and what the caller must be told about it.
#[derive(Clone, Debug)]
pub struct LoadedSigningKey {
    /// The key.
    pub key: SigningKey,
    /// Empty, or [`DEV_KEY_WARNING`].
    pub warnings: Vec<String>,
}

impl KeyConfig<'_> {
    /// Whether a source of a private key is given.
    #[must_use]
    pub const fn has_private(&self) -> bool {
        !self.private_path.is_empty() || !self.private_env.is_empty()
    }

    /// Whether a source of a public key is given.
    #[must_use]
    pub const fn has_public(&self) -> bool {
        !self.public_path.is_empty() || !self.public_env.is_empty()
    }

    /// The key to sign with. `fresh_seed` gives 32 random bytes, or says why not; it is asked in mode `dev` only.
    ///
    /// # Errors
    /// [`KeyError`], when the sources do not fit the mode or one another, or hold no key.
    ///
    /// ```
    /// use gait_base::key::config::{DEV_KEY_WARNING, KeyConfig, KeySource};
    /// use zeroize::Zeroizing;
    ///
    /// struct Nothing;
    /// impl KeySource for Nothing {
    ///     fn read_file(&self, _: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    ///         Err("no such file".to_owned())
    ///     }
    ///     fn read_env(&self, _: &str) -> Option<Zeroizing<String>> {
    ///         None
    ///     }
    /// }
    ///
    /// let config = KeyConfig { mode: "dev", ..KeyConfig::default() };
    /// let loaded = config.load_signing_key(&Nothing, || Ok(Zeroizing::new([7; 32])))?;
    /// assert_eq!(loaded.warnings, [DEV_KEY_WARNING]);
    /// # Ok::<(), gait_base::key::KeyError>(())
    /// ```
    pub fn load_signing_key(
        &self,
        source: &impl KeySource,
        fresh_seed: impl FnOnce() -> Result<Zeroizing<[u8; 32]>, String>,
    ) -> Result<LoadedSigningKey, KeyError> {
        match self.mode {
            DEV_MODE if self.has_private() || self.has_public() => Err(KeyError::SourceInDevMode),
            DEV_MODE => {
                let seed = fresh_seed().map_err(|reason| KeyError::Random { reason })?;
                let key = SigningKey::from_seed(&seed);
                Ok(LoadedSigningKey { key, warnings: vec![DEV_KEY_WARNING.to_owned()] })
            }
            PROD_MODE | "" => {
                if !self.has_private() {
                    return Err(KeyError::PrivateNotConfigured);
                }
                let key = self.private_key(source)?;
                if self.has_public() && self.public_key(source)? != *key.verifying_key() {
                    return Err(KeyError::PairMismatch);
                }
                Ok(LoadedSigningKey { key, warnings: Vec::new() })
            }
            other => Err(KeyError::UnsupportedMode(other.to_owned())),
        }
    }

    /// The key to verify with: a public source if there is one, else the public half of a private one. The mode does
    /// not matter, and a public key of another pair than the private one wins.
    ///
    /// # Errors
    /// [`KeyError`], when a half has two sources, none is given, or the source holds no key.
    pub fn load_verify_key(&self, source: &impl KeySource) -> Result<VerifyingKey, KeyError> {
        self.refuse_two_sources(Half::Public)?;
        self.refuse_two_sources(Half::Private)?;
        if self.has_public() {
            self.public_key(source)
        } else if self.has_private() {
            self.private_key(source).map(|key| key.verifying_key().clone())
        } else {
            Err(KeyError::PublicNotConfigured)
        }
    }

    fn private_key(&self, source: &impl KeySource) -> Result<SigningKey, KeyError> {
        self.read(source, Half::Private, SigningKey::parse_file_text, SigningKey::parse_env_text)
    }

    fn public_key(&self, source: &impl KeySource) -> Result<VerifyingKey, KeyError> {
        self.read(source, Half::Public, VerifyingKey::parse_file_text, VerifyingKey::parse_env_text)
    }

    fn read<K>(
        &self,
        source: &impl KeySource,
        half: Half,
        from_file: fn(&[u8]) -> Result<K, KeyError>,
        from_env: fn(&str) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        self.refuse_two_sources(half)?;
        let (path, env) = self.sources(half);
        if !path.is_empty() {
            return from_file(&source.read_file(path).map_err(|reason| KeyError::Read { half, reason })?);
        }
        let unset = || KeyError::EnvNotSet { half, name: env.to_owned() };
        match from_env(&source.read_env(env).ok_or_else(unset)?) {
            Err(KeyError::Blank { .. }) => Err(unset()),
            key => key,
        }
    }

    fn refuse_two_sources(&self, half: Half) -> Result<(), KeyError> {
        let (path, env) = self.sources(half);
        if path.is_empty() || env.is_empty() { Ok(()) } else { Err(KeyError::TwoSources { half }) }
    }

    const fn sources(&self, half: Half) -> (&str, &str) {
        match half {
            Half::Private => (self.private_path, self.private_env),
            Half::Public => (self.public_path, self.public_env),
        }
    }
}
