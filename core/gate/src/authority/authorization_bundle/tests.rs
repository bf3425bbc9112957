//! Bundles at the edges: what is filled in, which paths and digests are refused, what a pack must hold.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;

type Files = BTreeMap<&'static str, &'static [u8]>;

fn files() -> Files {
    BTreeMap::from([
        ("ev/trace.json", &br#"{ "b": 1, "a": 2 }"#[..]),
        ("ev/outcome.txt", b"done"),
        ("ev/AUDIT.JSON", b"{}"),
        ("ev/broken.json", b"{"),
    ])
}

fn written() -> AuthorizationBundle {
    AuthorizationBundle {
        trace_id: " t ".to_owned(),
        policy_digest: format!(" {} ", "A".repeat(64)),
        intent_digest: "b".repeat(64),
        trace_path: " ev\\.\\trace.json ".to_owned(),
        outcome_path: "ev/outcome.txt".to_owned(),
        outcome_status: "allow".to_owned(),
        ..AuthorizationBundle::default()
    }
}

fn gather(bundle: AuthorizationBundle) -> Result<GatheredBundle, GatherError<String>> {
    let files = files();
    bundle.gather("1.2.3", &|path| files.get(path).map(|bytes| bytes.to_vec()).ok_or(format!("no {path}")))
}

fn fault(bundle: AuthorizationBundle) -> BundleError {
    match gather(bundle) {
        Err(GatherError::Bundle(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// The packed form of a bundle, and its fault once `alter` was at it.
fn packed(alter: impl FnOnce(&mut AuthorizationBundle, &mut BTreeMap<String, Vec<u8>>)) -> Result<(), BundleFault> {
    let (mut bundle, evidence) = gather(written()).unwrap().into_parts();
    let mut entries: BTreeMap<String, Vec<u8>> =
        evidence.into_iter().map(|evidence| (evidence.entry, evidence.bytes)).collect();
    alter(&mut bundle, &mut entries);
    let bytes = bundle.to_entry().unwrap();
    AuthorizationBundle::verify_packed(&bytes, Mode::Strict, |name| entries.get(name)).map(drop)
}

#[test]
fn what_is_missing_is_filled_in() {
    let gathered = gather(written()).unwrap();
    let bundle = gathered.bundle();
    assert_eq!((bundle.schema_id.as_str(), bundle.schema_version.as_str()), (SCHEMA_ID, SCHEMA_VERSION));
    assert_eq!(bundle.created_at, Timestamp::EPOCH_1980);
    assert_eq!((bundle.producer_version.as_str(), bundle.trace_id.as_str()), ("1.2.3", "t"));
    assert_eq!(bundle.policy_digest, "a".repeat(64));
    assert_eq!(bundle.link(Link::Trace).0, "ev/trace.json");
    assert_eq!(bundle.trace_digest, jcs::digest(br#"{"a":2,"b":1}"#).unwrap().to_hex(), "its layout does not count");
    assert_eq!(bundle.outcome_digest, sha256(b"done").to_hex());
    let names: Vec<&str> = gathered.evidence().iter().map(|evidence| evidence.entry.as_str()).collect();
    assert_eq!(names, ["evidence/ev/outcome.txt", "evidence/ev/trace.json"]);
    assert_eq!((bundle.linked_evidence_count(), bundle.required_evidence_count()), (2, 2));

    let nobody = written().gather(" ", &|_| Ok::<_, String>(b"{}".to_vec())).unwrap();
    assert_eq!(nobody.bundle().producer_version, "0.0.0-dev");
    let bare = AuthorizationBundle { trace_path: String::new(), outcome_path: String::new(), ..written() };
    let bare = gather(bare).unwrap();
    assert_eq!((bare.evidence().len(), bare.bundle().linked_evidence_count()), (0, 0));
    assert_eq!(bare.bundle().required_evidence_count(), 0);
}

#[test]
fn times_go_to_utc_but_those_of_decisions_stay() {
    let text = br#"{"created_at":"2026-05-02T01:00:00+01:00","trace_id":"t","policy_digest":"P","intent_digest":"I",
        "kill_switch":{"status":"inactive","evaluated_at":"2026-05-02T01:00:00+01:00"}}"#;
    let text = String::from_utf8(text.to_vec()).unwrap().replace("\"P\"", &format!("\"{}\"", "0".repeat(64)));
    let text = text.replace("\"I\"", &format!("\"{}\"", "1".repeat(64)));
    let bundle = AuthorizationBundle::parse(text.as_bytes(), Mode::Compat).unwrap();
    let entry = String::from_utf8(gather(bundle).unwrap().bundle().to_entry().unwrap()).unwrap();
    assert!(entry.contains(r#""created_at":"2026-05-02T00:00:00Z""#), "{entry}");
    assert!(entry.contains(r#""evaluated_at":"2026-05-02T01:00:00+01:00""#), "{entry}");
}

#[test]
fn a_file_linked_twice_is_read_once() {
    let asked = RefCell::new(Vec::new());
    let bundle = AuthorizationBundle { approval_audit_path: "ev//trace.json".to_owned(), ..written() };
    let gathered = bundle.gather("", &|path| {
        asked.borrow_mut().push(path.to_owned());
        Ok::<_, String>(b"{}".to_vec())
    });
    assert_eq!(asked.into_inner(), ["ev/trace.json", "ev/outcome.txt"]);
    let gathered = gathered.unwrap();
    assert_eq!(gathered.evidence().len(), 2);
    assert_eq!(gathered.bundle().approval_audit_digest, gathered.bundle().trace_digest);
    assert_eq!(gathered.bundle().linked_evidence_count(), 3);
}

#[test]
fn paths_stay_below_the_bundle() {
    for path in ["/etc/passwd", "..", "../x", "a/../../x", ".", "a/..", "\\x", "..\\x", "//x"] {
        let bundle = AuthorizationBundle { context_evidence_path: path.to_owned(), ..written() };
        assert!(matches!(fault(bundle), BundleError::Path { link: Link::ContextEvidence, .. }), "{path}");
        assert_eq!(evidence_entry(&clean_link_path(path)), None, "{path}");
    }
    for (path, entry) in [("..a", "evidence/..a"), ("a/../b", "evidence/b"), ("./x ", "evidence/x")] {
        assert_eq!(evidence_entry(&clean_link_path(path)).as_deref(), Some(entry), "{path}");
    }
}

#[test]
fn digests_must_be_those_of_the_files() {
    let right =
        AuthorizationBundle { outcome_digest: format!(" {} ", sha256(b"done").to_hex().to_uppercase()), ..written() };
    assert_eq!(gather(right).unwrap().bundle().outcome_digest, sha256(b"done").to_hex());
    let wrong = AuthorizationBundle { outcome_digest: sha256(b"undone").to_hex(), ..written() };
    assert!(matches!(fault(wrong), BundleError::DigestMismatch { link: Link::Outcome, .. }));
    let alone = AuthorizationBundle { sandbox: None, delegation_audit_digest: "x".to_owned(), ..written() };
    assert_eq!(fault(alone), BundleError::DigestWithoutPath(Link::DelegationAudit));
    let broken = AuthorizationBundle { context_evidence_path: "ev/broken.json".to_owned(), ..written() };
    assert!(matches!(fault(broken), BundleError::EvidenceJson { link: Link::ContextEvidence, .. }));
    let gone = AuthorizationBundle { approval_audit_path: "gone".to_owned(), ..written() };
    assert!(matches!(gather(gone), Err(GatherError::Read { link: Link::ApprovalAudit, .. })));
    let empty = jcs::digest(b"{}").unwrap();
    for name in ["a.json", "a.JSON", "é.jSoN", ".json"] {
        assert_eq!(evidence_digest(name, b" {} ").unwrap(), empty, "{name}");
    }
    for name in ["a.jsonl", "json", "", "a.json/b"] {
        assert_eq!(evidence_digest(name, b" {} ").unwrap(), sha256(b" {} "), "{name}");
    }
}

#[test]
fn members_are_refused_in_order() {
    type Alter = fn(&mut AuthorizationBundle);
    let alterations: [(Alter, &str); 6] = [
        (|bundle| bundle.outcome_status = "Allow".to_owned(), "authorization_bundle_outcome_unknown"),
        (|bundle| bundle.intent_digest.push('0'), "authorization_bundle_digest_malformed"),
        (|bundle| bundle.policy_digest.clear(), "authorization_bundle_digest_malformed"),
        (|bundle| bundle.trace_id = " ".to_owned(), "authorization_bundle_member_missing"),
        (|bundle| bundle.schema_version = "1".to_owned(), "authorization_bundle_schema_unsupported"),
        (|bundle| bundle.schema_id = "gait.gate.trace".to_owned(), "authorization_bundle_schema_unsupported"),
    ];
    let mut bundle = written();
    for (alter, code) in alterations {
        alter(&mut bundle);
        assert_eq!(gait_base::error::Classify::code(&fault(bundle.clone())), code);
    }
}

#[test]
fn unknown_members_are_refused_in_every_mode() {
    for text in [r#"{"trace":1}"#, r#"{"sandbox":{"x":1}}"#, "{} {}", "[]", r#"{"trace_id":1}"#] {
        for mode in [Mode::Compat, Mode::Strict] {
            assert!(AuthorizationBundle::parse(text.as_bytes(), mode).is_err(), "{text}");
        }
    }
    assert!(AuthorizationBundle::parse(br#"{"Trace_ID":"t"}"#, Mode::Compat).is_ok());
    assert!(AuthorizationBundle::parse(br#"{"Trace_ID":"t"}"#, Mode::Strict).is_err());
    assert_eq!(AuthorizationBundle::parse(b"null", Mode::Compat), Ok(AuthorizationBundle::default()));
}

#[test]
fn packs_must_hold_what_the_bundle_says() {
    assert_eq!(packed(|_, _| {}), Ok(()));
    assert_eq!(
        packed(|_, files| drop(files.insert("evidence/ev/trace.json".into(), br#"{"a":2,"b":1}"#.to_vec()))),
        Ok(())
    );
    assert_eq!(packed(|bundle, _| bundle.trace_digest = format!(" {} ", bundle.trace_digest.to_uppercase())), Ok(()));
    assert_eq!(packed(|bundle, _| bundle.trace_path = "ev/./trace.json".to_owned()), Ok(()));
    assert_eq!(
        packed(|bundle, _| {
            bundle.outcome_status.clear();
            bundle.outcome_path.clear();
            bundle.outcome_digest.clear();
        }),
        Ok(())
    );
    let code = |outcome: Result<(), BundleFault>| {
        let fault = outcome.unwrap_err();
        assert_eq!(gait_base::error::Classify::category(&fault), gait_base::error::Category::VerificationFailed);
        gait_base::error::Classify::code(&fault)
    };
    for (expected, outcome) in [
        ("authorization_bundle_evidence_missing", packed(|_, files| drop(files.remove("evidence/ev/outcome.txt")))),
        (
            "authorization_bundle_digest_mismatch",
            packed(|_, files| drop(files.insert("evidence/ev/outcome.txt".into(), b"undone".to_vec()))),
        ),
        ("authorization_bundle_digest_mismatch", packed(|bundle, _| bundle.outcome_digest.clear())),
        ("authorization_bundle_path_unsafe", packed(|bundle, _| bundle.outcome_path = "../x".to_owned())),
        (
            "authorization_bundle_evidence_malformed",
            packed(|_, files| drop(files.insert("evidence/ev/trace.json".into(), b"{".to_vec()))),
        ),
        (
            "authorization_bundle_evidence_required",
            packed(|bundle, _| {
                bundle.trace_path.clear();
                bundle.trace_digest.clear();
            }),
        ),
        ("authorization_bundle_evidence_required", packed(|bundle, _| bundle.outcome_path.clear())),
        ("authorization_bundle_outcome_unknown", packed(|bundle, _| bundle.outcome_status = "done".to_owned())),
        ("authorization_bundle_schema_unsupported", packed(|bundle, _| bundle.schema_id.clear())),
        ("authorization_bundle_member_missing", packed(|bundle, _| bundle.created_at = Timestamp::ZERO)),
        ("authorization_bundle_member_missing", packed(|bundle, _| bundle.trace_id.clear())),
        ("authorization_bundle_digest_malformed", packed(|bundle, _| bundle.intent_digest.clear())),
    ] {
        assert_eq!(code(outcome), expected);
    }
    let nothing = AuthorizationBundle::verify_packed(b"{", Mode::Compat, |_| None::<Vec<u8>>);
    assert!(matches!(nothing, Err(BundleFault::Bundle(BundleError::Json(_)))));
}
