//! Which paths a writer takes (01 §11.1).

use std::path::{Path, PathBuf};

use gait_base::path;

use crate::error::HostError;

/// A path cleaned by its letters alone, without asking the machine; a path that is not UTF-8 stays as it is.
#[must_use]
pub fn clean_path(given: &Path) -> PathBuf {
    match given.to_str() {
        Some(text) => PathBuf::from(path::clean(text)),
        None => given.to_path_buf(),
    }
}

/// The cleaned path, provided it is absolute or stays inside the working folder.
///
/// # Errors
/// [`HostError::PathNotLocal`] for a relative path that climbs out or is not UTF-8 (and so cannot be judged).
pub fn local_path(given: &Path) -> Result<PathBuf, HostError> {
    let refused = || HostError::PathNotLocal { path: given.display().to_string() };
    let text = given.to_str().ok_or_else(refused)?;
    if path::leaves_working_folder(text) {
        return Err(refused());
    }
    Ok(PathBuf::from(path::clean(text)))
}

/// The path that writers of runpacks, traces, packs and sessions make of what a person typed: trimmed and cleaned.
///
/// # Errors
/// [`HostError::PathNotAFile`] for a blank path, `.` and `/`; [`HostError::PathNotLocal`] for a relative one that climbs
/// out of the working folder.
pub fn output_path(typed: &str) -> Result<PathBuf, HostError> {
    let trimmed = typed.trim();
    let cleaned = path::clean(trimmed);
    if matches!(cleaned.as_str(), "." | "/") {
        return Err(HostError::PathNotAFile { path: typed.to_owned() });
    }
    if path::leaves_working_folder(&cleaned) {
        return Err(HostError::PathNotLocal { path: typed.to_owned() });
    }
    Ok(PathBuf::from(cleaned))
}

/// Folder and file name of a path, by its letters: `a/b` is `a` and `b`, `b` is `.` and `b`.
pub(super) fn folder_and_name(path: &Path) -> Result<(PathBuf, &std::ffi::OsStr), HostError> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let bytes = path.as_os_str().as_bytes();
    let (folder, name) = match bytes.iter().rposition(|&byte| byte == b'/') {
        Some(0) => (&b"/"[..], &bytes[1..]),
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (&b"."[..], bytes),
    };
    if matches!(name, b"" | b"." | b"..") || name.contains(&0) {
        return Err(HostError::PathNotAFile { path: path.display().to_string() });
    }
    Ok((PathBuf::from(OsStr::from_bytes(folder)), OsStr::from_bytes(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_looks_at_the_cleaned_path() {
        assert_eq!(local_path(Path::new("sub/../a")).unwrap(), PathBuf::from("a"));
        assert_eq!(local_path(Path::new("/x/../../a")).unwrap(), PathBuf::from("/a"));
        assert_eq!(local_path(Path::new("..a")).unwrap(), PathBuf::from("..a"));
        assert!(local_path(Path::new("sub/../../a")).is_err());
    }

    #[test]
    fn outputs_are_trimmed_cleaned_and_kept_inside() {
        for (typed, path) in [
            (" a.zip ", Some("a.zip")),
            ("./a//b/../c.zip", Some("a/c.zip")),
            ("/abs/../../x", Some("/x")),
            ("..a/b", Some("..a/b")),
            ("..", None),
            ("a/../../b", None),
            (" ", None),
            ("a/..", None),
            ("/", None),
        ] {
            assert_eq!(output_path(typed).ok(), path.map(PathBuf::from), "{typed:?}");
        }
    }

    #[test]
    fn folders_are_not_files() {
        for path in ["", ".", "..", "a/", "a/.", "a/..", "/"] {
            assert!(folder_and_name(Path::new(path)).is_err(), "{path:?}");
        }
        let (folder, name) = folder_and_name(Path::new("/a")).unwrap();
        assert_eq!((folder.as_path(), name.to_str()), (Path::new("/"), Some("a")));
        let (folder, name) = folder_and_name(Path::new("a//b")).unwrap();
        assert_eq!((folder.as_path(), name.to_str()), (Path::new("a/"), Some("b")));
    }
}
