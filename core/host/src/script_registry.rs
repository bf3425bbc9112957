//! The registry of approved scripts on disk, changed under its lock (03 §4.1, §4.3, 00 D7).

use std::path::Path;

use gait_gate::authority::approved_script::ScriptRegistry;
use gait_gate::mode::Mode;

use crate::error::HostError;
use crate::fs::{FileLock, LockProfile, PRIVATE, create_parents, exists, local_path, read_limited, write_atomic};

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

#[cfg(test)]
mod tests {
    use super::*;

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
