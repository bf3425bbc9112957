//! A document in a file that others may change at any time: read again only when it changed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gait_base::digest::{Digest, sha256};
use gait_gate::gate::Current;
use gait_gate::state::StateError;

use super::identity::FileIdentity;
use super::read::read_regular;
use crate::error::HostError;

type Parse<T> = dyn Fn(&[u8]) -> Result<T, HostError> + Send + Sync;

/// A file with the document that was read from it.
///
/// As long as device, inode, size and times of the file stay the same, asking costs one look at them and answers with the
/// same allocation. A file that changed a moment before it was read is read again the next time, because its times may
/// be too coarse to show another change. Nothing is remembered of a file that cannot be read: each question tells so
/// anew, and never answers with what stood there before.
pub struct Watched<T> {
    path: PathBuf,
    limit: u64,
    parse: Box<Parse<T>>,
    missing: Option<Arc<T>>,
    kept: Mutex<Option<Kept<T>>>,
}

/// A document as it was read.
#[derive(Debug)]
pub struct Seen<T> {
    /// The document.
    pub document: Arc<T>,
    /// Digest of the file's content; `None` when the document stands in for a missing file.
    pub digest: Option<Digest>,
}

struct Kept<T> {
    /// The file that was read; `None` when it must be read again.
    identity: Option<FileIdentity>,
    digest: Digest,
    document: Arc<T>,
}

impl<T> Watched<T> {
    /// Watches a file of at most `limit` bytes. Nothing is opened yet.
    pub fn new(
        path: impl Into<PathBuf>,
        limit: u64,
        parse: impl Fn(&[u8]) -> Result<T, HostError> + Send + Sync + 'static,
    ) -> Self {
        Self { path: path.into(), limit, parse: Box::new(parse), missing: None, kept: Mutex::new(None) }
    }

    /// Lets a document stand in for a missing file.
    #[must_use]
    pub fn or_if_missing(mut self, document: T) -> Self {
        self.missing = Some(Arc::new(document));
        self
    }

    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The document as it stands in the file now.
    ///
    /// # Errors
    /// [`HostError::Io`] when the file is missing or unreadable, [`HostError::PathNotAFile`] for a folder or a pipe,
    /// [`HostError::TooLarge`], and whatever reading the document gives.
    pub fn load(&self) -> Result<Seen<T>, HostError> {
        let found = FileIdentity::at(&self.path)?;
        if found.is_none()
            && let Some(document) = &self.missing
        {
            return Ok(Seen { document: Arc::clone(document), digest: None });
        }
        if let Some(kept) = &*self.kept()
            && found.is_some()
            && kept.identity == found
        {
            return Ok(kept.seen());
        }
        let (bytes, identity) = read_regular(&self.path, self.limit)?;
        let digest = sha256(&bytes);
        let identity = identity.is_settled().then_some(identity);
        let mut kept = self.kept();
        if let Some(same) = kept.as_mut().filter(|kept| kept.digest == digest) {
            same.identity = identity;
            return Ok(same.seen());
        }
        // Forgotten before the new one is read, so that a malformed file leaves nothing behind.
        *kept = None;
        let document = Arc::new((self.parse)(&bytes)?);
        Ok(kept.insert(Kept { identity, digest, document }).seen())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Kept<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Kept<T> {
    fn seen(&self) -> Seen<T> {
        Seen { document: Arc::clone(&self.document), digest: Some(self.digest) }
    }
}

impl<T: Send + Sync> Current<T> for Watched<T> {
    fn current(&self) -> Result<Arc<T>, StateError> {
        self.load().map(|seen| seen.document).map_err(|error| StateError::of(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use gait_base::error::{Category, Classify};

    use super::*;

    fn text(path: &Path, reads: Arc<AtomicUsize>) -> Watched<String> {
        Watched::new(path, 100, move |bytes| {
            reads.fetch_add(1, Ordering::Relaxed);
            String::from_utf8(bytes.to_vec()).map_err(|_| HostError::Argument("no text"))
        })
    }

    #[test]
    fn an_unchanged_file_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let reads = Arc::new(AtomicUsize::new(0));
        let watched = text(&path, Arc::clone(&reads));
        std::fs::write(&path, "one").unwrap();
        let first = watched.load().unwrap();
        assert!(watched.kept().as_ref().unwrap().identity.is_none(), "too young to be trusted");
        assert!(Arc::ptr_eq(&first.document, &watched.load().unwrap().document));
        std::thread::sleep(Duration::from_millis(130));
        assert!(Arc::ptr_eq(&first.document, &watched.load().unwrap().document));
        assert!(watched.kept().as_ref().unwrap().identity.is_some());
        assert!(Arc::ptr_eq(&first.document, &watched.current().unwrap()));
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        std::fs::write(&path, "two").unwrap();
        assert_eq!(*watched.load().unwrap().document, "two");
    }

    #[test]
    fn changes_within_one_tick_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let watched = text(&path, Arc::default());
        for number in 0..2000 {
            let content = format!("{number:04}");
            if number % 2 == 0 {
                std::fs::write(&path, &content).unwrap();
            } else {
                std::fs::write(folder.path().join("b"), &content).unwrap();
                std::fs::rename(folder.path().join("b"), &path).unwrap();
            }
            assert_eq!(*watched.load().unwrap().document, content);
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let watched = text(&path, Arc::default());
        let check = |what: &str| {
            for _ in 0..2 {
                assert_eq!(watched.load().unwrap_err().category(), Category::InvalidInput, "{what}");
            }
        };
        check("missing");
        std::fs::write(&path, "good").unwrap();
        watched.load().unwrap();
        std::fs::write(&path, b"\xff").unwrap();
        check("malformed");
        std::fs::write(&path, [b'x'; 101]).unwrap();
        check("too large");
        std::fs::remove_file(&path).unwrap();
        check("removed");
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        check("a link to nothing");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        check("a folder");
        std::fs::remove_dir(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        check("a pipe without a writer");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "good").unwrap();
        assert_eq!(*watched.load().unwrap().document, "good");
    }

    #[test]
    fn another_document_stands_in_for_a_missing_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let watched = text(&path, Arc::default()).or_if_missing("none".to_owned());
        let (one, two) = (watched.load().unwrap(), watched.load().unwrap());
        assert!(Arc::ptr_eq(&one.document, &two.document) && one.digest.is_none());
        std::fs::write(&path, b"\xff").unwrap();
        assert!(watched.load().is_err());
        std::fs::write(&path, "there").unwrap();
        assert_eq!(*watched.load().unwrap().document, "there");
    }
}
