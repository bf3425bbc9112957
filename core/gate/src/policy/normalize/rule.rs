//! One rule in normal form.

use gait_base::text::{is_lower_hex_digest, set, set_fold, trim_fold, trim_fold_in_place, trim_in_place};

use super::check::Subject;
use super::{conditions, limits, restrictions};
use crate::mode::Mode;
use crate::policy::document::{AgentRule, ContextEvidenceRule, CredentialRule, Rule, RuleAsWritten};
use crate::policy::error::PolicyError;
use crate::policy::source::RuleSource;
use crate::verdict::Verdict;
use crate::vocabulary::{CREDENTIAL_ACCESS_TYPES, CREDENTIAL_SOURCES};

/// Normalizes the rule at a place of the file.
pub(in crate::policy) fn normalize(mut source: RuleSource, index: usize, mode: Mode) -> Result<Rule, PolicyError> {
    let mut name = std::mem::take(&mut source.name);
    trim_in_place(&mut name);
    if name.is_empty() {
        return Err(PolicyError::UnnamedRule { index });
    }
    let subject = Subject::rule(&name);
    let effect = effect(&source, subject)?;
    let mut as_written = RuleAsWritten {
        action: std::mem::take(&mut source.action),
        tool_name: source.conditions.tool_name.clone(),
        endpoint_class: source.conditions.endpoint_class.clone(),
        ..RuleAsWritten::default()
    };
    let conditions = conditions::normalize(std::mem::take(&mut source.conditions), subject, mode)?;
    let agent = agent(&mut source, subject)?;
    let credential = credential(&mut source, subject)?;
    set(&mut source.reason_codes);
    set(&mut source.violations);
    subject.not_negative("min_approvals", source.min_approvals)?;
    let context_evidence = context_evidence(&source, subject)?;
    let require_distinct_approvers = source.require_distinct_approvers || source.min_approvals > 1;
    trim_in_place(&mut source.broker_reference);
    set_fold(&mut source.broker_scopes);
    let freeze_window = restrictions::freeze_window(source.freeze_window, subject)?;
    let sandbox = restrictions::sandbox(source.sandbox, subject)?;
    let rate_limit = limits::rate_limit(source.rate_limit, subject, &mut as_written.rate_limit)?;
    let destructive_budget = limits::destructive_budget(source.destructive_budget, subject)?;
    let dataflow = restrictions::dataflow(source.dataflow, subject, &mut as_written.dataflow)?;
    let endpoint = restrictions::endpoint(source.endpoint, subject, &mut as_written.endpoint)?;
    Ok(Rule {
        priority: source.priority,
        effect,
        conditions,
        endpoint,
        reason_codes: source.reason_codes,
        violations: source.violations,
        agent,
        credential,
        min_approvals: source.min_approvals,
        require_distinct_approvers,
        context_evidence,
        require_broker_credential: source.require_broker_credential,
        broker_reference: source.broker_reference,
        broker_scopes: source.broker_scopes,
        freeze_window,
        sandbox,
        rate_limit,
        destructive_budget,
        dataflow,
        as_written: (as_written != RuleAsWritten::default()).then(|| Box::new(as_written)),
        name,
    })
}

/// `effect` and `action` mean the same: one must be there, and two must agree.
fn effect(source: &RuleSource, subject: Subject<'_>) -> Result<Verdict, PolicyError> {
    let effect = trim_fold(&source.effect);
    let action = trim_fold(&source.action);
    match (effect.as_str(), action.as_str()) {
        ("", "") => Err(subject.fault("effect", "an effect is required")),
        (word, "") => subject.verdict("effect", word, &Verdict::ALL),
        ("", word) => subject.verdict("action", word, &Verdict::ALL),
        (one, other) if one != other => Err(subject.fault("action", format!("`{other}` contradicts effect `{one}`"))),
        (word, _) => subject.verdict("effect", word, &Verdict::ALL),
    }
}

fn agent(source: &mut RuleSource, subject: Subject<'_>) -> Result<Option<Box<AgentRule>>, PolicyError> {
    let mut agent = AgentRule {
        require_declared: source.require_declared_agent,
        require_owner: source.require_agent_owner,
        require_unexpired: source.require_unexpired_agent,
        allowed_ids: std::mem::take(&mut source.allowed_agent_ids),
        denied_ids: std::mem::take(&mut source.denied_agent_ids),
        manifest_digest: std::mem::take(&mut source.required_agent_manifest_digest),
        manifest_publishers: std::mem::take(&mut source.allowed_agent_manifest_publishers),
        manifest_sources: std::mem::take(&mut source.allowed_agent_manifest_sources),
        lifecycle_states: std::mem::take(&mut source.required_agent_lifecycle_states),
    };
    set(&mut agent.allowed_ids);
    set(&mut agent.denied_ids);
    set_fold(&mut agent.manifest_publishers);
    set_fold(&mut agent.manifest_sources);
    set_fold(&mut agent.lifecycle_states);
    trim_fold_in_place(&mut agent.manifest_digest);
    if !agent.manifest_digest.is_empty() && !is_lower_hex_digest(&agent.manifest_digest) {
        let problem = format!("`{}` is not 64 hex digits", agent.manifest_digest);
        return Err(subject.fault("required_agent_manifest_digest", problem));
    }
    Ok((agent != AgentRule::default()).then(|| Box::new(agent)))
}

fn credential(source: &mut RuleSource, subject: Subject<'_>) -> Result<Option<Box<CredentialRule>>, PolicyError> {
    let mut credential = CredentialRule {
        block_standing: source.block_standing_credentials,
        require_jit: source.require_jit_credential,
        sources: std::mem::take(&mut source.allowed_credential_sources),
        issuers: std::mem::take(&mut source.allowed_credential_issuers),
        access_types: std::mem::take(&mut source.allowed_credential_access_types),
        max_ttl_seconds: source.max_credential_ttl_seconds,
    };
    set_fold(&mut credential.sources);
    subject.all_of("allowed_credential_sources", &credential.sources, CREDENTIAL_SOURCES)?;
    set(&mut credential.issuers);
    set_fold(&mut credential.access_types);
    subject.all_of("allowed_credential_access_types", &credential.access_types, CREDENTIAL_ACCESS_TYPES)?;
    subject.not_negative("max_credential_ttl_seconds", credential.max_ttl_seconds)?;
    Ok((credential != CredentialRule::default()).then(|| Box::new(credential)))
}

fn context_evidence(source: &RuleSource, subject: Subject<'_>) -> Result<Option<ContextEvidenceRule>, PolicyError> {
    let mode = trim_fold(&source.required_context_evidence_mode);
    if !mode.is_empty() {
        subject.one_of("required_context_evidence_mode", &mode, &["required"])?;
    }
    subject.not_negative("max_context_age_seconds", source.max_context_age_seconds)?;
    let evidence = ContextEvidenceRule {
        required: source.require_context_evidence,
        mode_required: source.require_context_evidence || !mode.is_empty(),
        max_age_seconds: source.max_context_age_seconds,
    };
    Ok((evidence != ContextEvidenceRule::default()).then_some(evidence))
}
