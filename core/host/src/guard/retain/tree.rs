//! A folder, looked at and cut back without following a link.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gait_base::path::clean;
use gait_base::time::Timestamp;
use gait_evidence::guard::retention::{Artifact, ArtifactKind, HOLD_FILE, HoldList, MAX_HOLD_BYTES, RetentionPolicy};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::{GuardFileError, parse_holds};
use crate::error::HostError;

/// The deepest folder that is looked at.
const MOST_DEPTH: usize = 128;
/// The most artifacts that are looked at.
const MOST_FILES: usize = 2_000_000;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A folder whose artifacts are known.
pub(super) struct Tree {
    root: OwnedFd,
    found: Vec<Found>,
    /// The folder from which something was removed last: the next file mostly lies there too.
    open: Option<(Vec<CString>, OwnedFd)>,
}

/// An artifact, and where it is.
struct Found {
    artifact: Artifact,
    folders: Vec<CString>,
    name: CString,
    identity: Identity,
}

/// Which file in which state.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: i64,
    modified: (i64, i64),
}

impl Identity {
    #[allow(clippy::unnecessary_cast, reason = "these have other widths on other systems")]
    const fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as i64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        }
    }

    fn modified_at(&self) -> Timestamp {
        let nanos = u32::try_from(self.modified.1).unwrap_or(0);
        Timestamp::from_unix(self.modified.0, nanos).unwrap_or(Timestamp::ZERO)
    }
}

/// What became of a file that should go.
pub(super) enum Removal {
    /// It is gone.
    Gone,
    /// It is another one by now, or has another content.
    Changed,
    /// It is still there.
    Failed(io::Error),
}

impl Tree {
    /// Looks at everything below a folder. A root that is a file is looked at alone; one that is a link is not followed.
    pub(super) fn scan(root: &str, policy: &RetentionPolicy, holds: &HoldList) -> Result<Self, GuardFileError> {
        let root = clean(root.trim());
        let path = Path::new(&root);
        let failed = |error: Errno| HostError::io("read folder", path, error);
        match openat(CWD, path, FOLDER, Mode::empty()) {
            Ok(folder) => {
                let prefix = if root == "." { String::new() } else { format!("{}/", root.trim_end_matches('/')) };
                let absolute =
                    std::fs::canonicalize(path).map_err(|error| HostError::io("read folder", path, error))?;
                let mut scan = Scan { policy, prefix, absolute, found: Vec::new() };
                let lists = vec![Held { below: 0, list: holds.clone() }];
                let mut place = Place { folders: Vec::new(), relative: String::new(), lists, all: false };
                scan.folder(folder.as_fd(), &mut place)?;
                scan.found.sort_by(|a, b| a.artifact.path.cmp(&b.artifact.path));
                Ok(Self { root: folder, found: scan.found, open: None })
            }
            Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => Self::single(&root, policy, holds),
            Err(error) => Err(failed(error).into()),
        }
    }

    /// A root that is no folder.
    fn single(root: &str, policy: &RetentionPolicy, holds: &HoldList) -> Result<Self, GuardFileError> {
        let path = Path::new(root);
        let failed = |error: Errno| HostError::io("examine", path, error);
        let (folder, name) = root.rsplit_once('/').unwrap_or((".", root));
        let folder = if folder.is_empty() { "/" } else { folder };
        // The folder of the root is the caller's: links in it are meant.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent = openat(CWD, folder, flags, Mode::empty()).map_err(failed)?;
        let absolute = std::fs::canonicalize(folder).map_err(|error| HostError::io("examine", path, error))?;
        let mut scan = Scan { policy, prefix: String::new(), absolute, found: Vec::new() };
        let name = CString::new(name).map_err(|_| HostError::PathNotAFile { path: root.to_owned() })?;
        let mut place = Place {
            folders: Vec::new(),
            relative: String::new(),
            lists: vec![Held { below: 0, list: holds.clone() }],
            all: false,
        };
        place.take_list(parent.as_fd(), &scan.absolute)?;
        scan.file(parent.as_fd(), &name, &place)?;
        for found in &mut scan.found {
            root.clone_into(&mut found.artifact.path);
        }
        Ok(Self { root: parent, found: scan.found, open: None })
    }

    /// The artifacts by path.
    pub(super) fn artifacts(&self) -> Vec<Artifact> {
        self.found.iter().map(|found| found.artifact.clone()).collect()
    }

    /// Removes the artifact with this index, if it is still the one that was looked at.
    pub(super) fn remove(&mut self, index: usize) -> Removal {
        let Some(found) = self.found.get(index) else { return Removal::Gone };
        let removed = open_folder(&self.root, &mut self.open, &found.folders).and_then(|folder| {
            let stat = statat(folder, &found.name, AtFlags::SYMLINK_NOFOLLOW)?;
            if Identity::of(&stat) != found.identity {
                return Ok(Removal::Changed);
            }
            unlinkat(folder, &found.name, AtFlags::empty())?;
            Ok(Removal::Gone)
        });
        match removed {
            Ok(removal) => removal,
            // Somebody else was faster.
            Err(Errno::NOENT) => Removal::Gone,
            // What was a folder is a link now.
            Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => Removal::Changed,
            Err(error) => Removal::Failed(error.into()),
        }
    }
}

/// The folder below the root that these names lead to, each a real folder.
fn open_folder<'t>(
    root: &'t OwnedFd,
    open: &'t mut Option<(Vec<CString>, OwnedFd)>,
    folders: &[CString],
) -> Result<BorrowedFd<'t>, Errno> {
    if folders.is_empty() {
        return Ok(root.as_fd());
    }
    if open.as_ref().is_none_or(|(at, _)| at != folders) {
        *open = None;
        let mut folder: Option<OwnedFd> = None;
        for name in folders {
            let above = folder.as_ref().unwrap_or(root);
            folder = Some(openat(above, name, FOLDER, Mode::empty())?);
        }
        *open = folder.map(|folder| (folders.to_vec(), folder));
    }
    open.as_ref().map(|(_, folder)| folder.as_fd()).ok_or(Errno::NOENT)
}

