//! Which broker is meant, and which commands may serve as one (03 §10.1).

use gait_base::path;
use gait_base::text::{split_csv, trim_fold};

use super::BrokerFault;
use crate::mode::Mode;

/// The kinds of brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BrokerKind {
    /// Makes up a reference; for tests and dry runs.
    Stub,
    /// Takes the credential from an environment variable.
    Env,
    /// Runs a program.
    Command,
}

impl BrokerKind {
    /// The broker of that name; none for nothing, `off` and `none`. Case and padding do not matter.
    ///
    /// # Errors
    /// [`BrokerFault::UnknownBroker`].
    pub fn parse(name: &str) -> Result<Option<Self>, BrokerFault> {
        match trim_fold(name).as_str() {
            "" | "off" | "none" => Ok(None),
            "stub" => Ok(Some(Self::Stub)),
            "env" => Ok(Some(Self::Env)),
            "command" => Ok(Some(Self::Command)),
            _ => Err(BrokerFault::UnknownBroker),
        }
    }

    /// The broker's name: what it is called where an answer names no issuer.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stub => "stub",
            Self::Env => "env",
            Self::Command => "command",
        }
    }
}

/// Whether the command may serve as a broker under a comma-separated list of allowed ones. A list that names nothing
/// allows every command.
///
/// In compat mode the cleaned command, or its last segment, must be on the list, so that `sh` admits `/opt/evil/sh`. In
/// strict mode a plain name admits only that plain name, which is found through `PATH`, and a path only an absolute one
/// that cleans to the same: where a relative path leads is the caller's working folder's choice, not the list's.
#[must_use]
pub fn command_allowed(command: &str, allow_list: &str, mode: Mode) -> bool {
    let entries = split_csv(allow_list);
    if entries.is_empty() {
        return true;
    }
    let command = command.trim();
    if mode.is_strict() {
        return match command.contains('/') {
            false => entries.iter().any(|entry| entry == command),
            true if !command.starts_with('/') => false,
            true => {
                let command = path::clean(command);
                entries.iter().any(|entry| entry.starts_with('/') && path::clean(entry) == command)
            }
        };
    }
    let allowed: Vec<String> = entries.iter().map(|entry| path::clean(entry)).collect();
    let command = path::clean(command);
    let name = match command.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name,
        _ => command.as_str(),
    };
    allowed.iter().any(|entry| *entry == command || entry == name)
}
