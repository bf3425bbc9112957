//! The records as they are written: what is absent, what is `null`, in which order.

use gait_base::json;
use gait_base::time::Timestamp;

use super::*;
use crate::authority::broker::{BrokerRequest, stub_response};

fn decision() -> AuditedDecision<'static> {
    AuditedDecision {
        created_at: Timestamp::ZERO,
        producer_version: "1",
        trace_id: " t ",
        tool_name: "fs.write",
        intent_digest: "AB",
        policy_digest: " CD ",
    }
}

fn text<T: json::Encode>(record: &T) -> String {
    String::from_utf8(json::to_compact(record).unwrap()).unwrap()
}

#[test]
fn approval_records_write_null_for_no_entries() {
    let record = ApprovalAuditRecord::new(&decision(), 1, Vec::new()).unwrap();
    assert_eq!(
        text(&record),
        concat!(
            r#"{"schema_id":"gait.gate.approval_audit_record","schema_version":"1.0.0","#,
            r#""created_at":"1980-01-01T00:00:00Z","producer_version":"1","trace_id":"t","tool_name":"fs.write","#,
            r#""intent_digest":"ab","policy_digest":"cd","required_approvals":1,"valid_approvals":0,"approved":false,"#,
            r#""relationship":{"parent_ref":{"kind":"trace","id":"t"},"entity_refs":[{"kind":"policy","id":"cd"},"#,
            r#"{"kind":"tool","id":"fs.write"},{"kind":"trace","id":"t"}],"policy_ref":{"policy_digest":"cd"},"#,
            r#""edges":[{"kind":"governed_by","from":{"kind":"tool","id":"fs.write"},"#,
            r#""to":{"kind":"policy","id":"cd"}}],"parent_record_id":"t","#,
            r#""related_entity_ids":["cd","fs.write","t"]},"entries":null}"#
        )
    );
    // What nobody asked for counts as approved.
    assert!(ApprovalAuditRecord::new(&decision(), 0, Vec::new()).unwrap().approved);
}

#[test]
fn approval_entries_are_sorted_and_in_utc() {
    let entry = |id: &str, who: &str, end: &str, valid| ApprovalAuditEntry {
        token_id: id.to_owned(),
        approver_identity: who.to_owned(),
        expires_at: Timestamp::parse(end).unwrap(),
        valid,
        ..ApprovalAuditEntry::default()
    };
    let entries = vec![
        entry("b", "z", "2026-01-01T00:00:00Z", true),
        entry("a", "z", "2026-01-01T02:00:00.5Z", true),
        entry("a", "z", "2026-01-01T03:00:00+01:00", true),
        entry("a", "y", "2026-01-01T00:00:00Z", false),
    ];
    let record = ApprovalAuditRecord::new(&decision(), 2, entries).unwrap();
    let order: Vec<_> = record.entries.iter().flatten().map(|entry| entry.expires_at.to_string()).collect();
    assert_eq!(
        order,
        ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T02:00:00.5Z", "2026-01-01T00:00:00Z"]
    );
    assert_eq!((record.valid_approvals, record.approved), (3, true));
    assert_eq!(record.approvers, ["z"]);
    let beyond = vec![entry("a", "z", "0000-01-01T00:00:00+01:00", true)];
    assert!(ApprovalAuditRecord::new(&decision(), 1, beyond).is_err());
}

#[test]
fn delegation_records_write_an_empty_list() {
    let empty = DelegationAuditRecord::new(&decision(), true, "", Vec::new()).unwrap();
    assert!(text(&empty).ends_with(r#""entries":[]}"#));
    assert!(!text(&empty).contains("delegation_ref"));

    let entries = vec![
        DelegationAuditEntry::missing("root", "lead", "delegation_token_missing"),
        DelegationAuditEntry::missing("", "alice", "delegation_token_missing"),
    ];
    let record = DelegationAuditRecord::new(&decision(), true, "x,y", entries).unwrap();
    assert!(!record.delegated);
    let written = text(&record);
    assert!(written.contains(concat!(
        r#""agent_chain":[{"identity":"alice","role":"delegate"},{"identity":"lead","role":"delegate"},"#,
        r#"{"identity":"root","role":"delegator"}],"edges":[{"kind":"delegates_to","from":{"kind":"agent","#,
        r#""id":"root"},"to":{"kind":"agent","id":"lead"}},{"kind":"governed_by""#
    )));
    assert!(written.ends_with(concat!(
        r#""entries":[{"delegate_identity":"alice","expires_at":"0001-01-01T00:00:00Z","valid":false,"#,
        r#""error_code":"delegation_token_missing"},{"delegator_identity":"root","delegate_identity":"lead","#,
        r#""expires_at":"0001-01-01T00:00:00Z","valid":false,"error_code":"delegation_token_missing"}]}"#
    )));
}

#[test]
fn credential_records_name_the_requested_scope() {
    let request = BrokerRequest {
        tool_name: "fs.write".to_owned(),
        identity: "alice".to_owned(),
        scope: vec!["Repo:Write".to_owned()],
        ..BrokerRequest::default()
    };
    let request = request.normalized().unwrap();
    let now = Timestamp::parse("2026-03-01T09:00:00+01:00").unwrap();
    let mut response = stub_response(&request, &now).unwrap();
    response.issuer.clear();
    let scope = ["Repo:Write".to_owned(), "a".to_owned()];
    let record = BrokerCredentialRecord::new(&decision(), &request, &scope, &response).unwrap();
    assert_eq!(record.scope, ["Repo:Write", "a"]);
    assert_eq!(record.credential_issuer, "stub");
    assert_eq!(record.issued_at.to_string(), "2026-03-01T08:00:00Z");
    assert_eq!(record.expires_at.to_string(), "2026-03-01T08:05:00Z");
    let written = text(&record);
    assert!(!written.contains("reference") && !written.contains("run_binding"));
    assert!(written.ends_with(r#""ttl_seconds":300}"#));
}
