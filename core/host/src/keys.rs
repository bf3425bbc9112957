//! Keys in files and environment variables: reading them for signing and verifying, writing new pairs (01 §4.4, §4.5).

use std::path::{Path, PathBuf};

use gait_base::key::config::{KeyConfig, KeySource, LoadedSigningKey};
use gait_base::key::{KeyError, SigningKey};
use gait_base::path::clean;
use gait_base::time::Timestamp;
use zeroize::Zeroizing;

use crate::error::HostError;
use crate::fs::{PRIVATE, Staged, create_folder, exists, read_limited};
use crate::{environment, random};

/// Larger than any key file: one that is larger is something else.
const KEY_FILE_LIMIT: u64 = 64 * 1024;

/// The files and environment variables of this machine as sources of keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineKeys;

impl KeySource for MachineKeys {
    fn read_file(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        read_limited(path, KEY_FILE_LIMIT).map(Zeroizing::new).map_err(|error| error.to_string())
    }

    fn read_env(&self, name: &str) -> Option<Zeroizing<String>> {
        environment::variable(name).map(Zeroizing::new)
    }
}

/// The key to sign with, from this machine's files, variables and random numbers.
///
/// # Errors
/// [`KeyError`], when the sources do not fit the mode or one another, or hold no key.
pub fn load_signing_key(config: &KeyConfig<'_>) -> Result<LoadedSigningKey, KeyError> {
    config.load_signing_key(&MachineKeys, || random::seed().map_err(|error| error.to_string()))
}

/// A pair of key files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFiles {
    /// The prefix of both names, trimmed and, after a rotation, with its time.
    pub prefix: String,
    /// The id of the pair.
    pub key_id: String,
    /// The cleaned path of the public key.
    pub public_key_path: String,
    /// The cleaned path of the private key.
    pub private_key_path: String,
}

/// Makes a fresh pair of keys and writes it to `<folder>/<prefix>_private.key` and `…_public.key`, 0600 each.
///
/// Missing folders are made, but not those that a `/` in the prefix names. Without `force` existing files are refused.
/// With it an old pair is replaced so that no instant, not even a crash, leaves a private key beside a public one of
/// another pair: the old public key, which its private one can give again, goes first.
///
/// # Errors
/// [`HostError::Argument`] for a blank folder or prefix, [`HostError::Exists`], [`HostError::Io`].
pub fn init(folder: &str, prefix: &str, force: bool) -> Result<KeyFiles, HostError> {
    let (folder, prefix) = (folder.trim(), prefix.trim());
    if folder.is_empty() {
        return Err(HostError::Argument("the folder for the keys is blank"));
    }
    if prefix.is_empty() {
        return Err(HostError::Argument("the prefix of the keys is blank"));
    }
    write_pair(folder, prefix, force)
}

/// As [`init`] without `force`, with the time in the prefix, so that older pairs stay: `<prefix>_<yyyymmddThhmmssZ>`.
/// Here the prefix may be blank.
///
/// # Errors
/// As [`init`]; [`HostError::Exists`] for a second rotation within one second.
pub fn rotate(folder: &str, prefix: &str, now: &Timestamp) -> Result<KeyFiles, HostError> {
    let folder = folder.trim();
    if folder.is_empty() {
        return Err(HostError::Argument("the folder for the keys is blank"));
    }
    let time = now.format_seconds().map_err(|_| HostError::Argument("the time of the rotation cannot be written"))?;
    let time = time.replace(['-', ':'], "");
    write_pair(folder, &format!("{}_{time}", prefix.trim()), false)
}

