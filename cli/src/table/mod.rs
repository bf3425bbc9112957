//! The table of commands: the one place from which parsing, help, completions and the reference page come.
//!
//! A command is one [`Leaf`]: its words, flags, positionals and the function that runs it. Adding a command means one
//! file under `command/` and one entry in the table of its area.

mod approve;
mod delegate;
mod demo;
mod gate;
mod guard;
mod job;
mod keys;
mod kill_switch;
mod pack;
mod policy;
mod root;
mod run;
mod script;
mod session;
mod signing;
mod trace;
mod verify;
mod voice;

pub(crate) use root::SHELLS;

use crate::report::{Answer, Call};

/// Which arguments may stand where (01 §8.2, §8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first positional ends the flags.
    FlagsFirst,
    /// Flags and positionals may be mixed.
    Mixed,
    /// Nothing is parsed: every argument that does not start with `-` is a positional, `--json` counts wherever it
    /// stands, all else is ignored.
    Loose,
}

/// What the value of a flag is, and how it is read (01 §8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off; takes no separate value.
    Switch,
    /// Any text.
    Text,
    /// A signed 64-bit integer.
    Integer,
    /// A duration such as `1m30s`.
    Duration,
}

/// What a shell may offer as the value of a flag or positional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing in particular.
    Nothing,
    /// Names of files.
    Files,
    /// Names of folders.
    Folders,
    /// One of these words.
    Words(&'static [&'static str]),
}

/// A flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// How its value is read.
    pub kind: Kind,
    /// The word that stands for its value in the usage text; empty for a switch.
    pub value: &'static str,
    /// Its value when it is not given, as it would be typed.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// What a shell may offer as its value.
    pub offer: Offer,
}

impl Flag {
    /// A flag that is on or off, off by default.
    #[must_use]
    pub const fn switch(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Switch, value: "", default: "false", help, offer: Offer::Nothing }
    }

    /// A flag that takes a text.
    #[must_use]
    pub const fn text(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { name, kind: Kind::Text, value, default: "", help, offer: Offer::Nothing }
    }

    /// A flag that takes the path of a file.
    #[must_use]
    pub const fn file(name: &'static str, help: &'static str) -> Self {
        Self { offer: Offer::Files, ..Self::text(name, "FILE", help) }
    }

    /// A flag that takes the path of a folder.
    #[must_use]
    pub const fn folder(name: &'static str, help: &'static str) -> Self {
        Self { offer: Offer::Folders, ..Self::text(name, "DIR", help) }
    }

    /// A flag that takes the name of an environment variable.
    #[must_use]
    pub const fn variable(name: &'static str, help: &'static str) -> Self {
        Self::text(name, "VAR", help)
    }

    /// The same flag with a default, as it would be typed.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// The same flag with the words that it knows.
    #[must_use]
    pub const fn among(self, words: &'static [&'static str]) -> Self {
        Self { offer: Offer::Words(words), ..self }
    }

    /// Whether it takes a value, from after `=` or from the next argument.
    #[must_use]
    pub const fn takes_value(&self) -> bool {
        !matches!(self.kind, Kind::Switch)
    }
}

/// An argument that is not a flag.
#[derive(Clone, Copy, Debug)]
pub struct Positional {
    /// How it stands in the usage line, brackets and dots included.
    pub usage: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
    /// What a shell may offer for it.
    pub offer: Offer,
}

/// A command that does something.
#[derive(Debug)]
pub struct Leaf {
    /// Its words after `gait`.
    pub path: &'static [&'static str],
    /// What it does, in a few words, for lists.
    pub summary: &'static str,
    /// What it does, in one sentence: what `--explain` prints.
    pub sentence: &'static str,
    /// Its positionals, in order. A command without any refuses them before it runs.
    pub positionals: &'static [Positional],
    /// Whether its flags and positionals may be mixed.
    pub order: Order,
    /// Its own flags; [`COMMON`] come on top. A flag named `explain` makes `--explain` a flag of the command instead of the
    /// request for its sentence.
    pub flags: &'static [Flag],
    /// A JSON object: the members that its error output has beside the usual ones (01c); empty for none.
    pub error_members: &'static str,
    /// Whether the command is meant only if `--` is among its arguments; otherwise its words name a group.
    pub needs_dashes: bool,
    /// Runs it.
    pub(crate) run: fn(&Call<'_>) -> Answer,
}

