//! Who asks, where, at which risk, with which credentials and evidence (02 §4.7).

use gait_base::text;

use super::args::{self, Scan};
use super::error::IntentError;
use super::request::{AgentIdentity, Context};
use super::{field, sandbox};
use crate::vocabulary::{CREDENTIAL_ACCESS_TYPES, CREDENTIAL_SOURCES, EVIDENCE_MODES, PHASES};

const DEFAULT_PHASE: &str = "apply";

/// Normalizes the context. Checks come in the order of 02 §4.7: of several faults the first counts.
pub(super) fn normalize(context: &mut Context) -> Result<(), IntentError> {
    field::required(&mut context.identity, "identity")?;
    field::required(&mut context.workspace, "workspace")?;
    if context.workspace.contains('\\') {
        context.workspace = context.workspace.replace('\\', "/");
    }
    field::required_fold(&mut context.risk_class, "risk_class")?;
    args::normalize(&mut context.auth_context, Scan::Secrets).map_err(|error| error.in_member("auth_context"))?;
    if let Some(declared) = &mut context.sandbox {
        let filled = sandbox::normalize(declared).map_err(|error| error.in_member("sandbox"))?;
        if !filled {
            context.sandbox = None;
        }
    }
    if let Some(agent) = &mut context.agent_identity {
        normalize_agent(agent).map_err(|error| error.in_member("agent_identity"))?;
    }
    field::optional_digest(&mut context.context_set_digest, "context_set_digest")?;
    if context.credential_ttl_seconds < 0 {
        return Err(IntentError::invalid("credential_ttl_seconds", "zero or more"));
    }
    field::optional_word(&mut context.credential_source, "credential_source", CREDENTIAL_SOURCES)?;
    field::optional_word(&mut context.credential_access_type, "credential_access_type", CREDENTIAL_ACCESS_TYPES)?;
    field::optional_word(&mut context.context_evidence_mode, "context_evidence_mode", EVIDENCE_MODES)?;
    field::optional_word(&mut context.phase, "phase", PHASES)?;
    if context.phase.is_empty() {
        DEFAULT_PHASE.clone_into(&mut context.phase);
    }
    trim_references(context);
    text::set(&mut context.credential_scopes);
    text::set(&mut context.context_refs);
    Ok(())
}

fn trim_references(context: &mut Context) {
    let references = [
        &mut context.agent_id,
        &mut context.run_id,
        &mut context.workflow_id,
        &mut context.repo,
        &mut context.environment,
        &mut context.job_id,
        &mut context.session_id,
        &mut context.request_id,
        &mut context.credential_ref,
        &mut context.credential_issuer,
        &mut context.credential_subject,
        &mut context.credential_owner,
        &mut context.credential_target_binding,
        &mut context.credential_run_binding,
        &mut context.credential_job_binding,
        &mut context.approval_ref,
        &mut context.wrkr_inventory_ref,
        &mut context.agent_action_bom_ref,
        &mut context.environment_fingerprint,
    ];
    for reference in references.into_iter().filter(|reference| !reference.is_empty()) {
        text::trim_in_place(reference);
    }
}

fn normalize_agent(agent: &mut AgentIdentity) -> Result<(), IntentError> {
    text::set(&mut agent.lifecycle_states);
    text::trim_in_place(&mut agent.owner);
    text::trim_in_place(&mut agent.publisher);
    text::trim_fold_in_place(&mut agent.source);
    field::optional_digest(&mut agent.manifest_digest, "manifest_digest")?;
    field::utc(&mut agent.issued_at, "issued_at")?;
    field::utc(&mut agent.approved_at, "approved_at")?;
    field::utc(&mut agent.expires_at, "expires_at")?;
    let both = !agent.issued_at.is_zero() && !agent.approved_at.is_zero();
    if both && agent.approved_at.is_before(&agent.issued_at) {
        return Err(IntentError::invalid("approved_at", "no earlier than issued_at"));
    }
    field::expires_after(&agent.issued_at, &agent.expires_at, "later than issued_at")?;
    field::expires_after(&agent.approved_at, &agent.expires_at, "later than approved_at")
}
