//! Building a trace from a decision (02 §10.1).

use std::borrow::Cow;

use gait_base::digest::{Digest, sha256};
use gait_base::jcs;
use gait_base::json::EncodeError;
use gait_base::key::SigningKey;
use gait_base::time::{TimeError, Timestamp};

use super::record::TraceRecord;
use crate::evaluate::Decision;
use crate::finding::DelegationRef;
use crate::intent::{Context, Delegation, Intent};
use crate::policy::Policy;
use crate::relationship::{AgentLink, Edge, NodeRef, PolicyRef, Relationship};
use crate::settle::Settlement;
use crate::verdict::Verdict;

/// Length of the ids cut from digests, in hex digits.
const ID_DIGITS: usize = 24;

/// Facts about the writing of a trace that a decision does not know: who writes it, when, how long it took.
#[derive(Clone, Copy, Debug)]
pub struct Emission<'a> {
    /// The clock, UTC.
    pub observed_at: Timestamp,
    /// Version of the program.
    pub producer_version: &'a str,
    /// Ties together what one command did; may be empty.
    pub correlation_id: &'a str,
    /// How long the evaluation took, in milliseconds; 0 when unknown.
    pub latency_ms: f64,
}

impl Emission<'_> {
    /// Only the clock, with the version that a library gives when it is told none.
    #[must_use]
    pub const fn at(observed_at: Timestamp) -> Self {
        Self { observed_at, producer_version: "0.0.0-dev", correlation_id: "", latency_ms: 0.0 }
    }
}

/// The id of a trace: the same for the same policy, intent and verdict, whenever it is written.
#[must_use]
pub fn trace_id(policy_digest: &Digest, intent_digest: &Digest, verdict: Verdict) -> String {
    let mut text = String::with_capacity(160);
    text.push_str(&policy_digest.hex());
    text.push(':');
    text.push_str(&intent_digest.hex());
    text.push(':');
    text.push_str(verdict.as_str());
    sha256(text.as_bytes()).short(ID_DIGITS)
}

impl TraceRecord {
    /// The unsigned trace of a decision.
    ///
    /// # Errors
    /// [`TimeError`] when the clock's reading cannot be written.
    pub fn new(
        policy: &Policy,
        intent: &Intent,
        decision: &Decision,
        emission: &Emission<'_>,
    ) -> Result<Self, TimeError> {
        let request = intent.request();
        let context = decision.context(intent);
        let observed_at = emission.observed_at.to_utc()?;
        let intent_digest = decision.intent_digest.unwrap_or_else(|| intent.digest_with(context));
        let args_digest = decision.args_digest.unwrap_or_else(|| intent.args_digest());
        let trace_id = trace_id(&decision.policy_digest, &intent_digest, decision.verdict);
        let event_id = sha256(format!("{trace_id}:{observed_at}").as_bytes()).short(ID_DIGITS);
        let matched_rule_ids = matched_rule_ids(decision);
        let script_hash = intent.script_hash().map(|hash| hash.to_hex()).unwrap_or_default();
        let step_count = request.script.as_ref().map_or(0, |script| script.steps.len());
        let relationship = relationship(policy, intent, context, decision, &trace_id, &matched_rule_ids);
        let settlement = decision.settlement.as_deref().unwrap_or(nothing());
        let broker = &settlement.broker;
        Ok(Self {
            schema_id: Cow::Borrowed("gait.gate.trace"),
            schema_version: Cow::Borrowed("1.0.0"),
            created_at: decision.created_at,
            observed_at,
            producer_version: emission.producer_version.to_owned(),
            event_id,
            correlation_id: emission.correlation_id.to_owned(),
            tool_name: request.tool_name.clone(),
            args_digest: args_digest.to_hex(),
            intent_digest: intent_digest.to_hex(),
            policy_digest: decision.policy_digest.to_hex(),
            agent_id: context.agent_id.clone(),
            agent_identity: context.agent_identity.clone(),
            run_id: context.run_id.clone(),
            workflow_id: context.workflow_id.clone(),
            repo: context.repo.clone(),
            environment: context.environment.clone(),
            credential_ref: context.credential_ref.clone(),
            credential_source: context.credential_source.clone(),
            credential_access_type: context.credential_access_type.clone(),
            credential_issuer: context.credential_issuer.clone(),
            credential_subject: context.credential_subject.clone(),
            credential_owner: context.credential_owner.clone(),
            credential_target_binding: context.credential_target_binding.clone(),
            credential_run_binding: context.credential_run_binding.clone(),
            credential_job_binding: context.credential_job_binding.clone(),
            credential_ttl_seconds: context.credential_ttl_seconds,
            broker_credential_ref: broker.credential_ref.clone(),
            broker_credential_source: broker.source.clone(),
            broker_credential_access_type: broker.access_type.clone(),
            broker_credential_issuer: broker.issuer.clone(),
            broker_request_digest: broker.request_digest.clone(),
            broker_target_binding: broker.target_binding.clone(),
            broker_run_binding: broker.run_binding.clone(),
            broker_job_binding: broker.job_binding.clone(),
            approval_ref: context.approval_ref.clone(),
            wrkr_inventory_ref: context.wrkr_inventory_ref.clone(),
            agent_action_bom_ref: context.agent_action_bom_ref.clone(),
            policy_id: Cow::Borrowed(policy.id()),
            policy_version: Cow::Borrowed(policy.version()),
            matched_rule_ids,
            verdict: decision.verdict.as_str().to_owned(),
            context_set_digest: context.context_set_digest.clone(),
            context_evidence_mode: context.context_evidence_mode.clone(),
            context_ref_count: i64::try_from(context.context_refs.len()).unwrap_or(i64::MAX),
            context_source: decision.context_source.clone(),
            script: request.script.is_some(),
            step_count: i64::try_from(step_count).unwrap_or(i64::MAX),
            script_hash,
            composite_risk_class: decision
                .script
                .as_ref()
                .map(|facts| facts.composite_risk_class.to_owned())
                .unwrap_or_default(),
            step_verdicts: decision.script.as_ref().map(|facts| facts.step_verdicts.clone()).unwrap_or_default(),
            pre_approved: settlement.pre_approved,
            pattern_id: settlement.pattern_id.clone(),
            registry_reason: settlement.registry_reason.clone(),
            violations: decision.violations.to_strings(),
            latency_ms: emission.latency_ms,
            approval_token_ref: settlement.approval_ref.clone(),
            delegation_ref: request
                .delegation
                .as_ref()
                .map(|delegation| delegation_ref(delegation, intent.delegation_digest(), decision, settlement)),
            freeze_window: decision.freeze_window.clone(),
            sandbox: decision.sandbox.clone(),
            kill_switch: decision.kill_switch.clone(),
            mcp_trust: None,
            relationship: Some(relationship),
            skill_provenance: request.skill_provenance.clone(),
            signature: None,
            trace_id,
        })
    }

