use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use gait_base::error::{Category, Classify};
use gait_base::time::Timestamp;
use gait_evidence::job::{BlockedDispatch, CheckpointDraft, CheckpointType, JobState, Submission};
use gait_gate::mode::Mode;

use super::*;
use crate::clock::FixedClock;
use crate::error::HostError;

fn store(root: &Path) -> JobStore {
    JobStore::new(root, Mode::Compat).unwrap().with_clock(FixedClock::new(Timestamp::EPOCH_1980))
}

fn submission(job_id: &str) -> Submission {
    Submission {
        job_id: job_id.to_owned(),
        actor: "a".to_owned(),
        environment_fingerprint: "envfp:t".to_owned(),
        ..Submission::default()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn code(result: Result<JobChange, HostError>) -> &'static str {
    result.unwrap_err().code()
}

fn table(name: &str) -> Vec<serde_json::Value> {
    let folder = std::env::var("GAIT_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned());
    let Ok(rows) = fs::read_to_string(format!("{folder}/pack/fn-job.jsonl")) else {
        eprintln!("skipped: no golden cases in {folder}");
        return Vec::new();
    };
    let rows = rows.lines().map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap());
    rows.filter(|row| row["name"].as_str().unwrap().starts_with(name)).collect()
}

#[test]
fn a_change_leaves_state_and_journal_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder.path().join("made/jobs"));
    let submitted = store.submit(&submission(" j ")).unwrap();
    assert_eq!((submitted.state.revision, submitted.notices.len()), (1, 0));
    assert_eq!(names(&store.root().join("j")), ["events.jsonl", "state.json"]);
    assert_eq!(code(store.submit(&submission("j"))), "job_exists");
    let paused = store.pause("j", "b").unwrap();
    assert_eq!((paused.state.status.as_str(), paused.event.revision), ("paused", 2));
    assert_eq!(code(store.pause("j", "b")), "job_transition_invalid");
    let history = store.inspect("j").unwrap();
    assert_eq!((history.state, history.events.len(), history.notices.len()), (paused.state, 2, 0));
    assert_eq!(names(&store.root().join("j")), ["events.jsonl", "state.json"]);
}

#[test]
fn what_is_not_there_is_not_made_by_asking_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert_eq!(code(store.pause("none", "")), "job_not_found");
    assert_eq!(store.status("none").unwrap_err().to_string(), "job not found");
    assert_eq!(code(store.pause("../none", "")), "job_id_invalid");
    assert_eq!(names(folder.path()), [""; 0]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(code(store.pause("empty", "")), "job_not_found");
    assert_eq!(names(&folder.path().join("empty")), [""; 0]);
    assert_eq!(store.submit(&submission("empty")).unwrap().state.revision, 1);
}

/// The files of a job at the moments of a change between which a crash may come, with how far the change counts then.
fn moments(folder: &Path) -> Vec<(String, bool)> {
    let marker =
        gait_evidence::job::PendingMutation::parse(&fs::read(folder.join("marker")).unwrap(), "j", Mode::Compat);
    let line = marker.unwrap().event.to_line().unwrap();
    let mut moments = vec![("marked".to_owned(), false), ("stated".to_owned(), false)];
    // Every cut is tried where the journal is read; here each costs a dozen syncs.
    moments.extend([1, line.len() / 2, line.len() - 1].map(|cut| (format!("torn {cut}"), false)));
    moments.push((format!("torn {}", line.len()), true));
    moments.push(("journalled".to_owned(), true));
    moments
}

#[test]
fn every_crash_within_a_change_leaves_the_job_before_or_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    store.pause("j", "a").unwrap();
    let job = folder.path().join("j");
    let (before, journal) = (fs::read(job.join("state.json")).unwrap(), fs::read(job.join("events.jsonl")).unwrap());
    let previous = JobState::parse(&before, Mode::Compat).unwrap();
    let mutation = previous.stop("op", &Timestamp::EPOCH_1980).unwrap();
    let marker = mutation.into_marker("j");
    fs::write(job.join("marker"), marker.to_file().unwrap()).unwrap();
    let line = marker.event.to_line().unwrap();
    for (moment, counts) in moments(&job) {
        for reads_first in [true, false] {
            fs::write(job.join("pending_mutation.json"), marker.to_file().unwrap()).unwrap();
            let after = marker.updated_state.to_file().unwrap();
            fs::write(job.join("state.json"), if moment == "marked" { &before } else { &after }).unwrap();
            let mut journal = journal.clone();
            if let Some(cut) = moment.strip_prefix("torn ") {
                journal.extend_from_slice(&line[..cut.parse::<usize>().unwrap()]);
            } else if moment == "journalled" {
                journal.extend_from_slice(&line);
                journal.push(b'\n');
            }
            fs::write(job.join("events.jsonl"), &journal).unwrap();
            let (status, revision) = if counts { ("emergency_stopped", 3) } else { ("paused", 2) };
            if reads_first {
                let read = store.inspect("j").unwrap();
                assert_eq!((read.state.status.as_str(), read.state.revision), (status, revision), "{moment}");
                assert_eq!(read.events.len(), usize::try_from(revision).unwrap(), "{moment}");
                assert_eq!(!read.notices.iter().any(JobNotice::is_damage), counts || !moment.contains("torn"));
                assert_eq!(fs::read(job.join("state.json")).unwrap() == before, !counts, "{moment}");
            }
            let next = store.approve("j", "b", "").unwrap();
            assert_eq!((next.state.status.as_str(), next.state.revision), (status, revision + 1), "{moment}");
            let history = store.inspect("j").unwrap();
            let revisions: Vec<_> = history.events.iter().map(|event| event.revision).collect();
            assert_eq!(revisions, (1..=revision + 1).collect::<Vec<_>>(), "{moment}");
            assert_eq!(history.notices, [], "{moment}");
            assert_eq!(names(&job), ["events.jsonl", "marker", "state.json"], "{moment}");
        }
    }
}

