//! Which broker is meant, and which commands may serve as one (03 §10.1).

use gait_base::path;
use gait_base::text::{split_csv, trim_fold};

use super::BrokerFault;

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
/// allows every command; else the cleaned command, or its last segment, must be on it.
#[must_use]
pub fn command_allowed(command: &str, allow_list: &str) -> bool {
    let allowed: Vec<String> = split_csv(allow_list).iter().map(|entry| path::clean(entry)).collect();
    if allowed.is_empty() {
        return true;
    }
    let command = path::clean(command.trim());
    let name = match command.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name,
        _ => command.as_str(),
    };
    allowed.iter().any(|entry| *entry == command || entry == name)
}
