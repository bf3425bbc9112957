//! What is on disk, read with every check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gait_base::time::Timestamp;
use gait_evidence::session::{JournalReader, Record, State, Tail};
use gait_gate::mode::Mode;

use crate::sessions::JOURNAL;

/// A journal, read with every check.
pub(crate) struct Found {
    pub(crate) state: State,
    pub(crate) tail: Tail,
    /// Number and name of the events in it.
    pub(crate) events: BTreeMap<i64, String>,
    /// Runpacks and the numbers that they cover.
    pub(crate) checkpoints: Vec<(PathBuf, i64, i64)>,
}

pub(crate) fn read(journal: &Path) -> Found {
    let (mut events, mut checkpoints) = (BTreeMap::new(), Vec::new());
    let bytes = std::fs::read(journal).unwrap();
    let mut reader = JournalReader::new(Mode::Strict);
    let tail = reader.read_all(bytes.as_slice(), |record| match record {
        Record::Event(event) => drop(events.insert(event.sequence, event.intent_id.clone())),
        Record::Checkpoint(one) => {
            checkpoints.push((PathBuf::from(&one.runpack_path), one.sequence_start, one.sequence_end));
        }
        Record::Header(_) => {}
    });
    let size = i64::try_from(bytes.len()).unwrap();
    Found { state: reader.state(size, &Timestamp::EPOCH_1980).unwrap(), tail: tail.unwrap(), events, checkpoints }
}

/// Everything that a session ever recorded: events of the journal, and those of runpacks that compaction dropped from it.
pub(crate) fn recorded(folder: &Path) -> BTreeMap<i64, String> {
    let found = read(&folder.join(JOURNAL));
    assert_eq!(found.tail, Tail::Closed);
    let mut all = BTreeMap::new();
    for (path, start, end) in &found.checkpoints {
        let runpack = gait_host::runpack::read(path, Mode::Strict).unwrap();
        assert_eq!(runpack.intents.len() as i64, end - start + 1, "a checkpoint with a gap");
        for (sequence, intent) in (*start..).zip(&runpack.intents) {
            assert!(all.insert(sequence, intent.intent_id.clone()).is_none(), "{sequence} is covered twice");
        }
    }
    for (sequence, name) in found.events {
        let covered = all.insert(sequence, name.clone());
        assert!(covered.is_none_or(|covered| covered == name), "{sequence} is two events");
    }
    all
}

/// Numbers from 1 without a gap, each name once.
pub(crate) fn assert_whole(all: &BTreeMap<i64, String>) {
    assert!(all.keys().copied().eq(1..=all.len() as i64), "a number is missing");
    assert_eq!(all.values().collect::<BTreeSet<_>>().len(), all.len(), "a name stands twice");
}
