//! The lines of a journal: writing them, and reading them with every check there is (04 §7.4).

use std::io::{BufRead, ErrorKind, Read as _};

use gait_base::json::{self, Compact, Encode, Format, Reading, Sink, Writer};
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::checkpoint::checkpoint_digest;
use super::document::{Checkpoint, Event, Header, JOURNAL_SCHEMA, SCHEMA_VERSION, fill};
use super::error::{Payload, SessionError};
use super::state::State;

/// Longer lines are refused, by writers and readers.
pub const MAX_LINE_BYTES: usize = 8 << 20;

record! {
    /// A line as it is read.
    #[derive(Clone, Debug, PartialEq)]
    struct Incoming {
        record_type: String,
        header: Option<Header> => omit,
        event: Option<Event> => omit,
        checkpoint: Option<Checkpoint> => omit,
    }
}

/// A line as it is written.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// The header.
    Header(&'a Header),
    /// An event.
    Event(&'a Event),
    /// A checkpoint.
    Checkpoint(&'a Checkpoint),
}

impl Line<'_> {
    /// Appends the line with its newline.
    ///
    /// # Errors
    /// [`SessionError::Encode`], [`SessionError::RecordTooLong`]; `bytes` is then as it was.
    pub fn write_to(&self, bytes: &mut Vec<u8>) -> Result<(), SessionError> {
        let start = bytes.len();
        let mut writer: Writer<'_, _, Compact> = Writer::new(bytes);
        self.encode(&mut writer);
        let written = writer.finish();
        bytes.push(b'\n');
        let size = bytes.len() - start;
        if let Err(error) = written {
            bytes.truncate(start);
            return Err(error.into());
        }
        // The newline counts: some readers have room for no more than the limit with it.
        if size > MAX_LINE_BYTES {
            bytes.truncate(start);
            return Err(SessionError::RecordTooLong { size });
        }
        Ok(())
    }

    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.begin_object();
        writer.quoted_name("\"record_type\":");
        match self {
            Self::Header(header) => {
                writer.string("header");
                writer.quoted_name("\"header\":");
                header.encode(writer);
            }
            Self::Event(event) => {
                writer.string("event");
                writer.quoted_name("\"event\":");
                event.encode(writer);
            }
            Self::Checkpoint(checkpoint) => {
                writer.string("checkpoint");
                writer.quoted_name("\"checkpoint\":");
                checkpoint.encode(writer);
            }
        }
        writer.end_object();
    }
}

/// A record of a journal that stands where it may stand.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The header.
    Header(Box<Header>),
    /// An event.
    Event(Box<Event>),
    /// A checkpoint.
    Checkpoint(Box<Checkpoint>),
}

/// How a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// With a newline, or without any line.
    Closed,
    /// With a whole line that lacks its newline.
    Open,
}

/// What has been read of a journal. Each record is checked against those before it.
#[derive(Clone, Debug)]
pub struct JournalReader {
    reading: Reading,
    line: u64,
    header: Option<Header>,
    progress: Option<Progress>,
    mending: Option<Mending>,
}

/// Numbers that begin anew after a checkpoint, as older compactions left them: read as those that should stand there.
#[derive(Clone, Copy, Debug, Default)]
struct Mending {
    /// What is added to a number.
    shift: i64,
    /// How many events got another one.
    renumbered: i64,
}

/// What the next record must fit.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    pub(super) session_id: String,
    pub(super) run_id: String,
    pub(super) producer_version: String,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Timestamp,
    pub(super) events: i64,
    pub(super) checkpoints: i64,
    pub(super) last_sequence: i64,
    pub(super) last_index: i64,
    pub(super) last_end: i64,
    pub(super) last_digest: String,
}

