//! `gait capture` (04 §8.12).

use gait_evidence::runpack::{CAPTURE_SCHEMA, CaptureReceipt, SCHEMA_VERSION};
use gait_host::runpack;

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `capture` prints when nothing could be captured.
    #[derive(Clone, Debug, PartialEq)]
    struct CaptureFailure {
        schema_id: String,
        schema_version: String,
        ok: bool,
        from: String => omit,
        error: String,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let from = call.args.text("from").trim();
    if from.is_empty() {
        return Err(Failure::usage("expected --from <run_id|runpack.zip|trace.json|session_chain.json>"));
    }
    let receipt = match runpack::capture(from, call.args.text("checkpoint"), call.mode()) {
        Ok(receipt) => receipt,
        Err(error) => return Ok(failed(from, Failure::of(&error))),
    };
    let receipt = CaptureReceipt { output_path: call.args.text("out").trim().to_owned(), ..receipt };
    runpack::write_receipt(&receipt)?;
    let mut text = Text::ok("capture").pair("artifact", &receipt.artifact_type).pair("path", &receipt.artifact_path);
    if !receipt.run_id.is_empty() {
        text = text.pair("run_id", &receipt.run_id);
    }
    let text = text.pair("output", &receipt.output_path);
    Ok(Report::new(&receipt, text))
}

/// Nothing was found: told together with what was looked for.
fn failed(from: &str, failure: Failure) -> Report {
    let record = CaptureFailure {
        schema_id: CAPTURE_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        ok: false,
        from: from.to_owned(),
        error: failure.text,
    };
    let text = Text::error("capture", &record.error);
    Report { class: failure.class, ..Report::new(&record, text).exit(failure.exit) }
}
