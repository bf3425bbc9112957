//! The canonical form of records and values, without a text or tree in between.

use crate::digest::{Digest, DigestSink};
use crate::json::{Canonical, Encode, EncodeError, Writer};

/// The canonical form of a record or value.
///
/// ```
/// use gait_base::json::{Map, Value};
///
/// let mut map = Map::new();
/// map.insert("n".to_owned(), Value::from(1.50));
/// assert_eq!(gait_base::jcs::to_canonical(&map)?, br#"{"n":1.5}"#);
/// # Ok::<(), gait_base::json::EncodeError>(())
/// ```
///
/// # Errors
/// [`EncodeError`] when something has no written form.
pub fn to_canonical<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let mut writer: Writer<'_, _, Canonical> = Writer::new(&mut bytes);
    value.encode(&mut writer);
    writer.finish()?;
    Ok(bytes)
}

/// The SHA-256 of the canonical form, streamed.
///
/// # Errors
/// [`EncodeError`] when something has no written form.
pub fn digest_of<T: Encode + ?Sized>(value: &T) -> Result<Digest, EncodeError> {
    let mut sink = DigestSink::new();
    let mut writer: Writer<'_, _, Canonical> = Writer::new(&mut sink);
    value.encode(&mut writer);
    writer.finish()?;
    Ok(sink.finish())
}
