//! The parts that children of the tests play, and what they tell of it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use gait_base::error::{Category, Classify};
use gait_evidence::session::{Line, State};
use gait_host::session::{Session, StateWrites};

use crate::recorded::read;
use crate::sessions::{JOURNAL, command, event, patient, session};

/// Which part a child plays.
pub(crate) const PART: &str = "GAIT_TEST_PART";
/// In which folder.
pub(crate) const TARGET: &str = "GAIT_TEST_TARGET";
/// Which of several children it is, or how much it does.
pub(crate) const NUMBER: &str = "GAIT_TEST_NUMBER";

pub(crate) fn play(part: &str, folder: &Path, number: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(PART, part), (NUMBER, &number.to_string())])
        .env(TARGET, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Plays the part that the environment names, if it names one.
pub(crate) fn act() {
    let Ok(part) = std::env::var(PART) else { return };
    let folder = PathBuf::from(std::env::var_os(TARGET).unwrap());
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    println!();
    match part.as_str() {
        "append" => {
            let session = session(&folder);
            (0..200).for_each(|turn| acknowledge(&session, &format!("{number}.{turn}")));
        }
        "append as commands do" => {
            (0..200).for_each(|turn| acknowledge(&command(&folder), &format!("{number}.{turn}")));
        }
        "append forever" => {
            let session = patient(&folder, StateWrites::Lazy);
            for turn in 0u64.. {
                acknowledge(&session, &format!("{number}.{turn}"));
            }
        }
        "append from threads forever" => {
            let session = patient(&folder, StateWrites::Lazy);
            std::thread::scope(|scope| {
                for thread in 0..6 {
                    let session = &session;
                    scope.spawn(move || {
                        for turn in 0u64.. {
                            acknowledge(session, &format!("{number}.{thread}.{turn}"));
                        }
                    });
                }
            });
        }
        "checkpoint forever" => {
            let session = patient(&folder, StateWrites::Lazy);
            for turn in 0u64.. {
                let out = folder.join(format!("cp_{number}_{turn}.zip"));
                match session.checkpoint(out.to_str().unwrap(), "", None) {
                    Ok(made) => say(&format!("checkpoint {}", made.checkpoint.checkpoint_index)),
                    Err(fault) if fault.code() == "session_nothing_new" => say("idle"),
                    Err(fault) => panic!("{fault}"),
                }
            }
        }
        "compact forever" => {
            let session = patient(&folder, StateWrites::Lazy);
            loop {
                session.compact("", false).unwrap();
                say("compacted");
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        "read forever" => {
            let mut last = 0;
            loop {
                let status = patient(&folder, StateWrites::Each).status().unwrap();
                assert!(status.last_sequence >= last, "a number was reset");
                last = status.last_sequence;
                say("read");
            }
        }
        "append as the reference does" => {
            (0..number).for_each(|turn| append_as_the_reference_does(&folder, &format!("reference.{turn}")));
        }
        "append until the disk is full" => {
            let session = command(&folder);
            for turn in 0u64.. {
                match session.append(event(&format!("{number}.{turn}"))) {
                    Ok(appended) => say(&format!("ack {} {number}.{turn} end", appended.event.sequence)),
                    Err(fault) => {
                        assert_eq!(fault.category(), Category::IoFailure, "{fault}");
                        say("full");
                        return;
                    }
                }
            }
        }
        other => panic!("no part {other}"),
    }
}

pub(crate) fn acknowledge(session: &Session, name: &str) {
    let appended = session.append(event(name)).unwrap();
    say(&format!("ack {} {name} end", appended.event.sequence));
}

/// An append by the protocol of 04 §7.3 and §7.6 alone: a lock file made exclusively, no lock of the operating system, and a
/// state that only another program of that kind would write.
pub(crate) fn append_as_the_reference_does(folder: &Path, name: &str) {
    let journal = folder.join(JOURNAL);
    let lock = folder.join(format!("{JOURNAL}.lock"));
    let started = Instant::now();
    let mut file = loop {
        match std::fs::File::create_new(&lock) {
            Ok(file) => break file,
            Err(_) => assert!(started.elapsed() < Duration::from_secs(60), "the lock never came free"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let now = gait_host::clock::from_system_time(SystemTime::now());
    let created = now.format_seconds().unwrap();
    let pid = std::process::id();
    writeln!(
        file,
        r#"{{"created_at":"{created}","pid":{pid},"schema_id":"gait.runpack.session_lock","schema_version":"1.0.0"}}"#
    )
    .unwrap();
    let state_path = folder.join(format!("{JOURNAL}.state.json"));
    let size = i64::try_from(std::fs::metadata(&journal).unwrap().len()).unwrap();
    let trusted = std::fs::read(&state_path).ok().and_then(|bytes| State::trusted(&bytes, size));
    let mut state = trusted.unwrap_or_else(|| read(&journal).state);
    let next = state.next_sequence().unwrap();
    let event = event(name).normalized().into_event("s", "run_s", next, now, "reference");
    let mut line = Vec::new();
    Line::Event(&event).write_to(&mut line).unwrap();
    std::fs::OpenOptions::new().append(true).open(&journal).unwrap().write_all(&line).unwrap();
    state.last_sequence = next;
    state.event_count += 1;
    state.journal_size_bytes += line.len() as i64;
    std::fs::write(&state_path, state.to_file().unwrap()).unwrap();
    std::fs::remove_file(&lock).unwrap();
    say(&format!("ack {next} {name} end"));
    // The next one is another process, which takes a moment to start.
    std::thread::sleep(Duration::from_millis(5));
}

pub(crate) fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").unwrap();
    out.flush().unwrap();
}

/// What a child that has ended, one way or another, said it had appended: numbers and names.
pub(crate) fn acknowledged(child: &mut Child) -> Vec<(i64, String)> {
    let said = BufReader::new(child.stdout.take().unwrap());
    acknowledged_in(child, said)
}

pub(crate) fn acknowledged_in(child: &mut Child, said: BufReader<ChildStdout>) -> Vec<(i64, String)> {
    let lines: Vec<_> = said.split(b'\n').map_while(Result::ok).collect();
    child.wait().unwrap();
    lines.iter().filter_map(|line| acknowledgement(std::str::from_utf8(line).ok()?)).collect()
}

pub(crate) fn acknowledgement(line: &str) -> Option<(i64, String)> {
    let mut words = line.trim().split(' ');
    let (Some("ack"), Some(sequence), Some(name), Some("end")) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return None;
    };
    Some((sequence.parse().ok()?, name.to_owned()))
}

/// The first thing that a child says of its part.
pub(crate) fn first_word(said: &mut BufReader<ChildStdout>) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "a child ended before it did anything");
        if ["ack ", "checkpoint ", "idle", "compacted", "read"].iter().any(|word| line.starts_with(word)) {
            return line;
        }
    }
}
