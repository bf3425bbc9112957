//! Locks between processes: lock files that other tools honour too, each held under an advisory lock of our own
//! (01 §11.3, 00 D7).
//!
//! The lock file alone is judged by its age, so that two waiters may both break a stale one and a slow holder may be
//! robbed. Ours take an advisory lock on `<lock>.os` first: the operating system hands it to one of us at a time and
//! takes it back when its holder dies. Whoever has it notes there which lock file it made; the next holder breaks that
//! very file at once if it is still there, because its maker must be dead, and any other only by age.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use gait_base::json::{self, JsonErrorKind, Reading};
use gait_base::time::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::read::read_regular;
use crate::clock::{Clock, SystemClock};
use crate::error::HostError;

mod advisory;

use advisory::{Advisory, Attempt};

/// The first pause while one of our own holds the lock; each further one is twice as long, up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// How long a lock file stands before it matters whether the process that it names is there.
const UNSEEN_MAKER: Duration = Duration::from_secs(1);

/// How one kind of lock waits, what it holds and when it counts as forgotten: a row of the table of 01 §11.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockProfile {
    /// How long to try before giving up.
    pub timeout: Duration,
    /// The pause between two tries.
    pub retry: Duration,
    /// The age beyond which a lock of a foreign maker counts as forgotten.
    pub stale_after: Duration,
    /// What the age is taken from.
    pub stale_by: StaleBy,
    /// What is written into the lock file.
    pub content: LockContent,
    /// The code of the error when the wait is over.
    pub timeout_code: &'static str,
}

impl LockProfile {
    /// Locked appends, kill-switch state, script registry: `<file>.lock`.
    pub const APPEND: Self = Self {
        timeout: Duration::from_secs(30),
        retry: Duration::from_millis(10),
        stale_after: Duration::from_secs(120),
        stale_by: StaleBy::Modified,
        content: LockContent::Empty,
        timeout_code: "append_lock_timeout",
    };
    /// Rate limits and destructive budgets. Every failure to make this lock is `io_failure`.
    pub const RATE_LIMIT: Self = Self {
        timeout: Duration::from_secs(3),
        retry: Duration::from_millis(15),
        stale_after: Duration::from_secs(15),
        stale_by: StaleBy::ModifiedOrRecorded,
        content: LockContent::RateLimit,
        timeout_code: "rate_limit_lock_timeout",
    };
    /// The ledger of used tokens.
    pub const USED_TOKENS: Self = Self {
        timeout: Duration::from_secs(3),
        retry: Duration::from_millis(15),
        stale_after: Duration::from_secs(15),
        stale_by: StaleBy::Modified,
        content: LockContent::Empty,
        timeout_code: "used_tokens_lock_timeout",
    };
    /// Job state: `state.json.lock`.
    pub const JOB: Self = Self {
        timeout: Duration::from_secs(2),
        retry: Duration::from_millis(10),
        stale_after: Duration::from_secs(30),
        stale_by: StaleBy::Modified,
        content: LockContent::Empty,
        timeout_code: "job_lock_timeout",
    };
    /// Session journals, with the standard settings; the environment may set others (01 §13).
    pub const SESSION: Self = Self {
        timeout: Duration::from_secs(2),
        retry: Duration::from_millis(50),
        stale_after: Duration::from_secs(300),
        stale_by: StaleBy::Recorded,
        content: LockContent::Session,
        timeout_code: "session_lock_timeout",
    };
}

/// What the age of a lock file is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleBy {
    /// Its modification time.
    Modified,
    /// Its modification time or the `created_at` in it, whichever is older.
    ModifiedOrRecorded,
    /// The `created_at` in it. Its modification time only where a crash left it empty or cut off (00 D7); other content
    /// without such a time is nobody's to judge. One whose maker is known to be gone does not have to grow old.
    Recorded,
}

/// What a lock file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockContent {
    /// Nothing.
    Empty,
    /// A `gait.gate.rate_limit_lock` record.
    RateLimit,
    /// A `gait.runpack.session_lock` record.
    Session,
}

impl LockContent {
    fn bytes(self) -> Vec<u8> {
        let (pid, now) = (std::process::id(), SystemClock.now());
        match self {
            Self::Empty => Vec::new(),
            Self::RateLimit => format!(
                "{{\"schema_id\":\"gait.gate.rate_limit_lock\",\"schema_version\":\"1.0.0\",\"pid\":{pid},\
                 \"created_at\":\"{now}\"}}\n"
            )
            .into_bytes(),
            Self::Session => format!(
                "{{\"created_at\":\"{}\",\"pid\":{pid},\"schema_id\":\"gait.runpack.session_lock\",\
                 \"schema_version\":\"1.0.0\"}}\n",
                now.format_seconds().unwrap_or_default()
            )
            .into_bytes(),
        }
    }
}

