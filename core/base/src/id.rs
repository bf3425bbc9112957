//! Ids that are derived from what a process was called with.

use crate::digest::DigestSink;
use crate::json::Sink as _;

/// How many hex digits a correlation id has.
const DIGITS: usize = 24;

/// The correlation id of a command line (01 §9): over all of its words, the command's own name first, each trimmed.
/// Zeros when there are none.
///
/// ```
/// use gait_base::id::correlation_id;
///
/// assert_eq!(correlation_id(&["gait", "version", " --json"]), correlation_id(&["gait", "version", "--json"]));
/// assert_eq!(correlation_id::<&str>(&[]), "000000000000000000000000");
/// ```
#[must_use]
pub fn correlation_id<S: AsRef<str>>(argv: &[S]) -> String {
    if argv.is_empty() {
        return "0".repeat(DIGITS);
    }
    let mut sink = DigestSink::new();
    for (index, word) in argv.iter().enumerate() {
        if index > 0 {
            sink.put(b"\x1f");
        }
        sink.put(word.as_ref().trim().as_bytes());
    }
    sink.finish().short(DIGITS)
}
