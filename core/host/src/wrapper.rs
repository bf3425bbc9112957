//! `gait test`, `enforce` and `trace --`: a command is run, the traces that it names are counted, and with `enforce`
//! their verdicts decide (02 §14).

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gait_base::error::ExitCode;
use gait_base::json::{self, Reading};
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, sort_dedup};
use gait_gate::trace::TraceRecord;
use gait_gate::verdict::Verdict;

use crate::fs::read_limited;
use crate::process::{self, Bounds, Capture, Finished, ProcessError};

/// The variable that tells the command how it is run.
pub const MODE_VARIABLE: &str = "GAIT_WRAPPER_MODE";

/// What every output says of the boundary between wrapper and command: traces are named, never guessed.
pub const BOUNDARY_CONTRACT: &str = "explicit_trace_reference";

/// Bytes kept of each stream of the command. What comes after is dropped, trace references included.
pub const OUTPUT_LIMIT: usize = 16 << 20;

/// How long the command's group has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// Larger than any trace.
const TRACE_LIMIT: u64 = 64 << 20;

/// What becomes of the verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrapperMode {
    /// They are counted.
    Trace,
    /// They are counted.
    Test,
    /// They decide the exit code of a command that succeeded.
    Enforce,
}

impl WrapperMode {
    /// The name in outputs and in [`MODE_VARIABLE`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Test => "test",
            Self::Enforce => "enforce",
        }
    }
}

record! {
    /// How many traces gave a verdict.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct VerdictCount {
        /// The verdict.
        pub verdict: String,
        /// The number.
        pub count: i64,
    }
}

record! {
    /// What a wrapper reports: `gait.wrapperOutput` of 01c.
    #[derive(Clone, Debug, PartialEq)]
    pub struct WrapperOutput {
        /// Whether the exit code is 0.
        pub ok: bool,
        /// `trace`, `test` or `enforce`.
        pub mode: String => omit,
        /// The command and its arguments.
        pub command: Vec<String> => omit,
        /// The folder it ran in.
        pub cwd: String => omit,
        /// [`BOUNDARY_CONTRACT`].
        pub boundary_contract: String => omit,
        /// Always true.
        pub trace_reference_required: bool => omit,
        /// Which failure it was.
        pub failure_reason: String => omit,
        /// The command's exit code; −1 when a signal ended it.
        pub child_exit_code: i64 => omit,
        /// Whether its time was up.
        pub timed_out: bool => omit,
        /// How long it ran, in milliseconds, rounded up.
        pub duration_ms: i64 => omit,
        /// The verdicts of the valid traces.
        pub verdict_counts: Vec<VerdictCount> => omit,
        /// The traces that it named, sorted.
        pub trace_paths: Vec<String> => omit,
        /// The runpacks that it named, sorted.
        pub runpack_paths: Vec<String> => omit,
        /// What it wrote to standard output.
        pub stdout: String => omit,
        /// What it wrote to standard error.
        pub stderr: String => omit,
        /// Traces that were ignored, output that was dropped.
        pub warnings: Vec<String> => omit,
        /// What went wrong, for a person.
        pub error: String => omit,
    }
}

/// A command to be wrapped.
#[derive(Clone, Copy, Debug)]
pub struct WrapperCall<'a> {
    /// What becomes of the verdicts.
    pub mode: WrapperMode,
    /// The program and its arguments.
    pub command: &'a [String],
    /// The folder it runs in; blank for the working folder.
    pub folder: &'a str,
    /// How long it may run; more than zero.
    pub timeout: Duration,
}

/// What a wrapper reports and ends with.
#[derive(Clone, Debug, PartialEq)]
pub struct WrapperOutcome {
    /// The exit code for the shell: 0 to 255.
    pub exit_code: u8,
    /// The report.
    pub output: WrapperOutput,
}

