//! Documents as JavaScript hands them over, records as it takes them.

use gait_base::error::Category;
use gait_base::json::{Encode, to_compact};
use gait_gate::mode::Mode;
use gait_host::error::HostError;
use gait_host::fs::read_limited;

use crate::fault::{self, Subject};

/// The largest file that is read whole.
const FILE_LIMIT: u64 = 64 << 20;

/// What the `strict` argument means.
pub(crate) const fn mode(strict: bool) -> Mode {
    if strict { Mode::Strict } else { Mode::Compat }
}

/// The part of a buffer that holds the document; others lie before it, and room for more behind it.
pub(crate) fn written(bytes: &[u8], start: u32, end: u32) -> &[u8] {
    bytes.get(start as usize..end as usize).unwrap_or_default()
}

/// A whole file.
pub(crate) fn read_file(path: &str) -> Result<Vec<u8>, HostError> {
    read_limited(path, FILE_LIMIT)
}

/// A record as JSON text.
pub(crate) fn to_json<T: Encode + ?Sized>(record: &T) -> napi::Result<String> {
    let json = to_compact(record).map_err(|error| fault::exception(&error, Subject::Document))?;
    text(json)
}

/// JSON that the core wrote, as text.
pub(crate) fn text(json: Vec<u8>) -> napi::Result<String> {
    let not_text =
        |_| fault::plain(Category::InternalFailure, "internal_failure", "JSON that is not UTF-8 was written");
    String::from_utf8(json).map_err(not_text)
}
