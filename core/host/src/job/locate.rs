//! Where the job lies that a person names by its folder, its state or its id (05 §3.2).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The root and the id of the job that `named` stands for: an existing folder, an existing file called `state.json` in one
/// (in any case), or else an id below `root`. Whether there is such a job is not asked.
#[must_use]
pub fn locate(named: &str, root: &Path) -> (PathBuf, String) {
    let named = named.trim();
    let below = || (root.to_path_buf(), named.to_owned());
    if named.is_empty() {
        return below();
    }
    let path = Path::new(named);
    let is_state = |name: &OsStr| name.eq_ignore_ascii_case("state.json");
    let folder = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => path.to_path_buf(),
        Ok(_) if path.file_name().is_some_and(is_state) => path.parent().map_or_else(PathBuf::new, Path::to_path_buf),
        _ => return below(),
    };
    // Absolute, so that `.` and a lone `state.json` have a name too.
    let Ok(folder) = std::path::absolute(folder.join(".")) else { return below() };
    let folder = crate::fs::clean_path(&folder);
    match (folder.parent(), folder.file_name().and_then(OsStr::to_str)) {
        (Some(parent), Some(name)) => (parent.to_path_buf(), name.to_owned()),
        _ => below(),
    }
}