impl WrapperCall<'_> {
    /// A report that says no more than which wrapper it is, and why it did nothing: for flags and arguments that
    /// cannot be used.
    #[must_use]
    pub fn refused(mode: WrapperMode, reason: impl Into<String>) -> WrapperOutcome {
        let output = WrapperOutput { error: reason.into(), ..blank_output(mode) };
        WrapperOutcome { exit_code: ExitCode::InvalidInput.code(), output }
    }

    /// Runs the command and judges what came of it.
    #[must_use]
    pub fn run(&self) -> WrapperOutcome {
        let Some((program, arguments)) = self.command.split_first() else {
            return Self::refused(self.mode, "a command is required after --");
        };
        if self.timeout.is_zero() {
            return Self::refused(self.mode, "the timeout must be positive");
        }
        let folder = match self.folder.trim() {
            "" => ".",
            folder => folder,
        };
        let mut output =
            WrapperOutput { command: self.command.to_vec(), cwd: folder.to_owned(), ..blank_output(self.mode) };
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env(MODE_VARIABLE, self.mode.as_str());
        let bounds = Bounds {
            stdin: b"",
            timeout: self.timeout,
            grace: GRACE,
            capture: Capture::Each(OUTPUT_LIMIT),
            sweep: false,
        };
        match process::run(&mut command, &bounds) {
            Ok(finished) => self.judge(finished, output),
            Err(error) => {
                let reason = match error {
                    ProcessError::Start(_) => "child_start_failed",
                    ProcessError::Wait(_) => "child_wait_failed",
                };
                output.error = format!("{program}: {error}");
                reason.clone_into(&mut output.failure_reason);
                WrapperOutcome { exit_code: ExitCode::InternalFailure.code(), output }
            }
        }
    }

    fn judge(&self, finished: Finished, mut output: WrapperOutput) -> WrapperOutcome {
        output.child_exit_code = finished.exit_code.into();
        output.timed_out = finished.timed_out;
        output.duration_ms = i64::try_from(finished.elapsed.as_micros().div_ceil(1000)).unwrap_or(i64::MAX);
        output.stdout = text_of(&finished.stdout);
        output.stderr = text_of(&finished.stderr);
        output.trace_paths = named_paths(&output, "trace_path=");
        output.runpack_paths = named_paths(&output, "runpack_path=");
        if finished.overflowed {
            output.warnings.push(format!("output beyond {OUTPUT_LIMIT} bytes of a stream was dropped"));
        }

        let mut verdicts = Vec::new();
        let mut ignored = 0;
        for path in &output.trace_paths {
            match read_verdict(Path::new(path)) {
                Ok(verdict) => verdicts.push(verdict),
                Err(reason) => {
                    ignored += 1;
                    output.warnings.push(format!("trace ignored: {path}: {reason}"));
                }
            }
        }
        output.verdict_counts = counts(&verdicts);

        let failure = if finished.timed_out {
            let error = format!("the command did not end within {:?}", self.timeout);
            Some((ExitCode::InternalFailure, "child_timed_out", error))
        } else if output.trace_paths.is_empty() {
            let error = "the command named no trace: it must print a line trace_path=PATH".to_owned();
            Some((ExitCode::InvalidInput, "missing_trace_reference", error))
        } else if self.mode == WrapperMode::Enforce && ignored > 0 {
            Some((ExitCode::PolicyBlocked, "invalid_trace_artifact", format!("{ignored} of the traces cannot be used")))
        } else {
            None
        };
        let exit_code = match failure {
            Some((exit, reason, error)) => {
                reason.clone_into(&mut output.failure_reason);
                output.error = error;
                exit.code()
            }
            None if finished.exit_code != 0 => low_byte(finished.exit_code),
            None if self.mode == WrapperMode::Enforce => enforced(&verdicts).code(),
            None => ExitCode::Ok.code(),
        };
        output.ok = exit_code == 0;
        WrapperOutcome { exit_code, output }
    }
}

