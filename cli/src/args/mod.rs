//! Arguments: the flag rules of 01 §8.2 and §8.3, which no stock parser follows.
//!
//! One or two dashes, `=` or the next word, the last one wins, the first positional or `--` ends the flags; commands that
//! allow it have their arguments sorted into flags and positionals first.

mod number;
mod order;
mod quote;

pub use number::{NumberError, parse_integer};

use gait_base::duration::parse_duration;

use crate::table::{Flag, Kind, Leaf, Order};
use quote::quoted;

/// The value that a flag was given.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Switch(bool),
    Text(String),
    Integer(i64),
    /// Nanoseconds.
    Duration(i64),
}

/// The arguments of a command, read by its flags.
#[derive(Clone, Debug)]
pub struct Arguments {
    leaf: &'static Leaf,
    given: Vec<(&'static str, Value)>,
    positionals: Vec<String>,
}

/// Arguments that a command's flags cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct UsageError {
    /// What is wrong; the wording is part of the contract (01 §8.2).
    pub text: String,
    /// Whether `--json` had been read before the fault was met.
    pub json: bool,
    /// Whether `--strict` had been read before the fault was met.
    pub strict: bool,
}

impl Arguments {
    /// Reads `words`, the arguments after a command's own words.
    ///
    /// # Errors
    /// At the first unknown flag, missing or unreadable value.
    pub fn parse(leaf: &'static Leaf, words: &[String]) -> Result<Self, UsageError> {
        let mut arguments = Self { leaf, given: Vec::new(), positionals: Vec::new() };
        let outcome = match leaf.order {
            Order::Loose => {
                arguments.read_loosely(words);
                Ok(())
            }
            Order::FlagsFirst => arguments.read(&mut words.iter().map(String::as_str)),
            Order::Mixed => arguments.read(&mut order::flags_first(leaf, words).into_iter()),
        };
        match outcome {
            Ok(()) => Ok(arguments),
            Err(text) => Err(UsageError { text, json: arguments.flag("json"), strict: arguments.flag("strict") }),
        }
    }

    fn read_loosely(&mut self, words: &[String]) {
        if words.iter().any(|word| word.trim() == "--json") {
            self.given.push(("json", Value::Switch(true)));
        }
        self.positionals = words.iter().filter(|word| !word.starts_with('-')).cloned().collect();
    }

    fn read(&mut self, words: &mut dyn Iterator<Item = &str>) -> Result<(), String> {
        while let Some(word) = words.next() {
            let Some(token) = word.strip_prefix('-').filter(|token| !token.is_empty()) else {
                self.positionals.push(word.to_owned());
                break;
            };
            if token == "-" {
                break;
            }
            let token = token.strip_prefix('-').unwrap_or(token);
            if token.starts_with(['-', '=']) {
                return Err(format!("bad flag syntax: {word}"));
            }
            let (name, attached) = match token.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (token, None),
            };
            let Some(flag) = self.leaf.flag(name) else {
                return Err(format!("flag provided but not defined: -{name}"));
            };
            let value = if flag.takes_value() {
                let Some(value) = attached.or_else(|| words.next()) else {
                    return Err(format!("flag needs an argument: -{name}"));
                };
                read_value(flag.kind, value)
                    .map_err(|why| format!("invalid value {} for flag -{name}: {why}", quoted(value)))?
            } else {
                match attached {
                    None => Value::Switch(true),
                    Some(value) => Value::Switch(parse_switch(value).ok_or_else(|| {
                        format!("invalid boolean value {} for -{name}: {}", quoted(value), NumberError::Syntax)
                    })?),
                }
            };
            self.given.retain(|(earlier, _)| *earlier != flag.name);
            self.given.push((flag.name, value));
        }
        self.positionals.extend(words.map(str::to_owned));
        Ok(())
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.switch(name).unwrap_or_else(|| self.default(name) == "true")
    }

    /// What a switch was set to; nothing when it was not given.
    fn switch(&self, name: &str) -> Option<bool> {
        match self.value(name) {
            Some(Value::Switch(on)) => Some(*on),
            _ => None,
        }
    }

    /// The text of a flag, its default when not given.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Some(Value::Text(text)) => text,
            _ => self.default(name),
        }
    }

    /// The number of a flag, its default when not given.
    #[must_use]
    pub fn integer(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(Value::Integer(number)) => *number,
            _ => parse_integer(self.default(name)).unwrap_or_default(),
        }
    }

    /// The nanoseconds of a flag, its default when not given.
    #[must_use]
    pub fn nanoseconds(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(Value::Duration(nanoseconds)) => *nanoseconds,
            _ => parse_duration(self.default(name)).unwrap_or_default(),
        }
    }

    /// The positionals.
    #[must_use]
    pub fn positionals(&self) -> &[String] {
        &self.positionals
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    fn default(&self, name: &str) -> &'static str {
        let flag: Option<&'static Flag> = self.leaf.flag(name);
        debug_assert!(flag.is_some(), "the table has no --{name} for gait {}", self.leaf.name());
        flag.map_or("", |flag| flag.default)
    }
}

fn read_value(kind: Kind, value: &str) -> Result<Value, NumberError> {
    match kind {
        Kind::Switch => parse_switch(value).map(Value::Switch).ok_or(NumberError::Syntax),
        Kind::Text => Ok(Value::Text(value.to_owned())),
        Kind::Integer => parse_integer(value).map(Value::Integer),
        Kind::Duration => parse_duration(value).map(Value::Duration).map_err(|_| NumberError::Syntax),
    }
}

/// The twelve spellings of on and off.
fn parse_switch(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
