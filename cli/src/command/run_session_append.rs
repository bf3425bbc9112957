//! `gait run session append` (04 §8.4).

use gait_base::text::{split_csv, trim_fold};
use gait_evidence::session::EventDraft;

use super::run_session::{required, warnings, with_session};
use crate::report::{Answer, Call, Failure};
use crate::text::Text;

const VERDICTS: [&str; 4] = ["allow", "block", "dry_run", "require_approval"];

pub(crate) fn run(call: &Call<'_>) -> Answer {
    required(call, "journal")?;
    let (tool, verdict) = (required(call, "tool")?, trim_fold(required(call, "verdict")?));
    if !VERDICTS.contains(&verdict.as_str()) {
        return Err(Failure::usage(format!("--verdict must be one of {}, not {verdict:?}", VERDICTS.join(", "))));
    }
    let text = |name: &str| call.args.text(name).to_owned();
    let draft = EventDraft {
        intent_id: text("intent-id"),
        tool_name: tool.to_owned(),
        intent_digest: text("intent-digest"),
        policy_digest: text("policy-digest"),
        trace_id: text("trace-id"),
        trace_path: text("trace-path"),
        verdict,
        reason_codes: split_csv(call.args.text("reason-codes")),
        violations: split_csv(call.args.text("violations")),
        ..EventDraft::default()
    };
    with_session(call, "append", |session, record| {
        let appended = session.append(draft)?;
        // The name of a tool may tell what an agent works on; it stays out of terminals and their logs.
        let text = Text::default()
            .label("session append")
            .pair("sequence", appended.event.sequence)
            .pair("tool", "redacted")
            .verdict("verdict", &appended.event.verdict);
        record.event = Some(appended.event);
        record.warnings = warnings(&appended.repairs);
        Ok(text)
    })
}
