//! What threads, processes, kills and damaged files do to the state stores: no limit admits one too many, no token is used
//! twice, no change is lost, and nobody waits for the dead.
//!
//! Each test starts this binary again as children that play a part; the environment tells which. `GAIT_SOAK=1` makes the
//! rounds long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the functions that tests share are tests too")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gait_base::error::{Category, Classify};
use gait_base::time::Timestamp;
use gait_gate::authority::kill_switch::{KillSwitchEntry, KillSwitchState};
use gait_gate::evaluate::Inputs;
use gait_gate::gate::Gate;
use gait_gate::intent::Intent;
use gait_gate::mode::Mode;
use gait_gate::policy::Policy;
use gait_gate::policy::document::{Limit, LimitScope, LimitWindow};
use gait_gate::state::{Claim, Revision, StateStore, Swap, TokenUse, Topic};
use gait_gate::verdict::Verdict;
use gait_host::store::{FileStore, FileStorePaths};

const PART: &str = "GAIT_TEST_PART";
const TARGET: &str = "GAIT_TEST_TARGET";
const NUMBER: &str = "GAIT_TEST_NUMBER";
const NOW: Timestamp = Timestamp::EPOCH_1980;
const LIMIT: Limit = Limit { requests: 3_000, window: LimitWindow::Hour, scope: LimitScope::Tool };

fn soak() -> bool {
    std::env::var_os("GAIT_SOAK").is_some_and(|value| value == "1")
}

fn store(folder: &Path) -> FileStore {
    FileStore::new(FileStorePaths::beneath(folder), Mode::Strict).unwrap()
}

fn counters(folder: &Path) -> PathBuf {
    folder.join(".gait-out/gate_rate_limits.json")
}

/// What the file of the counters says of the only counter in it.
fn counted(folder: &Path) -> i64 {
    let state: serde_json::Value = serde_json::from_slice(&std::fs::read(counters(folder)).unwrap()).unwrap();
    assert_eq!(state["counters"].as_array().unwrap().len(), 1);
    state["counters"][0]["count"].as_i64().unwrap()
}

fn play(part: &str, folder: &Path, number: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(PART, part), (NUMBER, &number.to_string())])
        .env(TARGET, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How often a child that has ended, one way or another, said that it was granted something.
fn granted(child: &mut Child) -> i64 {
    let said = BufReader::new(child.stdout.take().unwrap());
    let lines = said.split(b'\n').map_while(Result::ok).filter(|line| line == b"granted").count();
    child.wait().unwrap();
    i64::try_from(lines).unwrap()
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}").unwrap();
    out.flush().unwrap();
}

/// Not a test by itself: the part that a child of the other tests plays.
#[test]
fn child() {
    let Ok(part) = std::env::var(PART) else { return };
    let folder = PathBuf::from(std::env::var_os(TARGET).unwrap());
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    println!();
    match part.as_str() {
        "take" => {
            let store = store(&folder);
            for _ in 0..number {
                if store.take(&LIMIT, "tool", "agent", &NOW).unwrap().allowed {
                    say("granted");
                }
            }
        }
        "take and claim" => {
            let store = store(&folder);
            for attempt in 0u64.. {
                if store.take(&LIMIT, "tool", "agent", &NOW).unwrap().allowed {
                    say("granted");
                }
                store.claim(&[token(&format!("{number}.{attempt}"))], &NOW).unwrap();
            }
        }
        "reference" => {
            for _ in 0..number {
                take_as_the_reference_does(&counters(&folder));
                say("granted");
            }
        }
        "switch" => {
            for entry in 0..10 {
                add_entry(&store(&folder), &format!("tool.{number}.{entry}"));
            }
        }
        other => panic!("no part {other}"),
    }
}

fn token(name: &str) -> TokenUse {
    TokenUse {
        token: gait_base::digest::sha256(name.as_bytes()),
        expires_at: Timestamp::parse("2026-11-22T15:00:00Z").unwrap(),
    }
}

