//! How JSON text is read, and reading whole documents.

use super::decode::{Decode, Source as _};
use super::error::{JsonError, Notice};
use super::reader::Reader;
use super::value::Value;

type Result<T> = std::result::Result<T, JsonError>;

/// How a document is read, and its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Refuse members that the type does not have.
    pub refuse_unknown: bool,
    /// Refuse re-cased and duplicate members and whatever cannot be kept exactly (00 D8, D11).
    pub strict: bool,
    /// How deep objects and lists may nest.
    pub max_depth: usize,
    /// How many bytes a document may have.
    pub max_bytes: usize,
    /// How many values its free-form parts may hold.
    pub max_values: usize,
}

impl Reading {
    /// The contract's reader: case of names does not matter, unknown members are passed over, the last repeat counts.
    pub const COMPAT: Self =
        Self { refuse_unknown: false, strict: false, max_depth: 10_000, max_bytes: 16 << 20, max_values: 1_000_000 };

    /// As [`Reading::COMPAT`], but unknown members are an error.
    pub const CLOSED: Self = Self { refuse_unknown: true, ..Self::COMPAT };

    /// Refuses unknown, re-cased and duplicate members, integers beyond 2^53 and text that is not Unicode (00 D8).
    pub const STRICT: Self = Self { refuse_unknown: true, strict: true, max_depth: 1_000, ..Self::COMPAT };
}

/// Reads a whole document into a record.
///
/// # Errors
/// [`JsonError`] with the place in the text and the member.
pub fn decode<T: Decode + Default>(bytes: &[u8], reading: Reading) -> Result<T> {
    decode_with_notices(bytes, reading).map(|(value, _)| value)
}

/// As [`decode`], and tells what was not kept exactly (00 D11).
///
/// # Errors
/// [`JsonError`] with the place in the text and the member.
pub fn decode_with_notices<T: Decode + Default>(bytes: &[u8], reading: Reading) -> Result<(T, Vec<Notice>)> {
    let mut reader = Reader::new(bytes, reading)?;
    let mut value = T::default();
    value.decode(&mut reader)?;
    reader.finish()?;
    Ok((value, reader.into_notices()))
}

/// Reads a whole document as a generic value.
///
/// ```
/// use gait_base::json::{self, Reading};
///
/// let value = json::parse(br#"{"a": [1, "x"]}"#, Reading::COMPAT)?;
/// assert_eq!(value.get("a").and_then(|a| a.as_array()).map(<[_]>::len), Some(2));
/// assert_eq!(json::parse(b"[1,]", Reading::COMPAT).unwrap_err().offset(), Some(3));
/// # Ok::<(), json::JsonError>(())
/// ```
///
/// # Errors
/// [`JsonError`] with the place in the text.
pub fn parse(bytes: &[u8], reading: Reading) -> Result<Value> {
    let mut reader = Reader::new(bytes, reading)?;
    let value = reader.read_value()?;
    reader.finish()?;
    Ok(value)
}
