//! Brokers that hang, flood, hide, lie or blurt out secrets, as tables: whatever a program does, the decision is made in
//! time, is an allow only where the row says so, leaves no process behind and shows no secret (03 §10, 00 D6, D8).
//!
//! Each row runs as `gait gate eval` does and through the broker alone, in both modes. Tables: what programs do
//! (`processes`), what they answer (`answers`), where they put secrets (`secrets`), and what may be run (`programs`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod answers;
mod processes;
mod programs;
mod row;
mod secrets;

use std::path::Path;
use std::time::{Duration, Instant};

use gait_base::error::{Classify, ExitCode};
use gait_base::time::Timestamp;
use gait_gate::authority::broker::BrokerRequest;
use gait_gate::mode::Mode;
use gait_host::broker::{Broker, BrokerSettings};
use gait_host::clock::FixedClock;
use gait_host::gate_eval::{Caller, GateEvalError, GateEvalOptions, GateEvaluation, run};

use row::{Row, SECRETS, Want};

const NOW: &str = "2026-03-01T00:00:00Z";
const CALLER: Caller<'_> = Caller { producer_version: "0.0.0-dev", correlation_id: "c" };

/// Five seconds for the program, one for its death, the rest for a machine that is busy with other rows.
const BOUND: Duration = Duration::from_secs(14);

fn clock() -> FixedClock {
    FixedClock::new(Timestamp::parse(NOW).unwrap())
}

/// Decides about a call that needs a credential, with a program as the broker. Everything is written below `folder`.
fn decide(
    folder: &Path,
    (rule, context): (&str, &str),
    (command, arguments): (&str, &str),
    mode: Mode,
) -> Result<GateEvaluation, GateEvalError> {
    let out = folder.join("out");
    std::fs::create_dir_all(&out).unwrap();
    let named = |name: &str| out.join(name).to_str().unwrap().to_owned();
    let policy = format!(
        "default_verdict: block\nrules: [{{name: r, effect: allow, require_broker_credential: true, broker_scopes: [export]{rule}}}]\n"
    );
    let intent = format!(
        r#"{{"tool_name": "t", "targets": [{{"kind": "path", "value": "/a"}}], "context": {{"identity": "i", "workspace": "/w", "risk_class": "low"{context}}}}}"#
    );
    std::fs::write(named("policy.yaml"), policy).unwrap();
    std::fs::write(named("intent.json"), intent).unwrap();
    let options = GateEvalOptions {
        policy: named("policy.yaml"),
        intent: named("intent.json"),
        trace_out: named("trace.json"),
        credential_evidence_out: named("evidence.json"),
        credential_broker: "command".to_owned(),
        credential_command: command.to_owned(),
        credential_command_args: arguments.to_owned(),
        mode,
        ..GateEvalOptions::default()
    };
    run(&options, &CALLER, &clock())
}

/// What the broker alone is asked; no target is named, so that a wrong binding is the gate's to find.
fn request() -> BrokerRequest {
    BrokerRequest {
        tool_name: "t".to_owned(),
        identity: "i".to_owned(),
        scope: vec!["export".to_owned()],
        ..BrokerRequest::default()
    }
}

/// The code of the fault with which a broker fails to issue; none when it issues. Its words are checked for secrets.
fn issue(command: &str, arguments: &str, mode: Mode, label: &str) -> Option<&'static str> {
    let settings = BrokerSettings {
        broker: "command",
        command,
        command_arguments: &gait_base::text::split_csv(arguments),
        ..BrokerSettings::default()
    };
    let broker = Broker::choose(&settings, mode).unwrap().unwrap();
    let fault = broker.issue(request(), &clock(), &|_| None).err()?;
    shows_no_secret(&format!("{fault} {fault:?}"), label);
    Some(fault.code())
}

fn shows_no_secret(text: &str, label: &str) {
    let folded = text.to_lowercase();
    for secret in SECRETS {
        assert!(!folded.contains(&secret.to_lowercase()), "{label}: a secret in {text}");
    }
}

