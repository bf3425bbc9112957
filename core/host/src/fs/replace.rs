//! Atomic writes: at any instant, and after any crash, the target is the old file or the new one, whole (01 §11.1).

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{FOLDER, rule};
use crate::error::HostError;
use crate::random;

/// How often a fresh name is tried for the temporary file before giving up.
const NAME_ATTEMPTS: usize = 100;

/// Replaces a file by these bytes, or leaves it untouched: the writer for the files marked A in 01 §11.4.
///
/// The path is cleaned by its letters and must be absolute or stay in the working folder. Its folder must exist. The
/// new file has exactly `mode`, whatever the umask. A symbolic link at the target is replaced, never followed.
///
/// # Errors
/// [`HostError::PathNotLocal`], [`HostError::PathNotAFile`], or [`HostError::Io`]; the target is then as it was and no
/// temporary file stays.
pub fn write_atomic(path: impl AsRef<Path>, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    replace(&rule::local_path(path.as_ref())?, bytes, mode)
}

/// As [`write_atomic`], but the path may lead anywhere and is used as given: the writer for the files marked P.
///
/// # Errors
/// [`HostError::PathNotAFile`] or [`HostError::Io`], the target then being as it was.
pub fn write_replacing(path: impl AsRef<Path>, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    replace(path.as_ref(), bytes, mode)
}

/// As [`write_replacing`] for what can be made again: nothing waits for the disk, so that a power failure may leave
/// anything in the file's place. Readers see the old content or the new.
///
/// # Errors
/// As [`write_replacing`].
pub(crate) fn write_cache(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    let staged = Staged::write(path, bytes, mode, |_| Ok(()))?;
    staged.temporary.rename_to(&staged.target)
}

/// Writes a trace, runpack, pack or other artifact where a person said: the path goes through
/// [`super::output_path`], missing folders are made, the write is [`write_atomic`]. Returns the cleaned path.
///
/// # Errors
/// As [`super::output_path`] and [`write_atomic`].
pub fn write_artifact(typed: &str, bytes: &[u8], mode: u32) -> Result<PathBuf, HostError> {
    let path = rule::output_path(typed)?;
    create_parents(&path)?;
    replace(&path, bytes, mode)?;
    Ok(path)
}

/// Makes the folders above a path that are missing, 0750 less the umask.
///
/// # Errors
/// [`HostError::Io`] when one cannot be made or a file stands in its place.
pub fn create_parents(path: impl AsRef<Path>) -> Result<(), HostError> {
    path.as_ref().parent().map_or(Ok(()), create_folder)
}

/// Makes a folder and those above it that are missing, 0750 less the umask.
///
/// # Errors
/// [`HostError::Io`] when one cannot be made or a file stands in its place.
pub fn create_folder(path: impl AsRef<Path>) -> Result<(), HostError> {
    let path = path.as_ref();
    if path == Path::new("") {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(FOLDER);
    builder.create(path).map_err(|source| HostError::io("create folder", path, source))
}

fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    Staged::prepare(path, bytes, mode)?.replace()
}

/// A file whose content is complete and on disk, but which does not stand at its place yet.
pub(crate) struct Staged {
    temporary: TemporaryFile,
    folder: PathBuf,
    target: PathBuf,
}

impl Staged {
    /// Does everything that can fail for want of space or permission.
    pub(crate) fn prepare(target: &Path, bytes: &[u8], mode: u32) -> Result<Self, HostError> {
        Self::write(target, bytes, mode, File::sync_all)
    }

    fn write(
        target: &Path,
        bytes: &[u8],
        mode: u32,
        sync: impl FnOnce(&File) -> std::io::Result<()>,
    ) -> Result<Self, HostError> {
        let (folder, name) = rule::folder_and_name(target)?;
        let (mut file, temporary) = TemporaryFile::create(&folder, name, target)?;
        let failed = |source| HostError::io("write", target, source);
        file.write_all(bytes).map_err(failed)?;
        sync(&file).map_err(failed)?;
        // Last of all, so that a secret is never readable by others while it is half written.
        if file.metadata().map_err(failed)?.permissions().mode() & 0o7777 != mode {
            file.set_permissions(Permissions::from_mode(mode)).map_err(failed)?;
        }
        Ok(Self { temporary, folder, target: target.to_path_buf() })
    }

