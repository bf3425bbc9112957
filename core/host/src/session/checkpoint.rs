//! Checkpoints: a runpack of the new events, its record in the journal, and the chain for those who verify (04 §7.6).

use std::path::{Path, PathBuf};

use gait_base::key::SigningKey;
use gait_evidence::runpack::{RecordOptions, record};
use gait_evidence::session::{Chain, Checkpoint, CheckpointPlan, Event, Line, Record, SessionError};

use super::Session;
use super::error::SessionFault;
use super::journal::Purpose;
use super::repair::Repair;
use crate::fs::{PRIVATE, output_path, write_artifact, write_atomic};

/// A checkpoint that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpointed {
    /// Its record.
    pub checkpoint: Checkpoint,
    /// All checkpoints of the session.
    pub chain: Chain,
    /// Where the chain was written: beside the journal.
    pub chain_path: PathBuf,
    /// What was mended before.
    pub repairs: Vec<Repair>,
}

impl Session {
    /// Checkpoints the events that no checkpoint covers yet: writes their runpack to `out`, signed if there is a key,
    /// appends the record, and writes the chain beside the journal, with a second copy at `chain_out` (whose folder must
    /// exist) unless that is blank. A crash at any point leaves either no checkpoint or a whole one.
    ///
    /// # Errors
    /// [`SessionFault::Session`]: [`SessionError::NothingNew`], [`SessionError::RunpackTaken`] (strict only), a journal
    /// that cannot be read; [`SessionFault::ChainUnwritten`]; [`SessionFault::Host`]; contention.
    pub fn checkpoint(
        &self,
        out: &str,
        chain_out: &str,
        signing_key: Option<&SigningKey>,
    ) -> Result<Checkpointed, SessionFault> {
        let out = path_text(&self.output(out)?);
        let copy = match chain_out.trim() {
            "" => None,
            chain => Some(output_path(chain)?).filter(|chain| *chain != self.chain_path()),
        };
        if let Some(copy) = &copy
            && self.output(&path_text(copy))? == Path::new(&out)
        {
            return Err(SessionFault::OwnFile(copy.clone()));
        }
        let lock = self.lock()?;
        let mut journal = self.journal();
        let now = self.settings.clock.now().to_utc()?;
        journal.refresh(&now, Purpose::Write)?;
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        let mut events: Vec<Event> = Vec::new();
        let reader = journal.scan(|record| match record {
            Record::Header(_) => {}
            Record::Event(event) => events.push(*event),
            Record::Checkpoint(checkpoint) => {
                events.retain(|event| event.sequence > checkpoint.sequence_end);
                checkpoints.push(*checkpoint);
            }
        })?;
        let header = reader.header().ok_or(SessionError::HeaderMissing)?;
        if self.settings.mode.is_strict()
            && let Some(taken) = checkpoints.iter().find(|checkpoint| checkpoint.runpack_path == out)
        {
            return Err(SessionError::RunpackTaken { path: out, index: taken.checkpoint_index }.into());
        }
        let mut plan = CheckpointPlan::new(header, checkpoints.last(), &events, &now, &self.settings.producer_version)?;
        drop(events);
        let recorded = record(std::mem::take(&mut plan.draft), &RecordOptions { now, signing_key })?;
        write_artifact(&out, &recorded.bytes, PRIVATE)?;
        let checkpoint = plan.into_record(&out, &recorded.manifest.manifest_digest);
        let mut line = Vec::new();
        Line::Checkpoint(&checkpoint).write_to(&mut line)?;
        journal.append(&line, true)?.changed(|state| {
            state.updated_at = now;
            state.producer_version.clone_from(&checkpoint.producer_version);
            state.checkpoint_count = checkpoint.checkpoint_index;
            state.last_checkpoint_index = checkpoint.checkpoint_index;
            state.last_checkpoint_sequence = checkpoint.sequence_end;
            state.last_checkpoint_digest.clone_from(&checkpoint.checkpoint_digest);
        });
        self.save_state(&mut journal);
        let repairs = journal.take_repairs();

        // Under the lock, so that no older chain replaces a newer one.
        checkpoints.push(checkpoint.clone());
        let chain = Chain::of(header, checkpoints)?;
        let bytes = chain.to_file()?;
        let chain_path = self.chain_path();
        let copied = || copy.map_or(Ok(()), |copy| write_atomic(copy, &bytes, PRIVATE));
        let written = write_atomic(&chain_path, &bytes, PRIVATE).and_then(|()| copied());
        written.map_err(|source| SessionFault::ChainUnwritten { index: checkpoint.checkpoint_index, source })?;
        drop(journal);
        lock.release();
        Ok(Checkpointed { checkpoint, chain, chain_path, repairs })
    }
}

/// A path that was text when it was given.
pub(super) fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