/// Nothing that was written and nothing that was returned shows a secret.
fn nothing_leaks(folder: &Path, result: &Result<GateEvaluation, GateEvalError>, label: &str) {
    for entry in std::fs::read_dir(folder.join("out")).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        shows_no_secret(&text, &format!("{label}: {}", path.display()));
    }
    shows_no_secret(&format!("{result:?}"), label);
    if let Err(error) = result {
        shows_no_secret(&error.to_string(), label);
    }
}

/// Plays a row in one mode, both ways.
fn play(row: &Row, mode: Mode) {
    let label = &format!("{} ({mode:?})", row.name);
    let folder = tempfile::tempdir().unwrap();
    let script = row.install(folder.path());
    let want = row.want(mode);

    let started = Instant::now();
    let result = decide(folder.path(), (row.rule, row.context), ("/bin/sh", &script), mode);
    assert!(started.elapsed() < BOUND, "{label}: {:?}", started.elapsed());
    row.nothing_runs(folder.path(), label);
    if !row.is_leaky(mode) {
        nothing_leaks(folder.path(), &result, label);
    }
    let evaluation = result.unwrap_or_else(|error| panic!("{label}: {error}"));
    let output = &evaluation.output;
    let evidence = folder.path().join("out/evidence.json").exists();
    match want {
        Want::Allow => {
            assert_eq!((output.verdict.as_str(), evaluation.exit), ("allow", ExitCode::Ok), "{label}: {output:?}");
            assert!(output.reason_codes.iter().any(|code| code == "broker_credential_present"), "{label}");
            assert!(evidence && !output.credential_ref.is_empty(), "{label}");
        }
        Want::Fails(_) | Want::Misfits(_) => {
            let (codes, issued): (&[&str], bool) = match want {
                Want::Misfits(codes) => (codes, true),
                _ => (&["broker_credential_missing"], false),
            };
            assert_eq!((output.verdict.as_str(), evaluation.exit), ("block", ExitCode::PolicyBlocked), "{label}");
            assert_eq!(output.violations, codes, "{label}");
            assert!(codes.iter().all(|code| output.reason_codes.iter().any(|reason| reason == code)), "{label}");
            assert_eq!((evidence, !output.credential_ref.is_empty()), (issued, issued), "{label}");
        }
    }

    let started = Instant::now();
    let fault = issue("/bin/sh", &script, mode, label);
    assert!(started.elapsed() < BOUND, "{label}: {:?}", started.elapsed());
    row.nothing_runs(folder.path(), label);
    match want {
        Want::Fails(code) => assert_eq!(fault, Some(code), "{label}"),
        Want::Allow | Want::Misfits(_) => assert_eq!(fault, None, "{label}"),
    }
}

/// Plays all rows, and only then says whether any failed: each failure is printed as it happens.
fn play_all(rows: &[Row]) {
    println!("{} rows", rows.len());
    let modes = [Mode::Compat, Mode::Strict];
    let plays = rows.iter().flat_map(|row| modes.map(|mode| (row, mode)));
    let failed = plays.filter(|(row, mode)| std::panic::catch_unwind(|| play(row, *mode)).is_err()).count();
    assert_eq!(failed, 0, "of {} plays", 2 * rows.len());
}

#[test]
fn what_programs_do() {
    play_all(&processes::quick());
}

/// Every row takes its five seconds, twice in each mode: they sleep side by side.
#[test]
fn what_programs_do_that_do_not_end() {
    let rows = processes::endless();
    std::thread::scope(|scope| {
        for row in &rows {
            for mode in [Mode::Compat, Mode::Strict] {
                scope.spawn(move || play(row, mode));
            }
        }
    });
}

#[test]
fn what_programs_answer() {
    play_all(&answers::rows());
}

#[test]
fn where_programs_put_secrets() {
    play_all(&secrets::rows());
}