/// A lock held. Dropping it releases it.
#[derive(Debug)]
pub struct FileLock {
    path: PathBuf,
    // Open as long as the lock is held: its inode cannot be given to another file, so the identity stays true.
    file: File,
    advisory: Option<Advisory>,
}

impl FileLock {
    /// Takes the lock `<file>.lock` of a file; see [`Self::acquire`].
    ///
    /// # Errors
    /// As [`Self::acquire`].
    pub fn beside(file: impl AsRef<Path>, profile: &LockProfile) -> Result<Self, HostError> {
        Self::acquire(suffixed(file.as_ref(), ".lock"), profile)
    }

    /// Takes a lock, waiting as its profile says. The folder must exist. Also serializes the threads of this process.
    ///
    /// # Errors
    /// [`HostError::LockTimeout`] when others held it all the time; [`HostError::Io`] (for the counters:
    /// [`HostError::CounterLock`]) when the lock file cannot be made.
    pub fn acquire(path: impl Into<PathBuf>, profile: &LockProfile) -> Result<Self, HostError> {
        let path = path.into();
        let started = Instant::now();
        let mut ours = Attempt::Busy;
        let mut pause = SHORTEST_PAUSE;
        loop {
            if matches!(ours, Attempt::Busy) {
                ours = Advisory::attempt(&path);
            }
            if !matches!(ours, Attempt::Busy) {
                match make(&path, ours.held_mut(), profile.content) {
                    Ok(file) => return Ok(Self { path, file, advisory: ours.into_held() }),
                    Err(Unmade::Write(error)) => {
                        return Err(failure(profile, "rate_limit_lock_write_failed", "write lock", &path, error));
                    }
                    Err(Unmade::Create(error)) if !is_contention(&path, &error) => {
                        return Err(failure(profile, "rate_limit_lock_acquire_failed", "create lock", &path, error));
                    }
                    Err(Unmade::Create(_)) if break_forgotten(&path, &ours, profile) => continue,
                    Err(Unmade::Create(_)) => {}
                }
            }
            let waited = started.elapsed();
            if waited >= profile.timeout {
                return Err(HostError::LockTimeout { code: profile.timeout_code, path, waited });
            }
            // A lock file of others is looked at as rarely as they look at ours. One of our own who holds the advisory lock
            // holds it for one write, and is asked again so soon that nobody starves however many want it.
            let next = if matches!(ours, Attempt::Busy) { pause } else { profile.retry };
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            sleep(next.min(profile.retry).min(profile.timeout.saturating_sub(waited)));
        }
    }

    /// Gives the lock back. Removes the lock file only if it is still the very one that was made here.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Ok(made) = self.file.metadata() {
            remove_if_same(&self.path, &made);
        }
        // The advisory lock goes last, so that the next of ours finds the lock file gone.
        self.advisory.take();
    }
}

/// Why a lock file was not made.
enum Unmade {
    /// It exists, or may not be made.
    Create(std::io::Error),
    /// Its content could not be written.
    Write(std::io::Error),
}

/// Makes the lock file, unless somebody has it.
///
/// Under the advisory lock it is written whole beside its place, noted, and only then given its name: nobody ever sees
/// it half written, and a holder that dies at any point after the naming is known to be its maker.
fn make(path: &Path, advisory: Option<&mut Advisory>, content: LockContent) -> Result<File, Unmade> {
    let Some(advisory) = advisory else { return create(path, content) };
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(Unmade::Create(ErrorKind::AlreadyExists.into()));
    }
    let draft = suffixed(path, ".os.new");
    let file = match create(&draft, content) {
        // What a holder left that died before it gave the file its name.
        Err(Unmade::Create(error)) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::remove_file(&draft).map_err(Unmade::Create)?;
            create(&draft, content)?
        }
        created => created?,
    };
    let named = file.metadata().and_then(|metadata| {
        advisory.note(&metadata);
        name_draft(&draft, path)
    });
    match named {
        Ok(()) => Ok(file),
        Err(error) => {
            let _ = std::fs::remove_file(&draft);
            if error.kind() == ErrorKind::AlreadyExists {
                return Err(Unmade::Create(error));
            }
            // A file system that can do neither of the two.
            let file = create(path, content)?;
            if let Ok(metadata) = file.metadata() {
                advisory.note(&metadata);
            }
            Ok(file)
        }
    }
}

/// Gives a finished lock file its name, unless somebody has that name.
fn name_draft(draft: &Path, path: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, draft, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(Errno::EXIST) => return Err(ErrorKind::AlreadyExists.into()),
            // Not every file system knows this; all but the simplest know second names.
            Err(_) => {}
        }
    }
    std::fs::hard_link(draft, path)?;
    let _ = std::fs::remove_file(draft);
    Ok(())
}

