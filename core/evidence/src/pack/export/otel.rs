//! A pack as lines of telemetry: a span, an event, and its metrics.

use gait_base::digest::sha256;
use gait_base::json::{self, Encode, EncodeError};
use gait_base::record;
use gait_base::time::Timestamp;

use super::ExportRecord;
use crate::pack::digest_text::is_digest;

/// The ids under which the telemetry of a pack stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtelIds {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
}

/// The ids of a pack: cut from its id if that is a digest, else from its manifest's digest, else from its source.
#[must_use]
pub fn otel_ids(pack_id: &str, manifest_digest: &str, pack_type: &str, source_ref: &str) -> OtelIds {
    let digest = [pack_id, manifest_digest].into_iter().find(|text| is_digest(text));
    let seed = digest.map_or_else(
        || sha256(format!("{}|{}", pack_type.trim(), source_ref.trim()).as_bytes()).to_hex(),
        |text| text.trim().to_ascii_lowercase(),
    );
    let (trace_id, rest) = seed.split_at_checked(32).unwrap_or_default();
    OtelIds { trace_id: trace_id.to_owned(), span_id: rest.get(..16).unwrap_or_default().to_owned() }
}

record! {
    /// Stands on every line.
    #[derive(Clone, Debug, PartialEq)]
    struct Attributes {
        approval_required: i64 as "gait.approval_required",
        files_checked: i64 as "gait.files_checked",
        hash_mismatches: i64 as "gait.hash_mismatches",
        integrity_ok: bool as "gait.integrity_ok",
        manifest_digest: String as "gait.manifest_digest",
        missing_files: i64 as "gait.missing_files",
        pack_id: String as "gait.pack_id",
        pack_type: String as "gait.pack_type",
        policy_blocked: i64 as "gait.policy_blocked",
        regress_failures: i64 as "gait.regress_failures",
        signature_status: String as "gait.signature_status",
        signatures_total: i64 as "gait.signatures_total",
        signatures_valid: i64 as "gait.signatures_valid",
        source_ref: String as "gait.source_ref",
        tool_calls_ok: i64 as "gait.tool_calls_ok",
        tool_calls_total: i64 as "gait.tool_calls_total",
        undeclared_files: i64 as "gait.undeclared_files",
    }
}

record! {
    /// The verification as a span without duration.
    #[derive(Clone, Debug, PartialEq)]
    struct Span {
        attributes: Attributes,
        end_time_unix_nano: i64,
        instrumentation_scope: String,
        name: String,
        record_type: String,
        span_id: String,
        start_time_unix_nano: i64,
        status: Status,
        trace_id: String,
    }
}

record! {
    /// `ok` or `error`.
    #[derive(Clone, Debug, PartialEq)]
    struct Status {
        code: String,
    }
}

record! {
    /// The export as an event.
    #[derive(Clone, Debug, PartialEq)]
    struct Event {
        attributes: Attributes,
        body: String,
        record_type: String,
        severity_text: String,
        span_id: String,
        time_unix_nano: i64,
        trace_id: String,
    }
}

record! {
    /// A number.
    #[derive(Clone, Debug, PartialEq)]
    struct Metric {
        attributes: Attributes,
        name: String,
        record_type: String,
        time_unix_nano: i64,
        unit: String,
        value_double: Option<f64> => omit,
        value_int: Option<i64> => omit,
    }
}

/// The lines of a pack, each ending in a newline but the last.
///
/// # Errors
/// [`EncodeError`] for a rate that is no number.
pub fn otel_lines(record: &ExportRecord) -> Result<Vec<u8>, EncodeError> {
    let metrics = &record.metrics;
    let attributes = attributes(record);
    let OtelIds { trace_id, span_id } =
        otel_ids(&record.pack_id, &record.manifest_digest, &record.pack_type, &record.source_ref);
    let time = nanoseconds(&record.created_at);
    let span = Span {
        attributes: attributes.clone(),
        end_time_unix_nano: time,
        instrumentation_scope: "gait.pack.export".to_owned(),
        name: "gait.pack.verify".to_owned(),
        record_type: "span".to_owned(),
        span_id: span_id.clone(),
        start_time_unix_nano: time,
        status: Status { code: if record.is_intact() { "ok" } else { "error" }.to_owned() },
        trace_id: trace_id.clone(),
    };
    let event = Event {
        attributes: attributes.clone(),
        body: "gait.pack.export.metadata".to_owned(),
        record_type: "event".to_owned(),
        severity_text: "INFO".to_owned(),
        span_id,
        time_unix_nano: time,
        trace_id,
    };
    let mut lines = Vec::new();
    put(&span, &mut lines)?;
    put(&event, &mut lines)?;
    for (name, value) in [
        ("tool_calls_total", Ok(metrics.tool_calls_total)),
        ("tool_calls_success_total", Ok(metrics.tool_calls_success)),
        ("tool_calls_success_rate", Err(metrics.tool_calls_success_rate)),
        ("policy_blocked_total", Ok(metrics.policy_blocked)),
        ("approval_required_total", Ok(metrics.approval_required)),
        ("regress_failures_total", Ok(metrics.regress_failures)),
    ] {
        let metric = Metric {
            attributes: attributes.clone(),
            name: format!("gait.pack.{name}"),
            record_type: "metric".to_owned(),
            time_unix_nano: time,
            unit: if value.is_ok() { "1" } else { "ratio" }.to_owned(),
            value_double: value.err(),
            value_int: value.ok(),
        };
        put(&metric, &mut lines)?;
    }
    lines.pop();
    Ok(lines)
}

fn attributes(record: &ExportRecord) -> Attributes {
    Attributes {
        approval_required: record.metrics.approval_required,
        files_checked: record.files_checked,
        hash_mismatches: record.hash_mismatches,
        integrity_ok: record.is_intact(),
        manifest_digest: record.manifest_digest.clone(),
        missing_files: record.missing_files,
        pack_id: record.pack_id.clone(),
        pack_type: record.pack_type.clone(),
        policy_blocked: record.metrics.policy_blocked,
        regress_failures: record.metrics.regress_failures,
        signature_status: record.signature_status.clone(),
        signatures_total: record.signatures_total,
        signatures_valid: record.signatures_valid,
        source_ref: record.source_ref.clone(),
        tool_calls_ok: record.metrics.tool_calls_success,
        tool_calls_total: record.metrics.tool_calls_total,
        undeclared_files: record.undeclared_files,
    }
}

fn put<T: Encode>(line: &T, lines: &mut Vec<u8>) -> Result<(), EncodeError> {
    lines.extend_from_slice(&json::to_compact(line)?);
    lines.push(b'\n');
    Ok(())
}

/// Nanoseconds since 1970; times beyond some 292 years from then are cut to that.
fn nanoseconds(time: &Timestamp) -> i64 {
    let nanos = i128::from(time.unix_seconds()) * 1_000_000_000 + i128::from(time.nanos());
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}
