//! `gait run replay` (04 §8.8).

use gait_base::error::ExitCode;
use gait_evidence::runpack::ReplayStep;
use gait_host::runpack::{self, Interlocks, Locked};

use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run replay` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct ReplayOutput {
        /// Whether every intent has a result, recorded, executed or stubbed.
        ok: bool,
        /// The run.
        run_id: String => omit,
        /// `stub` or `real`.
        mode: String => omit,
        /// What became of each intent.
        steps: Vec<ReplayStep> => omit,
        /// Intents without a result.
        missing_results: Vec<String> => omit,
        /// What a person should know.
        warnings: Vec<String> => omit,
        /// Why nothing was replayed.
        error: String => omit,
        /// Whether real tools were asked for.
        requested_unsafe: bool => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [named] = call.positionals("expected run_id or path")?;
    let locks = Interlocks {
        real_tools: call.args.flag("real-tools"),
        unsafe_real_tools: call.args.flag("unsafe-real-tools"),
        allowed: call.args.text("allow-tools"),
        variable: call.args.text("unsafe-real-tools-env"),
    };
    let tools = match locks.unlock() {
        Ok(tools) => tools,
        Err(locked) => return Ok(refused(&locked)),
    };
    let path = runpack::resolve(named)?;
    let replay = runpack::replay(&path, tools.as_ref(), call.mode())?;
    let ok = replay.missing_results.is_empty();
    let warnings = tools.iter().map(|tools| format!("allow_tools={}", tools.listed().join(",")));
    let record = ReplayOutput {
        ok,
        run_id: replay.run_id,
        mode: if tools.is_some() { "real" } else { "stub" }.to_owned(),
        steps: replay.steps,
        missing_results: replay.missing_results,
        warnings: warnings.collect(),
        error: String::new(),
        requested_unsafe: locks.unsafe_real_tools,
    };
    let head = if ok { Text::ok("run replay") } else { Text::failed("run replay") };
    let mut text = head.pair("run_id", &record.run_id).pair("mode", &record.mode).pair("steps", record.steps.len());
    for step in &record.steps {
        text = text.label(&step.execution).pair("intent", &step.intent_id).pair("tool", &step.tool_name);
        text = text.pair("status", &step.status);
    }
    let text = text.lines("missing result", &record.missing_results).lines("warning", &record.warnings);
    let report = Report::new(&record, text);
    Ok(if ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

fn refused(locked: &Locked) -> Report {
    let error = locked.to_string();
    let text = Text::error("run replay", &error);
    let requested_unsafe = *locked != Locked::NotCalledUnsafe;
    Report::new(&ReplayOutput { error, requested_unsafe, ..ReplayOutput::default() }, text)
        .exit(ExitCode::UnsafeOperation)
}
