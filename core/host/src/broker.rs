//! Credential brokers at work: the stub, the environment, a program (03 §10; group kill, bounds and separate standard
//! error: 00 D6). Only references to credentials pass through here, never the secrets.

mod program;

use gait_base::path;
use gait_base::text::split_csv;
use gait_gate::authority::broker::{
    BrokerFault, BrokerKind, BrokerRequest, BrokerResponse, DEFAULT_ENV_PREFIX, command_allowed, command_response,
    env_response, stub_response,
};
use gait_gate::mode::Mode;

use crate::clock::Clock;
use program::Program;
pub(crate) use program::locate;

/// The variable that lists the commands that may serve as brokers.
pub const ALLOW_LIST_VARIABLE: &str = "GAIT_CREDENTIAL_COMMAND_ALLOWLIST";

/// The variable that lists the variables which a broker's program sees in strict mode besides `PATH`, `HOME`, `LANG` and
/// `TMPDIR`. In compat mode a program sees the whole environment.
pub const COMMAND_ENVIRONMENT_VARIABLE: &str = "GAIT_CREDENTIAL_COMMAND_ENV";

/// Which broker is wanted, as flags, configuration and environment say it. All texts may be padded or blank.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrokerSettings<'a> {
    /// Its name: `off`, `none` or nothing; `stub`, `env`, `command`.
    pub broker: &'a str,
    /// What the variables of the `env` broker begin with; blank for the default.
    pub env_prefix: &'a str,
    /// The program of the `command` broker.
    pub command: &'a str,
    /// Its arguments, each as the program gets it; empty ones are dropped.
    pub command_arguments: &'a [String],
    /// The value of [`ALLOW_LIST_VARIABLE`]; a list that names nothing allows every program.
    pub allow_list: &'a str,
    /// The value of [`COMMAND_ENVIRONMENT_VARIABLE`]: names of variables, comma-separated.
    pub command_environment: &'a str,
}

/// A broker ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    source: Source,
    mode: Mode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Stub,
    Environment { prefix: String },
    Program(Program),
}

impl Broker {
    /// The broker that the settings name, or none.
    ///
    /// In strict mode the allow-list is exact, a program given by an absolute path is run by the cleaned path that was
    /// checked, it sees [few variables](COMMAND_ENVIRONMENT_VARIABLE), and answers of all brokers are read strictly.
    ///
    /// # Errors
    /// [`BrokerFault::UnknownBroker`], [`BrokerFault::CommandMissing`], [`BrokerFault::CommandNotAllowed`].
    pub fn choose(settings: &BrokerSettings<'_>, mode: Mode) -> Result<Option<Self>, BrokerFault> {
        let Some(kind) = BrokerKind::parse(settings.broker)? else { return Ok(None) };
        let source = match kind {
            BrokerKind::Stub => Source::Stub,
            BrokerKind::Env => {
                let prefix = match settings.env_prefix.trim() {
                    "" => DEFAULT_ENV_PREFIX,
                    prefix => prefix,
                };
                Source::Environment { prefix: prefix.to_owned() }
            }
            BrokerKind::Command => Source::Program(choose_program(settings, mode)?),
        };
        Ok(Some(Self { source, mode }))
    }

    /// Asks for a credential. `lookup` gives the values of environment variables.
    ///
    /// # Errors
    /// [`BrokerFault`]: every cause is a failure of issuing, which blocks; only the caller's log may tell them apart.
    pub fn issue(
        &self,
        request: BrokerRequest,
        clock: &dyn Clock,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<BrokerResponse, BrokerFault> {
        let request = request.normalized()?;
        match &self.source {
            Source::Stub => stub_response(&request, &clock.now()),
            Source::Environment { prefix } => env_response(prefix, &request, &clock.now(), lookup, self.mode),
            Source::Program(program) => {
                let (stdout, stderr) = program.ask(&request)?;
                command_response(&stdout, &stderr, &request, &clock.now(), self.mode)
            }
        }
    }
}

fn choose_program(settings: &BrokerSettings<'_>, mode: Mode) -> Result<Program, BrokerFault> {
    let program = settings.command.trim();
    if program.is_empty() {
        return Err(BrokerFault::CommandMissing);
    }
    if !command_allowed(program, settings.allow_list, mode) {
        return Err(BrokerFault::CommandNotAllowed);
    }
    let is_absolute = program.starts_with('/');
    Ok(Program {
        // `/a/link/../b` need not be the `/a/b` that the list was asked about.
        name: if mode.is_strict() && is_absolute { path::clean(program) } else { program.to_owned() },
        arguments: settings.command_arguments.iter().filter(|argument| !argument.is_empty()).cloned().collect(),
        environment: mode.is_strict().then(|| split_csv(settings.command_environment)),
    })
}

#[cfg(test)]
mod tests;
