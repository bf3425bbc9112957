//! What kills, full disks, limits, leftovers and many processes do to one job: each acknowledged change is there once, none
//! is there in part, an ended job stays ended, and nobody waits for the dead.
//!
//! Each test starts this binary again as children that play a part; the environment tells which. `GAIT_SOAK=1` makes the
//! rounds long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the functions that tests share are tests too")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gait_base::error::{Category, Classify};
use gait_evidence::job::{BlockedDispatch, CheckpointDraft, CheckpointType, JobState, Resumption, Submission};
use gait_gate::mode::Mode;
use gait_host::error::HostError;
use gait_host::job::{JobChange, JobHistory, JobNotice, JobStore};

const PART: &str = "GAIT_TEST_PART";
const TARGET: &str = "GAIT_TEST_TARGET";
const NAME: &str = "GAIT_TEST_NAME";
const JOB: &str = "j";

fn soak() -> bool {
    std::env::var_os("GAIT_SOAK").is_some_and(|value| value == "1")
}

fn store(root: &Path) -> JobStore {
    JobStore::new(root, Mode::Strict).unwrap()
}

fn submit(root: &Path) -> JobStore {
    let store = store(root);
    let submission = Submission { job_id: JOB.into(), environment_fingerprint: "e".into(), ..Submission::default() };
    store.submit(&submission).unwrap();
    store
}

/// The command line of a child that plays a part, perhaps behind a program that prepares its surroundings.
fn part(before: &[&str], part: &str, target: &Path, name: &str) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut words: Vec<&std::ffi::OsStr> = before.iter().map(AsRef::as_ref).collect();
    words.push(this.as_os_str());
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(PART, part), (NAME, name)])
        .env(TARGET, target)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn play(named: &str, target: &Path, name: &str) -> Child {
    part(&[], named, target, name).stderr(Stdio::null()).spawn().unwrap()
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}").unwrap();
    out.flush().unwrap();
}

/// Waits for a line of a child and gives the lines after it.
fn await_line(child: &mut Child, wanted: &str) -> BufReader<std::process::ChildStdout> {
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line.trim_end() != wanted {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "the child ended before it said {wanted}");
    }
    said
}

/// What a child said was done. A line that its death cut is no word.
fn done(said: impl BufRead) -> Vec<String> {
    let lines = said.split(b'\n').map_while(Result::ok).map(|line| String::from_utf8_lossy(&line).into_owned());
    lines.filter_map(|line| line.strip_prefix("done ").map(str::to_owned)).collect()
}

/// An instant nobody planned.
fn chance(below: u64) -> u64 {
    u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos()) / 7 % below
}

/// Tries again while others are at it, as a caller may whose error says that this helps.
fn patiently<T>(mut change: impl FnMut() -> Result<T, HostError>) -> Result<T, HostError> {
    loop {
        match change() {
            Err(error) if error.category() == Category::StateContention => assert!(error.retryable()),
            answer => return answer,
        }
    }
}

fn approve(store: &JobStore, actor: &str, reason: &str) -> Result<JobChange, HostError> {
    patiently(|| store.approve(JOB, actor, reason))
}

fn checkpoint(store: &JobStore, kind: CheckpointType, summary: &str) -> Result<JobChange, HostError> {
    let (summary, required_action, actor) = (summary.to_owned(), "act".to_owned(), String::new());
    patiently(|| {
        store.add_checkpoint(
            JOB,
            &CheckpointDraft {
                kind,
                summary: summary.clone(),
                required_action: required_action.clone(),
                actor: actor.clone(),
            },
        )
    })
}

/// Not a test by itself: the part that a child of the other tests plays.
#[test]
fn child() {
    let Ok(part) = std::env::var(PART) else { return };
    let target = PathBuf::from(std::env::var_os(TARGET).unwrap());
    let name = std::env::var(NAME).unwrap();
    println!();
    match part.as_str() {
        "change" => {
            let store = store(&target);
            for number in 0..if soak() { 60 } else { 12 } {
                approve(&store, &name, &number.to_string()).unwrap();
                say(&format!("done {name}.{number}"));
            }
        }
        "change forever" => {
            let store = store(&target);
            say("ready");
            for number in 0.. {
                approve(&store, &name, &number.to_string()).unwrap();
                say(&format!("done {name}.{number}"));
            }
        }
        "work forever" => {
            let store = store(&target);
            say("ready");
            for number in 0.. {
                let resumption = Resumption { environment_fingerprint: "e".into(), ..Resumption::default() };
                let answers = [
                    patiently(|| store.pause(JOB, &name)),
                    patiently(|| store.resume(JOB, &resumption)),
                    checkpoint(&store, CheckpointType::Blocked, "stuck"),
                    checkpoint(&store, CheckpointType::Progress, &number.to_string()),
                ];
                for answer in answers {
                    assert!(answer.is_ok() || answer.unwrap_err().code() == "job_transition_invalid");
                }
            }
        }
        "fill the journal" => fill_the_journal(&target),
        "fill the disk" => fill_the_disk(&target),
        other => panic!("no part {other}"),
    }
}

