//! What can go wrong with JSON, and where.

use std::fmt;

use thiserror::Error;

use crate::error::{Category, Classify};

/// Why a JSON document could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// Not JSON: what was expected instead.
    Syntax(&'static str),
    /// The document ends too early.
    UnexpectedEnd,
    /// Something follows the value.
    TrailingData,
    /// Nested deeper than the limit.
    TooDeep,
    /// Larger than the limit.
    TooLarge,
    /// A value of another type than the member has.
    WrongType {
        /// What the member takes.
        expected: &'static str,
    },
    /// A number outside the range of its type, or written with a fraction where an integer is asked for.
    NumberOutOfRange,
    /// A member that the document's type does not have.
    UnknownMember(String),
    /// A member name that fits only without regard to case.
    RecasedMember(String),
    /// A member that stands twice.
    DuplicateMember(String),
    /// A text that is no RFC 3339 time.
    Time,
    /// An integer beyond 2^53, which a double would round.
    LossyInteger,
    /// Bytes that are not UTF-8, or half a surrogate pair.
    LossyText,
    /// A value that has no JSON form (native objects only).
    Unsupported(String),
}

/// A JSON document that could not be read: what, where in the text (bytes from 0), and in which member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    kind: JsonErrorKind,
    offset: Option<usize>,
    path: String,
}

impl JsonError {
    /// An error without a place.
    #[must_use]
    pub const fn new(kind: JsonErrorKind) -> Self {
        Self { kind, offset: None, path: String::new() }
    }

    /// An error at byte `offset` of the text.
    #[must_use]
    pub const fn at(kind: JsonErrorKind, offset: usize) -> Self {
        Self { kind, offset: Some(offset), path: String::new() }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> &JsonErrorKind {
        &self.kind
    }

    /// Where in the text, in bytes from its start.
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// The member it happened in, as `context.targets[2].kind`; empty for the document itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Adds an enclosing member name to the path.
    #[must_use]
    pub fn in_member(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        // A path is for a person: names of any length would let input flood logs.
        let name: String = name.chars().take(80).collect();
        self.path = format!("{name}{separator}{}", self.path);
        self
    }

    /// Adds an enclosing list index to the path.
    #[must_use]
    pub fn in_item(mut self, index: usize) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("[{index}]{separator}{}", self.path);
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.kind {
            JsonErrorKind::Syntax(expected) => write!(f, "invalid JSON: expected {expected}")?,
            JsonErrorKind::UnexpectedEnd => f.write_str("invalid JSON: unexpected end of input")?,
            JsonErrorKind::TrailingData => f.write_str("invalid JSON: data after the value")?,
            JsonErrorKind::TooDeep => f.write_str("JSON is nested too deeply")?,
            JsonErrorKind::TooLarge => f.write_str("JSON document is too large")?,
            JsonErrorKind::WrongType { expected } => write!(f, "wrong JSON type: expected {expected}")?,
            JsonErrorKind::NumberOutOfRange => f.write_str("number out of range")?,
            JsonErrorKind::UnknownMember(name) => write!(f, "unknown member {name:?}")?,
            JsonErrorKind::RecasedMember(name) => write!(f, "member {name:?} is spelled with another case")?,
            JsonErrorKind::DuplicateMember(name) => write!(f, "duplicate member {name:?}")?,
            JsonErrorKind::Time => f.write_str("time is not in RFC 3339 form")?,
            JsonErrorKind::LossyInteger => f.write_str("integer beyond 2^53 cannot be represented exactly")?,
            JsonErrorKind::LossyText => f.write_str("text is not valid Unicode")?,
            JsonErrorKind::Unsupported(what) => write!(f, "value has no JSON form: {what}")?,
        }
        match self.offset {
            Some(offset) => write!(f, " at byte {offset}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for JsonError {}

impl Classify for JsonError {
    fn code(&self) -> &'static str {
        match self.kind {
            JsonErrorKind::Syntax(_) | JsonErrorKind::UnexpectedEnd | JsonErrorKind::TrailingData => "json_syntax",
            JsonErrorKind::TooDeep | JsonErrorKind::TooLarge => "json_limit_exceeded",
            JsonErrorKind::WrongType { .. } | JsonErrorKind::Unsupported(_) => "json_wrong_type",
            JsonErrorKind::NumberOutOfRange => "json_number_out_of_range",
            JsonErrorKind::UnknownMember(_) => "json_unknown_member",
            JsonErrorKind::RecasedMember(_) => "json_recased_member",
            JsonErrorKind::DuplicateMember(_) => "json_duplicate_member",
            JsonErrorKind::Time => "time_malformed",
            JsonErrorKind::LossyInteger => "json_lossy_integer",
            JsonErrorKind::LossyText => "json_lossy_text",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// A value that has no written form.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EncodeError {
    /// A time whose year or offset cannot be written.
    #[error("time is out of range")]
    TimeOutOfRange,
    /// Infinity or not a number.
    #[error("number is not finite")]
    NotFinite,
}

impl Classify for EncodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::TimeOutOfRange => "time_out_of_range",
            Self::NotFinite => "json_number_out_of_range",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// Something in an input that was read, but not exactly as written (00 D11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

/// The kinds of [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// An integer beyond 2^53 became the nearest double.
    IntegerRounded,
    /// Invalid UTF-8 or half a surrogate pair became U+FFFD.
    TextReplaced,
}

impl NoticeKind {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntegerRounded => "integer_rounded",
            Self::TextReplaced => "text_replaced",
        }
    }
}
