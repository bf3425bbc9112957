//! `gait guard verify` (05 §11.8).

use gait_base::error::ExitCode;
use gait_evidence::guard::VerifyOptions;
use gait_evidence::runpack::HashMismatch;
use gait_host::guard;

use super::input::flag_or_positional;
use super::verify::SignatureDemand;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `guard verify` prints.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct GuardVerifyOutput {
        /// Whether the pack holds.
        pub(super) ok: bool,
        /// The file, as it was named.
        path: String => omit,
        /// The pack's id.
        pack_id: String => omit,
        /// The run.
        run_id: String => omit,
        /// How many entries the manifest lists.
        files_checked: i64 => omit,
        /// Listed entries that are not there.
        missing_files: Vec<String> => omit,
        /// Entries with another digest than listed.
        hash_mismatches: Vec<HashMismatch> => omit,
        /// Entries that are not listed; told in strict mode only.
        undeclared_files: Vec<String> => omit,
        /// Where manifest and entries contradict one another; looked for in strict mode only.
        contradictions: Vec<String> => omit,
        /// `missing`, `skipped`, `verified` or `failed`.
        signature_status: String => omit,
        /// What is wrong with signatures.
        signature_errors: Vec<String> => omit,
        /// How many signatures there are.
        signatures_total: i64 => omit,
        /// How many hold.
        signatures_valid: i64 => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = flag_or_positional(call, "path", "expected the path of an evidence pack")?;
    let demand = SignatureDemand::of(call)?;
    let record = of_pack(call, path, &demand)?;
    let text = tell(&record);
    let report = Report::new(&record, text);
    Ok(if record.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

/// Verifies the pack in a file.
pub(super) fn of_pack(call: &Call<'_>, path: &str, demand: &SignatureDemand) -> Result<GuardVerifyOutput, Failure> {
    let options = VerifyOptions {
        key: demand.key.as_ref(),
        require_signature: demand.required,
        mode: call.mode(),
        ..VerifyOptions::default()
    };
    let found = guard::verify(path, &options)?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(GuardVerifyOutput {
        ok: found.ok(),
        path: path.to_owned(),
        pack_id: found.pack_id,
        run_id: found.run_id,
        files_checked: count(found.files_checked),
        missing_files: found.missing_files,
        hash_mismatches: found.hash_mismatches,
        undeclared_files: if call.strict { found.undeclared_files } else { Vec::new() },
        contradictions: found.contradictions,
        signature_status: found.signatures.status.as_str().to_owned(),
        signature_errors: found.signatures.errors,
        signatures_total: count(found.signatures.total),
        signatures_valid: count(found.signatures.valid),
    })
}

/// The lines for a person.
pub(super) fn tell(output: &GuardVerifyOutput) -> Text {
    let head = if output.ok { Text::ok("guard verify") } else { Text::failed("guard verify") };
    let mut text = head
        .words(&output.path)
        .pair("pack_id", &output.pack_id)
        .pair("run_id", &output.run_id)
        .pair("files", output.files_checked)
        .pair("signature", &output.signature_status)
        .lines("missing", &output.missing_files);
    for one in &output.hash_mismatches {
        text = text.label("mismatch").words(&one.path).pair("expected", &one.expected).pair("actual", &one.actual);
    }
    text.lines("undeclared", &output.undeclared_files)
        .lines("contradiction", &output.contradictions)
        .lines("signature error", &output.signature_errors)
}