    /// Puts the file in the place of whatever stands there.
    pub(crate) fn replace(self) -> Result<(), HostError> {
        self.temporary.rename_to(&self.target)?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// Puts the file in its place unless something stands there; tells whether it did.
    pub(crate) fn place(self) -> Result<bool, HostError> {
        // A second name for the file, made only if nobody has it: the first one goes with the temporary file.
        match std::fs::hard_link(&self.temporary.path, &self.target) {
            Ok(()) => {
                sync_folder(&self.folder);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            // File systems without second names.
            Err(_) if !super::exists(&self.target)? => self.replace().map(|()| true),
            Err(_) => Ok(false),
        }
    }
}

/// Makes a rename or a new name in a folder durable. Failures are of no consequence: some file systems cannot, and the
/// content itself is safe already.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// The unfinished file; removed when dropped, unless it became the target.
struct TemporaryFile {
    path: PathBuf,
    kept: bool,
}

impl TemporaryFile {
    fn create(folder: &Path, name: &std::ffi::OsStr, target: &Path) -> Result<(File, Self), HostError> {
        for _ in 0..NAME_ATTEMPTS {
            let mut temporary = OsString::from(".");
            temporary.push(name);
            temporary.push(format!(".tmp-{}", random::number()?));
            let path = folder.join(temporary);
            match OpenOptions::new().write(true).create_new(true).mode(super::PRIVATE).open(&path) {
                Ok(file) => return Ok((file, Self { path, kept: false })),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(HostError::io("write", target, error)),
            }
        }
        Err(HostError::io("write", target, std::io::Error::from(ErrorKind::AlreadyExists)))
    }

    fn rename_to(mut self, target: &Path) -> Result<(), HostError> {
        std::fs::rename(&self.path, target).map_err(|source| HostError::io("write", target, source))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use gait_base::error::{Category, Classify};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn mode_of(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_new_file_has_the_mode_asked_for_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        write_atomic(&path, b"new", 0o600).unwrap();
        assert_eq!(mode_of(&path), 0o600);
        write_atomic(&path, b"newer", 0o666).unwrap();
        assert_eq!(mode_of(&path), 0o666, "the umask does not apply");
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_symbolic_link_is_replaced_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        std::fs::write(&victim, "untouched").unwrap();
        for local_only in [true, false] {
            let _ = std::fs::remove_file(&link);
            symlink(&victim, &link).unwrap();
            let write =
                if local_only { write_atomic(&link, b"new", 0o600) } else { write_replacing(&link, b"new", 0o600) };
            write.unwrap();
            assert!(std::fs::symlink_metadata(&link).unwrap().is_file());
            assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
        }
    }

    #[test]
    fn failures_leave_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let over_a_folder = write_atomic(folder.path().join("sub"), b"x", 0o600).unwrap_err();
        assert_eq!(over_a_folder.category(), Category::InvalidInput);
        let no_folder = write_replacing(folder.path().join("missing/a"), b"x", 0o600).unwrap_err();
        assert_eq!(no_folder.category(), Category::InvalidInput);
        assert!(write_replacing(folder.path().join("sub/"), b"x", 0o600).is_err());
        assert_eq!(names(folder.path()), ["sub"]);
    }

    #[test]
    fn folders_are_made_above_a_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.json");
        create_parents(&path).unwrap();
        assert!(folder.path().join("a/b").is_dir());
        assert_eq!(mode_of(&folder.path().join("a/b")) & !FOLDER, 0);
        assert!(!path.exists());
        create_parents("c.json").unwrap();
        std::fs::write(&path, "").unwrap();
        assert!(create_parents(path.join("d")).is_err());
    }
}