fn create(path: &Path, content: LockContent) -> Result<File, Unmade> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(super::PRIVATE);
    let mut file = options.open(path).map_err(Unmade::Create)?;
    // Not synced: a lock that a power failure leaves without its content is judged by its age like any other.
    match file.write_all(&content.bytes()) {
        Ok(()) => Ok(file),
        Err(error) => {
            let _ = std::fs::remove_file(path);
            Err(Unmade::Write(error))
        }
    }
}

fn failure(
    profile: &LockProfile,
    code: &'static str,
    action: &'static str,
    path: &Path,
    source: std::io::Error,
) -> HostError {
    match profile.content {
        LockContent::RateLimit => HostError::CounterLock { code, action, path: path.to_path_buf(), source },
        LockContent::Empty | LockContent::Session => HostError::io(action, path, source),
    }
}

/// Whether a lock file could not be made because somebody else has it: it exists, or we may not even look.
fn is_contention(path: &Path, error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::AlreadyExists
        || match std::fs::symlink_metadata(path) {
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::PermissionDenied,
        }
}

/// Removes a lock file whose maker is known to be dead or must be taken for dead; true when it is worth trying again at
/// once.
fn break_forgotten(path: &Path, ours: &Attempt, profile: &LockProfile) -> bool {
    // One that has gone already, or that we may not look at, gets the usual pause.
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return false };
    let orphaned = matches!(ours, Attempt::Held(advisory) if advisory.names(&metadata));
    (orphaned || is_stale(path, &metadata, profile)) && remove_if_same(path, &metadata)
}

fn is_stale(path: &Path, metadata: &Metadata, profile: &LockProfile) -> bool {
    let by_modification = || {
        let age = metadata.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age > profile.stale_after)
    };
    let by_record = || {
        let created = recorded_time(path)?;
        let limit = created.plus_nanos(i128::try_from(profile.stale_after.as_nanos()).ok()?).ok()?;
        Some(limit.is_before(&SystemClock.now()))
    };
    match profile.stale_by {
        StaleBy::Modified => by_modification(),
        StaleBy::ModifiedOrRecorded => by_modification() || by_record().unwrap_or(false),
        StaleBy::Recorded => match content(path) {
            Content::Record(record) => by_record().unwrap_or(false) || maker_is_gone(&record, metadata),
            Content::Unfinished => by_modification(),
            Content::Other => false,
        },
    }
}

/// What stands in a lock file.
enum Content {
    /// A record.
    Record(json::Value),
    /// Nothing, or the beginning of a record.
    Unfinished,
    /// Something else, or nothing that can be read.
    Other,
}

fn content(path: &Path) -> Content {
    const LIMIT: u64 = 64 * 1024;
    let Ok((bytes, _)) = read_regular(path, LIMIT) else { return Content::Other };
    match json::parse(&bytes, Reading::COMPAT) {
        Ok(record) => Content::Record(record),
        Err(error) if matches!(error.kind(), JsonErrorKind::UnexpectedEnd) => Content::Unfinished,
        Err(_) => Content::Other,
    }
}

/// The `created_at` that a lock file carries.
fn recorded_time(path: &Path) -> Option<Timestamp> {
    match content(path) {
        Content::Record(record) => created_at(&record),
        Content::Unfinished | Content::Other => None,
    }
}

fn created_at(record: &json::Value) -> Option<Timestamp> {
    Timestamp::parse(record.get("created_at")?.as_str()?.trim()).ok()
}

/// Whether the process that made a lock file has ended without removing it. Only a file that has stood for a moment is
/// judged: its maker may be one that we cannot see, on another machine or in a container, and those hold it for a write.
fn maker_is_gone(record: &json::Value, metadata: &Metadata) -> bool {
    let age = metadata.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let is_settled = age.is_some_and(|age| age > UNSEEN_MAKER);
    let is_past = created_at(record).is_some_and(|created| created.is_before(&SystemClock.now()));
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and no process has such a number")]
    let pid = record.get("pid").and_then(json::Value::as_number).filter(|&pid| pid >= 1.0).map(|pid| pid as i32);
    let pid = pid.and_then(Pid::from_raw);
    is_settled && is_past && pid.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

fn same_file(one: &Metadata, other: &Metadata) -> bool {
    one.dev() == other.dev() && one.ino() == other.ino()
}

fn remove_if_same(path: &Path, expected: &Metadata) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(found) if same_file(&found, expected) => std::fs::remove_file(path).is_ok(),
        _ => false,
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
