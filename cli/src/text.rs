//! Text for a person: the first words and `key=value` parts that scripts read (01 §7.6), colours where they help.
//!
//! Colours are written as terminal sequences; the output removes them unless it goes to a terminal that wants them. What
//! comes from files or arguments has its control characters made visible, so that it can neither colour nor move the cursor.

use std::fmt::Write as _;

use owo_colors::{OwoColorize, Style};

/// The text of one output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    out: String,
    /// What goes to standard error: only what a child wrote there.
    err: String,
}

impl Text {
    /// `<command> ok:`, to be followed by pairs.
    pub(crate) fn ok(command: &str) -> Self {
        Self::head(command, "ok", Style::new().green())
    }

    /// `<command>`, to be followed by pairs.
    pub(crate) fn summary(command: &str) -> Self {
        let mut text = Self::default();
        text.put(format_args!("{}", command.bold()));
        text
    }

    /// `<command> failed:`: it did what it was asked for, and the answer is no.
    pub(crate) fn failed(command: &str) -> Self {
        Self::head(command, "failed", Style::new().red())
    }

    /// `<command> error: <text>`.
    pub(crate) fn error(command: &str, text: &str) -> Self {
        Self::head(command, "error", Style::new().red().bold()).words(text)
    }

    /// Text printed as it is, such as a script for a shell.
    pub(crate) fn verbatim(text: impl Into<String>) -> Self {
        Self { out: text.into(), err: String::new() }
    }

    fn head(command: &str, status: &str, style: Style) -> Self {
        let mut text = Self::default();
        text.put(format_args!("{command} {}:", status.style(style)));
        text
    }

    /// The start of a line: its label and a colon.
    pub(crate) fn label(mut self, label: &str) -> Self {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.put(format_args!("{}", format_args!("{label}:").bold()));
        self
    }

    /// A blank and a word or more.
    pub(crate) fn words(mut self, text: &str) -> Self {
        self.put(format_args!(" {}", visible(text)));
        self
    }

    /// A blank and `name=value`.
    pub(crate) fn pair(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.put(format_args!(" {}{}", format_args!("{name}=").dimmed(), visible(&value.to_string())));
        self
    }

    /// A blank and `name=verdict`, the verdict in its colour.
    pub(crate) fn verdict(mut self, name: &str, verdict: &str) -> Self {
        let style = match verdict {
            "allow" => Style::new().green(),
            "dry_run" => Style::new().cyan(),
            "require_approval" => Style::new().yellow(),
            _ => Style::new().red(),
        };
        self.put(format_args!(" {}{}", format_args!("{name}=").dimmed(), visible(verdict).style(style)));
        self
    }

    /// A further line `label: text`.
    pub(crate) fn line(self, label: &str, text: &str) -> Self {
        self.label(label).words(text)
    }

    /// A further line for each text, all with the same label.
    pub(crate) fn lines<S: AsRef<str>>(self, label: &str, texts: &[S]) -> Self {
        texts.iter().fold(self, |text, item| text.line(label, item.as_ref()))
    }

    /// A blank line and another text.
    pub(crate) fn append(mut self, other: Self) -> Self {
        self.out.push_str("\n\n");
        self.out.push_str(&other.out);
        self
    }

    /// The same after what a child wrote.
    pub(crate) fn after(mut self, stdout: &str, stderr: &str) -> Self {
        let separator = if stdout.is_empty() || stdout.ends_with('\n') { "" } else { "\n" };
        self.out = format!("{stdout}{separator}{}", self.out);
        stderr.clone_into(&mut self.err);
        self
    }

    /// What goes to standard error.
    pub(crate) fn error_output(&self) -> &str {
        &self.err
    }

    /// The text with its terminal sequences, ending in a newline.
    pub(crate) fn finish(mut self) -> String {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

/// `text` with its control characters written out; line breaks become blanks.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: Text) -> String {
        anstream::adapter::strip_str(&text.finish()).to_string()
    }

    #[test]
    fn heads_pairs_and_lines() {
        let text = Text::ok("keys init").pair("key_id", "ab").pair("public", "k.pub").line("note", "mind\nit");
        assert_eq!(plain(text), "keys init ok: key_id=ab public=k.pub\nnote: mind it\n");
        assert_eq!(plain(Text::error("gate eval", "no policy")), "gate eval error: no policy\n");
        assert_eq!(plain(Text::default().label("gate eval").verdict("verdict", "block")), "gate eval: verdict=block\n");
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\u{9b}"), "a\\u{1b}[31mb\\u{202e}c\\u{9b}");
    }
}
