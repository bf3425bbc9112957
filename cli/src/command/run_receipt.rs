//! `gait run receipt` (04 §8.7).

use gait_base::error::ExitCode;
use gait_evidence::runpack::{VerifyOptions, checked_ticket_footer};
use gait_host::runpack;

use super::input::flag_or_positional;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `run receipt` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct RunReceiptOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The run.
        run_id: String => omit,
        /// Where the runpack is.
        path: String => omit,
        /// The digest of its manifest.
        manifest_digest: String => omit,
        /// The line for a ticket.
        ticket_footer: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = runpack::resolve(flag_or_positional(call, "from", "expected --from <run_id|path>")?)?;
    let found = runpack::verify(&path, &VerifyOptions { mode: call.mode(), ..VerifyOptions::default() })?;
    if !found.is_intact() || (call.strict && !found.ok()) {
        return Err(Failure { exit: ExitCode::VerificationFailed, ..Failure::usage("runpack verification failed") });
    }
    let record = RunReceiptOutput {
        ok: true,
        ticket_footer: checked_ticket_footer(&found.run_id, &found.manifest_digest)?,
        run_id: found.run_id,
        path: path.display().to_string(),
        manifest_digest: found.manifest_digest,
    };
    let text = Text::verbatim(record.ticket_footer.clone());
    Ok(Report::new(&record, text))
}