fn write_pair(folder: &str, prefix: &str, force: bool) -> Result<KeyFiles, HostError> {
    create_folder(folder)?;
    let path_of = |half: &str| clean(&format!("{folder}/{prefix}_{half}.key"));
    let (private_path, public_path) = (path_of("private"), path_of("public"));
    for path in [&private_path, &public_path] {
        let path = Path::new(path);
        if !force && exists(path)? {
            return Err(HostError::Exists { path: path.to_path_buf() });
        }
        if path.is_dir() {
            return Err(HostError::PathNotAFile { path: path.display().to_string() });
        }
    }

    let key = SigningKey::from_seed(&*random::seed()?);
    let private_line = Zeroizing::new(format!("{}\n", *key.to_base64()));
    let public_line = format!("{}\n", key.verifying_key().to_base64());
    let private = Staged::prepare(Path::new(&private_path), private_line.as_bytes(), PRIVATE)?;
    let public = Staged::prepare(Path::new(&public_path), public_line.as_bytes(), PRIVATE)?;
    if force {
        if exists(&public_path)? {
            std::fs::remove_file(&public_path)
                .map_err(|source| HostError::io("replace", Path::new(&public_path), source))?;
        }
        private.replace()?;
        public.replace()?;
    } else {
        for (staged, path) in [(private, &private_path), (public, &public_path)] {
            if !staged.place()? {
                return Err(HostError::Exists { path: PathBuf::from(path) });
            }
        }
    }
    Ok(KeyFiles {
        prefix: prefix.to_owned(),
        key_id: key.key_id().to_owned(),
        public_key_path: public_path,
        private_key_path: private_path,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use gait_base::error::Classify;

    use super::*;

    fn load(files: &KeyFiles) -> LoadedSigningKey {
        let config = KeyConfig {
            private_path: &files.private_key_path,
            public_path: &files.public_key_path,
            ..KeyConfig::default()
        };
        load_signing_key(&config).unwrap()
    }

    #[test]
    fn a_written_pair_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("a/keys");
        let files = init(&format!(" {} ", keys.display()), " gait ", false).unwrap();
        assert_eq!(files.prefix, "gait");
        assert_eq!(files.private_key_path, keys.join("gait_private.key").to_str().unwrap());
        assert_eq!(load(&files).key.key_id(), files.key_id);
        for path in [&files.private_key_path, &files.public_key_path] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(&keys).unwrap().count(), 2, "no temporary file stays");
        assert_eq!(init(keys.to_str().unwrap(), "gait", false).unwrap_err().code(), "file_exists");
        assert_eq!(load(&files).key.key_id(), files.key_id);
    }

    #[test]
    fn force_replaces_the_pair_and_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().to_str().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "untouched").unwrap();
        symlink(&victim, folder.path().join("gait_private.key")).unwrap();
        std::fs::write(folder.path().join("gait_public.key"), "old").unwrap();
        let files = init(keys, "gait", true).unwrap();
        assert_eq!(load(&files).key.key_id(), files.key_id);
        assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
    }

    #[test]
    fn one_half_in_the_way_is_enough_to_refuse() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gait_public.key"), "old").unwrap();
        let error = init(folder.path().to_str().unwrap(), "gait", false).unwrap_err();
        assert!(error.to_string().contains("gait_public.key"));
        assert!(!folder.path().join("gait_private.key").exists());
    }

    #[test]
    fn a_rotation_names_its_time_and_happens_once_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().to_str().unwrap();
        let now = Timestamp::parse("2026-03-04T06:06:07.9+01:00").unwrap();
        let files = rotate(keys, " ", &now).unwrap();
        assert_eq!(files.prefix, "_20260304T050607Z");
        assert!(folder.path().join("_20260304T050607Z_private.key").exists());
        assert_eq!(rotate(keys, "", &now).unwrap_err().code(), "file_exists");
    }

    #[test]
    fn blanks_and_missing_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().to_str().unwrap();
        assert_eq!(init(" ", "gait", false).unwrap_err().code(), "invalid_argument");
        assert_eq!(init(keys, " ", false).unwrap_err().code(), "invalid_argument");
        assert!(init(keys, "missing/gait", false).is_err());
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let files = init(keys, "sub/../sub/gait", false).unwrap();
        assert_eq!(files.private_key_path, format!("{keys}/sub/gait_private.key"));
    }

    #[test]
    fn variables_are_sources_too() {
        let config = KeyConfig { private_env: "GAIT_TEST_NO_SUCH_KEY", ..KeyConfig::default() };
        assert_eq!(load_signing_key(&config).unwrap_err().code(), "key_env_not_set");
        let config = KeyConfig { mode: "dev", ..KeyConfig::default() };
        assert_eq!(load_signing_key(&config).unwrap().warnings.len(), 1);
    }
}
