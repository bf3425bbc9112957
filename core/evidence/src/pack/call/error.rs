//! Why a record of a call is refused.

use gait_base::error::{Category, Classify};
use gait_base::json::JsonError;
use gait_base::time::TimeError;
use gait_gate::authority::voice::VoiceError;

/// What is wrong with a call record or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No JSON document of this type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member must be set and is not.
    #[error("{0} is required")]
    Missing(&'static str),
    /// A member has another value than it may have.
    #[error("{member} must be {expected}")]
    Member {
        /// Which.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A part belongs to another call.
    #[error("call_id is {found:?} and not {expected:?}")]
    ForeignCall {
        /// The call of the record.
        expected: String,
        /// What the part says.
        found: String,
    },
    /// A part of the record is refused.
    #[error("{list}[{index}]: {fault}")]
    Item {
        /// Which list.
        list: &'static str,
        /// Which item, from 0, as given.
        index: usize,
        /// What is wrong.
        fault: Box<Self>,
    },
    /// A commitment is refused.
    #[error(transparent)]
    Commitment(#[from] VoiceError),
    /// There are no events at all.
    #[error("there are no events")]
    NoEvents,
    /// Something that every call has did not happen.
    #[error("no event of type {0}")]
    Uncovered(&'static str),
    /// The events are not in the order of the call.
    #[error("events are not sorted by call_seq")]
    Unsorted,
    /// A commitment was spoken without a token.
    #[error("tts.emitted at call_seq {call_seq} commits to {class} without say_token_id")]
    NoToken {
        /// Where in the call.
        call_seq: i64,
        /// To what.
        class: String,
    },
    /// A commitment was spoken, and no receipt tells so.
    #[error("tts.emitted at call_seq {call_seq} has no speak receipt with its turn, class and say_token_id")]
    NoReceipt {
        /// Where in the call.
        call_seq: i64,
    },
    /// Nothing was decided about what was spoken.
    #[error("speak receipt at call_seq {call_seq} has no gate decision before it")]
    NoDecision {
        /// Where in the call.
        call_seq: i64,
    },
    /// What was spoken was not allowed.
    #[error("speak receipt at call_seq {call_seq}: the latest gate decision before it is {verdict}")]
    NotAllowed {
        /// Where in the call.
        call_seq: i64,
        /// What was decided.
        verdict: &'static str,
    },
    /// A time cannot be written in UTC.
    #[error(transparent)]
    Time(#[from] TimeError),
}

impl CallError {
    /// The same, told of an item of a list.
    pub(super) fn in_item(self, list: &'static str, index: usize) -> Self {
        Self::Item { list, index, fault: Box::new(self) }
    }
}

impl Classify for CallError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Missing(_) => "call_record_member_missing",
            Self::Member { .. } => "call_record_member_invalid",
            Self::ForeignCall { .. } => "call_record_foreign_call",
            Self::Item { fault, .. } => fault.code(),
            Self::Commitment(error) => error.code(),
            Self::NoEvents | Self::Uncovered(_) | Self::Unsorted => "call_record_events_incomplete",
            Self::NoToken { .. } | Self::NoReceipt { .. } => "call_record_speech_unreceipted",
            Self::NoDecision { .. } | Self::NotAllowed { .. } => "call_record_speech_not_allowed",
            Self::Time(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
