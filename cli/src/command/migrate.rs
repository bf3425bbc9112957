//! `gait migrate` (04 §8.11).

use gait_host::runpack;

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `migrate` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct MigrateOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The artifact.
        input: String => omit,
        /// The artifact in the present form.
        output: String => omit,
        /// Always `runpack`.
        artifact: String => omit,
        /// `migrated` or `no_change`.
        status: String => omit,
        /// The run.
        run_id: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let named = flag_or_positional(call, "input", "expected artifact path or run_id")?;
    let target = call.args.text("target").trim();
    if target != "v1" {
        return Err(Failure::usage(format!("unsupported target {target:?}: there is only v1")));
    }
    let input = runpack::resolve(named)?;
    let migrated = runpack::migrate(&input, call.args.text("out"), call.mode())?;
    let record = MigrateOutput {
        ok: true,
        input: input.display().to_string(),
        output: migrated.output.display().to_string(),
        artifact: "runpack".to_owned(),
        status: if migrated.changed { "migrated" } else { "no_change" }.to_owned(),
        run_id: migrated.run_id,
    };
    let text = Text::ok("migrate")
        .pair("artifact", &record.artifact)
        .pair("status", &record.status)
        .pair("output", &record.output);
    Ok(Report::new(&record, text))
}
