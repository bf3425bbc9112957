//! What processes, kills, cut files, full disks and other tools' locks do to sessions: every acknowledged event is there, none
//! is half there, numbers have no gap, and the next command works.
//!
//! Each test starts this binary again as children that play a part; the environment tells which. `GAIT_SOAK=1` makes the
//! rounds many.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the functions that tests share are tests too")]

mod damage;
mod full_disk;
mod kills;
mod players;
mod recorded;
mod sessions;

use gait_evidence::session::State;

use players::{acknowledged, play};
use recorded::{assert_whole, recorded};
use sessions::{JOURNAL, command, event, quick_folder, soak, started};

/// Not a test by itself: the part that a child of the other tests plays.
#[test]
fn child() {
    players::act();
}

#[test]
fn events_of_many_processes_are_numbered_without_a_gap() {
    for part in ["append", "append as commands do"] {
        let folder = quick_folder();
        drop(started(folder.path()));
        let mut children: Vec<_> = (0..8).map(|number| play(part, folder.path(), number)).collect();
        let mut told: Vec<_> = children.iter_mut().flat_map(acknowledged).collect();
        told.sort();
        assert_eq!(told.len(), 1_600, "{part}");
        let all = recorded(folder.path());
        assert_whole(&all);
        assert!(told.into_iter().eq(all), "{part}");
        assert_eq!(command(folder.path()).status().unwrap().event_count, 1_600);
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 2, "no lock or draft stays");
    }
}

#[test]
fn threads_of_one_session_share_writes_and_lose_nothing() {
    let folder = quick_folder();
    let session = started(folder.path());
    std::thread::scope(|scope| {
        for thread in 0..32 {
            let session = &session;
            scope.spawn(move || {
                for turn in 0..50 {
                    let name = format!("{thread}.{turn}");
                    assert_eq!(session.append(event(&name)).unwrap().event.intent_id, name);
                }
            });
        }
    });
    // Another process finds all of it, whatever the state says.
    assert_eq!(command(folder.path()).status().unwrap().last_sequence, 1_600);
    assert_whole(&recorded(folder.path()));
    let events = (0..100).map(|turn| event(&format!("batch.{turn}"))).collect();
    let together = session.append_all(events).unwrap();
    assert!(together.events.iter().map(|event| event.sequence).eq(1_601..=1_700));
    drop(session);
    let bytes = std::fs::read(folder.path().join(format!("{JOURNAL}.state.json"))).unwrap();
    let size = std::fs::metadata(folder.path().join(JOURNAL)).unwrap().len();
    assert!(State::trusted(&bytes, i64::try_from(size).unwrap()).is_some(), "a session leaves its state behind");
}

#[test]
fn a_process_of_the_reference_beside_ours_loses_nothing() {
    let folder = quick_folder();
    drop(started(folder.path()));
    let turns = if soak() { 400 } else { 60 };
    let mut children = vec![play("append as the reference does", folder.path(), turns)];
    children.extend((0..2).map(|number| play("append as commands do", folder.path(), number)));
    let mut told: Vec<_> = children.iter_mut().flat_map(acknowledged).collect();
    told.sort();
    assert_eq!(told.len(), 400 + turns);
    assert!(told.into_iter().eq(recorded(folder.path())));
}