fn blank_output(mode: WrapperMode) -> WrapperOutput {
    WrapperOutput {
        mode: mode.as_str().to_owned(),
        boundary_contract: BOUNDARY_CONTRACT.to_owned(),
        trace_reference_required: true,
        ..WrapperOutput::default()
    }
}

/// What verdicts make of a command that succeeded.
fn enforced(verdicts: &[Verdict]) -> ExitCode {
    if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Block | Verdict::DryRun)) {
        ExitCode::PolicyBlocked
    } else if verdicts.contains(&Verdict::RequireApproval) {
        ExitCode::ApprovalRequired
    } else {
        ExitCode::Ok
    }
}

fn counts(verdicts: &[Verdict]) -> Vec<VerdictCount> {
    [Verdict::Allow, Verdict::Block, Verdict::DryRun, Verdict::RequireApproval]
        .into_iter()
        .filter_map(|verdict| {
            let count = verdicts.iter().filter(|&&found| found == verdict).count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            (count > 0).then(|| VerdictCount { verdict: verdict.as_str().to_owned(), count })
        })
        .collect()
}

/// The verdict of a trace file, if it is complete. Its signature is not checked.
///
/// # Errors
/// Why it cannot be used, for a person.
pub fn read_verdict(path: &Path) -> Result<Verdict, String> {
    let bytes = read_limited(path, TRACE_LIMIT).map_err(|error| error.to_string())?;
    let trace: TraceRecord = json::decode(&bytes, Reading::COMPAT).map_err(|error| error.to_string())?;
    if trace.schema_id.trim() != "gait.gate.trace" {
        return Err("not a gate trace".to_owned());
    }
    let texts = [
        ("schema_version", &*trace.schema_version),
        ("producer_version", trace.producer_version.as_str()),
        ("trace_id", trace.trace_id.as_str()),
        ("tool_name", trace.tool_name.as_str()),
    ];
    if let Some((name, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(format!("{name} is missing"));
    }
    if trace.created_at.is_zero() {
        return Err("created_at is missing".to_owned());
    }
    let digests = [
        ("args_digest", &trace.args_digest),
        ("intent_digest", &trace.intent_digest),
        ("policy_digest", &trace.policy_digest),
    ];
    if let Some((name, _)) = digests.iter().find(|(_, digest)| !is_lower_hex_digest(digest)) {
        return Err(format!("{name} is not a digest"));
    }
    Verdict::parse(trace.verdict.trim()).ok_or_else(|| "the verdict is unknown".to_owned())
}

/// The paths that lines of either stream name after `prefix`, as a sorted set.
fn named_paths(output: &WrapperOutput, prefix: &str) -> Vec<String> {
    let mut paths: Vec<_> = [&output.stdout, &output.stderr]
        .into_iter()
        .flat_map(|stream| stream.split('\n'))
        .filter_map(|line| line.trim().strip_prefix(prefix))
        .map(|path| path.trim().to_owned())
        .filter(|path| !path.is_empty())
        .collect();
    sort_dedup(&mut paths);
    paths
}

/// Bytes as text, one U+FFFD for each that belongs to no character.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    text
}