impl JournalReader {
    /// Reads a journal from its start.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        Self {
            reading: Reading { max_bytes: MAX_LINE_BYTES, ..reading },
            line: 0,
            header: None,
            progress: None,
            mending: None,
        }
    }

    /// Reads on where a state was taken. Line numbers count from there.
    #[must_use]
    pub fn resume(state: &State, mode: Mode) -> Self {
        Self { progress: Some(state.progress()), ..Self::new(mode) }
    }

    /// Reads a journal from its start, and gives events whose numbers begin anew after a checkpoint the numbers that they
    /// should have.
    #[must_use]
    pub(super) fn mending(mode: Mode) -> Self {
        Self { mending: Some(Mending::default()), ..Self::new(mode) }
    }

    /// How many events got another number.
    pub(super) fn renumbered(&self) -> i64 {
        self.mending.map_or(0, |mending| mending.renumbered)
    }

    /// The header, once it was read.
    #[must_use]
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The state that the records read so far amount to, in a journal of this size.
    ///
    /// # Errors
    /// [`SessionError::HeaderMissing`]; [`SessionError::Time`] for a header's time that has no form in UTC.
    pub fn state(&self, journal_size_bytes: i64, now: &Timestamp) -> Result<State, SessionError> {
        State::rebuild(self.progress.as_ref().ok_or(SessionError::HeaderMissing)?, journal_size_bytes, now)
    }

    /// Reads lines to the end, and hands each record on.
    ///
    /// # Errors
    /// The first thing that is wrong; [`SessionError::Torn`] only when nothing else is. Not that there is no header:
    /// see [`Self::state`].
    pub fn read_all(&mut self, mut source: impl BufRead, mut visit: impl FnMut(Record)) -> Result<Tail, SessionError> {
        let limit = MAX_LINE_BYTES as u64 + 1;
        let mut offset = 0;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = (&mut source).take(limit).read_until(b'\n', &mut bytes).map_err(SessionError::Source)?;
            let closed = bytes.last() == Some(&b'\n');
            if read == 0 {
                return Ok(Tail::Closed);
            }
            if closed {
                bytes.pop();
            } else if bytes.len() > MAX_LINE_BYTES {
                let line = self.line + 1;
                return Err(match skip_line(&mut source).map_err(SessionError::Source)? {
                    Ended::Newline => SessionError::LineTooLong { line },
                    Ended::Source => {
                        let source = json::JsonError::new(json::JsonErrorKind::TooLarge);
                        SessionError::Torn { line, offset, source }
                    }
                });
            }
            let record = match self.read_line(&bytes) {
                Err(error @ SessionError::Parse { .. }) if !closed => return Err(torn(error, &bytes, offset)),
                record => record?,
            };
            record.into_iter().for_each(&mut visit);
            if !closed {
                return Ok(Tail::Open);
            }
            offset += read as u64;
        }
    }

    /// Reads one line, without its newline. A blank one holds no record.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_line(&mut self, bytes: &[u8]) -> Result<Option<Record>, SessionError> {
        self.line += 1;
        let line = self.line;
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) => text.trim().as_bytes(),
            Err(_) => bytes.trim_ascii(),
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        let incoming: Incoming =
            json::decode(bytes, self.reading).map_err(|source| SessionError::Parse { line, source })?;
        let missing = |payload| SessionError::PayloadMissing { line, payload };
        Ok(Some(match incoming.record_type.as_str() {
            "header" => Record::Header(Box::new(self.begin(incoming.header.ok_or(missing(Payload::Header))?)?)),
            "event" => {
                let mut event = incoming.event.ok_or(missing(Payload::Event))?;
                self.follow_event(&mut event)?;
                Record::Event(Box::new(event))
            }
            "checkpoint" => {
                let checkpoint = incoming.checkpoint.ok_or(missing(Payload::Checkpoint))?;
                self.follow_checkpoint(&checkpoint)?;
                Record::Checkpoint(Box::new(checkpoint))
            }
            _ => return Err(SessionError::RecordType { line, kind: incoming.record_type }),
        }))
    }

    fn begin(&mut self, mut header: Header) -> Result<Header, SessionError> {
        if self.progress.is_some() {
            return Err(SessionError::HeaderRepeated);
        }
        if header.session_id.trim().is_empty() || header.run_id.trim().is_empty() {
            return Err(SessionError::HeaderIds);
        }
        fill(&mut header.schema_id, JOURNAL_SCHEMA);
        fill(&mut header.schema_version, SCHEMA_VERSION);
        self.progress = Some(Progress {
            session_id: header.session_id.clone(),
            run_id: header.run_id.clone(),
            producer_version: header.producer_version.clone(),
            created_at: header.created_at,
            started_at: header.started_at,
            events: 0,
            checkpoints: 0,
            last_sequence: 0,
            last_index: 0,
            last_end: 0,
            last_digest: String::new(),
        });
        self.header = Some(header.clone());
        Ok(header)
    }

    fn follow_event(&mut self, event: &mut Event) -> Result<(), SessionError> {
        let line = self.line;
        let progress = self.progress.as_mut().ok_or(SessionError::BeforeHeader(Payload::Event))?;
        let want = progress.last_sequence.checked_add(1).ok_or(SessionError::SequenceExhausted)?;
        if let Some(mending) = &mut self.mending {
            if event.sequence == 1 && want > 1 && progress.last_sequence == progress.last_end {
                mending.shift = progress.last_end;
            }
            if mending.shift > 0 && event.sequence.checked_add(mending.shift) == Some(want) {
                event.sequence = want;
                mending.renumbered += 1;
            }
        }
        if event.sequence != want {
            return Err(SessionError::Sequence { line, got: event.sequence, want });
        }
        if event.session_id != progress.session_id || event.run_id != progress.run_id {
            return Err(SessionError::Identity { line, payload: Payload::Event });
        }
        progress.last_sequence = want;
        progress.events = progress.events.saturating_add(1);
        Ok(())
    }

    fn follow_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), SessionError> {
        let line = self.line;
        let progress = self.progress.as_mut().ok_or(SessionError::BeforeHeader(Payload::Checkpoint))?;
        if checkpoint.session_id != progress.session_id || checkpoint.run_id != progress.run_id {
            return Err(SessionError::Identity { line, payload: Payload::Checkpoint });
        }
        if Some(checkpoint.checkpoint_index) != progress.last_index.checked_add(1) {
            return Err(SessionError::CheckpointIndex { line });
        }
        if checkpoint.sequence_start < 1 || checkpoint.sequence_end < checkpoint.sequence_start {
            return Err(SessionError::CheckpointRange { line });
        }
        if checkpoint.sequence_start <= progress.last_end {
            return Err(SessionError::CheckpointOverlap { line });
        }
        if checkpoint.checkpoint_index > 1 && checkpoint.prev_checkpoint_digest != progress.last_digest {
            return Err(SessionError::CheckpointLinkage { line });
        }
        if checkpoint.checkpoint_digest != checkpoint_digest(checkpoint) {
            return Err(SessionError::CheckpointDigest { line });
        }
        progress.last_index = checkpoint.checkpoint_index;
        progress.last_end = checkpoint.sequence_end;
        progress.last_digest.clone_from(&checkpoint.checkpoint_digest);
        // This is what lets a compacted journal be read whose events are gone.
        progress.last_sequence = progress.last_sequence.max(checkpoint.sequence_end);
        progress.checkpoints = progress.checkpoints.saturating_add(1);
        Ok(())
    }
}

/// What a last line without newline is that cannot be read: cut off, unless it is JSON after all and so somebody's doing.
fn torn(error: SessionError, bytes: &[u8], offset: u64) -> SessionError {
    match error {
        SessionError::Parse { line, source } if json::parse(bytes, Reading::COMPAT).is_err() => {
            SessionError::Torn { line, offset, source }
        }
        error => error,
    }
}

enum Ended {
    Newline,
    Source,
}

/// Passes over the rest of a line.
fn skip_line(source: &mut impl BufRead) -> std::io::Result<Ended> {
    loop {
        let held = match source.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            held => held?,
        };
        if held.is_empty() {
            return Ok(Ended::Source);
        }
        if let Some(at) = held.iter().position(|&byte| byte == b'\n') {
            source.consume(at + 1);
            return Ok(Ended::Newline);
        }
        let all = held.len();
        source.consume(all);
    }
}