impl Leaf {
    /// Its words, joined by blanks.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(" ")
    }

    /// The flag of that name (without dashes), its own or a common one; `h` is `help`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        let name = if name == "h" { "help" } else { name };
        self.flags.iter().find(|flag| flag.name == name).or_else(|| COMMON.iter().find(|flag| flag.name == name))
    }

    /// Whether its errors in text form go to standard error: those of the kill switch alone do (03 §1.2).
    #[must_use]
    pub fn complains_on_stderr(&self) -> bool {
        self.path.first() == Some(&"kill-switch")
    }

    /// The common flags that it has and does not declare itself.
    pub fn common_flags(&self) -> impl Iterator<Item = &'static Flag> {
        let own = self.flags;
        COMMON.iter().filter(move |flag| !own.iter().any(|mine| mine.name == flag.name))
    }
}

/// A word that only leads to commands.
#[derive(Debug)]
pub struct Group {
    /// Its words after `gait`.
    pub path: &'static [&'static str],
    /// What its commands are about, in a few words.
    pub summary: &'static str,
    /// The same in one sentence: what `--explain` prints.
    pub sentence: &'static str,
}

/// The flags that every command has.
pub static COMMON: [Flag; 3] = [
    Flag::switch("json", "print one line of JSON instead of text"),
    Flag::switch("strict", "refuse what compatibility lets pass (also GAIT_STRICT=1)"),
    Flag::switch("help", "print this help"),
];

/// One line that says what the whole program is.
pub const SENTENCE: &str = "gait decides, before an agent's tool call runs, whether it may, and leaves signed evidence of the answer that anyone can verify offline.";

/// The tables of the areas, in the order in which help lists them.
static AREAS: &[&[Leaf]] = &[
    gate::LEAVES,
    policy::LEAVES,
    trace::LEAVES,
    run::LEAVES,
    verify::LEAVES,
    session::LEAVES,
    demo::LEAVES,
    approve::LEAVES,
    delegate::LEAVES,
    script::LEAVES,
    kill_switch::LEAVES,
    voice::LEAVES,
    job::LEAVES,
    pack::LEAVES,
    guard::LEAVES,
    keys::LEAVES,
    root::LEAVES,
];

/// Every group.
static GROUPS: &[&Group] = &[
    &gate::GROUP,
    &policy::GROUP,
    &trace::GROUP,
    &run::GROUP,
    &session::GROUP,
    &delegate::GROUP,
    &kill_switch::GROUP,
    &voice::GROUP,
    &voice::TOKEN_GROUP,
    &pack::VOICE_GROUP,
    &job::GROUP,
    &job::CHECKPOINT_GROUP,
    &pack::GROUP,
    &guard::GROUP,
    &guard::INCIDENT_GROUP,
    &keys::GROUP,
];

/// Flags that have another name now: the command, the old spelling and the new one (01 §7.5).
static RENAMED_FLAGS: &[(&[&str], &str, &str)] = &[(&["capture"], "--save-as", "--out")];

/// The old and the new spelling of the first renamed flag among a command's words, wherever it stands.
pub fn renamed_flag<S: AsRef<str>>(leaf: &Leaf, words: &[S]) -> Option<(&'static str, &'static str)> {
    let spells = |word: &str, old: &str| {
        word.trim().strip_prefix(old).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let own = RENAMED_FLAGS.iter().filter(|(path, ..)| *path == leaf.path);
    own.map(|&(_, old, new)| (old, new)).find(|(old, _)| words.iter().any(|word| spells(word.as_ref(), old)))
}

/// Every command, in the order in which help lists them.
pub fn leaves() -> impl Iterator<Item = &'static Leaf> {
    AREAS.iter().flat_map(|area| area.iter())
}

/// Every group.
pub fn groups() -> impl Iterator<Item = &'static Group> {
    GROUPS.iter().copied()
}

/// What some words after `gait` name.
#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// A command that does something.
    Leaf(&'static Leaf),
    /// A word that only leads to commands.
    Group(&'static Group),
}

impl Node {
    /// Its words after `gait`.
    #[must_use]
    pub const fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Leaf(leaf) => leaf.path,
            Self::Group(group) => group.path,
        }
    }

    /// What `--explain` prints.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Leaf(leaf) => leaf.sentence,
            Self::Group(group) => group.sentence,
        }
    }
}

