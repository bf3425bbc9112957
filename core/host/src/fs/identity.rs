//! Telling without reading whether a file is still the one that was read.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::HostError;

/// File systems stamp changes by a clock that may tick as rarely as this, and give a removed file's number to the next one
/// at once: two changes within one tick can look the same.
const COARSEST_TICK: Duration = Duration::from_millis(100);

/// Which file in which state: another content cannot have the same, once the last change is older than a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileIdentity {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// The identity of what stands at a path now, behind symbolic links; `None` when nothing does.
    ///
    /// # Errors
    /// [`HostError::Io`] when the machine cannot tell.
    pub(crate) fn at(path: &Path) -> Result<Option<Self>, HostError> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self::of(&metadata))),
            // A link to nothing is no missing file: whoever put it there meant one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !super::exists(path)? => Ok(None),
            Err(error) => Err(HostError::io("examine", path, error)),
        }
    }

    /// Whether a later change is bound to show: the last one lies a tick back, and not in the future.
    pub(crate) fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let changed = u64::try_from(self.changed.0).ok().zip(u32::try_from(self.changed.1).ok());
        changed.is_some_and(|(seconds, nanos)| {
            now.checked_sub(Duration::new(seconds, nanos)).is_some_and(|age| age > COARSEST_TICK)
        })
    }
}
