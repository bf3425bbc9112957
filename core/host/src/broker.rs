//! Credential brokers at work: the stub, the environment, a program (03 §10; group kill, bounds and separate standard
//! error: 00 D6). Only references to credentials pass through here, never the secrets.

use std::process::Command;
use std::time::Duration;

use gait_base::text::split_csv;
use gait_gate::authority::broker::{
    BrokerFault, BrokerKind, BrokerRequest, BrokerResponse, COMMAND_OUTPUT_LIMIT, COMMAND_SECONDS, DEFAULT_ENV_PREFIX,
    check_command, command_allowed, command_response, env_response, stub_response,
};

use crate::clock::Clock;
use crate::process::{self, Bounds, Capture};

/// The variable that lists the commands that may serve as brokers.
pub const ALLOW_LIST_VARIABLE: &str = "GAIT_CREDENTIAL_COMMAND_ALLOWLIST";

/// Which broker is wanted, as flags, configuration and environment say it. All texts may be padded or blank.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrokerSettings<'a> {
    /// Its name: `off`, `none` or nothing; `stub`, `env`, `command`.
    pub broker: &'a str,
    /// What the variables of the `env` broker begin with; blank for the default.
    pub env_prefix: &'a str,
    /// The program of the `command` broker.
    pub command: &'a str,
    /// Its arguments, comma-separated; empty ones are dropped.
    pub command_arguments: &'a str,
    /// The value of [`ALLOW_LIST_VARIABLE`]; a list that names nothing allows every program.
    pub allow_list: &'a str,
}

