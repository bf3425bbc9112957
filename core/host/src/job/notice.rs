//! What a command found and did beside what it was asked for.

use std::fmt;

/// Something that happened to a job before, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobNotice {
    /// An interrupted change whose event was recorded has been completed.
    ChangeCompleted {
        /// The revision it led to.
        revision: i64,
    },
    /// An interrupted change whose event was never recorded has been taken back.
    ChangeTakenBack {
        /// The revision it would have led to.
        revision: i64,
    },
    /// The last line of the journal was cut by a crash. It was never acknowledged, and is passed over.
    JournalTorn {
        /// How many bytes of it there are.
        bytes: usize,
    },
    /// The last line of the journal was cut by a crash, and has been removed.
    JournalMended {
        /// How many bytes of it there were.
        bytes: usize,
    },
    /// The mark of a finished change could not be removed. The next command on the job tries again.
    MarkerKept {
        /// What the machine said.
        reason: String,
    },
}

impl JobNotice {
    /// Whether it tells of damage, and not only of a change that was settled as it should be.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        !matches!(self, Self::ChangeCompleted { .. } | Self::ChangeTakenBack { .. })
    }
}

impl fmt::Display for JobNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChangeCompleted { revision } => {
                write!(f, "an interrupted change was completed: its event of revision {revision} was recorded")
            }
            Self::ChangeTakenBack { revision } => {
                write!(f, "an interrupted change was taken back: no event of revision {revision} was recorded")
            }
            Self::JournalTorn { bytes } => write!(
                f,
                "the journal ends in {bytes} bytes of a line that a crash cut; they count for nothing, and the next \
                 change removes them"
            ),
            Self::JournalMended { bytes } => {
                write!(f, "the journal was mended: {bytes} bytes of a line that a crash cut were removed")
            }
            Self::MarkerKept { reason } => {
                write!(f, "the mark of the finished change is still there, the next command removes it: {reason}")
            }
        }
    }
}
