//! `gait trace -- CMD`, `gait test -- CMD`, `gait enforce -- CMD` (02 §14).

use std::time::Duration;

use gait_base::duration::parse_duration;
use gait_host::wrapper::{WrapperCall, WrapperMode, WrapperOutput};

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

pub(crate) fn trace(call: &Call<'_>) -> Answer {
    wrap(call, WrapperMode::Trace)
}

pub(crate) fn test(call: &Call<'_>) -> Answer {
    wrap(call, WrapperMode::Test)
}

pub(crate) fn enforce(call: &Call<'_>) -> Answer {
    wrap(call, WrapperMode::Enforce)
}

fn wrap(call: &Call<'_>, mode: WrapperMode) -> Answer {
    let command = call.args.positionals();
    if command.is_empty() {
        return Err(Failure::usage("a command is required after --"));
    }
    let given = call.args.text("timeout").trim();
    let nanoseconds = parse_duration(given).ok().and_then(|nanoseconds| u64::try_from(nanoseconds).ok());
    let Some(timeout) = nanoseconds.filter(|&some| some > 0).map(Duration::from_nanos) else {
        return Err(Failure::usage(format!("--timeout must be a duration above zero, such as 30s: {given:?}")));
    };
    let folder = call.args.text("cwd").trim();
    let outcome = WrapperCall { mode, command, folder, timeout }.run();
    let text = tell(&outcome.output);
    Ok(Report::new(&outcome.output, text).exit_with(outcome.exit_code))
}

/// What the child wrote to standard output, then one line about it.
fn tell(output: &WrapperOutput) -> Text {
    let head = if output.ok { Text::ok(&output.mode) } else { Text::failed(&output.mode) };
    let mut text = head.pair("child_exit_code", output.child_exit_code).pair("traces", output.trace_paths.len());
    for one in &output.verdict_counts {
        text = text.pair(&one.verdict, one.count);
    }
    if !output.failure_reason.is_empty() {
        text = text.pair("reason", &output.failure_reason).line("error", &output.error);
    }
    text.lines("warning", &output.warnings).after(&output.stdout, &output.stderr)
}
