//! `gait guard retain` (05 §13.1).

use gait_base::duration::parse_duration;
use gait_base::error::ExitCode;
use gait_evidence::guard::retention::{Caps, RetentionEvent, RetentionPolicy};
use gait_host::clock::FixedClock;
use gait_host::guard::{self, RetainRequest};

use super::token;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `guard retain` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct GuardRetainOutput {
        /// Whether everything that should go is gone.
        ok: bool,
        /// The folder, cleaned.
        root_path: String => omit,
        /// How many artifacts were looked at.
        scanned_files: i64 => omit,
        /// Those that went, or would go.
        deleted_files: Vec<RetentionEvent> => omit,
        /// Those that stay.
        kept_files: Vec<RetentionEvent> => omit,
        /// Whether nothing was removed.
        dry_run: bool => omit,
        /// Why something could not be removed.
        error: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let flags = call.args;
    let policy = RetentionPolicy {
        trace: caps(call, ["trace-ttl", "trace-max-count", "trace-max-bytes"])?,
        pack: caps(call, ["pack-ttl", "pack-max-count", "pack-max-bytes"])?,
        runpack: if flags.text("runpack-ttl").trim().is_empty() {
            None
        } else {
            Some(caps(call, ["runpack-ttl", "runpack-max-count", "runpack-max-bytes"])?)
        },
    };
    let request = RetainRequest {
        root: flags.text("root"),
        policy,
        dry_run: flags.flag("dry-run"),
        report: flags.text("report-out"),
        hold: flags.text("hold"),
        producer_version: call.producer_version,
        mode: call.mode(),
    };
    let retained = guard::retain(&request, &FixedClock::new(token::moment(call)?))?;
    let error = match retained.not_removed.as_slice() {
        [] => String::new(),
        [one] => format!("remove {}: {}", one.path, one.reason),
        [first, rest @ ..] => format!("remove {}: {}; and {} more", first.path, first.reason, rest.len()),
    };
    let report = retained.report;
    let record = GuardRetainOutput {
        ok: error.is_empty(),
        root_path: report.root_path,
        scanned_files: report.scanned_files,
        deleted_files: report.deleted_files,
        kept_files: report.kept_files,
        dry_run: report.dry_run,
        error,
    };
    let text = tell(&record);
    let report = Report::new(&record, text);
    Ok(if record.ok { report } else { report.exit(ExitCode::InvalidInput) })
}

/// The caps that three flags give: age, count, bytes. What is not positive is no cap.
fn caps(call: &Call<'_>, [age, count, bytes]: [&str; 3]) -> Result<Caps, Failure> {
    let nanos = parse_duration(call.args.text(age).trim())
        .map_err(|error| Failure { text: format!("--{age}: {error}"), ..Failure::of(&error) })?;
    let cap = |flag: &str| u64::try_from(call.args.integer(flag)).ok().filter(|&most| most > 0);
    Ok(Caps { age_nanos: Some(nanos), count: cap(count), bytes: cap(bytes) })
}

/// The lines for a person.
fn tell(output: &GuardRetainOutput) -> Text {
    let head = if output.ok { Text::ok("guard retain") } else { Text::failed("guard retain") };
    let mut text = head
        .words(&output.root_path)
        .pair("scanned", output.scanned_files)
        .pair(if output.dry_run { "would_delete" } else { "deleted" }, output.deleted_files.len())
        .pair("kept", output.kept_files.len());
    for event in &output.deleted_files {
        text = text.line(if output.dry_run { "would delete" } else { "deleted" }, &event.path);
    }
    let held = output.kept_files.iter().filter(|event| !event.reason.is_empty());
    for event in held {
        text = text.line("kept", &event.path).pair("reason", &event.reason);
    }
    if output.error.is_empty() { text } else { text.line("error", &output.error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;

    #[test]
    fn the_table_shows_the_default_caps() {
        let leaf = table::leaves().find(|leaf| leaf.path == ["guard", "retain"]).unwrap();
        let default = |flag: &str| leaf.flag(flag).unwrap().default;
        for (kind, caps) in
            [("trace", RetentionPolicy::TRACE), ("pack", RetentionPolicy::PACK), ("runpack", RetentionPolicy::RUNPACK)]
        {
            let number = |part: &str| default(&format!("{kind}-max-{part}")).parse::<u64>().ok();
            assert_eq!((number("count"), number("bytes")), (caps.count, caps.bytes), "{kind}");
            let age = default(&format!("{kind}-ttl"));
            assert!(age.is_empty() && kind == "runpack" || parse_duration(age).ok() == caps.age_nanos, "{kind}");
        }
    }
}