    /// Signs the trace in place of any signature it carries (02 §10.2).
    ///
    /// # Errors
    /// [`EncodeError`] when something in the trace has no written form.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), EncodeError> {
        self.signature = None;
        let digest = jcs::digest_of(self)?;
        self.signature = Some(key.sign_digest(&digest));
        Ok(())
    }
}

/// What tokens, counters and brokers said about a decision that nobody asked them about.
fn nothing() -> &'static Settlement {
    static NOTHING: std::sync::OnceLock<Settlement> = std::sync::OnceLock::new();
    NOTHING.get_or_init(Settlement::default)
}

/// The names of all rules that matched steps of a script; nothing for a single call.
fn matched_rule_ids(decision: &Decision) -> Vec<String> {
    let Some(facts) = &decision.script else { return Vec::new() };
    let mut names: Vec<String> =
        facts.step_verdicts.iter().flat_map(|step| step.matched_rule.split(',')).map(str::to_owned).collect();
    gait_base::text::set(&mut names);
    names
}

fn delegation_ref(
    delegation: &Delegation,
    chain_digest: Option<Digest>,
    decision: &Decision,
    settlement: &Settlement,
) -> DelegationRef {
    let token_ref = if settlement.delegation_ref.is_empty() {
        delegation.token_refs.first().cloned().unwrap_or_default()
    } else {
        settlement.delegation_ref.clone()
    };
    let reasons = decision.reason_codes.iter().filter(|code| code.starts_with("delegation_"));
    DelegationRef {
        delegation_token_ref: token_ref,
        requester_identity: delegation.requester_identity.clone(),
        delegation_depth: i64::try_from(delegation.chain.len()).unwrap_or(i64::MAX),
        scope_class: delegation.scope_class.clone(),
        chain_digest: chain_digest.map(|digest| digest.to_hex()).unwrap_or_default(),
        reason_codes: reasons.map(|code| String::from(&**code)).collect(),
    }
}

/// Who called what, under which policy, on whose behalf (02 §10.4).
fn relationship(
    policy: &Policy,
    intent: &Intent,
    context: &Context,
    decision: &Decision,
    trace_id: &str,
    matched_rule_ids: &[String],
) -> Relationship {
    let request = intent.request();
    let node = |kind: &'static str, id: &str| NodeRef { kind: Cow::Borrowed(kind), id: id.to_owned() };
    let policy_digest = decision.policy_digest.hex();
    let (agent, tool) = (node("agent", &context.identity), node("tool", &request.tool_name));
    let governed = node("policy", &policy_digest);
    let mut edges = vec![Edge { kind: Cow::Borrowed("calls"), from: agent.clone(), to: tool.clone() }];
    let link =
        |identity: &str, role: &'static str| AgentLink { identity: identity.to_owned(), role: Cow::Borrowed(role) };
    let mut agent_chain = Vec::new();
    match &request.delegation {
        None => agent_chain.push(link(&context.identity, "requester")),
        Some(delegation) => {
            agent_chain.push(link(&delegation.requester_identity, "requester"));
            for hop in &delegation.chain {
                agent_chain.push(link(&hop.delegator_identity, "delegator"));
                agent_chain.push(link(&hop.delegate_identity, "delegate"));
                edges.push(Edge {
                    kind: Cow::Borrowed("delegates_to"),
                    from: node("agent", &hop.delegator_identity),
                    to: node("agent", &hop.delegate_identity),
                });
            }
        }
    }
    edges.push(Edge { kind: Cow::Borrowed("governed_by"), from: tool.clone(), to: governed.clone() });
    let mut relationship = Relationship {
        parent_ref: (!context.session_id.is_empty()).then(|| node("session", &context.session_id)),
        entity_refs: vec![agent, governed, tool, node("trace", trace_id)],
        policy_ref: Some(PolicyRef {
            policy_id: Cow::Borrowed(policy.id()),
            policy_version: Cow::Borrowed(policy.version()),
            policy_digest: policy_digest.to_string(),
            matched_rule_ids: matched_rule_ids.to_vec(),
        }),
        agent_chain,
        edges,
        ..Relationship::default()
    };
    if request.delegation.is_none() {
        // All parts are there and in order already; only the ids are left to sort.
        let mut ids: Vec<String> = relationship.entity_refs.iter().map(|entity| entity.id.clone()).collect();
        gait_base::text::sort_dedup(&mut ids);
        relationship.related_entity_ids = ids;
    } else {
        relationship.normalize();
    }
    relationship
}
