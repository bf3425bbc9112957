//! `gait run reduce` (04 §8.10).

use gait_evidence::runpack::{Predicate, ReduceReport};
use gait_host::runpack;

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run reduce` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct ReduceOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The runpack.
        input: String => omit,
        /// What is left of it.
        output: String => omit,
        /// Where the report is.
        report_path: String => omit,
        /// The run.
        run_id: String => omit,
        /// The id of what is left of it.
        reduced_run_id: String => omit,
        /// What is wrong with it.
        predicate: String => omit,
        /// What was kept.
        report: Option<ReduceReport> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let named = flag_or_positional(call, "from", "expected --from <run_id|path>")?;
    let predicate = Predicate::parse(call.args.text("predicate"))?;
    let input = runpack::resolve(named)?;
    let reduced = runpack::reduce(&input, predicate, call.args.text("out"), call.args.text("report-out"), call.mode())?;
    let record = ReduceOutput {
        ok: true,
        input: input.display().to_string(),
        output: reduced.output,
        report_path: reduced.report_path,
        run_id: reduced.report.run_id.clone(),
        reduced_run_id: reduced.report.reduced_run_id.clone(),
        predicate: reduced.report.predicate.clone(),
        report: Some(reduced.report),
    };
    let text = Text::ok("run reduce")
        .pair("predicate", &record.predicate)
        .pair("reduced_run_id", &record.reduced_run_id)
        .pair("output", &record.output)
        .pair("report", &record.report_path);
    Ok(Report::new(&record, text))
}
