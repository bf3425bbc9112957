use std::sync::atomic::{AtomicUsize, Ordering};

use gait_base::error::{Category, Classify};

use super::*;

const QUICK: LockProfile =
    LockProfile { timeout: Duration::from_millis(60), retry: Duration::from_millis(5), ..LockProfile::APPEND };

fn age(path: &Path, age: Duration) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_lock_leaves_nothing_behind_and_excludes_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let inside = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let lock = FileLock::acquire(&path, &LockProfile::APPEND).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    lock.release();
                }
            });
        }
    });
    assert!(is_empty(folder.path()));
}

#[test]
fn a_young_lock_of_another_maker_is_waited_for_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    std::fs::write(&path, "").unwrap();
    let error = FileLock::acquire(&path, &QUICK).unwrap_err();
    assert_eq!((error.category(), error.code()), (Category::StateContention, "append_lock_timeout"));
    assert!(path.exists());
    age(&path, Duration::from_secs(119));
    assert!(FileLock::acquire(&path, &QUICK).is_err());
    age(&path, Duration::from_secs(121));
    FileLock::acquire(&path, &QUICK).unwrap().release();
    assert!(is_empty(folder.path()));
}

#[test]
fn a_slow_holder_is_not_robbed_by_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let held = FileLock::acquire(&path, &QUICK).unwrap();
    age(&path, Duration::from_secs(3600));
    assert_eq!(FileLock::acquire(&path, &QUICK).unwrap_err().category(), Category::StateContention);
    held.release();
    FileLock::acquire(&path, &QUICK).unwrap();
}

#[test]
fn a_lock_that_another_tool_took_over_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let held = FileLock::acquire(&path, &QUICK).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "theirs").unwrap();
    held.release();
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
}

#[test]
fn a_lock_whose_holder_died_is_broken_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let held = FileLock::acquire(&path, &QUICK).unwrap();
    let note = folder.path().join("a.lock.os");
    let noted = std::fs::read(&note).unwrap();
    // What a killed holder leaves: both files, and no lock of the operating system.
    std::mem::forget(held);
    std::fs::remove_file(&note).unwrap();
    std::fs::write(&note, &noted).unwrap();
    FileLock::acquire(&path, &QUICK).unwrap().release();
    assert!(is_empty(folder.path()));

    // The same note beside a lock file of somebody else says nothing.
    std::fs::write(&path, "").unwrap();
    std::fs::write(&note, &noted).unwrap();
    assert!(FileLock::acquire(&path, &QUICK).is_err());
    assert!(path.exists());
}

#[test]
fn recorded_times_count_where_the_profile_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let wait = |profile: LockProfile| LockProfile { timeout: QUICK.timeout, retry: QUICK.retry, ..profile };
    let old = r#"{"created_at":"2020-01-01T00:00:00Z","pid":1}"#;

    std::fs::write(&path, old).unwrap();
    assert!(FileLock::acquire(&path, &wait(LockProfile::JOB)).is_err());
    FileLock::acquire(&path, &wait(LockProfile::RATE_LIMIT)).unwrap().release();
    std::fs::write(&path, old).unwrap();
    FileLock::acquire(&path, &wait(LockProfile::SESSION)).unwrap().release();

    std::fs::write(&path, r#"{"created_at":"2999-01-01T00:00:00Z"}"#).unwrap();
    age(&path, Duration::from_secs(3600));
    assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err());
    FileLock::acquire(&path, &wait(LockProfile::RATE_LIMIT)).unwrap().release();

    // No process of that number is there, or ever was.
    let now = SystemClock.now().format_seconds().unwrap();
    std::fs::write(&path, format!(r#"{{"created_at":"{now}","pid":{}}}"#, i32::MAX)).unwrap();
    assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err(), "too young to tell");
    age(&path, Duration::from_secs(2));
    sleep(Duration::from_millis(1100));
    FileLock::acquire(&path, &wait(LockProfile::SESSION)).unwrap().release();
    std::fs::write(&path, format!(r#"{{"created_at":"{now}","pid":{}}}"#, std::process::id())).unwrap();
    age(&path, Duration::from_secs(2));
    assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err());

    // What no tool writes is nobody's to judge.
    for foreign in ["garbage", "{}", r#"{"created_at":1}"#] {
        std::fs::write(&path, foreign).unwrap();
        age(&path, Duration::from_secs(3600));
        assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err(), "{foreign}");
    }

    // Torn or empty: by the file's own age.
    std::fs::write(&path, r#"{"created_at":"2026-"#).unwrap();
    assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err());
    age(&path, Duration::from_secs(301));
    FileLock::acquire(&path, &wait(LockProfile::SESSION)).unwrap().release();
    std::fs::write(&path, "").unwrap();
    assert!(FileLock::acquire(&path, &wait(LockProfile::SESSION)).is_err());
    age(&path, Duration::from_secs(301));
    FileLock::acquire(&path, &wait(LockProfile::SESSION)).unwrap();
}

#[test]
fn contents_name_maker_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lock");
    let pid = std::process::id();
    let held = FileLock::acquire(&path, &LockProfile::RATE_LIMIT).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&format!(
        r#"{{"schema_id":"gait.gate.rate_limit_lock","schema_version":"1.0.0","pid":{pid},"created_at":"2"#
    )));
    assert!(text.ends_with("Z\"}\n") && recorded_time(&path).is_some());
    held.release();
    let held = FileLock::acquire(&path, &LockProfile::SESSION).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(r#"{"created_at":"2"#) && text.ends_with("\"schema_version\":\"1.0.0\"}\n"));
    assert!(recorded_time(&path).is_some());
    held.release();
}

#[test]
fn a_missing_folder_is_no_contention() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/a.lock");
    assert_eq!(FileLock::acquire(&path, &LockProfile::JOB).unwrap_err().category(), Category::InvalidInput);
    let error = FileLock::acquire(&path, &LockProfile::RATE_LIMIT).unwrap_err();
    assert_eq!((error.category(), error.code()), (Category::IoFailure, "rate_limit_lock_acquire_failed"));
}

#[test]
fn a_link_in_the_place_of_the_advisory_lock_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let (victim, note) = (folder.path().join("victim"), folder.path().join("a.lock.os"));
    std::fs::write(&victim, "untouched").unwrap();
    std::os::unix::fs::symlink(&victim, &note).unwrap();
    FileLock::acquire(folder.path().join("a.lock"), &QUICK).unwrap().release();
    std::fs::remove_file(&note).unwrap();
    std::fs::hard_link(&victim, &note).unwrap();
    FileLock::acquire(folder.path().join("a.lock"), &QUICK).unwrap().release();
    assert_eq!(std::fs::read(&victim).unwrap(), b"untouched");
}