/// A walk through a folder.
struct Scan<'a> {
    policy: &'a RetentionPolicy,
    /// What paths in reports begin with.
    prefix: String,
    /// The root, as the machine names it.
    absolute: PathBuf,
    found: Vec<Found>,
}

/// Where a walk stands.
struct Place {
    folders: Vec<CString>,
    /// The same as text, with `/` behind each.
    relative: String,
    /// The lists in force here.
    lists: Vec<Held>,
    /// Whether everything here is held.
    all: bool,
}

/// A list of holds.
struct Held {
    /// The folder it is about: so many bytes of the relative path.
    below: usize,
    list: HoldList,
}

impl Place {
    /// Takes note of the list that lies in this folder, if one does.
    fn take_list(&mut self, folder: BorrowedFd<'_>, absolute: &Path) -> Result<(), GuardFileError> {
        let path = || absolute.join(&self.relative).join(HOLD_FILE);
        let failed = |error: io::Error| HostError::io("read", &path(), error);
        // A list that is a link is refused: it must not be possible to lift holds from elsewhere.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(folder, HOLD_FILE, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => return Err(failed(error.into()).into()),
        };
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(HostError::PathNotAFile { path: path().display().to_string() }.into());
        }
        let mut bytes = Vec::new();
        // One byte more than the limit, which is for the list to notice.
        file.take(MAX_HOLD_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        let list = parse_holds(&bytes, &path())?;
        if list.is_empty() {
            self.all = true;
        } else {
            self.lists.push(Held { below: self.relative.len(), list });
        }
        Ok(())
    }

    fn holds(&self, relative: &str, absolute: Option<&str>) -> bool {
        self.all
            || self
                .lists
                .iter()
                .any(|held| relative.get(held.below..).is_some_and(|path| held.list.holds(path, absolute)))
    }
}

impl Scan<'_> {
    fn folder(&mut self, folder: BorrowedFd<'_>, place: &mut Place) -> Result<(), GuardFileError> {
        place.take_list(folder, &self.absolute)?;
        let failed = |error: Errno| HostError::io("read folder", &self.absolute.join(&place.relative), error);
        let mut names = Vec::new();
        for entry in Dir::read_from(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if !matches!(name.to_bytes(), b"." | b"..") {
                names.push((name.to_owned(), entry.file_type()));
            }
        }
        for (name, kind) in names {
            // Some file systems do not tell; opening it as a folder does.
            if !matches!(kind, FileType::Directory | FileType::Unknown) {
                self.file(folder, &name, place)?;
                continue;
            }
            match openat(folder, &name, FOLDER, Mode::empty()) {
                Ok(below) => self.below(below.as_fd(), name, place)?,
                Err(Errno::NOENT) => {}
                Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => self.file(folder, &name, place)?,
                Err(error) => {
                    let path = self.absolute.join(&place.relative).join(text(&name));
                    return Err(HostError::io("read folder", &path, error).into());
                }
            }
        }
        Ok(())
    }

    fn below(&mut self, folder: BorrowedFd<'_>, name: CString, place: &mut Place) -> Result<(), GuardFileError> {
        if place.folders.len() >= MOST_DEPTH {
            return Err(self.too_much(place));
        }
        let (length, lists, all) = (place.relative.len(), place.lists.len(), place.all);
        place.relative.push_str(&text(&name));
        place.relative.push('/');
        place.folders.push(name);
        self.folder(folder, place)?;
        place.folders.pop();
        place.relative.truncate(length);
        place.lists.truncate(lists);
        place.all = all;
        Ok(())
    }

    fn file(&mut self, folder: BorrowedFd<'_>, name: &CStr, place: &Place) -> Result<(), GuardFileError> {
        let shown = text(name);
        let Some(kind) = ArtifactKind::of(&shown).filter(|kind| self.policy.caps(*kind).is_some()) else {
            return Ok(());
        };
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Ok(()),
            Err(error) => {
                let path = self.absolute.join(&place.relative).join(shown);
                return Err(HostError::io("examine", &path, error).into());
            }
        };
        // A link is an artifact by its own name and age; what it leads to is never looked at.
        let is_ours = matches!(FileType::from_raw_mode(stat.st_mode), FileType::RegularFile | FileType::Symlink);
        if !is_ours {
            return Ok(());
        }
        if self.found.len() >= MOST_FILES {
            return Err(self.too_much(place));
        }
        let identity = Identity::of(&stat);
        let relative = format!("{}{shown}", place.relative);
        let absolute = self.absolute.join(&relative);
        let artifact = Artifact {
            held: place.holds(&relative, absolute.to_str()),
            path: format!("{}{relative}", self.prefix),
            kind,
            size: u64::try_from(identity.size).unwrap_or(0),
            modified_at: identity.modified_at(),
        };
        self.found.push(Found { artifact, folders: place.folders.clone(), name: name.to_owned(), identity });
        Ok(())
    }

    fn too_much(&self, place: &Place) -> GuardFileError {
        let path = self.absolute.join(&place.relative);
        GuardFileError::TooMuch { path, depth: MOST_DEPTH, files: MOST_FILES }
    }
}

/// A name as reports show it.
fn text(name: &CStr) -> String {
    std::ffi::OsStr::from_bytes(name.to_bytes()).to_string_lossy().into_owned()
}
