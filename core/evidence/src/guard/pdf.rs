//! `summary.pdf`: one page, byte for byte the same for the same pack (05 §11.7).

use std::fmt::Write as _;

/// A text as it stands in a page: backslashes and parentheses are escaped.
///
/// ```
/// assert_eq!(gait_evidence::guard::pdf_escape("a(b)"), "a\\(b\\)");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '(' | ')') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A document of one page with these lines from its top.
pub(super) fn page<S: AsRef<str>>(lines: &[S]) -> Vec<u8> {
    let stream = content(lines);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "xref\n0 6\n0000000000 65535 f \n".to_owned();
    // Writing to a string cannot fail.
    for (object, number) in objects.iter().zip(1..) {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    let _ = write!(file, "{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

fn content<S: AsRef<str>>(lines: &[S]) -> String {
    let mut stream = "BT\n/F1 10 Tf\n50 760 Td\n".to_owned();
    for (position, line) in lines.iter().enumerate() {
        if position > 0 {
            stream.push_str("0 -14 Td\n");
        }
        let _ = writeln!(stream, "({}) Tj", escape(line.as_ref()));
    }
    stream.push_str("ET");
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_point_at_their_objects() {
        let file = String::from_utf8(page(&["one", "two (2)", "drei ü"])).unwrap();
        let table = &file[file.find("xref\n").unwrap()..];
        for (line, number) in table.lines().skip(3).take(5).zip(1..) {
            let offset: usize = line[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{number} 0 obj\n")), "{line}");
        }
        let start: usize = file.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(file[start..].starts_with("xref\n"));
        assert!(file.contains("(two \\(2\\)) Tj\n0 -14 Td\n"));
    }
}