/// Adds an entry as any program would that shares a kill switch: again and again until nobody was in between.
fn add_entry(store: &FileStore, tool: &str) {
    loop {
        let seen = store.revision(Topic::KillSwitch).unwrap();
        let (seen, mut state) = if seen == Revision::default() {
            (seen, KillSwitchState::fresh("1", &NOW).unwrap())
        } else {
            let current = store.kill_switch().unwrap().unwrap();
            (current.revision, KillSwitchState::clone(&current.document))
        };
        state.add(KillSwitchEntry { tool_name: tool.to_owned(), ..KillSwitchEntry::default() }, &NOW).unwrap();
        if let Swap::Done(_) = store.replace_kill_switch(seen, state).unwrap() {
            return;
        }
    }
}

/// One take by the protocol of 03 §6 alone: a lock file made exclusively, no lock of the operating system.
fn take_as_the_reference_does(state: &Path) {
    let lock = PathBuf::from(format!("{}.lock", state.display()));
    let started = Instant::now();
    while std::fs::File::create_new(&lock).is_err() {
        assert!(started.elapsed() < Duration::from_secs(60), "the lock never came free");
        std::thread::sleep(Duration::from_millis(15));
    }
    let mut document: serde_json::Value = serde_json::from_slice(&std::fs::read(state).unwrap()).unwrap();
    let count = &mut document["counters"][0]["count"];
    *count = (count.as_i64().unwrap() + 1).into();
    let draft = state.with_extension("reference");
    std::fs::write(&draft, serde_json::to_vec_pretty(&document).unwrap()).unwrap();
    std::fs::rename(draft, state).unwrap();
    std::fs::remove_file(lock).unwrap();
}

#[test]
fn processes_are_granted_exactly_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let (processes, limit) = if soak() { (32, LIMIT.requests) } else { (16, LIMIT.requests) };
    let mut children: Vec<_> = (0..processes).map(|_| play("take", folder.path(), 500)).collect();
    let granted: i64 = children.iter_mut().map(granted).sum();
    assert_eq!((granted, counted(folder.path())), (limit, limit));
    assert_eq!(std::fs::read_dir(folder.path().join(".gait-out")).unwrap().count(), 1, "no lock stays");
}

#[test]
fn a_process_of_the_reference_beside_ours_loses_no_count() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path()).take(&LIMIT, "tool", "agent", &NOW).unwrap();
    let takes = if soak() { 800 } else { 60 };
    let parts = [("take", takes), ("reference", takes / 3), ("take", takes), ("reference", takes / 3)];
    let mut children = parts.map(|(part, takes)| play(part, folder.path(), takes));
    let granted: i64 = children.iter_mut().map(granted).sum();
    assert_eq!(granted + 1, counted(folder.path()));
    assert_eq!(granted, i64::try_from(2 * takes + 2 * (takes / 3)).unwrap());
}

#[test]
fn kills_at_any_instant_overdraw_nothing_and_block_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (rounds, limit) = if soak() { (300, LIMIT.requests) } else { (12, LIMIT.requests) };
    let mut acknowledged = 0;
    for round in 0..rounds {
        let mut children: Vec<_> =
            (0..3).map(|number| play("take and claim", folder.path(), round * 10 + number)).collect();
        // Children need a moment to start; after that any instant will do.
        let chance = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() % 40_000;
        std::thread::sleep(Duration::from_millis(30) + Duration::from_micros(chance.into()));
        for child in &mut children {
            child.kill().unwrap();
        }
        acknowledged += children.iter_mut().map(granted).sum::<i64>();
        let heir = store(folder.path());
        let started = Instant::now();
        acknowledged += i64::from(heir.take(&LIMIT, "tool", "agent", &NOW).unwrap().allowed);
        assert_eq!(heir.claim(&[token(&format!("heir {round}"))], &NOW).unwrap(), Claim::Granted);
        assert!(started.elapsed() < Duration::from_secs(2), "the dead were waited for: {:?}", started.elapsed());
        let counted = counted(folder.path());
        assert!(acknowledged <= counted && counted <= limit, "{acknowledged} acknowledged, {counted} counted");
    }
    for round in 0..rounds {
        let again = store(folder.path()).claim(&[token(&format!("heir {round}"))], &NOW).unwrap();
        assert!(matches!(again, Claim::Used(_)), "a claim of round {round} is lost");
    }
}