#[test]
fn a_torn_journal_is_told_by_readers_and_mended_by_the_next_change() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let journal = folder.path().join("j/events.jsonl");
    let whole = fs::read(&journal).unwrap();
    for fragment in ["{\"schema_id\":\"gait", "\0\0\0\0", "{\"revision\":2", "é"] {
        fs::write(&journal, [whole.as_slice(), fragment.as_bytes()].concat()).unwrap();
        for notices in [store.status("j").unwrap().notices, store.inspect("j").unwrap().notices] {
            assert_eq!(notices, [JobNotice::JournalTorn { bytes: fragment.len() }]);
        }
        // A refused change mends nothing.
        assert!(store.approve("j", " ", "").is_err());
        let state = fs::read(folder.path().join("j/state.json")).unwrap();
        let changed = store.approve("j", "b", "").unwrap();
        assert_eq!(changed.notices, [JobNotice::JournalMended { bytes: fragment.len() }]);
        assert_eq!(store.inspect("j").unwrap().events.len(), 2);
        fs::write(folder.path().join("j/state.json"), state).unwrap();
    }
    // Only the newline is missing: the event counts.
    fs::write(&journal, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(store.inspect("j").unwrap().events.len(), 1);
    let changed = store.approve("j", "b", "").unwrap();
    assert_eq!((changed.notices.len(), store.inspect("j").unwrap().events.len()), (0, 2));
}

#[test]
fn a_long_torn_line_is_found_to_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let journal = folder.path().join("j/events.jsonl");
    for bytes in [(64 << 10) - 1, 64 << 10, 200_000] {
        let whole = fs::read(&journal).unwrap();
        fs::write(&journal, [whole, vec![b'{'; bytes]].concat()).unwrap();
        assert_eq!(store.approve("j", "b", "").unwrap().notices, [JobNotice::JournalMended { bytes }]);
    }
    assert_eq!(store.inspect("j").unwrap().events.len(), 4);
}

#[test]
fn a_leftover_mark_never_revives_an_ended_job() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let marker = folder.path().join("j/pending_mutation.json");
    let old = JobState::parse(&fs::read(folder.path().join("j/state.json")).unwrap(), Mode::Compat).unwrap();
    let mark = old.approve("x", "", &Timestamp::EPOCH_1980).unwrap().into_marker("j").to_file().unwrap();
    store.approve("j", "x", "").unwrap();
    for end in ["stop", "cancel"] {
        let ended = if end == "stop" { store.stop("j", "op") } else { store.cancel("j", "op") }.unwrap().state;
        fs::write(&marker, &mark).unwrap();
        assert_eq!(store.status("j").unwrap().state, ended, "{end}");
        assert!(!marker.exists());
        for kind in ["decision-needed", "blocked", "completed"] {
            let draft = CheckpointDraft {
                kind: CheckpointType::parse(kind).unwrap(),
                summary: "s".to_owned(),
                required_action: "a".to_owned(),
                actor: String::new(),
            };
            assert_eq!(code(store.add_checkpoint("j", &draft)), "job_transition_invalid");
        }
        assert_eq!(store.status("j").unwrap().state, ended, "{end}");
    }
}

#[test]
fn marks_and_states_that_cannot_be_read_stop_every_command_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let job = folder.path().join("j");
    let state = JobState::parse(&fs::read(job.join("state.json")).unwrap(), Mode::Compat).unwrap();
    let foreign = state.pause("", &Timestamp::EPOCH_1980).unwrap().into_marker("other").to_file().unwrap();
    let own = state.pause("", &Timestamp::EPOCH_1980).unwrap().into_marker("j").to_file().unwrap();
    let marker = job.join("pending_mutation.json");
    for (mark, journal, expected) in [
        (&b""[..], &b""[..], "job_malformed"),
        (b"{}", b"", "job_marker_foreign"),
        (&foreign, b"", "job_marker_foreign"),
        (&own, b"{bad\n", "job_malformed"),
    ] {
        fs::write(&marker, mark).unwrap();
        fs::write(job.join("events.jsonl"), journal).unwrap();
        assert_eq!(code(store.pause("j", "")), expected);
        assert_eq!(store.status("j").unwrap_err().code(), expected);
        assert_eq!(fs::read(&marker).unwrap(), mark);
        assert_eq!(names(&job), ["events.jsonl", "pending_mutation.json", "state.json"]);
    }
}

