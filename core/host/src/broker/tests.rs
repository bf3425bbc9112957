//! Choices, and programs that behave and misbehave.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

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
    command("sh", path.to_str().unwrap(), Mode::Compat).issue(request(), &clock(), NOTHING)
}

fn command(program: &str, arguments: &str, mode: Mode) -> Broker {
    let settings = BrokerSettings {
        broker: "command",
        command: program,
        command_arguments: &split_csv(arguments),
        ..Default::default()
    };
    Broker::choose(&settings, mode).unwrap().unwrap()
}

#[test]
fn choices() {
    let choose = |broker, command, allow_list, mode| {
        let arguments = ["a", "", "b"].map(str::to_owned);
        let settings =
            BrokerSettings { broker, command, allow_list, command_arguments: &arguments, ..BrokerSettings::default() };
        Broker::choose(&settings, mode).map(|chosen| chosen.map(|broker| broker.source))
    };
    let program = |name: &str, environment| {
        let arguments = vec!["a".into(), "b".into()];
        Ok(Some(Source::Program(Program { name: name.into(), arguments, environment })))
    };
    for mode in [Mode::Compat, Mode::Strict] {
        for name in ["", " OFF ", "none"] {
            assert_eq!(choose(name, "", "x", mode), Ok(None));
        }
        assert_eq!(choose("Stub", "", "", mode), Ok(Some(Source::Stub)));
        let environment = Source::Environment { prefix: DEFAULT_ENV_PREFIX.into() };
        assert_eq!(choose("env", "", "", mode), Ok(Some(environment)));
        assert_eq!(choose("command", "bin/b", "c", mode), Err(BrokerFault::CommandNotAllowed));
        assert_eq!(choose("command", " ", "", mode), Err(BrokerFault::CommandMissing));
        assert_eq!(choose("vault", "", "", mode), Err(BrokerFault::UnknownBroker));
    }
    assert_eq!(choose("command", " bin/b ", " ./b, x", Mode::Compat), program("bin/b", None));
    assert_eq!(choose("command", " bin/b ", " ./b, x", Mode::Strict), Err(BrokerFault::CommandNotAllowed));
    assert_eq!(choose("command", " bin/b ", "", Mode::Strict), program("bin/b", Some(Vec::new())));
    assert_eq!(choose("command", "/a/x/../b", "/a/b", Mode::Strict), program("/a/b", Some(Vec::new())));
    assert_eq!(choose("command", "/a/x/../b", "/a/b", Mode::Compat), program("/a/x/../b", None));
}

#[test]
fn stub_and_environment_answer() {
    let broker = |broker, env_prefix, mode| {
        let settings = BrokerSettings { broker, env_prefix, ..BrokerSettings::default() };
        Broker::choose(&settings, mode).unwrap().unwrap()
    };
    for mode in [Mode::Compat, Mode::Strict] {
        let response = broker("stub", "", mode).issue(request(), &clock(), NOTHING).unwrap();
        assert!(response.credential_ref.starts_with("stub:"));
        let environment = broker("env", "P_", mode);
        let lookup = |name: &str| (name == "P_TOOL_WRITE").then(|| " secret ".to_owned());
        let response = environment.issue(request(), &clock(), &lookup).unwrap();
        let reference = response.credential_ref;
        assert!(reference.starts_with("env:P_TOOL_WRITE:") && !reference.contains("secret"));
        assert_eq!(environment.issue(request(), &clock(), NOTHING), Err(BrokerFault::VariableMissing));
        // A side variable that holds the credential itself.
        let lookup = |name: &str| name.starts_with("P_TOOL_WRITE").then(|| "AKIAIOSFODNN7EXAMPLE".to_owned());
        let leaks = environment.issue(request(), &clock(), &lookup);
        assert_eq!(leaks.is_err(), mode.is_strict());
    }
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
    let issue = |program: &str| command(program, "", Mode::Compat).issue(request(), &clock(), NOTHING);
    assert_eq!(issue("/nowhere/at/all"), Err(BrokerFault::CommandFailed));
    assert_eq!(issue("sh -c"), Err(BrokerFault::CommandNotAWord));
}

#[test]
fn a_program_that_hangs_is_killed_with_its_children() {
    let started = Instant::now();
    assert_eq!(ask("trap '' TERM; sleep 60 & sleep 60"), Err(BrokerFault::CommandTimedOut));
    assert!(started.elapsed() < Duration::from_secs(8));
}
