//! `gait pack verify` and `gait voice pack verify` (05 §5, §9).

use gait_base::error::ExitCode;
use gait_host::pack::{self, PackOutput, VerifyRequest};

use super::keys_verify::key_flags;
use super::pack::{flag_or_first, head, mismatch};
use crate::report::{Answer, Call, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let output = pack::verify(&VerifyRequest {
        path: flag_or_first(call, "path"),
        profile: call.args.text("profile"),
        require_signature: call.args.flag("require-signature"),
        keys: key_flags(call),
        mode: call.mode(),
    })?;
    let report = Report::new(&output, tell(&output));
    Ok(if output.ok { report } else { report.exit(ExitCode::VerificationFailed) })
}

fn tell(output: &PackOutput) -> Text {
    let Some(found) = &output.verify else { return head(output) };
    let mismatches: Vec<String> = found.hash_mismatches.iter().map(mismatch).collect();
    head(output)
        .pair("entries", found.files_checked)
        .pair("signature", &found.signature_status)
        .lines("missing", &found.missing_files)
        .lines("changed", &mismatches)
        .lines("undeclared", &found.undeclared_files)
        .lines("contradiction", &found.contradictions)
        .lines("signature", &found.signature_errors)
}
