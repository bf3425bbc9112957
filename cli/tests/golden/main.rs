//! Replays golden cases against the `gait` binary: the project's own in `tests/golden`, and the shared vectors where
//! they are at hand (`GAIT_VECTORS`, else beside the checkout). A case is replayed only when every command it runs exists.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod compare;
mod runner;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Every command word of the contract: a case that runs one that is not here yet waits for it.
const CONTRACT: [&str; 36] = [
    "approve",
    "approve-script",
    "capture",
    "check",
    "completions",
    "contract",
    "delegate",
    "demo",
    "doctor",
    "enforce",
    "gate",
    "gateway",
    "guard",
    "incident",
    "init",
    "job",
    "keys",
    "kill-switch",
    "list-scripts",
    "mcp",
    "migrate",
    "pack",
    "policy",
    "regress",
    "registry",
    "report",
    "run",
    "scout",
    "test",
    "tour",
    "trace",
    "ui",
    "verify",
    "version",
    "voice",
    "help",
];

#[test]
fn own_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let cases = runner::cases_below(&folder);
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    replay(&cases, &folder);
}

#[test]
fn shared_cases_of_existing_commands_hold() {
    let folder = match std::env::var_os("GAIT_VECTORS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
    };
    if !folder.is_dir() {
        eprintln!("shared vectors skipped: no folder {}", folder.display());
        return;
    }
    let cases: Vec<PathBuf> =
        ["primitives", "gate", "authority"].iter().flat_map(|area| runner::cases_below(&folder.join(area))).collect();
    replay(&cases, &folder);
}

/// What became of a case.
enum Outcome {
    Holds,
    Waits,
    Fails(String),
}

fn replay(cases: &[PathBuf], root: &Path) {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    // Some cases wait for a lock or a time-out: a few threads keep the others going.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = outcome_of(case, root);
                    outcomes.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let (held, waiting) = (count(|one| matches!(one, Outcome::Holds)), count(|one| matches!(one, Outcome::Waits)));
    eprintln!("{held} cases hold, {waiting} wait for commands that do not exist yet");
    let mut problems: Vec<String> = outcomes
        .into_iter()
        .filter_map(|outcome| match outcome {
            Outcome::Fails(problem) => Some(problem),
            Outcome::Holds | Outcome::Waits => None,
        })
        .collect();
    problems.sort();
    assert!(problems.is_empty(), "{} cases do not hold:\n{}", problems.len(), problems.join("\n"));
}

fn outcome_of(case: &Path, root: &Path) -> Outcome {
    let document = runner::read_case(case);
    if !runner::steps(&document).iter().all(exists) {
        return Outcome::Waits;
    }
    let problems = runner::check(case, &document);
    if problems.is_empty() {
        return Outcome::Holds;
    }
    let name = case.strip_prefix(root).unwrap_or(case).display();
    Outcome::Fails(format!("{name}\n    {}", problems.join("\n    ")))
}

/// Whether the command that a step runs exists here, or is none of the contract's (then its refusal is what counts).
fn exists(step: &serde_json::Value) -> bool {
    if step.get("argv0").and_then(serde_json::Value::as_bool) == Some(true) {
        return true;
    }
    let words = runner::words(step);
    match words.first() {
        Some(first) if CONTRACT.contains(&first.as_str()) => gait_cli::table::find(&words).is_some(),
        _ => true,
    }
}
