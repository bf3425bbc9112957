//! `gait run session compact` (04 §8.4).

use super::run_session::{warnings, with_session};
use crate::report::{Answer, Call};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    with_session(call, "compact", |session, record| {
        let (report, repairs) = session.compact(call.args.text("out"), call.args.flag("dry-run"))?;
        let text = Text::default()
            .label("session compact")
            .pair("compacted", report.compacted)
            .pair("dry_run", report.dry_run)
            .pair("events_before", report.events_before)
            .pair("events_after", report.events_after)
            .pair("checkpoints", report.checkpoints)
            .pair("bytes_before", report.bytes_before)
            .pair("bytes_after", report.bytes_after);
        record.compaction = Some(report);
        record.warnings = warnings(&repairs);
        Ok(text)
    })
}
