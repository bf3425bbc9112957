//! What processes do to each other and what a kill at any instant leaves: whole files, whole lines, no lost line.
//!
//! Each test starts this binary again as a child that plays one part; the environment tells which.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gait_base::time::Timestamp;
use gait_gate::mode::Mode;
use gait_gate::policy::document::{Limit, LimitScope, LimitWindow};
use gait_gate::state::StateStore;
use gait_host::fs::{FileLock, LockProfile, append_line, write_atomic};
use gait_host::store::{FileStore, FileStorePaths};

const PART: &str = "GAIT_TEST_PART";
const TARGET: &str = "GAIT_TEST_TARGET";
const NAME: &str = "GAIT_TEST_NAME";
const LINES: usize = 25;
const SIZE: usize = 4 << 20;

fn play(part: &str, target: &Path, name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(PART, part), (NAME, name)])
        .env(TARGET, target)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test by itself: the part that a child of the other tests plays.
#[test]
fn child() {
    let Ok(part) = std::env::var(PART) else { return };
    let target = PathBuf::from(std::env::var_os(TARGET).unwrap());
    let name = std::env::var(NAME).unwrap();
    match part.as_str() {
        "append" => {
            for number in 0..LINES {
                append_line(&target, line(&name, number).as_bytes(), 0o600).unwrap();
            }
        }
        "append forever" => {
            for number in 0.. {
                append_line(&target, line(&name, number).as_bytes(), 0o600).unwrap();
                println!("acknowledged {number}");
            }
        }
        "write forever" => {
            println!("started");
            for byte in [b'a', b'b'].into_iter().cycle() {
                write_atomic(&target, &vec![byte; SIZE], 0o600).unwrap();
            }
        }
        "count" => {
            let limit = Limit { requests: 60, window: LimitWindow::Hour, scope: LimitScope::Tool };
            let counters = FileStore::new(FileStorePaths::counters_at(&target), Mode::Strict).unwrap();
            let now = Timestamp::EPOCH_1980;
            let admitted = (0..20).filter(|_| counters.take(&limit, "tool", &name, &now).unwrap().allowed).count();
            println!("admitted {admitted}");
        }
        "hold" => {
            let _lock = FileLock::beside(&target, &LockProfile::APPEND).unwrap();
            println!("holding");
            std::thread::sleep(Duration::from_secs(60));
        }
        other => panic!("no part {other}"),
    }
}

fn line(name: &str, number: usize) -> String {
    format!("{{\"by\":\"{name}\",\"number\":{number},\"filler\":\"{}\"}}", "x".repeat(3000))
}

/// Reads what the child says until a line holds `word`.
fn await_word(child: &mut Child, word: &str) -> BufReader<std::process::ChildStdout> {
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains(word) {
        text.clear();
        assert_ne!(said.read_line(&mut text).unwrap(), 0, "the child ended before it said {word}");
    }
    said
}

#[test]
fn lines_of_many_processes_stay_whole_and_complete() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    let children: Vec<_> = (0..8).map(|number| play("append", &log, &format!("p{number}"))).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut next: BTreeMap<String, u64> = BTreeMap::new();
    for row in std::fs::read_to_string(&log).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let expected = next.entry(row["by"].as_str().unwrap().to_owned()).or_default();
        assert_eq!(row["number"], *expected, "the lines of one process keep their order");
        *expected += 1;
    }
    assert_eq!(next.len(), 8);
    assert!(next.values().all(|&count| count == LINES as u64));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no lock stays");
}

#[test]
fn a_killed_appender_loses_no_acknowledged_line_and_blocks_nobody() {
    for round in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.jsonl");
        let mut child = play("append forever", &log, "victim");
        let mut said = await_word(&mut child, "acknowledged 3");
        std::thread::sleep(Duration::from_micros(700 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        let mut acknowledged = 3;
        while said.read_line(&mut rest).unwrap_or(0) > 0 {
            if let Some(number) = rest.trim().strip_prefix("acknowledged ").and_then(|text| text.parse().ok()) {
                acknowledged = number;
            }
            rest.clear();
        }
        let started = Instant::now();
        append_line(&log, line("heir", 0).as_bytes(), 0o600).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "the dead holder's lock was waited for");
        let text = std::fs::read_to_string(&log).unwrap();
        for number in 0..=acknowledged {
            assert!(text.lines().any(|found| found == line("victim", number)), "line {number} is lost");
        }
        assert_eq!(text.lines().last().unwrap(), line("heir", 0));
    }
}

#[test]
fn a_lock_of_a_killed_holder_is_free_at_once_and_of_a_living_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let quick = LockProfile { timeout: Duration::from_millis(200), ..LockProfile::APPEND };
    let mut child = play("hold", &file, "holder");
    let _said = await_word(&mut child, "holding");
    assert!(FileLock::beside(&file, &quick).is_err());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.path().join("state.json.lock").exists());
    FileLock::beside(&file, &quick).unwrap().release();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn processes_together_are_admitted_exactly_as_often_as_the_limit_says() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("limits.json");
    let children: Vec<_> = (0..5).map(|number| play("count", &state, &format!("p{number}"))).collect();
    let admitted: usize = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .map(|said| said.lines().find_map(|line| line.split_once("admitted ")?.1.trim().parse::<usize>().ok()).unwrap())
        .sum();
    assert_eq!(admitted, 60);
}

#[test]
fn a_killed_writer_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("state.json");
    std::fs::write(&target, vec![b'o'; SIZE]).unwrap();
    for round in 0..10 {
        let mut child = play("write forever", &target, "writer");
        let _said = await_word(&mut child, "started");
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let bytes = std::fs::read(&target).unwrap();
        assert_eq!(bytes.len(), SIZE, "round {round}");
        assert!(bytes.iter().all(|byte| byte == &bytes[0]), "two contents mixed in round {round}");
    }
}