/// What a shell makes of an exit code.
fn low_byte(code: i32) -> u8 {
    code.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(folder: &Path, verdict: &str) -> String {
        let path = folder.join(format!("{verdict}.json"));
        let digest = "ab".repeat(32);
        let text = format!(
            r#"{{"schema_id":"gait.gate.trace","schema_version":"1.0.0","created_at":"2026-01-01T00:00:00Z",
            "producer_version":"1","trace_id":"t","tool_name":"x","args_digest":"{digest}","intent_digest":"{digest}",
            "policy_digest":"{digest}","verdict":"{verdict}"}}"#
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn wrap(mode: WrapperMode, script: &str) -> WrapperOutcome {
        let command = ["sh", "-c", script].map(str::to_owned);
        WrapperCall { mode, command: &command, folder: " ", timeout: Duration::from_secs(5) }.run()
    }

    #[test]
    fn verdicts_decide_only_when_enforced() {
        let folder = tempfile::tempdir().unwrap();
        for (verdict, enforced) in [("allow", 0), ("block", 3), ("dry_run", 3), ("require_approval", 4)] {
            let script =
                format!("echo ' trace_path= {} ' >&2; echo mode=$GAIT_WRAPPER_MODE", trace(folder.path(), verdict));
            let tested = wrap(WrapperMode::Test, &script);
            assert_eq!((tested.exit_code, tested.output.ok), (0, true), "{verdict}");
            assert_eq!(tested.output.stdout, "mode=test\n");
            let outcome = wrap(WrapperMode::Enforce, &script);
            assert_eq!((outcome.exit_code, outcome.output.ok), (enforced, enforced == 0), "{verdict}");
            assert!(outcome.output.error.is_empty() && outcome.output.failure_reason.is_empty());
            assert_eq!(outcome.output.verdict_counts, [VerdictCount { verdict: verdict.into(), count: 1 }]);
            assert!(outcome.output.duration_ms > 0);
        }
    }

    #[test]
    fn the_childs_own_failure_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = trace(folder.path(), "block");
        let outcome = wrap(WrapperMode::Enforce, &format!("echo trace_path={path}; exit 7"));
        assert_eq!((outcome.exit_code, outcome.output.child_exit_code), (7, 7));
        let outcome = wrap(WrapperMode::Test, &format!("echo trace_path={path}; kill -9 $$"));
        assert_eq!((outcome.exit_code, outcome.output.child_exit_code), (255, -1));
    }

    #[test]
    fn failures_in_their_order() {
        let outcome = wrap(WrapperMode::Trace, "echo hi");
        assert_eq!((outcome.exit_code, outcome.output.failure_reason.as_str()), (6, "missing_trace_reference"));
        let outcome = wrap(WrapperMode::Enforce, "echo trace_path=/nowhere/gone.json; exit 9");
        assert_eq!((outcome.exit_code, outcome.output.failure_reason.as_str()), (3, "invalid_trace_artifact"));
        assert!(outcome.output.warnings[0].starts_with("trace ignored: /nowhere/gone.json"));
        let outcome = wrap(WrapperMode::Test, "echo trace_path=/nowhere/gone.json");
        assert_eq!((outcome.exit_code, outcome.output.warnings.len()), (0, 1));

        let command = ["/nowhere/at/all".to_owned()];
        let call =
            WrapperCall { mode: WrapperMode::Test, command: &command, folder: "", timeout: Duration::from_secs(1) };
        let outcome = call.run();
        assert_eq!((outcome.exit_code, outcome.output.failure_reason.as_str()), (1, "child_start_failed"));
        assert_eq!((outcome.output.cwd.as_str(), outcome.output.duration_ms), (".", 0));
        assert_eq!(WrapperCall { command: &[], ..call }.run().exit_code, 6);
        assert_eq!(WrapperCall { timeout: Duration::ZERO, ..call }.run().output.command, [""; 0]);
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_what_it_started() {
        let command = ["sh", "-c", "sleep 60 & sleep 60"].map(str::to_owned);
        let outcome = WrapperCall {
            mode: WrapperMode::Enforce,
            command: &command,
            folder: "/",
            timeout: Duration::from_millis(100),
        }
        .run();
        assert_eq!((outcome.exit_code, outcome.output.failure_reason.as_str()), (1, "child_timed_out"));
        assert!(outcome.output.timed_out && outcome.output.child_exit_code == -1);
        assert!(outcome.output.duration_ms < 1500);
    }

    #[test]
    fn references_are_a_set_of_trimmed_lines() {
        let output = WrapperOutput {
            stdout: "trace_path=b\n\ttrace_path= a \r\nxtrace_path=c\ntrace_path=\n".into(),
            stderr: "trace_path=b".into(),
            ..WrapperOutput::default()
        };
        assert_eq!(named_paths(&output, "trace_path="), ["a", "b"]);
        assert_eq!(text_of(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
    }
}
