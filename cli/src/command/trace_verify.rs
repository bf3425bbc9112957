//! `gait trace verify` (01 §10.6).

use gait_base::error::ExitCode;
use gait_gate::trace::{self, Verification};
use gait_host::fs::read_limited;
use gait_host::keys::MachineKeys;

use super::keys_verify::key_flags;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

/// Larger than any trace.
const TRACE_LIMIT: u64 = 64 << 20;

gait_base::record! {
    /// What `trace verify` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct TraceVerifyOutput {
        /// Whether the signature holds.
        ok: bool,
        /// The file, as it was named.
        path: String => omit,
        /// The trace's id.
        trace_id: String => omit,
        /// The trace's verdict.
        verdict: String => omit,
        /// `verified` or `failed`.
        signature_status: String => omit,
        /// The key that the trace names, unless the check ended in an error.
        key_id: String => omit,
        /// Why the signature could not be checked.
        error: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = match (call.args.text("path"), call.args.positionals()) {
        ("", [path]) => path.as_str(),
        (path, []) if !path.is_empty() => path,
        _ => return Err(Failure::usage("expected trace path")),
    };
    let trace = trace::parse(&read_limited(path, TRACE_LIMIT)?, call.mode())?;
    let key = key_flags(call).load_verify_key(&MachineKeys)?;
    let outcome = trace::verify(&trace, &key);

    let verified = matches!(outcome, Ok(Verification::Verified));
    let error = outcome.as_ref().err();
    let named_key = trace.signature.as_ref().filter(|_| error.is_none()).map(|signature| signature.key_id.clone());
    let record = TraceVerifyOutput {
        ok: verified,
        path: path.to_owned(),
        trace_id: trace.trace_id.clone(),
        verdict: trace.verdict.clone(),
        signature_status: if verified { "verified" } else { "failed" }.to_owned(),
        key_id: named_key.unwrap_or_default(),
        error: error.map(ToString::to_string).unwrap_or_default(),
    };
    let head = if verified { Text::ok("trace verify") } else { Text::failed("trace verify") };
    let mut text = head
        .pair("path", path)
        .pair("trace_id", &record.trace_id)
        .verdict("verdict", &record.verdict)
        .pair("signature", &record.signature_status);
    if !record.key_id.is_empty() {
        text = text.pair("key_id", &record.key_id);
    }
    if let Some(error) = error {
        text = text.line("reason", &error.to_string());
    }
    let report = Report::new(&record, text);
    Ok(match error {
        Some(error) => report.exit(ExitCode::VerificationFailed).classified(error),
        None if verified => report,
        None => report.exit(ExitCode::VerificationFailed),
    })
}
