//! The registry of approved scripts on disk, changed under its lock (03 §4.1, §4.3, 00 D7).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gait_gate::authority::approved_script::ScriptRegistry;
use gait_gate::gate::Current;
use gait_gate::mode::Mode;
use gait_gate::state::StateError;

use crate::error::HostError;
use crate::fs::{
    FileLock, LockProfile, PRIVATE, Watched, create_parents, exists, local_path, read_limited, write_atomic,
};

/// Larger than any registry.
const REGISTRY_LIMIT: u64 = 256 << 20;

/// Reads a registry; a missing file is an empty one. Signatures are not checked.
///
/// # Errors
/// [`HostError::Io`] when the file is unreadable, [`HostError::Authority`] when it holds no registry.
pub fn load(path: impl AsRef<Path>, mode: Mode) -> Result<ScriptRegistry, HostError> {
    if !exists(&path)? {
        return Ok(ScriptRegistry::default());
    }
    Ok(ScriptRegistry::parse(&read_limited(path, REGISTRY_LIMIT)?, mode)?)
}

/// Reads a registry, changes it and writes it back under the lock `<path>.lock`. Missing folders are made. Nothing is
/// written when `change` fails.
///
/// # Errors
/// As [`load`]; [`HostError::PathNotLocal`]; [`HostError::LockTimeout`]; whatever `change` returns.
pub fn change<T, E: From<HostError>>(
    path: impl AsRef<Path>,
    mode: Mode,
    change: impl FnOnce(&mut ScriptRegistry) -> Result<T, E>,
) -> Result<T, E> {
    let path = local_path(path.as_ref())?;
    create_parents(&path)?;
    let lock = FileLock::beside(&path, &LockProfile::APPEND)?;
    let mut registry = load(&path, mode)?;
    let outcome = change(&mut registry)?;
    let bytes = registry.to_file().map_err(HostError::from)?;
    write_atomic(&path, &bytes, PRIVATE)?;
    lock.release();
    Ok(outcome)
}

/// A registry that is read again whenever its file changed; a missing file is an empty one.
pub struct WatchedRegistry(Watched<ScriptRegistry>);

impl WatchedRegistry {
    /// Watches the registry at a path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, mode: Mode) -> Self {
        let parse = move |bytes: &[u8]| Ok(ScriptRegistry::parse(bytes, mode)?);
        Self(Watched::new(path, REGISTRY_LIMIT, parse).or_if_missing(ScriptRegistry::default()))
    }

    /// The registry as it stands now: [`load`], spared while nothing changed.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self) -> Result<Arc<ScriptRegistry>, HostError> {
        self.0.load().map(|seen| seen.document)
    }
}

impl Current<ScriptRegistry> for WatchedRegistry {
    fn current(&self) -> Result<Arc<ScriptRegistry>, StateError> {
        self.0.current()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watched_registry_is_empty_until_it_is_there_and_never_older_than_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.json");
        let watched = WatchedRegistry::new(&path, Mode::Strict);
        assert!(watched.load().unwrap().entries.is_empty());
        std::fs::write(&path, "{").unwrap();
        assert!(watched.load().is_err() && watched.current().is_err());
        let written: Result<(), HostError> = {
            std::fs::remove_file(&path).unwrap();
            change(&path, Mode::Strict, |_| Ok(()))
        };
        written.unwrap();
        assert!(Arc::ptr_eq(&watched.load().unwrap(), &watched.current().unwrap()));
    }

    #[test]
    fn a_missing_registry_is_empty_and_a_change_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/registry.json");
        assert!(load(&path, Mode::Strict).unwrap().entries.is_empty());
        let failed: Result<(), HostError> = change(&path, Mode::Strict, |_| Err(HostError::Argument("no")));
        assert!(failed.is_err() && !path.exists());
        let changed: Result<usize, HostError> = change(&path, Mode::Strict, |registry| Ok(registry.entries.len()));
        assert_eq!(changed.unwrap(), 0);
        assert!(load(&path, Mode::Strict).unwrap().entries.is_empty());
        std::fs::write(&path, "{").unwrap();
        assert!(load(&path, Mode::Strict).is_err());
    }
}
