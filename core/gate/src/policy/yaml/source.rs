//! From the scanner's lines and columns to places in the text.

/// A text and where its lines begin.
pub(super) struct Source<'s> {
    text: &'s str,
    /// Byte offsets of line starts; made when first asked for.
    lines: std::cell::OnceCell<Vec<usize>>,
}

impl<'s> Source<'s> {
    pub(super) const fn new(text: &'s str) -> Self {
        Self { text, lines: std::cell::OnceCell::new() }
    }

    /// Line starts by the scanner's rule: LF, CR LF and a lone CR each end a line.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for (at, &byte) in bytes.iter().enumerate() {
                if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                    starts.push(at + 1);
                }
            }
            starts
        })
    }

    /// The byte offset where a line (from 1) begins.
    pub(super) fn line_start(&self, line: usize) -> Option<usize> {
        self.lines().get(line.checked_sub(1)?).copied()
    }

    /// The text of a line before a column (from 0, in characters).
    pub(super) fn before(&self, line: usize, column: usize) -> Option<&'s str> {
        let rest = self.text.get(self.line_start(line)?..)?;
        let length = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
        rest.get(..length)
    }

    /// The byte offset of a line and column.
    pub(super) fn offset(&self, line: usize, column: usize) -> Option<usize> {
        Some(self.line_start(line)? + self.before(line, column)?.len())
    }

    /// The text from a line and column on.
    pub(super) fn from(&self, line: usize, column: usize) -> Option<&'s str> {
        self.text.get(self.offset(line, column)?..)
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn finds_lines_and_columns() {
        let source = Source::new("é: a\r\nb\rc");
        assert_eq!(source.before(1, 2), Some("é:"));
        assert_eq!(source.offset(1, 3), Some(4));
        assert_eq!(source.from(2, 0), Some("b\rc"));
        assert_eq!(source.from(3, 0), Some("c"));
        assert_eq!(source.from(4, 0), None);
    }
}
