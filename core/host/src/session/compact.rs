//! Compacting a journal (04 §7.6).

use std::io::BufReader;
use std::path::Path;

use gait_base::record;
use gait_evidence::session::{Compaction, JournalReader};

use super::Session;
use super::checkpoint::path_text;
use super::error::SessionFault;
use super::journal::{Purpose, STATE_SUFFIX, open, suffixed};
use super::repair::Repair;
use crate::error::HostError;
use crate::fs::{PRIVATE, output_path, write_atomic};

record! {
    /// What a compaction did, or would do.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CompactionReport {
        /// The journal.
        pub journal_path: String,
        /// Where the compacted one is.
        pub output_path: String,
        /// Nothing was written.
        pub dry_run: bool,
        /// Whether the result is another file or another content.
        pub compacted: bool,
        /// How many events there were.
        pub events_before: i64,
        /// How many are left.
        pub events_after: i64,
        /// How many checkpoints there are.
        pub checkpoints: i64,
        /// The last event that a checkpoint covers.
        pub last_checkpoint_sequence: i64,
        /// The size of the journal.
        pub bytes_before: i64,
        /// The size of the compacted one.
        pub bytes_after: i64,
    }
}

impl Session {
    /// Drops the events that checkpoints cover, from the journal itself or, if `out` is not blank, in a copy (whose
    /// folder must exist). The numbers of events go on where they were. Without `dry_run` a torn line is mended before.
    ///
    /// # Errors
    /// [`SessionFault`]: contention, no journal, or one that cannot be read or written.
    pub fn compact(&self, out: &str, dry_run: bool) -> Result<(CompactionReport, Vec<Repair>), SessionFault> {
        let out = match out.trim() {
            "" => self.path.clone(),
            out if output_path(out)? == self.path => self.path.clone(),
            out => self.output(out)?,
        };
        let lock = self.lock()?;
        let mut journal = self.journal();
        let now = self.settings.clock.now().to_utc()?;
        if !dry_run {
            journal.refresh(&now, Purpose::Write)?;
            journal.sweep();
        }
        let file = open(&self.path)?;
        let size = file.metadata().map_err(|source| HostError::io("examine", &self.path, source))?.len();
        let bytes_before = i64::try_from(size).unwrap_or(i64::MAX);
        let compaction = Compaction::of(BufReader::new(file), self.settings.mode)?;
        let bytes_after = i64::try_from(compaction.bytes.len()).unwrap_or(i64::MAX);
        let in_place = out == self.path;
        let compacted = compaction.events_before != compaction.events_after || !in_place || bytes_before != bytes_after;
        if compacted && !dry_run {
            if in_place {
                self.replace(&compaction.bytes)?;
                journal.forget();
                let mut reader = JournalReader::new(self.settings.mode);
                reader.read_all(compaction.bytes.as_slice(), |_| {})?;
                let mut state = reader.state(bytes_after, &now)?;
                if !self.settings.producer_version.trim().is_empty() {
                    state.producer_version.clone_from(&self.settings.producer_version);
                }
                super::store_state(&self.path, &state);
            } else {
                write_atomic(&out, &compaction.bytes, PRIVATE)?;
            }
        }
        let repairs = journal.take_repairs();
        drop(journal);
        lock.release();
        let report = CompactionReport {
            journal_path: path_text(&self.path),
            output_path: path_text(&out),
            dry_run,
            compacted,
            events_before: compaction.events_before,
            events_after: compaction.events_after,
            checkpoints: compaction.checkpoints,
            last_checkpoint_sequence: compaction.last_checkpoint_sequence,
            bytes_before,
            bytes_after,
        };
        Ok((report, repairs))
    }

    /// Puts another journal in place. The state goes first: it must never be taken for that of another journal that
    /// happens to have the same size.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), SessionFault> {
        remove_if_there(&suffixed(&self.path, STATE_SUFFIX))?;
        write_atomic(&self.path, bytes, PRIVATE)?;
        Ok(())
    }
}

fn remove_if_there(path: &Path) -> Result<(), HostError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(HostError::io("remove", path, error)),
        _ => Ok(()),
    }
}
