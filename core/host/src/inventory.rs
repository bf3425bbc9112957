//! The local tool inventory, loaded from its file (03 §12).

use std::path::Path;

use gait_gate::authority::inventory::Inventory;
use gait_gate::mode::Mode;

use crate::error::HostError;
use crate::fs::{clean_path, read_limited};

/// Larger than any inventory.
const LIMIT: u64 = 256 << 20;

/// Reads an inventory; decisions will name it by its cleaned path.
///
/// # Errors
/// [`HostError::Io`] when the file is missing or unreadable, [`HostError::Malformed`] when it holds no inventory.
pub fn load(path: impl AsRef<Path>, mode: Mode) -> Result<Inventory, HostError> {
    let path = path.as_ref();
    let bytes = read_limited(path, LIMIT)?;
    let inventory = Inventory::parse(&bytes, mode).map_err(|error| HostError::Malformed {
        what: "tool inventory",
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    Ok(inventory.with_source(&clean_path(path).to_string_lossy()))
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
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(load(&path, Mode::Strict).unwrap_err().code(), "file_malformed");
    }
}
