use super::*;

const DIGEST: &str = "2222222222222222222222222222222222222222222222222222222222222222";

fn record(change: impl FnOnce(&mut ContextRecord)) -> ContextRecord {
    let mut record = ContextRecord {
        ref_id: " b ".into(),
        source_type: "doc".into(),
        source_locator: "l".into(),
        query_digest: "A".repeat(64),
        content_digest: DIGEST.into(),
        retrieved_at: at("2026-01-01T00:00:00+01:00"),
        redaction_mode: "reference".into(),
        immutability: "Mutable".into(),
        ..ContextRecord::default()
    };
    change(&mut record);
    record
}

fn envelope(records: Vec<ContextRecord>) -> ContextEnvelope {
    ContextEnvelope { context_set_id: " set ".into(), records, ..ContextEnvelope::default() }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn refused(change: impl FnOnce(&mut ContextRecord)) -> ContextEnvelopeError {
    VerifiedEnvelope::verify(envelope(vec![record(change)])).unwrap_err()
}

#[test]
fn the_normal_form_is_complete() {
    let verified = VerifiedEnvelope::verify(envelope(vec![record(|_| {})])).unwrap();
    let normal = verified.envelope();
    assert_eq!(normal.schema_id, SCHEMA_ID);
    assert_eq!(normal.created_at, Timestamp::EPOCH_1980);
    assert_eq!(normal.producer_version, "0.0.0-dev");
    assert_eq!((normal.context_set_id.as_str(), verified.mode()), ("set", "best_effort"));
    assert_eq!(verified.digest_hex(), "08f7e914280a8bc809d143ca48d4a696c64e4068582da2b2991654313db744e6");
    assert_eq!(normal.records[0].retrieved_at.to_string(), "2025-12-31T23:00:00Z");
    assert_eq!(verified.ref_ids(), ["b"]);
    assert_eq!(VerifiedEnvelope::verify(normal.clone()).unwrap(), verified);
}

#[test]
fn records_are_sorted_and_their_ids_a_set() {
    let records = vec![record(|r| r.source_locator = "z".into()), record(|r| r.ref_id = "a".into()), record(|_| {})];
    let verified = VerifiedEnvelope::verify(envelope(records)).unwrap();
    let order: Vec<_> =
        verified.envelope().records.iter().map(|r| (r.ref_id.as_str(), r.source_locator.as_str())).collect();
    assert_eq!(order, [("a", "l"), ("b", "l"), ("b", "z")]);
    assert_eq!(verified.ref_ids(), ["a", "b"]);
}

#[test]
fn what_does_not_hold_is_refused() {
    use ContextEnvelopeError as E;
    assert_eq!(refused(|r| r.source_locator = " ".into()), E::Missing("source_locator"));
    assert_eq!(refused(|r| r.redaction_mode.clear()), E::Missing("redaction_mode"));
    assert_eq!(refused(|r| r.content_digest = "12".into()), E::NotADigest("content_digest"));
    assert_eq!(refused(|r| r.query_digest.clear()), E::NotADigest("query_digest"));
    assert_eq!(refused(|r| r.immutability = "frozen".into()), E::Immutability("frozen".into()));
    assert_eq!(refused(|r| r.freshness_sla_seconds = -1), E::Negative("freshness_sla_seconds"));
    let verify = |change: fn(&mut ContextEnvelope)| {
        let mut envelope = envelope(Vec::new());
        change(&mut envelope);
        VerifiedEnvelope::verify(envelope).unwrap_err()
    };
    assert_eq!(verify(|e| e.context_set_id = " ".into()), E::Missing("context_set_id"));
    assert_eq!(verify(|e| e.evidence_mode = "maybe".into()), E::EvidenceMode("maybe".into()));
    assert_eq!(verify(|e| e.context_set_digest = "zz".into()), E::NotADigest("context_set_digest"));
    assert_eq!(verify(|e| e.context_set_digest = "0".repeat(64)), E::DigestMismatch);
    assert!(matches!(verify(|e| e.schema_id = "other".into()), E::Schema { .. }));
    assert!(matches!(verify(|e| e.schema_version = "2.0.0".into()), E::Schema { .. }));
}

#[test]
fn the_set_digest_may_be_padded_and_in_capitals() {
    let mut given = envelope(Vec::new());
    given.context_set_digest =
        format!(" {} ", "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945".to_uppercase());
    assert!(VerifiedEnvelope::verify(given).is_ok());
}

#[test]
fn only_the_first_value_is_read_and_unknown_members_never() {
    let text = br#" {"context_set_id":"s","records":[]} trailing"#;
    assert_eq!(VerifiedEnvelope::parse(text, Mode::Compat).unwrap().envelope().context_set_id, "s");
    assert!(VerifiedEnvelope::parse(text, Mode::Strict).is_err());
    for text in ["", "[]", "null", r#"{"context_set_id":"s","x":1}"#, r#"{"context_set_id":"s","records":[{"x":1}]}"#] {
        assert!(VerifiedEnvelope::parse(text.as_bytes(), Mode::Compat).is_err(), "{text}");
    }
    let recased = br#"{"Context_Set_Id":"s"}"#;
    assert!(VerifiedEnvelope::parse(recased, Mode::Compat).is_ok());
    assert!(VerifiedEnvelope::parse(recased, Mode::Strict).is_err());
}

#[test]
fn one_mebibyte_is_the_limit() {
    let mut text = br#"{"context_set_id":"s"}"#.to_vec();
    text.resize(MAX_BYTES, b' ');
    assert!(VerifiedEnvelope::parse(&text, Mode::Strict).is_ok());
    text.push(b' ');
    assert!(VerifiedEnvelope::parse(&text, Mode::Compat).is_err());
}

#[test]
fn age_is_that_of_the_oldest_record() {
    let records = vec![
        record(|r| r.retrieved_at = at("2026-01-01T00:00:00.5Z")),
        record(|r| r.retrieved_at = at("2026-01-01T00:30:00Z")),
    ];
    let verified = VerifiedEnvelope::verify(envelope(records)).unwrap();
    assert_eq!(verified.age_seconds(&at("2026-01-01T01:00:00Z")), 3599);
    assert_eq!(verified.age_seconds(&at("2025-01-01T00:00:00Z")), 0);
    let mut empty = envelope(Vec::new());
    empty.created_at = at("2026-01-01T00:00:00Z");
    let verified = VerifiedEnvelope::verify(empty).unwrap();
    assert_eq!(verified.age_seconds(&at("2026-01-01T00:01:00Z")), 60);
}

#[test]
fn less_is_kept_by_privacy() {
    let full = || {
        let record = record(|r| {
            r.sensitivity_label = "s".into();
            r.retrieval_params.insert("z".into(), 1.0.into());
        });
        VerifiedEnvelope::verify(envelope(vec![record])).unwrap()
    };
    let metadata = full().with_privacy(" ").unwrap();
    assert_eq!(metadata, full().with_privacy("Metadata").unwrap());
    assert_eq!(metadata.digest_hex(), "5652ac2fe510b942df4909c894969232c74e24ff7363c074141e9170a816177e");
    let hashes = full().with_privacy("Hashes").unwrap();
    assert_eq!(hashes.digest_hex(), "802099a7157151c31ee114189bf619228e3306e0ae07825dda4c03d9a36984ba");
    assert_eq!(hashes.envelope().records[0].source_locator, "redacted:hashes");
    assert!(VerifiedEnvelope::verify(hashes.into_envelope()).is_ok());
    assert_eq!(full().with_privacy("raw").unwrap(), full());
    assert_eq!(full().with_privacy("full").unwrap_err(), ContextEnvelopeError::PrivacyMode("full".into()));
}

#[test]
fn drift_tells_when_from_what() {
    let receipt = |ref_id: &str| ReferenceReceipt {
        ref_id: ref_id.into(),
        retrieved_at: at("2026-01-01T00:00:00Z"),
        ..ReferenceReceipt::default()
    };
    let base =
        || References { run_id: "run".into(), receipts: vec![receipt("a"), receipt("b")], ..References::default() };
    let drift = |change: fn(&mut References)| {
        let mut other = base();
        change(&mut other);
        reference_drift(&base(), &other).map(ReferenceDrift::as_str)
    };
    assert_eq!(drift(|r| r.context_ref_count = 2), Ok("none"));
    assert_eq!(drift(|r| r.receipts.reverse()), Ok("none"));
    assert_eq!(drift(|r| r.receipts[0].retrieved_at = at("2026-01-01T01:00:00+01:00")), Ok("none"));
    assert_eq!(drift(|r| r.receipts[0].retrieved_at = Timestamp::ZERO), Ok("runtime_only"));
    assert_eq!(drift(|r| r.context_set_digest = "a".repeat(64)), Ok("runtime_only"));
    assert_eq!(drift(|r| r.run_id = "other".into()), Ok("semantic"));
    assert_eq!(drift(|r| r.context_evidence_mode = "best_effort".into()), Ok("semantic"));
    assert_eq!(drift(|r| r.context_ref_count = 3), Ok("semantic"));
    assert_eq!(drift(|r| r.context_ref_count = -1), Err(ContextEnvelopeError::Negative("context_ref_count")));
    assert_eq!(drift(|r| r.context_evidence_mode = "x".into()), Err(ContextEnvelopeError::EvidenceMode("x".into())));
}
