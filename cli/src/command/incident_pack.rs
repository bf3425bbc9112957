//! `gait incident pack` (05 §12).

use gait_base::duration::parse_duration;
use gait_evidence::guard::Template;
use gait_host::clock::SystemClock;
use gait_host::guard::{self, IncidentRequest};

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `incident pack` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct IncidentPackOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Where the pack is.
        pack_path: String => omit,
        /// Its id.
        pack_id: String => omit,
        /// The run.
        run_id: String => omit,
        /// The template.
        template_id: String => omit,
        /// How many traces were in the window.
        trace_count: i64 => omit,
        /// How many results of regression runs were in the window.
        regress_count: i64 => omit,
        /// How many approval audits were selected.
        approval_audit_count: i64 => omit,
        /// How many credential records were selected.
        credential_evidence_count: i64 => omit,
        /// The policies in force in the window.
        policy_digests: Vec<String> => omit,
        /// Where the window begins.
        window_from: String => omit,
        /// Where the window ends.
        window_to: String => omit,
        /// What was skipped; told in strict mode only.
        warnings: Vec<String> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let flags = call.args;
    let named = flag_or_positional(call, "from", "expected --from <run_id|path>")?;
    let window_nanos = parse_duration(flags.text("window").trim())
        .map_err(|error| Failure { text: format!("--window: {error}"), ..Failure::of(&error) })?;
    let request = IncidentRequest {
        run: named,
        window_nanos,
        out: flags.text("out"),
        case_id: flags.text("case-id"),
        template: Template::named(flags.text("template")),
        render_pdf: flags.flag("render-pdf"),
        producer_version: call.producer_version,
        mode: call.mode(),
    };
    let packed = guard::pack_incident(&request, &SystemClock)?;
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let window = packed.manifest.incident_window.unwrap_or_default();
    let mut record = IncidentPackOutput {
        ok: true,
        pack_path: packed.path,
        pack_id: packed.manifest.pack_id,
        run_id: packed.manifest.run_id,
        template_id: packed.manifest.template_id,
        trace_count: count(packed.trace_count),
        regress_count: count(packed.regress_count),
        approval_audit_count: count(packed.approval_audit_count),
        credential_evidence_count: count(packed.credential_evidence_count),
        policy_digests: packed.policy_digests,
        window_from: window.from.format_seconds()?,
        window_to: window.to.format_seconds()?,
        warnings: packed.warnings,
    };
    let text = tell(&record);
    if !call.strict {
        record.warnings.clear();
    }
    Ok(Report::new(&record, text))
}

/// The lines for a person.
fn tell(output: &IncidentPackOutput) -> Text {
    Text::ok("incident pack")
        .words(&output.pack_path)
        .pair("pack_id", &output.pack_id)
        .pair("run_id", &output.run_id)
        .pair("from", &output.window_from)
        .pair("to", &output.window_to)
        .pair("traces", output.trace_count)
        .pair("regressions", output.regress_count)
        .pair("approvals", output.approval_audit_count)
        .pair("credentials", output.credential_evidence_count)
        .lines("policy", &output.policy_digests)
        .lines("warning", &output.warnings)
}
