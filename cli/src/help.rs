//! Help pages, from the table (00 D2).

use std::fmt::Write as _;

use owo_colors::OwoColorize;

use crate::table::{self, COMMON, Flag, Kind, Leaf, Node};
use crate::text::Text;

/// The page of the command or group at `path`, or of the nearest known one above it.
pub(crate) fn page<S: AsRef<str>>(path: &[S]) -> Text {
    // Words that only need dashes to be a command are shown by the page of the group, which leads further.
    let mut out = String::new();
    match table::find(path) {
        Some(Node::Leaf(leaf)) => leaf_page(&mut out, leaf),
        Some(Node::Group(group)) => {
            overview(&mut out, group.path, group.sentence);
            for leaf in table::leaves().filter(|leaf| leaf.path == group.path) {
                heading(&mut out, &format!("{} {}", leaf.name(), positionals(leaf)));
                wrapped(&mut out, "  ", leaf.sentence);
                flags(&mut out, leaf.flags.iter());
            }
            let _ = write!(out, "\nMore on each: gait help {} COMMAND", group.path.join(" "));
        }
        None => {
            overview(&mut out, &[], table::SENTENCE);
            heading(&mut out, "flags of every command");
            flags(&mut out, COMMON.iter());
            let _ = write!(out, "\nMore on each: gait help COMMAND");
        }
    }
    Text::verbatim(out)
}

/// `gait WORDS [flags] POSITIONALS`.
pub(crate) fn usage_line(leaf: &Leaf) -> String {
    let line = format!("gait {} [flags] {}", leaf.name(), positionals(leaf));
    line.trim_end().to_owned()
}

fn positionals(leaf: &Leaf) -> String {
    leaf.positionals.iter().map(|one| one.usage).collect::<Vec<_>>().join(" ")
}

/// `--name VALUE`, with both names of help.
pub(crate) fn flag_usage(flag: &Flag) -> String {
    match flag.name {
        "help" => "-h, --help".to_owned(),
        name => format!("--{name} {}", flag.value).trim_end().to_owned(),
    }
}

/// What a flag does, and its default if it has one that is worth saying.
pub(crate) fn flag_help(flag: &Flag) -> String {
    match (flag.kind, flag.default) {
        (_, "") | (Kind::Switch, "false") => flag.help.to_owned(),
        (_, default) => format!("{} (default: {default})", flag.help),
    }
}

fn leaf_page(out: &mut String, leaf: &Leaf) {
    wrapped(out, "", leaf.sentence);
    heading(out, "usage");
    let _ = writeln!(out, "  {}", usage_line(leaf));
    if !leaf.positionals.is_empty() {
        heading(out, "arguments");
        columns(
            out,
            &leaf.positionals.iter().map(|one| (one.usage.to_owned(), one.help.to_owned())).collect::<Vec<_>>(),
        );
    }
    if !leaf.flags.is_empty() {
        heading(out, "flags");
        flags(out, leaf.flags.iter());
    }
    heading(out, "flags of every command");
    flags(out, leaf.common_flags());
    if !table::children(leaf.path).is_empty() {
        heading(out, "commands");
        children(out, leaf.path);
        let _ = write!(out, "\nMore on each: gait help {} COMMAND", leaf.name());
    }
}

fn overview(out: &mut String, path: &[&str], sentence: &str) {
    wrapped(out, "", sentence);
    heading(out, "usage");
    let words: Vec<&str> = std::iter::once("gait").chain(path.iter().copied()).chain(["COMMAND …"]).collect();
    let _ = writeln!(out, "  {}", words.join(" "));
    heading(out, "commands");
    children(out, path);
}

fn children(out: &mut String, path: &[&str]) {
    let rows: Vec<_> =
        table::children(path).into_iter().map(|(word, summary)| (word.to_owned(), summary.to_owned())).collect();
    columns(out, &rows);
}

fn heading(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{}", format_args!("{title}:").bold());
}

fn flags<'a>(out: &mut String, flags: impl Iterator<Item = &'a Flag>) {
    columns(out, &flags.map(|flag| (flag_usage(flag), flag_help(flag))).collect::<Vec<_>>());
}

/// Two columns, the first as wide as its widest entry up to a limit; wider entries push their text to the next line.
fn columns(out: &mut String, rows: &[(String, String)]) {
    const WIDEST: usize = 34;
    let width = |text: &str| text.chars().count();
    let column = rows.iter().map(|(left, _)| width(left)).filter(|&left| left <= WIDEST).max().unwrap_or(WIDEST);
    for (left, right) in rows {
        let pad = column.saturating_sub(width(left));
        if width(left) > column {
            let _ = writeln!(out, "  {}\n  {:column$}  {right}", left.cyan(), "");
        } else {
            let _ = writeln!(out, "  {}{:pad$}  {right}", left.cyan(), "");
        }
    }
}

/// Breaks a sentence into lines of readable length.
fn wrapped(out: &mut String, indent: &str, sentence: &str) {
    const LENGTH: usize = 90;
    let mut line = String::new();
    for word in sentence.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LENGTH {
            let _ = writeln!(out, "{indent}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{indent}{line}");
}