#[test]
fn kill_switch_changes_of_many_processes_are_all_there_and_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let watching = store(folder.path());
    assert!(watching.kill_switch().is_err());
    let mut children: Vec<_> = (0..8).map(|number| play("switch", folder.path(), number)).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let seen = watching.kill_switch().unwrap().unwrap();
    let mut tools: Vec<_> = seen.document.entries.iter().map(|entry| entry.tool_name.as_str()).collect();
    tools.sort_unstable();
    tools.dedup();
    assert_eq!((tools.len(), seen.document.entries.len()), (80, 80));
    let mut child = play("switch", folder.path(), 9);
    let changed = watching.wait(Topic::KillSwitch, seen.revision, Duration::from_secs(30)).unwrap();
    assert_ne!(changed, seen.revision);
    child.wait().unwrap();
    assert_eq!(watching.kill_switch().unwrap().unwrap().document.entries.len(), 90);
}

#[test]
fn two_gates_share_one_limit() {
    let folder = tempfile::tempdir().unwrap();
    let policy = b"default_verdict: allow\nrules:\n  - name: few\n    effect: allow\n    match:\n      tool_names: [tool.write]\n    \
                   rate_limit:\n      requests: 40\n      window: hour\n      scope: tool\n";
    let gate = || {
        let policy = Policy::parse(policy, Mode::Strict).unwrap();
        Gate::new(policy).with_store(Arc::new(store(folder.path())))
    };
    let gates = [gate(), gate()];
    let intent = Intent::parse(
        br#"{"tool_name": "tool.write", "args": {}, "targets": [],
            "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}"#,
        Mode::Strict,
    )
    .unwrap();
    // A gate asks its store for the kill switch, so there must be one.
    store(folder.path()).replace_kill_switch(Revision::default(), KillSwitchState::fresh("1", &NOW).unwrap()).unwrap();
    let allowed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let (gate, intent) = (&gates[number % 2], &intent);
                let allows = move || gate.evaluate(intent, &Inputs::at(NOW)).unwrap().verdict == Verdict::Allow;
                scope.spawn(move || (0..10).filter(|_| allows()).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((allowed, counted(folder.path())), (40, 40));
}

/// Asks everything that reads a file, and holds each answer to be a classified error.
fn all_fail(folder: &Path, store: &FileStore, what: &str) {
    let started = Instant::now();
    let errors = [
        store.take(&LIMIT, "tool", "agent", &NOW).map(|decision| decision.allowed).unwrap_err(),
        store.claim(&[token("new")], &NOW).map(|_| false).unwrap_err(),
        store.kill_switch().map(|_| false).unwrap_err(),
        store.replace_kill_switch(Revision::default(), KillSwitchState::fresh("2", &NOW).unwrap()).map_or_else(
            |error| error,
            // A file that can be read at all is told apart from a missing one.
            |swap| match swap {
                Swap::Stale(_) => gait_gate::state::StateError::not_kept("state"),
                Swap::Done(_) => panic!("{what}: a kill switch was replaced"),
            },
        ),
    ];
    for error in errors {
        assert_eq!(error.category(), Category::InvalidInput, "{what}: {error}");
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{what}: {:?}", started.elapsed());
    let left = std::fs::read_dir(folder.join(".gait-out")).unwrap().count();
    assert_eq!(left, 3, "{what}: a lock stays");
}

#[test]
fn damaged_files_are_errors_never_grants() {
    let folder = tempfile::tempdir().unwrap();
    let used = store(folder.path());
    used.take(&LIMIT, "tool", "agent", &NOW).unwrap();
    used.claim(&[token("a")], &NOW).unwrap();
    add_entry(&used, "tool.stopped");
    let names = ["gate_rate_limits.json", "gate_used_tokens.json", "kill_switch_state.json"];
    let paths = names.map(|name| folder.path().join(".gait-out").join(name));
    let whole = paths.clone().map(|path| std::fs::read(path).unwrap());
    let longest = whole.iter().map(Vec::len).max().unwrap();
    for cut in 0..longest - 2 {
        for (path, whole) in paths.iter().zip(&whole) {
            // All end with a brace and a new line: without the brace none is whole.
            std::fs::write(path, &whole[..cut.min(whole.len() - 2)]).unwrap();
        }
        all_fail(folder.path(), &used, "the store that wrote them");
        all_fail(folder.path(), &store(folder.path()), "a new store");
    }
    for what in ["folder", "link to nothing", "link to itself", "link to a folder", "pipe"] {
        for path in &paths {
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path));
            match what {
                "folder" => std::fs::create_dir(path).unwrap(),
                "link to nothing" => std::os::unix::fs::symlink("nowhere", path).unwrap(),
                "link to itself" => std::os::unix::fs::symlink(path, path).unwrap(),
                "link to a folder" => std::os::unix::fs::symlink(folder.path(), path).unwrap(),
                _ => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            }
        }
        all_fail(folder.path(), &used, what);
        all_fail(folder.path(), &store(folder.path()), what);
    }
    for (path, whole) in paths.iter().zip(&whole) {
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, whole).unwrap();
    }
    assert_eq!(used.take(&LIMIT, "tool", "agent", &NOW).unwrap().used, 2);
    assert!(matches!(used.claim(&[token("a")], &NOW).unwrap(), Claim::Used(_)));
    assert_eq!(used.kill_switch().unwrap().unwrap().document.entries.len(), 1);
}

