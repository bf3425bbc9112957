//! `gait trace verify` (01 §10.6).

use gait_base::error::ExitCode;
use gait_base::key::VerifyingKey;
use gait_gate::trace::{self, TraceError, Verification};
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
    pub(super) struct TraceVerifyOutput {
        /// Whether the signature holds.
        pub(super) ok: bool,
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
        pub(super) error: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let path = match (call.args.text("path"), call.args.positionals()) {
        ("", [path]) => path.as_str(),
        (path, []) if !path.is_empty() => path,
        _ => return Err(Failure::usage("expected trace path")),
    };
    let key = || Ok(key_flags(call).load_verify_key(&MachineKeys)?);
    let (record, error) = of_trace(call, path, key)?;
    let head = if record.ok { Text::ok("trace verify") } else { Text::failed("trace verify") };
    let mut text = head
        .pair("path", path)
        .pair("trace_id", &record.trace_id)
        .verdict("verdict", &record.verdict)
        .pair("signature", &record.signature_status);
    if !record.key_id.is_empty() {
        text = text.pair("key_id", &record.key_id);
    }
    if !record.error.is_empty() {
        text = text.line("reason", &record.error);
    }
    let report = Report::new(&record, text);
    Ok(match error {
        Some(error) => report.exit(ExitCode::VerificationFailed).classified(&error),
        None if record.ok => report,
        None => report.exit(ExitCode::VerificationFailed),
    })
}

/// Verifies the trace in a file; gives what to print, and why the signature could not be checked. The key is asked for
/// only once the trace was read.
pub(super) fn of_trace(
    call: &Call<'_>,
    path: &str,
    key: impl FnOnce() -> Result<VerifyingKey, Failure>,
) -> Result<(TraceVerifyOutput, Option<TraceError>), Failure> {
    let trace = trace::parse(&read_limited(path, TRACE_LIMIT)?, call.mode())?;
    let outcome = trace::verify(&trace, &key()?);
    let verified = matches!(outcome, Ok(Verification::Verified));
    let error = outcome.err();
    let named_key = trace.signature.filter(|_| error.is_none()).map(|signature| signature.key_id);
    let record = TraceVerifyOutput {
        ok: verified,
        path: path.to_owned(),
        trace_id: trace.trace_id,
        verdict: trace.verdict,
        signature_status: if verified { "verified" } else { "failed" }.to_owned(),
        key_id: named_key.unwrap_or_default(),
        error: error.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    Ok((record, error))
}
