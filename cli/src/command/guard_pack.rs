//! `gait guard pack` (05 §11.1).

use gait_base::key::config::KeyConfig;
use gait_evidence::guard::Template;
use gait_host::clock::SystemClock;
use gait_host::guard::{self, EvidencePaths, PackRequest};

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `guard pack` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct GuardPackOutput {
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
        /// How many controls it is indexed by.
        controls: i64 => omit,
        /// How many entries are made for people.
        rendered_artifacts: i64 => omit,
        /// Where the manifest is.
        manifest_path: String => omit,
        /// What the caller must be told.
        warnings: Vec<String> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let flags = call.args;
    let named = flag_or_positional(call, "run", "expected --run <run_id|path>")?;
    let evidence = EvidencePaths {
        inventories: EvidencePaths::list(flags.text("inventory")),
        traces: EvidencePaths::list(flags.text("trace")),
        regressions: EvidencePaths::list(flags.text("regress")),
        approval_audits: EvidencePaths::list(flags.text("approval-audit")),
        credentials: EvidencePaths::list(flags.text("credential-evidence")),
    };
    let request = PackRequest {
        run: named,
        out: flags.text("out"),
        case_id: flags.text("case-id"),
        template: Template::named(flags.text("template")),
        evidence: &evidence,
        render_pdf: flags.flag("render-pdf"),
        key: KeyConfig {
            mode: flags.text("key-mode"),
            private_path: flags.text("private-key"),
            private_env: flags.text("private-key-env"),
            ..KeyConfig::default()
        },
        producer_version: call.producer_version,
        mode: call.mode(),
    };
    let packed = guard::pack(&request, &SystemClock)?;
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let record = GuardPackOutput {
        ok: true,
        manifest_path: format!("{}#pack_manifest.json", packed.path),
        pack_path: packed.path,
        pack_id: packed.manifest.pack_id,
        run_id: packed.manifest.run_id,
        template_id: packed.manifest.template_id,
        controls: count(packed.manifest.control_index.len()),
        rendered_artifacts: count(packed.manifest.rendered_artifacts.len()),
        warnings: packed.warnings,
    };
    let text = Text::ok("guard pack")
        .words(&record.pack_path)
        .pair("pack_id", &record.pack_id)
        .pair("run_id", &record.run_id)
        .pair("template", &record.template_id)
        .pair("controls", record.controls)
        .lines("warning", &record.warnings);
    Ok(Report::new(&record, text))
}
