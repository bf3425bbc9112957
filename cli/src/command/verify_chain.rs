//! `gait verify chain` (04 §8.3, 01 §10.4).

use gait_base::error::ExitCode;
use gait_base::key::KeyError;

use super::guard_verify::{self, GuardVerifyOutput};
use super::trace_verify::{TraceVerifyOutput, of_trace};
use super::verify::{SignatureDemand, VerifyOutput, of_runpack, tell};
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `verify chain` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct VerifyChainOutput {
        /// Whether every part holds.
        ok: bool,
        /// The runpack.
        run: VerifyOutput,
        /// The trace.
        trace: Option<TraceVerifyOutput> => omit,
        /// The evidence pack.
        pack: Option<GuardVerifyOutput> => omit,
        /// Why a part could not be verified.
        error: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let named = call.args.text("run");
    if named.trim().is_empty() {
        return Err(Failure::usage("expected --run <run_id|path>"));
    }
    let demand = SignatureDemand::of(call)?;
    let mut record = VerifyChainOutput { run: of_runpack(call, named, &demand)?, ..VerifyChainOutput::default() };
    if let Err(failure) = add_parts(call, &demand, &mut record) {
        let text = Text::error("verify chain", &failure.text).append(tell(&record.run));
        record.error = failure.text;
        return Ok(Report { class: failure.class, ..Report::new(&record, text).exit(failure.exit) });
    }
    record.ok = record.run.ok
        && record.trace.as_ref().is_none_or(|trace| trace.ok)
        && record.pack.as_ref().is_none_or(|pack| pack.ok);
    let head = if record.ok { Text::ok("verify chain") } else { Text::failed("verify chain") };
    let mut text = head.pair("run", record.run.ok);
    if let Some(trace) = &record.trace {
        text = text.pair("trace", trace.ok);
        if !trace.error.is_empty() {
            text = text.line("trace error", &trace.error);
        }
    }
    let mut text = text.append(tell(&record.run));
    if let Some(pack) = &record.pack {
        text = text.append(guard_verify::tell(pack));
    }
    let report = Report::new(&record, text);
    Ok(if record.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

fn add_parts(call: &Call<'_>, demand: &SignatureDemand, record: &mut VerifyChainOutput) -> Result<(), Failure> {
    let path = call.args.text("trace").trim();
    if !path.is_empty() {
        let key = demand.key.clone().ok_or(KeyError::PublicNotConfigured)?;
        record.trace = Some(of_trace(call, path, || Ok(key))?.0);
    }
    let path = call.args.text("pack").trim();
    if !path.is_empty() {
        record.pack = Some(guard_verify::of_pack(call, path, demand)?);
    }
    Ok(())
}
