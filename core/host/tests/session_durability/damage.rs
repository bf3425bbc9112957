//! Journals cut anywhere, and locks that others left.

use std::time::{Duration, SystemTime};

use gait_base::error::{Category, Classify};
use gait_evidence::session::Tail;
use gait_gate::mode::Mode;
use gait_host::session::{LockSettings, Repair, SessionFault, SessionSettings};

use crate::recorded::read;
use crate::sessions::{JOURNAL, command, event, quick_folder, session, session_with, soak, started};

#[test]
fn a_journal_cut_anywhere_is_mended_by_the_next_append() {
    let model = quick_folder();
    let session = started(model.path());
    for name in ["a", "b", "c"] {
        session.append(event(name)).unwrap();
    }
    session.checkpoint(model.path().join("cp.zip").to_str().unwrap(), "", None).unwrap();
    session.append(event("d")).unwrap();
    let bytes = std::fs::read(model.path().join(JOURNAL)).unwrap();
    let ends: Vec<_> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let folder = quick_folder();
    let journal = folder.path().join(JOURNAL);
    let stride = if soak() { 1 } else { 3 };
    let near_an_end = |cut: usize| ends.iter().any(|end| cut.abs_diff(*end) <= 2);
    for cut in (0..=bytes.len()).filter(|cut| cut % stride == 0 || near_an_end(*cut)) {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        std::fs::write(&journal, &bytes[..cut]).unwrap();
        let lines = ends.iter().filter(|end| **end <= cut).count();
        let at_end = cut == 0 || ends.contains(&cut);
        let lacks_newline = ends.contains(&(cut + 1));
        let whole = lines + usize::from(lacks_newline);
        let torn = !at_end && !lacks_newline;
        let session = command(folder.path());
        assert_eq!(session.status().is_ok(), whole > 0 && !torn, "cut at {cut}: reading tells and mends nothing");
        assert_eq!(std::fs::read(&journal).unwrap().len(), cut);
        if whole == 0 {
            session.append(event("x")).unwrap_err();
            session.start("s", "run_s").unwrap();
        }
        let appended = session.append(event("x")).unwrap();
        let next = [1, 1, 2, 3, 4, 4, 5][whole];
        assert_eq!(appended.event.sequence, next, "cut at {cut}");
        let found = read(&journal);
        assert_eq!((found.events.len(), found.tail), (next as usize, Tail::Closed), "cut at {cut}");
        assert_eq!(found.checkpoints.len(), usize::from(whole >= 5), "cut at {cut}");
        let start = ends.iter().rev().find(|end| **end <= cut).copied().unwrap_or(0);
        match (&appended.repairs[..], torn && whole > 0) {
            ([Repair::SetAside { bytes: aside, to }], true) => {
                assert_eq!(*aside, (cut - start) as u64);
                assert_eq!(std::fs::read(to).unwrap(), bytes[start..cut], "nothing is thrown away");
            }
            ([Repair::Closed], false) => assert!(lacks_newline, "cut at {cut}"),
            ([], false) => assert!(!lacks_newline || whole == 0, "cut at {cut}"),
            (repairs, _) => panic!("cut at {cut}: {repairs:?}"),
        }
    }
}

#[test]
fn start_mends_only_what_never_began() {
    let folder = quick_folder();
    let journal = folder.path().join(JOURNAL);
    let compat = || session_with(folder.path(), SessionSettings { mode: Mode::Compat, ..SessionSettings::default() });
    std::fs::write(&journal, "").unwrap();
    assert!(matches!(compat().start("s", "run_s"), Err(SessionFault::Empty(_))));
    session(folder.path()).start("s", "run_s").unwrap();
    let header = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &header[..20]).unwrap();
    let begun = compat().start("s", "run_s").unwrap();
    assert!(matches!(begun.repairs[..], [Repair::SetAside { bytes: 20, .. }]));
    assert_eq!(begun.status.event_count, 0);
    // A session that began is only read.
    let mut torn = header.clone();
    torn.extend_from_slice(b"{\"record_type\":\"event\"");
    std::fs::write(&journal, &torn).unwrap();
    for refused in [compat().start("s", "run_s").unwrap_err(), session(folder.path()).status().unwrap_err()] {
        assert_eq!(refused.code(), "session_journal_torn");
        assert_eq!(refused.category(), Category::InvalidInput);
    }
    assert_eq!(std::fs::read(&journal).unwrap(), torn);
    let (_, repairs) = session(folder.path()).compact("", false).unwrap();
    assert!(matches!(repairs[..], [Repair::SetAside { bytes: 22, .. }]));
    assert!(matches!(compat().start("s", "other").unwrap_err().code(), "session_conflict"));
}

#[test]
fn locks_of_others_are_waited_for_broken_when_forgotten_and_never_removed_by_mistake() {
    let folder = quick_folder();
    drop(started(folder.path()));
    let lock = folder.path().join(format!("{JOURNAL}.lock"));
    let quick =
        LockSettings { timeout: Duration::from_millis(80), retry: Duration::from_millis(5), ..LockSettings::STANDARD };
    let append = || {
        let session = session_with(folder.path(), SessionSettings { lock: quick, ..SessionSettings::default() });
        session.append(event("x"))
    };
    let age = |seconds: u64| {
        let past = SystemTime::now() - Duration::from_secs(seconds);
        std::fs::File::options().write(true).open(&lock).unwrap().set_modified(past).unwrap();
    };
    let refused = |content: &str, seconds: u64| {
        std::fs::write(&lock, content).unwrap();
        age(seconds);
        let fault = append().unwrap_err();
        assert_eq!((fault.code(), fault.category()), ("session_lock_timeout", Category::StateContention), "{content}");
        assert_eq!(std::fs::read_to_string(&lock).unwrap(), content);
        std::fs::remove_file(&lock).unwrap();
    };
    let broken = |content: &str, seconds: u64| {
        std::fs::write(&lock, content).unwrap();
        age(seconds);
        append().unwrap();
        assert!(!lock.exists(), "{content}");
    };
    let held_by = |created: &str, pid: u32| format!(r#"{{"created_at":"{created}","pid":{pid}}}"#);
    let now = gait_host::clock::from_system_time(SystemTime::now()).format_seconds().unwrap();
    refused("", 10);
    broken("", 301);
    broken("{\"created_at\":\"20", 301);
    refused("garbage", 3600);
    refused(&held_by("2999-01-01T00:00:00Z", 1), 3600);
    refused(&held_by(&now, std::process::id()), 60);
    broken(&held_by("2020-01-01T00:00:00Z", 1), 0);
    std::thread::sleep(Duration::from_millis(1_100));
    broken(&held_by(&now, i32::MAX as u32), 60);
}
