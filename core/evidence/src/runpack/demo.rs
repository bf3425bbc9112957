//! The run that `gait demo` records: the same bytes for the same version (04 §9.1).

use gait_base::digest::sha256;
use gait_base::json::{Map, Value};
use gait_base::time::Timestamp;

use super::document::{IntentRecord, Payload, ResultRecord, Run, RunEnvironment, TimelineEvent};
use super::record::{REFERENCE, RunpackDraft};
use super::{Receipt, Refs};

/// The id of the demo's run.
pub const DEMO_RUN_ID: &str = "run_demo";

/// 2026-02-05T00:00:00Z.
const DEMO_SECONDS: i64 = 1_770_249_600;

/// What the demo records.
#[must_use]
pub fn demo(producer_version: &str) -> RunpackDraft {
    let at = |seconds: i64| Timestamp::from_unix(DEMO_SECONDS + seconds, 0).unwrap_or(Timestamp::EPOCH_1980);
    let calls = [
        ("tool.search", "query", "gait demo: offline verification"),
        ("tool.fetch", "url", "https://example.local/demo"),
        ("tool.summarize", "input_ref", "ref_1"),
    ];
    let event =
        |name: &str, seconds| TimelineEvent { event: name.to_owned(), ts: at(seconds), ..TimelineEvent::default() };
    let run = Run {
        created_at: at(0),
        producer_version: producer_version.to_owned(),
        run_id: DEMO_RUN_ID.to_owned(),
        env: RunEnvironment { os: "demo".to_owned(), arch: "demo".to_owned(), runtime: "go".to_owned() },
        timeline: Some(vec![event("start", 0), event("finish", 2)]),
        ..Run::default()
    };
    let numbered = || (1..).zip(calls);
    let intents = numbered().map(|(i, (tool, name, value))| IntentRecord {
        intent_id: format!("intent_{i}"),
        tool_name: tool.to_owned(),
        args: payload([(name, Value::from(value))]),
        ..IntentRecord::default()
    });
    let results = numbered().map(|(i, _)| ResultRecord {
        intent_id: format!("intent_{i}"),
        status: "ok".to_owned(),
        result: payload([("ok", Value::from(true)), ("message", Value::from(format!("demo result {i}")))]),
        ..ResultRecord::default()
    });
    let receipts = numbered().map(|(i, (tool, _, _))| Receipt {
        ref_id: format!("ref_{i}"),
        source_type: "demo".to_owned(),
        source_locator: tool.to_owned(),
        query_digest: sha256(format!("query-{i}").as_bytes()).to_hex(),
        content_digest: sha256(format!("content-{i}").as_bytes()).to_hex(),
        retrieved_at: at(0),
        redaction_mode: REFERENCE.to_owned(),
        ..Receipt::default()
    });
    RunpackDraft {
        run,
        intents: intents.collect(),
        results: results.collect(),
        refs: Refs { receipts: receipts.collect(), ..Refs::default() },
        capture_mode: REFERENCE.to_owned(),
        ..RunpackDraft::default()
    }
}

fn payload<const N: usize>(members: [(&str, Value); N]) -> Payload {
    Payload(Some(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map>()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::runpack::{DEFAULT_PRODUCER_VERSION, RecordOptions, VerifyOptions, record, verify};

    #[test]
    fn the_demo_is_the_same_everywhere() {
        let options = RecordOptions { now: Timestamp::ZERO, signing_key: None };
        let recorded = record(demo(DEFAULT_PRODUCER_VERSION), &options).unwrap();
        assert_eq!(
            recorded.manifest.manifest_digest,
            "436474ad70446539c909ae85bcc156d30197ba68efb8debdaed4f5d2eef2922e"
        );
        assert_eq!(recorded.bytes.len(), 2377);
        assert_eq!(
            sha256(&recorded.bytes).to_hex(),
            "4e0b4ca60bdab11617c667b9e1196f551186bb5beb1be74868a92138d2981447"
        );
        assert!(verify(Cursor::new(&recorded.bytes), &VerifyOptions::default()).unwrap().ok());
        assert_ne!(
            record(demo("1.2.3"), &options).unwrap().manifest.manifest_digest,
            recorded.manifest.manifest_digest
        );
    }
}
