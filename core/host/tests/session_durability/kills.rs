//! Kills at any instant.

use std::io::BufReader;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gait_gate::mode::Mode;
use gait_host::runpack::read_chain;
use gait_host::session::{ChainDemand, StateWrites, verify_chain};

use crate::players::{acknowledged_in, acknowledgement, first_word, play};
use crate::recorded::{assert_whole, read, recorded};
use crate::sessions::{JOURNAL, event, patient, soak, started};

/// How often one journal is gone at.
const ROUNDS_OF_ONE: usize = 25;

/// Kills all of some players at any instant, again and again.
fn kill_again_and_again(parts: &[&str], rounds: usize) {
    let mut left = rounds;
    while left > 0 {
        let now = left.min(ROUNDS_OF_ONE);
        kill_over_one_journal(parts, now);
        left -= now;
    }
}

fn kill_over_one_journal(parts: &[&str], rounds: usize) {
    let folder = tempfile::tempdir().unwrap();
    drop(started(folder.path()));
    let mut told = Vec::new();
    for round in 0..rounds {
        let mut children: Vec<_> =
            (0..).zip(parts).map(|(number, part)| play(part, folder.path(), round * 10 + number)).collect();
        // Mostly they are let do something first; after that any instant will do.
        let mut said: Vec<_> = children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap())).collect();
        let mut firsts = Vec::new();
        if round % 5 != 4 {
            firsts.extend(said.iter_mut().map(first_word));
        }
        std::thread::sleep(Duration::from_micros(chance(40_000)));
        for child in &mut children {
            assert!(child.try_wait().unwrap().is_none(), "a child of {parts:?} failed in round {round}");
            child.kill().unwrap();
        }
        told.extend(firsts.iter().filter_map(|line| acknowledgement(line)));
        told.extend(children.iter_mut().zip(said).flat_map(|(child, said)| acknowledged_in(child, said)));
        // Had it to wait for the dead until their locks are old, this would give up before.
        let appended = patient(folder.path(), StateWrites::Each).append(event(&format!("heir.{round}"))).unwrap();
        told.push((appended.event.sequence, format!("heir.{round}")));
        assert_eq!(patient(folder.path(), StateWrites::Each).status().unwrap().last_sequence, appended.event.sequence);
    }
    let all = recorded(folder.path());
    assert_whole(&all);
    for (sequence, name) in &told {
        assert_eq!(all.get(sequence), Some(name), "an acknowledged event is lost");
    }
    let found = read(&folder.path().join(JOURNAL));
    assert!(told.len() > 2 * rounds, "hardly anything was appended: {}", told.len());
    assert!(
        !parts.contains(&"checkpoint forever") || found.checkpoints.len() > rounds / 4,
        "{}",
        found.checkpoints.len()
    );
    assert!(!parts.contains(&"compact forever") || found.state.event_count < found.state.last_sequence);
    let last = folder.path().join("last.zip");
    let made = patient(folder.path(), StateWrites::Each).checkpoint(last.to_str().unwrap(), "", None).unwrap();
    let chain = read_chain(&made.chain_path, Mode::Strict).unwrap();
    let verified = verify_chain(&chain, &ChainDemand::default());
    assert!(verified.ok(), "{verified:?}");
    let status = patient(folder.path(), StateWrites::Each).status().unwrap();
    assert_eq!(status.last_sequence, made.checkpoint.sequence_end);
}

fn chance(below: u64) -> u64 {
    u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos()) / 7 % below
}

fn rounds(few: usize) -> usize {
    if soak() { 500 } else { few }
}

#[test]
fn kills_of_appenders_lose_no_acknowledged_event() {
    kill_again_and_again(&["append forever", "append from threads forever", "read forever"], rounds(8));
}

#[test]
fn kills_of_checkpoints_leave_a_whole_chain() {
    kill_again_and_again(&["checkpoint forever", "append forever", "read forever"], rounds(6));
}

#[test]
fn kills_of_compactions_reset_no_number() {
    let parts = ["compact forever", "checkpoint forever", "append from threads forever", "read forever"];
    kill_again_and_again(&parts, rounds(6));
}