#[test]
fn files_replaced_while_in_use_count_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let used = store(folder.path());
    used.take(&LIMIT, "tool", "agent", &NOW).unwrap();
    let path = counters(folder.path());
    let fresh = std::fs::read_to_string(&path).unwrap();
    let full = fresh.replace("\"count\": 1", "\"count\": 3000");
    for round in 0..50 {
        let replacement = path.with_extension("new");
        std::fs::write(&replacement, if round % 2 == 0 { &full } else { &fresh }).unwrap();
        std::fs::rename(&replacement, &path).unwrap();
        let decision = used.take(&LIMIT, "tool", "agent", &NOW).unwrap();
        let expected = if round % 2 == 0 { (false, 3000) } else { (true, 2) };
        assert_eq!((decision.allowed, decision.used), expected);
    }
    // While many take, the file comes and goes: whoever is granted something found a whole file, and nobody hangs.
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let taken = (0..100).filter_map(|_| used.take(&LIMIT, "tool", "agent", &NOW).err());
                    taken.for_each(|error| assert_eq!(error.category(), Category::InvalidInput, "{error}"));
                })
            })
            .collect();
        while !threads.iter().all(|thread| thread.is_finished()) {
            let _ = std::fs::rename(&path, path.with_extension("aside"));
            let _ = std::fs::create_dir(&path);
            let _ = std::fs::remove_dir(&path);
            let _ = std::fs::rename(path.with_extension("aside"), &path);
        }
    });
    assert!(serde_json::from_slice::<serde_json::Value>(&std::fs::read(&path).unwrap()).is_ok());
}

#[test]
fn a_lock_of_a_dead_process_is_broken_at_once_though_its_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let left = |name: &str| folder.path().join(".gait-out").join(name).exists();
    let mut found = 0;
    for round in 0..if soak() { 400 } else { 30 } {
        let mut child = play("take and claim", folder.path(), 10_000 + round);
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "granted" {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0);
        }
        std::thread::sleep(Duration::from_micros(u64::try_from(round).unwrap() * 37 % 900));
        child.kill().unwrap();
        child.wait().unwrap();
        found += usize::from(left("gate_rate_limits.json.lock") || left("gate_used_tokens.json.lock"));
        let started = Instant::now();
        store(folder.path()).take(&LIMIT, "tool", "agent", &NOW).unwrap();
        store(folder.path()).claim(&[token(&format!("after {round}"))], &NOW).unwrap();
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }
    assert!(found > 0, "no kill ever met a held lock");
    assert!(!left("gate_rate_limits.json.lock") && !left("gate_used_tokens.json.lock"));
}