/// Finds the command or group that the first of `words` name, as deep as they lead. The words after the path of the
/// node found are its arguments.
#[must_use]
pub fn find<S: AsRef<str>>(words: &[S]) -> Option<Node> {
    let leads = |path: &[&str]| path.len() <= words.len() && path.iter().zip(words).all(|(a, b)| *a == b.as_ref());
    let leaf = leaves()
        .filter(|leaf| leads(leaf.path))
        .filter(|leaf| !leaf.needs_dashes || words.iter().any(|word| word.as_ref() == "--"))
        .max_by_key(|leaf| leaf.path.len());
    let group = groups().filter(|group| leads(group.path)).max_by_key(|group| group.path.len());
    match (leaf, group) {
        (Some(leaf), Some(group)) if group.path.len() > leaf.path.len() => Some(Node::Group(group)),
        (Some(leaf), _) => Some(Node::Leaf(leaf)),
        (None, group) => group.map(Node::Group),
    }
}

/// The words that may follow `path`, each with its summary, in the order of the lists.
#[must_use]
pub fn children(path: &[&str]) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&'static str, &'static str)> = Vec::new();
    for leaf in leaves() {
        let Some((next, rest)) = below(leaf.path, path).and_then(<[_]>::split_first) else { continue };
        if found.iter().any(|(word, _)| word == next) {
            continue;
        }
        let group = groups().find(|group| below(group.path, path) == Some(&[*next]));
        let summary = match group {
            Some(group) => group.summary,
            None if rest.is_empty() => leaf.summary,
            None => "",
        };
        found.push((next, summary));
    }
    found
}

/// What of `path` comes after `prefix`; nothing when it does not begin with it.
fn below(path: &'static [&'static str], prefix: &[&str]) -> Option<&'static [&'static str]> {
    let begins = path.len() >= prefix.len() && path.iter().zip(prefix).all(|(a, b)| a == b);
    if begins { path.get(prefix.len()..) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_flags_are_unique() {
        let mut names: Vec<String> = leaves().map(Leaf::name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for leaf in leaves() {
            let mut flags: Vec<&str> = leaf.flags.iter().map(|flag| flag.name).collect();
            let all = flags.len();
            flags.sort_unstable();
            flags.dedup();
            assert_eq!(flags.len(), all, "{}", leaf.name());
        }
    }

    #[test]
    fn every_group_leads_somewhere_and_every_leaf_has_its_group() {
        for group in groups() {
            assert!(!children(group.path).is_empty(), "{:?}", group.path);
        }
        for leaf in leaves().filter(|leaf| leaf.path.len() > 1) {
            let above = &leaf.path[..leaf.path.len() - 1];
            assert!(find(above).is_some(), "{}", leaf.name());
        }
    }

    #[test]
    fn approve_is_a_command_with_commands_below_it() {
        let path = |words: &[&str]| find(words).map(|node| node.path());
        assert_eq!(path(&["approve", "--ttl", "1h"]), Some(&["approve"][..]));
        assert_eq!(path(&["approve", "stray"]), Some(&["approve"][..]));
        assert_eq!(path(&["approve", "--json", "verify"]), Some(&["approve"][..]));
        assert_eq!(path(&["approve", "verify", "--json"]), Some(&["approve", "verify"][..]));
        assert_eq!(children(&["approve"]).iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["verify", "inspect"]);
    }

    #[test]
    fn trace_is_a_wrapper_only_with_dashes() {
        assert!(matches!(find(&["trace"]), Some(Node::Group(_))));
        assert!(matches!(find(&["trace", "--", "ls"]), Some(Node::Leaf(leaf)) if leaf.path == ["trace"]));
        assert!(
            matches!(find(&["trace", "verify", "--", "x"]), Some(Node::Leaf(leaf)) if leaf.path == ["trace", "verify"])
        );
        assert!(find(&["bogus"]).is_none());
    }

    #[test]
    fn sentences_are_sentences() {
        let all = leaves().map(|leaf| leaf.sentence).chain(groups().map(|group| group.sentence)).chain([SENTENCE]);
        for sentence in all {
            assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
        }
    }

    #[test]
    fn error_members_are_objects() {
        for leaf in leaves().filter(|leaf| !leaf.error_members.is_empty()) {
            let value: serde_json::Value = serde_json::from_str(leaf.error_members).unwrap();
            assert!(value.is_object());
        }
    }
}
