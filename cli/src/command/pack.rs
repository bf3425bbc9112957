//! What the `gait pack` commands have in common (05 §1.6).

use gait_evidence::runpack::HashMismatch;
use gait_host::pack::PackOutput;

use crate::report::Call;
use crate::text::Text;

/// What a flag names, or else the first positional; further ones are passed over.
pub(super) fn flag_or_first<'a>(call: &Call<'a>, flag: &str) -> &'a str {
    match (call.args.text(flag), call.args.positionals().first()) {
        ("", Some(named)) => named,
        (named, _) => named,
    }
}

/// The beginning of every answer: how it ended, and about which pack.
pub(super) fn head(output: &PackOutput) -> Text {
    let command = format!("pack {}", output.operation);
    let text = if output.ok { Text::ok(&command) } else { Text::failed(&command) };
    let text = if output.path.is_empty() { text } else { text.words(&output.path) };
    let pairs = [("type", &output.pack_type), ("id", &output.pack_id), ("source", &output.source_ref)];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).fold(text, |text, (name, value)| text.pair(name, value))
}

/// A line for each entry that is not what it should be.
pub(super) fn mismatch(found: &HashMismatch) -> String {
    format!("{} (declared {}, is {})", found.path, short(&found.expected), short(&found.actual))
}

/// Enough of a digest for a person to tell it from another.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
