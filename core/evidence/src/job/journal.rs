//! The journal of a job: one event a line, the last line possibly cut by a crash (05 §14.5, 00 D7).

use gait_base::json;
use gait_gate::mode::Mode;

use super::error::JobError;
use super::event::{JobEvent, MAX_EVENT_BYTES};
use super::reading;

/// The largest journal that is read or written, in bytes.
pub const MAX_JOURNAL_BYTES: u64 = 256 << 20;

/// What a journal holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// The events, in order.
    pub events: Vec<JobEvent>,
    /// How it ends.
    pub tail: Tail,
}

/// How a journal ends. Every event that was ever acknowledged ends in a newline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tail {
    /// In a newline, or it is empty.
    #[default]
    Closed,
    /// In an event that lacks its newline.
    Open,
    /// In the middle of a line, which a crash cut.
    Torn {
        /// How many bytes of that line there are.
        bytes: usize,
    },
}

impl Tail {
    /// How a journal ends whose last newline is followed by these bytes.
    #[must_use]
    pub fn of(rest: &[u8], mode: Mode) -> Self {
        if rest.is_empty() {
            Self::Closed
        } else if is_blank(rest) || event(rest, mode).is_ok() {
            Self::Open
        } else {
            Self::Torn { bytes: rest.len() }
        }
    }
}

impl Journal {
    /// Reads a journal. What a crash left of a last line is no event and no error.
    ///
    /// # Errors
    /// [`JobError::Malformed`] with the line.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JobError> {
        let closed = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let (lines, rest) = bytes.split_at_checked(closed).unwrap_or((bytes, &[]));
        let mut events = Vec::new();
        for (index, line) in lines.split(|&byte| byte == b'\n').enumerate() {
            if is_blank(line) {
                continue;
            }
            let malformed =
                |source| JobError::Malformed { what: "job events", line: Some(index.saturating_add(1)), source };
            events.push(event(line, mode).map_err(malformed)?);
        }
        let tail = Tail::of(rest, mode);
        if tail == Tail::Open && !is_blank(rest) {
            events.extend(event(rest, mode).ok());
        }
        Ok(Self { events, tail })
    }

    /// The revision that the last event led to; 0 when there is none.
    #[must_use]
    pub fn last_revision(&self) -> i64 {
        self.events.last().map_or(0, |event| event.revision)
    }
}

fn event(line: &[u8], mode: Mode) -> Result<JobEvent, json::JsonError> {
    json::decode(line, reading(mode, MAX_EVENT_BYTES))
}

fn is_blank(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "{\"revision\":1}\n\n \t\n{\"revision\":2,\"new\":true}\r\n";

    fn journal(text: &str) -> Journal {
        Journal::parse(text.as_bytes(), Mode::Compat).unwrap()
    }

    #[test]
    fn blank_lines_are_skipped_and_unknown_members_passed_over() {
        let read = journal(LINES);
        assert_eq!((read.events.len(), read.last_revision(), read.tail), (2, 2, Tail::Closed));
        assert_eq!(journal("").last_revision(), 0);
        assert!(Journal::parse(LINES.as_bytes(), Mode::Strict).is_err());
    }

    #[test]
    fn every_cut_of_the_last_line_is_torn_or_open_never_an_error() {
        let last = "{\"job_id\":\"é\",\"revision\":3,\"payload\":{\"a\":{}}}";
        for cut in 0..=last.len() {
            let mut bytes = LINES.as_bytes().to_vec();
            bytes.extend_from_slice(&last.as_bytes()[..cut]);
            let read = Journal::parse(&bytes, Mode::Compat).unwrap();
            let (tail, revision) = match cut {
                0 => (Tail::Closed, 2),
                cut if cut == last.len() => (Tail::Open, 3),
                cut => (Tail::Torn { bytes: cut }, 2),
            };
            assert_eq!((read.tail, read.last_revision()), (tail, revision), "{cut}");
        }
        assert_eq!(journal("\0\0\0").tail, Tail::Torn { bytes: 3 });
        assert_eq!(journal("  ").tail, Tail::Open);
    }

    #[test]
    fn a_closed_line_that_is_no_event_is_an_error_with_its_number() {
        let error = Journal::parse(b"{\"revision\":1}\n\n{bad\n", Mode::Compat).unwrap_err();
        assert!(matches!(error, JobError::Malformed { line: Some(3), .. }), "{error}");
        for text in ["[]\n", "1\n", "{\"revision\":1.0}\n", "{} {}\n"] {
            assert!(Journal::parse(text.as_bytes(), Mode::Compat).is_err(), "{text:?}");
        }
    }
}
