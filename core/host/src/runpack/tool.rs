//! The tools that a replay may run again (04 §8.8).
//!
//! What a tool gives is digested, and so is the text of what goes wrong: those texts are part of the contract.

use std::ffi::OsStr;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::process::Command;
use std::time::Duration;

use gait_base::digest::sha256;
use gait_base::path::clean;
use gait_base::text::trim_fold;
use gait_evidence::runpack::{Executed, IntentRecord};

use crate::fs::{FOLDER, PRIVATE};
use crate::process::{self, Bounds, Capture, Finished};

/// How long a shell command may take.
const SHELL_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of what it writes counts, in bytes.
const SHELL_OUTPUT: usize = 64 << 10;

/// Runs the tool of an intent.
pub(super) fn execute(intent: &IntentRecord) -> Executed {
    let arg = |name: &str| {
        let value = intent.args.as_map().and_then(|args| args.get(name));
        value.and_then(gait_base::json::Value::as_str).unwrap_or_default().trim()
    };
    let outcome = match trim_fold(&intent.tool_name).as_str() {
        "echo" | "tool.echo" => Ok(match arg("message") {
            "" => b"echo".to_vec(),
            message => message.as_bytes().to_vec(),
        }),
        "file.write" | "fs.write" | "write_file" => write_file(arg("path"), arg("content")),
        "shell.exec" | "exec" | "command.run" => run_shell(arg("command")),
        _ => Err(format!("unsupported real tool: {}", intent.tool_name)),
    };
    match outcome {
        Ok(output) => Executed { ok: true, digest: sha256(&output) },
        Err(text) => Executed { ok: false, digest: sha256(text.as_bytes()) },
    }
}

fn write_file(path: &str, content: &str) -> Result<Vec<u8>, String> {
    if path.is_empty() {
        return Err("file.write requires args.path".to_owned());
    }
    let folder = path.rfind('/').map_or(".", |at| if at == 0 { "/" } else { path.get(..at).unwrap_or(".") });
    create_folders(&clean(folder))?;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(path);
    let mut file = file.map_err(|error| format!("open {path}: {}", errno_text(&error)))?;
    file.write_all(content.as_bytes()).map_err(|error| format!("write {path}: {}", errno_text(&error)))?;
    Ok(content.as_bytes().to_vec())
}

/// Makes a folder and those above it; an error names the first that cannot be made.
fn create_folders(folder: &str) -> Result<(), String> {
    let ends = folder.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
    for end in ends.chain([folder.len()]) {
        let part = folder.get(..end).unwrap_or(folder);
        let failed = |text: &str| Err(format!("mkdir {part}: {text}"));
        match std::fs::metadata(part) {
            Ok(metadata) if metadata.is_dir() => continue,
            Ok(_) => return failed("not a directory"),
            Err(_) => {}
        }
        match DirBuilder::new().mode(FOLDER).create(part) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return failed(&errno_text(&error)),
            _ => {}
        }
    }
    Ok(())
}

/// The words of a system error alone, in lower case.
fn errno_text(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(number) => text.trim_end_matches(&format!(" (os error {number})")).to_lowercase(),
        None => "invalid argument".to_owned(),
    }
}

/// Runs a shell command. Its standard error goes where its standard output goes, so that the order stays.
fn run_shell(command: &str) -> Result<Vec<u8>, String> {
    if command.is_empty() {
        return Err("shell.exec requires args.command".to_owned());
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec sh -lc \"$1\" 2>&1", "sh"].map(OsStr::new)).arg(command);
    let bounds = Bounds {
        stdin: b"",
        timeout: SHELL_TIMEOUT,
        grace: Duration::ZERO,
        capture: Capture::Each(SHELL_OUTPUT),
        sweep: true,
    };
    let finished = process::run(&mut shell, &bounds).map_err(|error| error.to_string())?;
    match failure(&finished) {
        Some(text) => Err(text),
        None => Ok(finished.stdout),
    }
}

fn failure(finished: &Finished) -> Option<String> {
    match finished.signal {
        _ if finished.timed_out => Some("signal: killed".to_owned()),
        Some(number) => Some(format!("signal: {}", signal_text(number))),
        None if finished.exit_code != 0 => Some(format!("exit status {}", finished.exit_code)),
        None => None,
    }
}

fn signal_text(number: i32) -> String {
    let text = match number {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use gait_base::json::{Map, Value};
    use gait_evidence::runpack::Payload;

    use super::*;

    fn run(tool: &str, args: &[(&str, &str)]) -> Executed {
        let args: Map = args.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        execute(&IntentRecord { tool_name: tool.to_owned(), args: Payload(Some(args)), ..IntentRecord::default() })
    }

    fn gives(text: &str) -> Executed {
        Executed { ok: true, digest: sha256(text.as_bytes()) }
    }

    fn fails(text: &str) -> Executed {
        Executed { ok: false, digest: sha256(text.as_bytes()) }
    }

    #[test]
    fn echo_gives_its_message() {
        assert_eq!(run(" Tool.Echo ", &[("message", " hi ")]), gives("hi"));
        assert_eq!(run("echo", &[]), gives("echo"));
        assert_eq!(run("Other", &[]), fails("unsupported real tool: Other"));
    }

    #[test]
    fn files_are_written_and_errors_name_what_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("{}/{name}", folder.path().display());
        let write = |path: &str| run("fs.write", &[("path", path), ("content", " body ")]);
        assert_eq!(write(&at("a/b/c.txt")), gives("body"));
        assert_eq!(std::fs::read(at("a/b/c.txt")).unwrap(), b"body");
        assert_eq!(write(&at("a")), fails(&format!("open {}: is a directory", at("a"))));
        assert_eq!(write(&at("a/b/c.txt/d/e")), fails(&format!("mkdir {}: not a directory", at("a/b/c.txt"))));
        assert_eq!(write(" "), fails("file.write requires args.path"));
    }

    #[test]
    fn shells_are_bounded_and_keep_the_order_of_their_streams() {
        let shell = |command: &str| run("exec", &[("command", command)]);
        assert_eq!(shell("echo a; echo b >&2; echo c"), gives("a\nb\nc\n"));
        assert_eq!(shell("echo gone; exit 3"), fails("exit status 3"));
        assert_eq!(shell("kill -9 $$"), fails("signal: killed"));
        assert_eq!(shell(" "), fails("shell.exec requires args.command"));
        let long = shell("head -c 200000 /dev/zero | tr '\\0' x");
        assert_eq!(long, gives(&"x".repeat(SHELL_OUTPUT)));
    }

    #[test]
    fn a_command_that_hangs_goes_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let late = folder.path().join("late");
        let started = Instant::now();
        let command = format!("(sleep 8; echo x > {}) & sleep 60", late.display());
        assert_eq!(run("exec", &[("command", &command)]), fails("signal: killed"));
        assert!(started.elapsed() < Duration::from_secs(8));
        std::thread::sleep(Duration::from_secs(8).saturating_sub(started.elapsed()) + Duration::from_millis(500));
        assert!(!late.exists());
    }
}
