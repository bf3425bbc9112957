//! What the canonicalizer finds wrong with its input, and where.

use crate::error::{Category, Classify};

/// The kind of fault that stops canonicalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CanonicalFault {
    /// The input is empty or blank.
    #[error("no JSON value")]
    Empty,
    /// The input ends within a value.
    #[error("unexpected end of input")]
    UnexpectedEnd,
    /// A byte stands where the grammar has no place for it.
    #[error("unexpected character")]
    UnexpectedByte,
    /// Something follows the value.
    #[error("text after the value")]
    TrailingText,
    /// A number or literal that is neither.
    #[error("neither a number nor true, false or null")]
    InvalidToken,
    /// A number too large for a double.
    #[error("number out of range")]
    NumberRange,
    /// A backslash that starts no escape of JSON.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// Half of a surrogate pair.
    #[error("unpaired surrogate escape")]
    LoneSurrogate,
    /// A raw byte below 0x20 within a string.
    #[error("control character in a string")]
    ControlByte,
    /// Two members of one object have the same name.
    #[error("duplicate member name")]
    DuplicateKey,
    /// Not UTF-8 (strict only).
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A code point that Unicode reserves for internal use (strict only; RFC 7493 §2.1).
    #[error("Unicode noncharacter in a string")]
    Noncharacter,
    /// An integer that a double cannot hold without doubt, so that its digits would change (strict only).
    #[error("integer beyond 2^53-1")]
    InexactInteger,
}

/// Why an input has no canonical form.
///
/// ```
/// use gait_base::jcs::{CanonicalFault, canonicalize};
///
/// let error = canonicalize(br#"{"a":1,"a":2}"#).unwrap_err();
/// assert_eq!(error.fault(), CanonicalFault::DuplicateKey);
/// assert_eq!(error.offset(), 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("canonical JSON: {fault} at byte {offset}")]
pub struct CanonicalError {
    fault: CanonicalFault,
    offset: usize,
}

impl CanonicalError {
    pub(super) const fn new(fault: CanonicalFault, offset: usize) -> Self {
        Self { fault, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn fault(&self) -> CanonicalFault {
        self.fault
    }

    /// Where, in bytes from the start of the input.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl Classify for CanonicalError {
    fn code(&self) -> &'static str {
        match self.fault {
            CanonicalFault::Empty
            | CanonicalFault::UnexpectedEnd
            | CanonicalFault::UnexpectedByte
            | CanonicalFault::TrailingText
            | CanonicalFault::InvalidToken
            | CanonicalFault::InvalidEscape
            | CanonicalFault::ControlByte => "json_syntax",
            CanonicalFault::NumberRange => "json_number_out_of_range",
            CanonicalFault::DuplicateKey => "json_duplicate_member",
            CanonicalFault::InvalidUtf8 | CanonicalFault::LoneSurrogate => "json_lossy_text",
            CanonicalFault::Noncharacter => "json_noncharacter",
            CanonicalFault::InexactInteger => "json_lossy_integer",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
