//! What a decision leaves on disk: trace, journal, audits, evidence, in this order (02 §11.3 step 12).

use gait_base::json;
use gait_gate::authority::approval::ApprovalRequest;
use gait_gate::authority::audit::{
    ApprovalAuditRecord, AuditedDecision, BrokerCredentialRecord, DelegationAuditRecord,
};
use gait_gate::authority::kill_switch::KillSwitchJournalRecord;
use gait_gate::evaluate::Decision;
use gait_gate::intent::Intent;
use gait_gate::trace::TraceRecord;

use super::Caller;
use super::error::GateEvalError;
use super::startup::Startup;
use crate::fs::{PRIVATE, create_parents, write_artifact, write_atomic, write_replacing};
use crate::kill_switch;

/// Where the records lie, as output shows them; empty for what was not written.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    pub(super) trace: String,
    pub(super) approval_audit: String,
    pub(super) credential_evidence: String,
    pub(super) delegation_audit: String,
}

pub(super) fn write(
    startup: &Startup,
    intent: &Intent,
    decision: &Decision,
    trace: &TraceRecord,
    caller: &Caller<'_>,
) -> Result<Paths, GateEvalError> {
    let options = &startup.options;
    let named = |given: &str, kind: &str| {
        if given.is_empty() { format!("{kind}_{}.json", trace.trace_id) } else { given.to_owned() }
    };
    let mut paths = Paths { trace: named(&options.trace_out, "trace"), ..Paths::default() };
    write_artifact(&paths.trace, &json::to_indented(trace)?, PRIVATE)?;

    if !options.approval_request_out.is_empty()
        && let Some(request) = ApprovalRequest::of(intent, decision)
    {
        write_artifact(&options.approval_request_out, &request.to_file()?, PRIVATE)?;
    }
    if let Some(active) = decision.kill_switch.as_ref().filter(|decision| decision.status == "active") {
        let record = KillSwitchJournalRecord::new(
            active,
            intent.request(),
            "gate_eval",
            &trace.trace_id,
            caller.producer_version,
            &decision.created_at,
        );
        kill_switch::append_journal(&options.kill_switch_state, &record)?;
    }
    let Some(settlement) = &decision.settlement else { return Ok(paths) };
    let audited = AuditedDecision {
        created_at: decision.created_at,
        producer_version: caller.producer_version,
        trace_id: &trace.trace_id,
        tool_name: &trace.tool_name,
        intent_digest: &trace.intent_digest,
        policy_digest: &trace.policy_digest,
    };
    let approvals = settlement.approvals.as_ref().map(|outcome| outcome.entries()).unwrap_or_default();
    if settlement.required_approvals > 0 || !approvals.is_empty() {
        paths.approval_audit = named(&options.approval_audit_out, "approval_audit");
        let record = ApprovalAuditRecord::new(&audited, settlement.required_approvals, approvals)?;
        create_parents(&paths.approval_audit)?;
        write_atomic(&paths.approval_audit, &json::to_indented(&record)?, PRIVATE)?;
    }
    if let Some(issued) = &settlement.credential {
        paths.credential_evidence = named(&options.credential_evidence_out, "credential_evidence");
        let record = BrokerCredentialRecord::new(&audited, &issued.request, &issued.requested_scope, &issued.response)?;
        create_parents(&paths.credential_evidence)?;
        write_atomic(&paths.credential_evidence, &json::to_indented(&record)?, PRIVATE)?;
    }
    if decision.require_delegation {
        paths.delegation_audit = named(&options.delegation_audit_out, "delegation_audit");
        let entries = settlement.delegation.as_ref().map(|outcome| outcome.entries()).unwrap_or_default();
        let record = DelegationAuditRecord::new(&audited, true, &settlement.delegation_ref, entries)?;
        create_parents(&paths.delegation_audit)?;
        write_replacing(&paths.delegation_audit, &json::to_indented(&record)?, PRIVATE)?;
    }
    Ok(paths)
}