/// A broker ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broker {
    /// Makes up a reference.
    Stub,
    /// Looks into the environment.
    Env {
        /// What the variables begin with.
        prefix: String,
    },
    /// Asks a program.
    Command {
        /// The program; looked up in `PATH` when it holds no slash.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

impl Broker {
    /// The broker that the settings name, or none.
    ///
    /// # Errors
    /// [`BrokerFault::UnknownBroker`], [`BrokerFault::CommandMissing`], [`BrokerFault::CommandNotAllowed`].
    pub fn choose(settings: &BrokerSettings<'_>) -> Result<Option<Self>, BrokerFault> {
        let Some(kind) = BrokerKind::parse(settings.broker)? else { return Ok(None) };
        Ok(Some(match kind {
            BrokerKind::Stub => Self::Stub,
            BrokerKind::Env => {
                let prefix = match settings.env_prefix.trim() {
                    "" => DEFAULT_ENV_PREFIX,
                    prefix => prefix,
                };
                Self::Env { prefix: prefix.to_owned() }
            }
            BrokerKind::Command => {
                let program = settings.command.trim();
                if program.is_empty() {
                    return Err(BrokerFault::CommandMissing);
                }
                if !command_allowed(program, settings.allow_list) {
                    return Err(BrokerFault::CommandNotAllowed);
                }
                Self::Command { program: program.to_owned(), arguments: split_csv(settings.command_arguments) }
            }
        }))
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
        match self {
            Self::Stub => stub_response(&request, &clock.now()),
            Self::Env { prefix } => env_response(prefix, &request, &clock.now(), lookup),
            Self::Command { program, arguments } => {
                let (stdout, stderr) = ask_program(program, arguments, &request)?;
                command_response(&stdout, &stderr, &request, &clock.now())
            }
        }
    }
}

fn ask_program(
    program: &str,
    arguments: &[String],
    request: &BrokerRequest,
) -> Result<(Vec<u8>, Vec<u8>), BrokerFault> {
    let program = check_command(program)?;
    let question = request.wire_form()?;
    let bounds = Bounds {
        stdin: &question,
        timeout: Duration::from_secs(COMMAND_SECONDS),
        grace: Duration::ZERO,
        capture: Capture::Together(COMMAND_OUTPUT_LIMIT),
    };
    let finished =
        process::run(Command::new(program).args(arguments), &bounds).map_err(|_| BrokerFault::CommandFailed)?;
    if finished.timed_out {
        Err(BrokerFault::CommandTimedOut)
    } else if finished.overflowed {
        Err(BrokerFault::OutputTooLarge)
    } else if finished.exit_code != 0 {
        Err(BrokerFault::CommandFailed)
    } else {
        Ok((finished.stdout, finished.stderr))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use gait_base::time::Timestamp;

    use super::*;
    use crate::clock::FixedClock;

    const NOTHING: &dyn Fn(&str) -> Option<String> = &|_| None;

    fn clock() -> FixedClock {
        FixedClock::new(Timestamp::EPOCH_1980)
    }

    fn request() -> BrokerRequest {
        BrokerRequest { tool_name: "Tool.Write".into(), identity: "alice".into(), ..BrokerRequest::default() }
    }

    fn ask(script: &str) -> Result<BrokerResponse, BrokerFault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broker");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        // Through the shell, so that a file that was just written need not be executed.
        let broker = Broker::Command { program: "sh".into(), arguments: vec![path.to_str().unwrap().to_owned()] };
        broker.issue(request(), &clock(), NOTHING)
    }

    #[test]
    fn choices() {
        let choose = |broker, command, allow_list| {
            Broker::choose(&BrokerSettings { broker, command, allow_list, command_arguments: "a,, b", env_prefix: " " })
        };
        for name in ["", " OFF ", "none"] {
            assert_eq!(choose(name, "", "x"), Ok(None));
        }
        assert_eq!(choose("Stub", "", ""), Ok(Some(Broker::Stub)));
        assert_eq!(choose("env", "", ""), Ok(Some(Broker::Env { prefix: DEFAULT_ENV_PREFIX.into() })));
        let command = Broker::Command { program: "bin/b".into(), arguments: vec!["a".into(), "b".into()] };
        assert_eq!(choose("command", " bin/b ", " ./b, x"), Ok(Some(command)));
        assert_eq!(choose("command", "bin/b", "c"), Err(BrokerFault::CommandNotAllowed));
        assert_eq!(choose("command", " ", ""), Err(BrokerFault::CommandMissing));
        assert_eq!(choose("vault", "", ""), Err(BrokerFault::UnknownBroker));
    }

    #[test]
    fn stub_and_environment_answer() {
        let response = Broker::Stub.issue(request(), &clock(), NOTHING).unwrap();
        assert!(response.credential_ref.starts_with("stub:"));
        let broker = Broker::Env { prefix: "P_".into() };
        let lookup = |name: &str| (name == "P_TOOL_WRITE").then(|| " secret ".to_owned());
        let response = broker.issue(request(), &clock(), &lookup).unwrap();
        assert!(
            response.credential_ref.starts_with("env:P_TOOL_WRITE:") && !response.credential_ref.contains("secret")
        );
        assert_eq!(broker.issue(request(), &clock(), NOTHING), Err(BrokerFault::VariableMissing));
    }

    #[test]
    fn a_program_reads_the_question_and_answers() {
        let script = r#"q=$(cat); case "$q" in '{"ToolName":"tool.write","Identity":"alice"'*) ;; *) exit 9;; esac
            echo '{"credential_ref":"ref:1"}'"#;
        let response = ask(script).unwrap();
        assert_eq!((response.credential_ref.as_str(), response.issued_by.as_str()), ("ref:1", "command"));
    }

    #[test]
    fn a_program_fails_in_many_ways() {
        let answer = r#"echo '{"credential_ref":"ref:1"}'"#;
        assert_eq!(ask(&format!("{answer}; echo careful >&2")), Err(BrokerFault::CommandFailed));
        assert_eq!(ask(&format!("{answer}; exit 3")), Err(BrokerFault::CommandFailed));
        assert_eq!(ask("true"), Err(BrokerFault::OutputBlank));
        assert_eq!(ask("cat /dev/zero"), Err(BrokerFault::OutputTooLarge));
        assert_eq!(ask("head -c 16385 /dev/zero"), Err(BrokerFault::OutputTooLarge));
        assert!(matches!(ask("echo no json"), Err(BrokerFault::Malformed(_))));
        let issue = |program: &str| {
            Broker::Command { program: program.into(), arguments: Vec::new() }.issue(request(), &clock(), NOTHING)
        };
        assert_eq!(issue("/nowhere/at/all"), Err(BrokerFault::CommandFailed));
        assert_eq!(issue("sh -c"), Err(BrokerFault::CommandNotAWord));
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        let started = Instant::now();
        assert_eq!(ask("trap '' TERM; sleep 60 & sleep 60"), Err(BrokerFault::CommandTimedOut));
        assert!(started.elapsed() < Duration::from_secs(8));
    }
}
