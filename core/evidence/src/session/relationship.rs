//! How events, timeline entries and checkpoints relate to other records (04 §2.6, §7.6).

use std::borrow::Cow;

use gait_base::text::{fold, trim_fold};
use gait_gate::relationship::{AgentLink, Edge, NodeRef, PolicyRef, Relationship};

/// The timeline entry that ends the runpack of a checkpoint.
pub(super) const CHECKPOINT_EMITTED: &str = "session_checkpoint_emitted";
/// The timeline entries of events.
pub(super) const SESSION_EVENT: &str = "session_event";

/// Which of the agents in a chain acts: the first with the first of these roles.
const ACTING: [&str; 3] = ["delegate", "requester", "delegator"];

/// What the relationship of an event is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventTies<'a> {
    /// The session.
    pub session_id: &'a str,
    /// The run.
    pub run_id: &'a str,
    /// The tool that was decided about.
    pub tool_name: &'a str,
    /// The trace of the decision.
    pub trace_id: &'a str,
    /// Kind of the policy document.
    pub policy_id: &'a str,
    /// Version of the policy document.
    pub policy_version: &'a str,
    /// Digest of the policy.
    pub policy_digest: &'a str,
    /// Names of the rules that matched.
    pub matched_rule_ids: &'a [String],
    /// Who acts; when blank it is taken from the chain.
    pub actor_identity: &'a str,
    /// Who acts for whom.
    pub agent_chain: &'a [AgentLink],
}

/// The relationship of an event; `None` when nothing is in it.
#[must_use]
pub fn event_relationship(ties: &EventTies<'_>) -> Option<Relationship> {
    let tool = || node("tool", ties.tool_name);
    let policy_digest = trim_fold(ties.policy_digest);
    let policy = || node("policy", &policy_digest);
    let actor = match ties.actor_identity.trim() {
        "" => acting(ties.agent_chain),
        actor => actor,
    };
    settled(Relationship {
        parent_ref: Some(node("session", ties.session_id)),
        parent_record_id: ties.session_id.to_owned(),
        entity_refs: vec![node("run", ties.run_id), tool(), node("trace", ties.trace_id), policy()],
        policy_ref: Some(PolicyRef {
            policy_id: Cow::Owned(ties.policy_id.to_owned()),
            policy_version: Cow::Owned(ties.policy_version.to_owned()),
            policy_digest: policy_digest.clone(),
            matched_rule_ids: ties.matched_rule_ids.to_vec(),
        }),
        agent_chain: ties.agent_chain.to_vec(),
        edges: vec![edge("governed_by", tool(), policy()), edge("calls", node("agent", actor), tool())],
        ..Relationship::default()
    })
}

/// Who acts in a chain; blank when nobody does.
fn acting(chain: &[AgentLink]) -> &str {
    let with = |role: &str| {
        let mut holders = chain.iter().filter(|link| fold(link.role.trim()) == role);
        holders.find_map(|link| Some(link.identity.trim()).filter(|identity| !identity.is_empty()))
    };
    ACTING.into_iter().find_map(with).unwrap_or_default()
}

/// What the relationship of an entry in a checkpoint's timeline is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimelineTies<'a> {
    /// Which kind of entry.
    pub event: &'a str,
    /// The run of the checkpoint's runpack.
    pub run_id: &'a str,
    /// The session, or the checkpoint that is made.
    pub evidence_id: &'a str,
    /// The trace of the decision.
    pub trace_id: &'a str,
    /// The tool that was decided about.
    pub tool_name: &'a str,
    /// Digest of the policy.
    pub policy_digest: &'a str,
}

/// The relationship of a timeline entry; `None` when nothing is in it.
#[must_use]
pub fn timeline_relationship(ties: &TimelineTies<'_>) -> Option<Relationship> {
    let run = || node("run", ties.run_id);
    let [trace, tool] = [node("trace", ties.trace_id), node("tool", ties.tool_name)];
    let policy = node("policy", &trim_fold(ties.policy_digest));
    let evidence = node("evidence", ties.evidence_id);
    let edges = match ties.event {
        SESSION_EVENT => {
            vec![edge("derived_from", trace.clone(), run()), edge("governed_by", tool.clone(), policy.clone())]
        }
        CHECKPOINT_EMITTED => vec![edge("emits_evidence", run(), evidence.clone())],
        _ => Vec::new(),
    };
    settled(Relationship {
        parent_ref: Some(run()),
        parent_record_id: ties.run_id.to_owned(),
        entity_refs: vec![trace, tool, policy, evidence],
        edges,
        ..Relationship::default()
    })
}

/// The relationship of a checkpoint; `None` when nothing is in it.
#[must_use]
pub fn checkpoint_relationship(
    session_id: &str,
    run_id: &str,
    checkpoint_run_id: &str,
    checkpoint_digest: &str,
    manifest_digest: &str,
) -> Option<Relationship> {
    let evidence = || node("evidence", checkpoint_digest);
    let recorded = || node("run", checkpoint_run_id);
    settled(Relationship {
        parent_ref: Some(node("session", session_id)),
        parent_record_id: session_id.to_owned(),
        entity_refs: vec![node("run", run_id), recorded(), evidence(), node("evidence", manifest_digest)],
        edges: vec![edge("derived_from", evidence(), recorded())],
        ..Relationship::default()
    })
}

fn settled(mut relationship: Relationship) -> Option<Relationship> {
    relationship.normalize();
    (!relationship.is_empty()).then_some(relationship)
}

fn node(kind: &'static str, id: &str) -> NodeRef {
    NodeRef { kind: Cow::Borrowed(kind), id: id.to_owned() }
}

fn edge(kind: &'static str, from: NodeRef, to: NodeRef) -> Edge {
    Edge { kind: Cow::Borrowed(kind), from, to }
}
