//! The local tool inventory, loaded from its file (03 §12).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gait_gate::authority::inventory::Inventory;
use gait_gate::gate::Current;
use gait_gate::mode::Mode;
use gait_gate::state::StateError;

use crate::error::HostError;
use crate::fs::{Watched, clean_path, read_limited};

/// Larger than any inventory.
const LIMIT: u64 = 256 << 20;

/// Reads an inventory; decisions will name it by its cleaned path.
///
/// # Errors
/// [`HostError::Io`] when the file is missing or unreadable, [`HostError::Malformed`] when it holds no inventory.
pub fn load(path: impl AsRef<Path>, mode: Mode) -> Result<Inventory, HostError> {
    let path = path.as_ref();
    parse(&read_limited(path, LIMIT)?, path, mode)
}

fn parse(bytes: &[u8], path: &Path, mode: Mode) -> Result<Inventory, HostError> {
    let inventory = Inventory::parse(bytes, mode).map_err(|error| HostError::Malformed {
        what: "tool inventory",
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    Ok(inventory.with_source(&clean_path(path).to_string_lossy()))
}

/// An inventory that is read again whenever its file changed.
pub struct WatchedInventory(Watched<Inventory>);

impl WatchedInventory {
    /// Watches the inventory at a path. Nothing is opened yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, mode: Mode) -> Self {
        let path = path.into();
        let named = path.clone();
        Self(Watched::new(path, LIMIT, move |bytes| parse(bytes, &named, mode)))
    }

    /// The inventory as it stands now: [`load`], spared while nothing changed.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self) -> Result<Arc<Inventory>, HostError> {
        self.0.load().map(|seen| seen.document)
    }
}

impl Current<Inventory> for WatchedInventory {
    fn current(&self) -> Result<Arc<Inventory>, StateError> {
        self.0.current()
    }
}

#[cfg(test)]
mod tests {
    use gait_base::error::Classify;

    use super::*;

    #[test]
    fn an_inventory_is_named_by_its_cleaned_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.json");
        std::fs::write(&path, r#"{"items":[{"tool_name":" FS.Read "}]}"#).unwrap();
        let inventory = load(folder.path().join("./x/../inventory.json"), Mode::Strict);
        // The cleaned path is a label only: the file is opened as it was named.
        assert!(inventory.is_err());
        let inventory = load(folder.path().join(".//inventory.json"), Mode::Strict).unwrap();
        assert_eq!((inventory.source(), inventory.len()), (path.to_str().unwrap(), 1));
        let watched = WatchedInventory::new(&path, Mode::Strict);
        assert_eq!(*watched.load().unwrap(), inventory);
        assert!(Arc::ptr_eq(&watched.load().unwrap(), &watched.current().unwrap()));
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(watched.load().unwrap_err().code(), "file_malformed");
        assert_eq!(load(&path, Mode::Strict).unwrap_err().code(), "file_malformed");
    }
}