/// Holds everything that must be true of a job whenever nobody is at it; gives the actors and reasons of its approvals.
fn whole(root: &Path, history: &JobHistory) -> Vec<String> {
    let revisions: Vec<i64> = history.events.iter().map(|event| event.revision).collect();
    assert_eq!(revisions, (1..=history.state.revision).collect::<Vec<_>>(), "one event for each revision");
    let told = |kind: &'static str| history.events.iter().filter(move |event| event.kind == kind);
    let approved: Vec<String> = told("approved")
        .map(|event| format!("{}.{}", event.actor, event.payload.get("reason").unwrap().as_str().unwrap()))
        .collect();
    let stored = history.state.approvals.iter().map(|one| format!("{}.{}", one.actor, one.reason));
    assert_eq!(approved, stored.collect::<Vec<_>>(), "state and journal agree");
    assert_eq!(told("checkpoint_added").count(), history.state.checkpoints.len());
    let names: BTreeSet<String> = fs::read_dir(root.join(JOB))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "gone")
        .collect();
    assert_eq!(names, BTreeSet::from(["events.jsonl".to_owned(), "state.json".to_owned()]), "nothing is left over");
    approved
}

#[test]
fn kills_at_any_instant_lose_no_acknowledged_change_and_leave_none_in_part() {
    let root = tempfile::tempdir().unwrap();
    let heir = submit(root.path());
    let mut acknowledged = BTreeSet::new();
    let (mut marked, mut locked) = (0, 0);
    let rounds = if soak() { 500 } else { 15 };
    for round in 0..rounds {
        let mut child = play("change forever", root.path(), &format!("r{round}"));
        let said = await_line(&mut child, "ready");
        std::thread::sleep(Duration::from_micros(chance(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(done(said));
        let left = |name: &str| root.path().join(JOB).join(name).exists();
        marked += usize::from(left("pending_mutation.json"));
        locked += usize::from(left("state.json.lock"));
        let started = Instant::now();
        if round % 2 == 0 {
            // A reader settles what it finds, too.
            heir.inspect(JOB).unwrap();
        }
        approve(&heir, "heir", &round.to_string()).unwrap();
        acknowledged.insert(format!("heir.{round}"));
        assert!(started.elapsed() < Duration::from_secs(2), "the dead were waited for: {:?}", started.elapsed());
        let history = heir.inspect(JOB).unwrap();
        assert_eq!(history.notices, []);
        let approved = whole(root.path(), &history);
        let counted: BTreeSet<String> = approved.iter().cloned().collect();
        assert_eq!(counted.len(), approved.len(), "no change counts twice");
        let lost: Vec<_> = acknowledged.difference(&counted).collect();
        assert!(lost.is_empty(), "lost in round {round}: {lost:?}");
        assert!(counted.len() <= acknowledged.len() + round + 1, "at most one change a kill was not acknowledged");
    }
    eprintln!("{rounds} kills, {} changes; {marked} met a change under way, {locked} a held lock", acknowledged.len());
    assert!(locked > 0, "no kill ever met a held lock");
}

#[test]
fn changes_of_many_processes_are_all_there_and_readers_never_see_one_in_part() {
    let root = tempfile::tempdir().unwrap();
    let reader = submit(root.path());
    let mut children: Vec<_> = (0..8).map(|number| play("change", root.path(), &format!("p{number}"))).collect();
    let mut readings = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        let seen = patiently(|| reader.inspect(JOB)).unwrap();
        assert_eq!(seen.events.last().unwrap().revision, seen.state.revision, "state and journal of one moment");
        readings += 1;
    }
    assert!(readings > 0);
    let mut acknowledged = BTreeSet::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        acknowledged.extend(done(output.stdout.as_slice()));
    }
    assert_eq!(acknowledged.len(), 8 * if soak() { 60 } else { 12 });
    let approved: BTreeSet<String> = whole(root.path(), &reader.inspect(JOB).unwrap()).into_iter().collect();
    assert_eq!(approved, acknowledged);
}

#[test]
fn an_acknowledged_stop_or_cancellation_survives_whoever_works_on_and_dies() {
    for round in 0..if soak() { 40 } else { 4 } {
        let root = tempfile::tempdir().unwrap();
        let operator = submit(root.path());
        let mut children: Vec<_> =
            (0..3).map(|number| play("work forever", root.path(), &format!("w{number}"))).collect();
        let said: Vec<_> = children.iter_mut().map(|child| await_line(child, "ready")).collect();
        std::thread::sleep(Duration::from_micros(chance(80_000)));
        let ended = if round % 2 == 0 {
            patiently(|| operator.stop(JOB, "op"))
        } else {
            patiently(|| operator.cancel(JOB, "op"))
        };
        let ended = ended.unwrap().state;
        std::thread::sleep(Duration::from_micros(chance(120_000)));
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        drop(said);
        let history = operator.inspect(JOB).unwrap();
        assert_eq!(history.state.status, ended.status);
        assert_eq!(history.state.stop_reason, ended.stop_reason);
        let after = history.events.iter().skip_while(|event| event.revision <= ended.revision);
        assert!(
            after.clone().all(|event| event.kind == "checkpoint_added" && event.reason_code == "checkpoint_progress")
        );
        assert_eq!(checkpoint(&operator, CheckpointType::Blocked, "s").unwrap_err().code(), "job_transition_invalid");
        // What is still written takes the locks of the dead over.
        checkpoint(&operator, CheckpointType::Progress, "s").unwrap();
        assert_eq!(whole(root.path(), &operator.inspect(JOB).unwrap()).len(), 0);
    }
}

/// Records blocked calls until the journal reaches the limit of a file's size; a state or mark never does.
fn fill_the_journal(root: &Path) {
    let store = submit(root);
    store.stop(JOB, "op").unwrap();
    let mut revision = 2;
    let error = loop {
        match store.record_blocked_dispatch(JOB, BlockedDispatch::default()) {
            Ok(change) => {
                revision += 1;
                assert_eq!(change.state.revision, revision);
            }
            Err(error) => break error,
        }
    };
    assert_eq!((error.category(), error.code()), (Category::IoFailure, "io_failure"));
    for _ in 0..3 {
        let history = store.inspect(JOB).unwrap();
        assert_eq!((history.state.revision, history.notices.len()), (revision, 0), "the failed change was taken back");
        whole(root, &history);
        assert!(store.record_blocked_dispatch(JOB, BlockedDispatch::default()).is_err());
    }
    say(&format!("done {revision}"));
}

#[test]
fn a_journal_that_cannot_grow_takes_the_change_back() {
    let root = tempfile::tempdir().unwrap();
    let limit = ["sh", "-c", "trap '' XFSZ; ulimit -f 16 || exit 77; exec \"$@\"", "sh"];
    let output = part(&limit, "fill the journal", root.path(), "").output().unwrap();
    if output.status.code() == Some(77) {
        eprintln!("skipped: no limit on the size of files here");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let revision: i64 = done(output.stdout.as_slice())[0].parse().unwrap();
    assert!(revision > 10);
    let store = store(root.path());
    let change = store.record_blocked_dispatch(JOB, BlockedDispatch::default()).unwrap();
    assert_eq!((change.state.revision, change.notices.len()), (revision + 1, 0));
    whole(root.path(), &store.inspect(JOB).unwrap());
}

/// Makes changes on a disk that has room for some of a change's writes but not for all, whichever fails.
fn fill_the_disk(disk: &Path) {
    const PAGE: u64 = 4096;
    let root = disk.join("jobs");
    let store = submit(&root);
    let ballast = disk.join("ballast");
    let mut expected: Vec<String> = Vec::new();
    let (mut failed, mut succeeded) = (0, 0);
    let mut stopped = BTreeSet::new();
    for number in 0..if soak() { 400 } else { 60 } {
        let free = number * 7 % 24;
        let mut file = fs::File::create(&ballast).unwrap();
        let mut size: u64 = 0;
        while file.write_all(&[1; PAGE as usize]).is_ok() {
            size += PAGE;
        }
        file.set_len(size.saturating_sub(free * PAGE)).unwrap();
        let reason = format!("{number} {}", "x".repeat(usize::try_from(number % 5).unwrap() * 150));
        match store.approve(JOB, "a", &reason) {
            Ok(_) => {
                succeeded += 1;
                expected.push(format!("a.{}", reason.trim()));
            }
            Err(error) => {
                failed += 1;
                stopped.insert(error.to_string().replace(disk.to_str().unwrap(), ""));
                assert_eq!(error.category(), Category::IoFailure, "{error}");
            }
        }
        // A reader on the full disk sees the state before or after, or says that the disk is full.
        match store.status(JOB) {
            Ok(seen) => assert_eq!(seen.state.approvals.len(), expected.len()),
            Err(error) => assert_eq!(error.category(), Category::IoFailure, "{error}"),
        }
        drop(file);
        fs::remove_file(&ballast).unwrap();
        let seen = store.inspect(JOB).unwrap();
        assert_eq!(seen.state.approvals.len(), expected.len());
        if number % 10 == 9 {
            approve(&store, "roomy", &number.to_string()).unwrap();
            expected.push(format!("roomy.{number}"));
        }
        assert_eq!(whole(&root, &store.inspect(JOB).unwrap()), expected);
    }
    say(&format!("stopped at {stopped:#?}"));
    say(&format!("done {failed} {succeeded}"));
}

#[test]
fn a_full_disk_takes_changes_back_whichever_write_it_stops() {
    let disk = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=1m tmpfs \"$1\" || exit 77; shift; exec \"$@\"";
    let target = disk.path().to_str().unwrap();
    let before = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", target];
    let output = match part(&before, "fill the disk", disk.path(), "").output() {
        Ok(output) if output.status.code() != Some(77) && !told_no(&output.stderr) => output,
        _ => {
            eprintln!("skipped: no file system may be mounted here");
            return;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = done(output.stdout.as_slice());
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    let counts: Vec<u32> = counts[0].split(' ').map(|count| count.parse().unwrap()).collect();
    assert!(counts.iter().all(|&count| count > 5), "{counts:?}");
}

fn told_no(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).starts_with("unshare:")
}

#[test]
fn empty_locks_of_the_forgotten_are_broken_and_those_of_the_living_are_respected() {
    let root = tempfile::tempdir().unwrap();
    let store = submit(root.path());
    let lock = |name: &str, age: u64| {
        let file = fs::File::create(root.path().join(JOB).join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    };
    lock("state.json.lock", 31);
    lock("events.jsonl.lock", 121);
    let started = Instant::now();
    store.approve(JOB, "a", "0").unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    lock("state.json.lock", 0);
    let started = Instant::now();
    let error = store.approve(JOB, "a", "1").unwrap_err();
    assert_eq!((error.code(), error.category()), ("job_lock_timeout", Category::StateContention));
    assert!((Duration::from_secs(2)..Duration::from_secs(5)).contains(&started.elapsed()));
    assert_eq!(store.status(JOB).unwrap().state.revision, 2, "reading is not stopped");
    fs::remove_file(root.path().join(JOB).join("state.json.lock")).unwrap();
    assert_eq!(whole(root.path(), &store.inspect(JOB).unwrap()), ["a.0"]);
}

#[test]
fn torn_tails_of_any_length_are_mended_by_the_next_change_of_any_process() {
    let root = tempfile::tempdir().unwrap();
    let store = submit(root.path());
    let journal = root.path().join(JOB).join("events.jsonl");
    let line = fs::read(&journal).unwrap();
    let cuts: Vec<usize> = if soak() { (1..line.len() - 1).collect() } else { vec![1, 20, line.len() - 2] };
    for (round, cut) in cuts.into_iter().enumerate() {
        let mut bytes = fs::read(&journal).unwrap();
        bytes.extend_from_slice(&line[..cut]);
        fs::write(&journal, bytes).unwrap();
        assert_eq!(store.inspect(JOB).unwrap().notices, [JobNotice::JournalTorn { bytes: cut }]);
        let change = store.approve(JOB, "a", &round.to_string()).unwrap();
        assert_eq!(change.notices, [JobNotice::JournalMended { bytes: cut }]);
        assert_eq!(whole(root.path(), &store.inspect(JOB).unwrap()).len(), round + 1);
    }
    let state = fs::read(root.path().join(JOB).join("state.json")).unwrap();
    assert_eq!(JobState::parse(&state, Mode::Strict).unwrap(), store.status(JOB).unwrap().state);
}
