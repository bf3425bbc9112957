//! `policy fmt`: the normalized policy as YAML text (02 §13).
//!
//! The text reads back as the same policy, so that formatting never changes a digest (spec 00 D6): what would not
//! survive plain is quoted.

use gait_base::time::Timestamp;

use super::document::{PolicyDocument, Rule};
use super::restore::rule;
use super::source::{PolicySource, WindowSource};
use super::yaml::Plain;

/// The policy as YAML text.
pub(super) fn format(policy: &PolicyDocument) -> String {
    let mut out = YamlText::default();
    PolicySource::from(policy).emit(&mut out);
    out.text
}

/// What can be written as a YAML value.
pub(super) trait Emit {
    /// Writes the value behind a key or a dash, and the line end after it.
    fn emit(&self, out: &mut YamlText);
}

/// Where the next thing goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At the start of a line.
    #[default]
    Line,
    /// Behind `key:`.
    Key,
    /// Behind `- `.
    Dash,
}

/// YAML text in the making: block style, two spaces a level, list items in the column of their key.
#[derive(Debug, Default)]
pub(super) struct YamlText {
    text: String,
    indent: usize,
    /// The indents of the enclosing mappings.
    outer: Vec<usize>,
    place: Place,
}

impl YamlText {
    fn pad(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    /// Starts a mapping behind whatever stands there.
    pub(super) fn begin_mapping(&mut self) {
        self.outer.push(self.indent);
        match self.place {
            Place::Line => {}
            Place::Key => {
                self.text.push('\n');
                self.indent += 2;
                self.place = Place::Line;
            }
            Place::Dash => self.indent += 2,
        }
    }

    /// Ends a mapping.
    pub(super) fn end_mapping(&mut self) {
        self.indent = self.outer.pop().unwrap_or_default();
        self.place = Place::Line;
    }

    /// Starts a member.
    pub(super) fn key(&mut self, key: &str) {
        if self.place == Place::Line {
            self.pad(self.indent);
        }
        self.text.push_str(key);
        self.text.push(':');
        self.place = Place::Key;
    }

    fn word(&mut self, word: &str) {
        if self.place == Place::Key {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.text.push('\n');
        self.place = Place::Line;
    }

    fn list<T: Emit>(&mut self, items: &[T]) {
        if items.is_empty() {
            return self.word("[]");
        }
        self.text.push('\n');
        for item in items {
            self.pad(self.indent);
            self.text.push_str("- ");
            self.place = Place::Dash;
            item.emit(self);
        }
    }

    fn string(&mut self, text: &str) {
        if needs_quotes(text) {
            self.word(&quoted(text));
        } else if text.contains('\n') {
            self.word("|-");
            for line in text.split('\n') {
                if !line.is_empty() {
                    self.pad(self.indent + 2);
                }
                self.text.push_str(line);
                self.text.push('\n');
            }
        } else {
            self.word(text);
        }
    }
}

impl Emit for String {
    fn emit(&self, out: &mut YamlText) {
        out.string(self);
    }
}

impl Emit for i64 {
    fn emit(&self, out: &mut YamlText) {
        out.word(&self.to_string());
    }
}

impl Emit for bool {
    fn emit(&self, out: &mut YamlText) {
        out.word(if *self { "true" } else { "false" });
    }
}

impl Emit for f64 {
    fn emit(&self, out: &mut YamlText) {
        let digits = self.to_string();
        out.word(&if digits.contains('.') { digits } else { digits + ".0" });
    }
}

impl<T: Emit> Emit for Option<T> {
    fn emit(&self, out: &mut YamlText) {
        match self {
            Some(value) => value.emit(out),
            None => out.word("null"),
        }
    }
}

impl Emit for Vec<String> {
    fn emit(&self, out: &mut YamlText) {
        out.list(self);
    }
}

impl Emit for Rule {
    fn emit(&self, out: &mut YamlText) {
        rule(self).emit(out);
    }
}

impl Emit for Vec<Rule> {
    fn emit(&self, out: &mut YamlText) {
        out.list(self);
    }
}

impl Emit for Vec<WindowSource> {
    fn emit(&self, out: &mut YamlText) {
        out.list(self);
    }
}

/// Words that some reader takes for a bool or null.
const RESERVED: &[&str] = &[
    "null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES", "n",
    "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "-",
];

/// Whether a string must be quoted to stay a string.
fn needs_quotes(text: &str) -> bool {
    const OPENERS: [char; 17] = ['*', '&', '[', '{', '}', ']', ',', '!', '|', '>', '%', '\'', '"', '@', ' ', '`', '\t'];
    text.is_empty()
        || RESERVED.contains(&text)
        || text.starts_with(OPENERS)
        || text.ends_with([':', ' ', '\t'])
        || text.contains(['#', '\\'])
        || text.contains(": ")
        || text.contains("- ")
        || !matches!(Plain::of(text), Plain::Text)
        || is_timestamp(text)
        || would_break(text)
}

/// What the reference writes plain although it does not read back.
fn would_break(text: &str) -> bool {
    text.contains(|c: char| c == '\u{FEFF}' || (c.is_ascii_control() && c != '\n'))
        || text == "?"
        || text.starts_with("? ")
        || text.starts_with("?\n")
        || text.starts_with('\n')
        || text.ends_with('\n')
}

/// Whether a text reads as a date, a date and time with a zone or a blank between them, or hours and minutes.
fn is_timestamp(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if let Some((hour, minute)) = text.split_once(':')
        && text.len() <= 5
    {
        let below = |part: &str, limit: u8| {
            let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            digits && part.parse::<u8>().is_ok_and(|number| number < limit)
        };
        return below(hour, 24) && below(minute, 60);
    }
    let reads = |text: &str| Timestamp::parse(text).is_ok();
    match text.as_bytes().get(10) {
        None => text.len() == 10 && reads(&format!("{text}T00:00:00Z")),
        Some(b' ') => reads(&format!("{}Z", text.replacen(' ', "T", 1))),
        Some(_) => reads(text),
    }
}

/// A string in double quotes. What cannot be seen is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            _ if c.is_ascii() || is_printable(c) => out.push(c),
            _ if u32::from(c) > 0xFFFF => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            _ => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether a character has a shape of its own. A combining mark has one after a letter, hence the letter.
fn is_printable(c: char) -> bool {
    let after_letter: String = ['x', c].iter().collect();
    after_letter.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_strings() {
        for text in [
            "12e3",
            "08",
            "0x",
            "_1",
            "1.2.3",
            "1:2:3",
            "---",
            "...",
            "<<",
            "= x",
            ":x",
            "-x",
            "a,b",
            "a\"b",
            "don't",
            "x-y",
            "a:b",
            "<html>",
            "é",
            "2026-01-01T10:00:00",
            "25:00",
            "2026-13-01",
            "plain text",
            "+Inf",
            "?x",
        ] {
            assert!(!needs_quotes(text), "{text}");
        }
    }

    #[test]
    fn quoted_strings() {
        for text in [
            "1_",
            "1__0",
            ".1",
            "1.",
            "+5",
            "10:00",
            "a#b",
            "--- a",
            "",
            "-",
            "yes",
            "NO",
            "1.5e3",
            "0x1f",
            "end:",
            "15:4",
            "2026-01-01",
            "2026-01-01 10:00:00",
            "2026-01-01T10:00:00Z",
            "2026-01-01T10:00:00.5+02:00",
            "back\\slash",
            ".inf",
            "-.inf",
            ".nan",
            "a\tb",
            "a\rb",
            "? q",
            "?",
            "~",
            "a\n",
            "\u{FEFF}x",
        ] {
            assert!(needs_quotes(text), "{text}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(quoted("a\"\\\n\t\u{1}\u{a0}é\u{e000}"), "\"a\\\"\\\\\\n\\t\\x01\\u00a0é\\ue000\"");
        assert_eq!(quoted("\u{1F600}\u{E0001}"), "\"\u{1F600}\\U000e0001\"");
    }
}
