//! `gait run record` (04 §8.1).

use gait_base::key::config::KeyConfig;
use gait_evidence::runpack::ticket_footer;
use gait_host::clock::{Clock as _, SystemClock};
use gait_host::runpack::{self, RecordRequest};

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run record` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct RunRecordOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The run.
        run_id: String => omit,
        /// Where the runpack is.
        bundle: String => omit,
        /// The digest of its manifest.
        manifest_digest: String => omit,
        /// `missing` or `signed`.
        signature_status: String => omit,
        /// The key that signed it.
        signature_key_id: String => omit,
        /// What a person should know.
        warnings: Vec<String> => omit,
        /// The line for a ticket.
        ticket_footer: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let input = flag_or_positional(call, "input", "expected --input <record.json>")?;
    let text = |name: &str| call.args.text(name);
    let outcome = runpack::record(&RecordRequest {
        input,
        out_dir: text("out-dir"),
        run_id: text("run-id"),
        capture_mode: text("capture-mode"),
        context_envelope: text("context-envelope"),
        context_evidence_mode: text("context-evidence-mode"),
        allow_raw_context: call.args.flag("unsafe-context-raw"),
        key: KeyConfig {
            mode: text("key-mode"),
            private_path: text("private-key"),
            private_env: text("private-key-env"),
            ..KeyConfig::default()
        },
        mode: call.mode(),
        now: SystemClock.now(),
    })?;
    let path = outcome.path.display().to_string();
    let record = RunRecordOutput {
        ok: true,
        bundle: if path.starts_with(['/', '.']) { path } else { format!("./{path}") },
        signature_status: if outcome.key_id.is_some() { "signed" } else { "missing" }.to_owned(),
        signature_key_id: outcome.key_id.unwrap_or_default(),
        warnings: outcome.warnings,
        ticket_footer: ticket_footer(&outcome.manifest.run_id, &outcome.manifest.manifest_digest),
        run_id: outcome.manifest.run_id,
        manifest_digest: outcome.manifest.manifest_digest,
    };
    let text = Text::ok("run record")
        .pair("run_id", &record.run_id)
        .pair("bundle", &record.bundle)
        .pair("signature", &record.signature_status)
        .line("ticket footer", &record.ticket_footer)
        .lines("warning", &record.warnings);
    Ok(Report::new(&record, text))
}
