//! `gait pack export` (05 §8).

use gait_host::pack::{self, ExportRequest};

use super::pack::{flag_or_first, head};
use crate::report::{Answer, Call, Report};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let output = pack::export(&ExportRequest {
        path: flag_or_first(call, "path"),
        otel_out: call.args.text("otel-out"),
        postgres_sql_out: call.args.text("postgres-sql-out"),
        postgres_table: call.args.text("postgres-table"),
        postgres_include_ddl: call.args.flag("postgres-include-ddl"),
        mode: call.mode(),
    })?;
    let mut text = head(&output);
    for (label, path) in [("telemetry", &output.otel_path), ("statements", &output.postgres_sql_path)] {
        if !path.is_empty() {
            text = text.line(label, path);
        }
    }
    Ok(Report::new(&output, text))
}
