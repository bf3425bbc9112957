//! Proof records: the recorded table, chains, and what verification notices.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod vectors;

use gait_base::error::{Category, Classify};
use gait_base::json::{self, Map, Reading, Value};
use gait_base::key::SigningKey;
use gait_base::proof::{LineFault, ProofChain, ProofControls, ProofDraft, ProofError, ProofRecord, verify_lines};
use gait_base::time::Timestamp;
use vectors::{Row, rows};

fn map(value: &serde_json::Value) -> Option<Map> {
    match json::parse(value.to_string().as_bytes(), Reading::COMPAT).unwrap() {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn draft(row: &Row) -> ProofDraft {
    ProofDraft {
        record_version: row.input("record_version"),
        timestamp: Some(Timestamp::parse(&row.input("timestamp")).unwrap()),
        source: row.input("source"),
        source_product: row.input("source_product"),
        agent_id: row.input("agent_id"),
        record_type: row.input("record_type"),
        event: map(row.input_value("event")),
        controls: json::decode(row.input_value("controls").to_string().as_bytes(), Reading::CLOSED).unwrap(),
        metadata: map(row.input_value("metadata")),
    }
}

#[test]
fn recorded_table() {
    for row in rows("primitives/proof-record.jsonl") {
        let name = row.name();
        let previous = row.input("previous_record_hash");
        match ProofRecord::build(draft(&row), &previous, &Timestamp::EPOCH_1980) {
            Ok(record) => {
                assert!(row.ok(), "{name}");
                assert_eq!(record.record_id, row.want("record_id"), "{name}");
                assert_eq!(record.integrity.record_hash, row.want("record_hash"), "{name}");
                let line = record.to_line().unwrap();
                assert_eq!(String::from_utf8(line.clone()).unwrap(), row.want("line"), "{name}");
                if previous.is_empty() {
                    assert_eq!(verify_lines(&line, None).unwrap().records, 1, "{name}");
                }
            }
            Err(error) => {
                assert!(!row.ok(), "{name}: {error}");
                assert_eq!(error.to_string(), row.want("error"), "{name}");
            }
        }
    }
}

fn sample(count: f64) -> ProofDraft {
    ProofDraft {
        source: " src ".into(),
        source_product: "product".into(),
        record_type: "kind".into(),
        event: Some(Map::from_iter([("count".to_owned(), Value::Number(count))])),
        controls: ProofControls { within_scope: Some(false), ..ProofControls::default() },
        ..ProofDraft::default()
    }
}

fn chain(key: Option<&SigningKey>) -> Vec<u8> {
    let now = Timestamp::parse("2026-03-04T05:06:07.9Z").unwrap();
    let mut chain = ProofChain::new(key);
    for count in 0..3 {
        chain.append(sample(f64::from(count)), &now).unwrap();
    }
    chain.into_lines()
}

fn fault(content: &[u8]) -> (usize, LineFault) {
    let error = verify_lines(content, None).unwrap_err();
    assert_eq!(error.category(), Category::VerificationFailed);
    match error {
        ProofError::Line { line, fault } => (line, fault),
        other => panic!("{other}"),
    }
}

#[test]
fn chains() {
    let content = chain(None);
    let text = String::from_utf8(content.clone()).unwrap();
    assert!(!text.ends_with('\n'));
    assert!(text.contains(r#""timestamp":"2026-03-04T05:06:07Z""#), "now is cut to whole seconds");
    assert_eq!(verify_lines(&content, None).unwrap().records, 3);
    assert_eq!(verify_lines(b"", None).unwrap().records, 0);
    let spaced = format!("\n \u{a0}{}\r\n\n", text.replace('\n', "\r\n\n"));
    assert_eq!(verify_lines(spaced.as_bytes(), None).unwrap().records, 3);

    let lines: Vec<&str> = text.lines().collect();
    let swapped = [lines[0], lines[2], lines[1]].join("\n");
    assert_eq!(fault(swapped.as_bytes()), (2, LineFault::ChainBroken));
    assert_eq!(fault(lines[1].as_bytes()), (1, LineFault::ChainBroken));
    let changed = text.replace(r#""count":2"#, r#""count":3"#);
    assert_eq!(fault(changed.as_bytes()), (3, LineFault::HashMismatch));
    assert!(matches!(fault(format!("{text}\n\n{{").as_bytes()), (5, LineFault::Parse(_))));
    assert_eq!(
        fault(text.replacen(r#""source":"src""#, r#""source":" ""#, 1).as_bytes()),
        (1, LineFault::Required("source"))
    );
    assert_eq!(fault(&vec![b' '; (10 << 20) + 1]), (1, LineFault::TooLong));
    assert_eq!(verify_lines(&vec![b' '; 10 << 20], None).unwrap().records, 0);
}

#[test]
fn lines_with_and_without_a_break_at_the_end() {
    assert_eq!(ProofChain::new(None).into_terminated_lines(), b"");
    let mut chain = ProofChain::new(None);
    chain.append(sample(1.0), &Timestamp::EPOCH_1980).unwrap();
    assert!(chain.append(ProofDraft::default(), &Timestamp::EPOCH_1980).is_err());
    let lines = chain.into_terminated_lines();
    assert_eq!(lines.iter().filter(|&&byte| byte == b'\n').count(), 1);
    assert_eq!(lines.last(), Some(&b'\n'));
}

#[test]
fn signatures() {
    let (key, other) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let content = String::from_utf8(chain(Some(&key))).unwrap();
    let errors = |content: &str, key: &SigningKey| {
        let report = verify_lines(content.as_bytes(), Some(key.verifying_key())).unwrap();
        assert_eq!(report.records, 3);
        report.signature_errors
    };
    assert!(errors(&content, &key).is_empty());
    assert_eq!(verify_lines(content.as_bytes(), None).unwrap().signature_errors, [""; 0]);

    let unsigned = String::from_utf8(chain(None)).unwrap();
    assert_eq!(errors(&unsigned, &key)[1], "proof_records line 2 missing signature");
    assert_eq!(errors(&content, &other)[0], "proof_records line 1 signature verification: key id mismatch");
    let relabelled = content.replace(key.key_id(), other.key_id());
    assert_eq!(errors(&relabelled, &other)[2], "proof_records line 3 signature verification failed");
    let nameless = content.replace(key.key_id(), "");
    assert_eq!(errors(&nameless, &key)[0], "proof_records line 1 missing signing_key_id");
    let prefixed = content.replace("base64:", "hex:");
    assert_eq!(errors(&prefixed, &key)[0], "proof_records line 1 unsupported signature prefix");
    let garbled = content.replace("base64:", "base64:*");
    assert!(errors(&garbled, &key)[0].starts_with("proof_records line 1 signature verification: decode sig: "));
}

#[test]
fn empty_metadata_differs_from_none_in_the_hash_only() {
    let build =
        |metadata| ProofRecord::build(ProofDraft { metadata, ..sample(1.0) }, "", &Timestamp::EPOCH_1980).unwrap();
    let (none, empty) = (build(None), build(Some(Map::new())));
    assert_ne!(none.integrity.record_hash, empty.integrity.record_hash);
    for record in [none, empty] {
        assert!(!String::from_utf8(record.to_line().unwrap()).unwrap().contains("metadata"));
    }
}

#[test]
fn required_parts_in_their_order() {
    let build = |draft| ProofRecord::build(draft, "", &Timestamp::EPOCH_1980).unwrap_err().to_string();
    assert_eq!(build(ProofDraft { record_version: " ".into(), ..ProofDraft::default() }), "record_version is required");
    assert_eq!(build(ProofDraft::default()), "source is required");
    assert_eq!(build(ProofDraft { source: "s".into(), ..ProofDraft::default() }), "source_product is required");
    assert_eq!(build(ProofDraft { event: None, ..sample(1.0) }), "event is required");
}