#[test]
fn a_journal_that_is_no_file_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let job = folder.path().join("j");
    let state = fs::read(job.join("state.json")).unwrap();
    let journal = job.join("events.jsonl");
    fs::rename(&journal, folder.path().join("elsewhere")).unwrap();
    for target in ["/dev/full", "../elsewhere", "nowhere"] {
        symlink(target, &journal).unwrap();
        assert_eq!(store.pause("j", "").unwrap_err().category(), Category::InvalidInput, "{target}");
        assert_eq!(names(&job), ["events.jsonl", "state.json"], "{target}");
        fs::remove_file(&journal).unwrap();
    }
    fs::create_dir(&journal).unwrap();
    assert!(store.pause("j", "").is_err());
    assert_eq!(fs::read(job.join("state.json")).unwrap(), state);
}

#[test]
fn what_killed_writers_left_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let job = folder.path().join("j");
    for name in
        [".state.json.tmp-1", ".pending_mutation.json.tmp-22", "state.json.tmp-1", ".state.json", ".other.tmp-1"]
    {
        fs::write(job.join(name), "").unwrap();
    }
    store.pause("j", "").unwrap();
    assert_eq!(names(&job), [".other.tmp-1", ".state.json", "events.jsonl", "state.json", "state.json.tmp-1"]);
}

#[test]
fn jobs_are_found_by_folder_state_or_id() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("jobs");
    store(&root).submit(&submission("j")).unwrap();
    fs::rename(root.join("j/state.json"), root.join("j/State.JSON")).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    for named in [text(&root.join("j")), text(&root.join("j//")), text(&root.join("j/State.JSON"))] {
        assert_eq!(locate(&named, Path::new("r")), (root.clone(), "j".to_owned()), "{named}");
    }
    for named in ["j", "", "none/state.json"] {
        assert_eq!(locate(named, Path::new("r")), ("r".into(), named.to_owned()));
    }
}

#[test]
fn issues_follow_the_table() {
    for row in table("diagnose:") {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in row["input"].as_object().unwrap() {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content.as_str().unwrap()).unwrap();
        }
        let found = match store(folder.path()).diagnose() {
            Ok(issues) => issues
                .iter()
                .map(|issue| serde_json::json!({"job_id": issue.job_id, "kind": issue.kind.as_str()}))
                .collect(),
            Err(_) => serde_json::json!({"error": true}),
        };
        assert_eq!(found, row["want"], "{}", row["name"]);
    }
}

#[test]
fn torn_journals_and_missing_roots_are_no_errors_of_a_diagnosis() {
    let folder = tempfile::tempdir().unwrap();
    let missing = store(&folder.path().join("missing"));
    assert_eq!(missing.diagnose().unwrap(), []);
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    let journal = folder.path().join("j/events.jsonl");
    let whole = fs::read(&journal).unwrap();
    fs::write(&journal, [&whole, &whole[..9]].concat()).unwrap();
    let issues: Vec<String> = store.diagnose().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(issues, ["j:torn_event_log"]);
    fs::write(&journal, [&whole[..9], b"\n"].concat()).unwrap();
    assert!(store.diagnose().is_err());
    assert!(JobStore::new(journal.join("below"), Mode::Compat).unwrap().diagnose().is_err());
}

#[test]
fn blocked_dispatches_follow_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.submit(&submission("j")).unwrap();
    for (number, row) in table("blocked_dispatch").iter().enumerate() {
        if number == 1 {
            store.stop("j", "op").unwrap();
        }
        let text = |name: &str| row["input"][name].as_str().unwrap_or_default();
        let blocked = BlockedDispatch {
            actor: text("actor"),
            dispatch_path: text("dispatch_path"),
            reason_code: text("reason_code"),
        };
        let found = match store.record_blocked_dispatch("j", blocked) {
            Ok(_) => {
                let history = store.inspect("j").unwrap();
                let last = history.events.last().unwrap();
                let line: serde_json::Value = serde_json::from_slice(&last.to_line().unwrap()).unwrap();
                serde_json::json!({
                    "error": false,
                    "status": history.state.status,
                    "status_reason_code": history.state.status_reason_code,
                    "revision": history.state.revision,
                    "event": {"type": last.kind, "actor": last.actor, "reason_code": last.reason_code,
                              "payload": line["payload"], "revision": last.revision},
                })
            }
            Err(_) => serde_json::json!({"error": true}),
        };
        assert_eq!(found, row["want"], "row {number}");
    }
}
