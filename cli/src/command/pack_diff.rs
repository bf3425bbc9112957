//! `gait pack diff` and `gait voice pack diff` (05 §7, §9).

use gait_base::error::ExitCode;
use gait_host::pack;

use crate::report::{Answer, Call, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [left, right] = call.positionals("expected two packs")?;
    let output = pack::diff(left, right, call.args.text("output"), call.mode())?;
    let mut text = if output.ok { Text::ok("pack diff").words("no difference") } else { Text::failed("pack diff") };
    if let Some(diff) = &output.diff {
        let summary = &diff.result.summary;
        text = text
            .pair("left", &diff.result.left_pack_id)
            .pair("right", &diff.result.right_pack_id)
            .pair("context", &summary.context_drift_classification)
            .lines("added", &summary.added_files)
            .lines("removed", &summary.removed_files)
            .lines("changed", &summary.changed_files);
    }
    let report = Report::new(&output, text);
    Ok(if output.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}
