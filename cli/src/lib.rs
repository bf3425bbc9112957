//! The `gait` command line: parse, call the library, print. No rule of the contract lives here that is not about the
//! command line itself.
//!
//! [`table`] declares every command; [`args`] reads arguments by it; `dispatch` finds and runs a command; `envelope` and
//! `text` tell its result to machines and people; help, completions and the reference page come from the table too.
#![forbid(unsafe_code)]

pub mod args;
pub mod reference;
pub mod table;

mod command;
mod completion;
mod dispatch;
mod envelope;
mod help;
mod output;
mod report;
mod text;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use gait_host::clock::SystemClock;
use gait_host::environment::variable;
use gait_host::usage_log::{UsageLog, UsageSettings};

/// Runs the program over the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os().skip(1)))
}

/// Runs the program over arguments that do not hold its name; gives the exit code. For programs of other languages that
/// carry the command.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Result<Vec<String>, _> = arguments.into_iter().map(OsString::into_string).collect();
    let Ok(words) = words else {
        // A changed argument could name another file or start another command: refused, not repaired.
        let refused = text::Text::default().line("error", "an argument is not valid UTF-8");
        return output::Printed::text(refused, gait_base::error::ExitCode::InvalidInput.code()).print();
    };
    let process = dispatch::Process::new(words);
    let settings = UsageSettings::from_environment(variable);
    let mut log =
        UsageLog::start(settings, &SystemClock, &process.producer_version, &process.correlation_id, &process.line());
    warn(&mut log);
    // A defect must not look like an answer: it ends as an internal failure, with the message on standard error.
    let run = panic::catch_unwind(AssertUnwindSafe(|| process.run().print()));
    let exit = run.unwrap_or_else(|_| process.defect().print());
    log.finish(exit);
    warn(&mut log);
    exit
}

/// Tells on standard error what could not be logged; nobody's answer depends on it.
fn warn(log: &mut UsageLog<'_>) {
    for warning in log.take_warnings() {
        let _ = writeln!(io::stderr().lock(), "{warning}");
    }
}
