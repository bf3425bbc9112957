//! Forms that the contract accepts and the library's scanner refuses, made acceptable by a blank.
//!
//! The scanner says where it stopped. When the text there has one of the known forms, a blank is set and the text read
//! again. A blank in these places changes no value: it stands between a colon and what follows, or before the first
//! token of a line. Where it would hide a tab that the contract refuses, the reader still sees the tab.

use super::source::Source;

/// How many blanks one text may need.
const MOST: usize = 256;
/// How many bytes may be read again in all.
const MOST_BYTES: usize = 64 << 20;

/// Where a blank has been set: line (from 1) and column (from 0) in the text before.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    places: Vec<(u32, u32)>,
    bytes: usize,
}

impl Repairs {
    /// Whether nothing has been set.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Notes a blank; false when there have been too many.
    pub(super) fn note(&mut self, text: &str, offset: usize) -> bool {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.places.len() >= MOST || self.bytes > MOST_BYTES {
            return false;
        }
        let Some(before) = text.get(..offset) else { return false };
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = before.bytes().enumerate().fold(1_u32, |line, (at, byte)| {
            let ends = byte == b'\n' || (byte == b'\r' && text.as_bytes().get(at + 1) != Some(&b'\n'));
            line.saturating_add(u32::from(ends))
        });
        let column = before.get(line_start..).map_or(0, |prefix| prefix.chars().count());
        self.places.push((line, u32::try_from(column).unwrap_or(u32::MAX)));
        true
    }

    /// A position in the text as it was given.
    pub(super) fn original(&self, at: super::Position) -> super::Position {
        let set_before = |&&(line, column): &&(u32, u32)| line == at.line && column.saturating_add(1) < at.column;
        let shift = u32::try_from(self.places.iter().filter(set_before).count()).unwrap_or(0);
        super::Position { line: at.line, column: at.column.saturating_sub(shift).max(1) }
    }
}

/// Where a blank makes acceptable what the scanner stopped at, as a byte offset.
pub(super) fn place(source: &Source<'_>, line: usize, column: usize) -> Option<usize> {
    let line_start = source.line_start(line)?;
    let before = source.before(line, column)?;
    let rest = source.from(line, column)?;
    let here = line_start + before.len();

    // `{key:[a]}`: a colon right before a flow collection.
    if rest.starts_with(":[") || rest.starts_with(":{") {
        return Some(here + 1);
    }
    let leading = before.trim_start_matches([' ', '\t']);
    if leading.is_empty() {
        // A closing bracket that stands as far left as the key of its collection; a tab before the content of a flow
        // collection.
        let closes = rest.starts_with([']', '}']);
        return (closes || before.contains('\t')).then_some(line_start);
    }
    // `key:<tab>value`.
    let solid = before.trim_end_matches([' ', '\t']);
    (solid.ends_with(':') && before.len() > solid.len() && before.as_bytes().get(solid.len()) == Some(&b'\t'))
        .then(|| line_start + solid.len())
}
