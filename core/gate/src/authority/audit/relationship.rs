//! The relationship envelope of audit records: the trace they belong to, who took part, what governed it (03 §2.6).

use std::borrow::Cow;

use super::AuditedDecision;
use crate::relationship::{AgentLink, Edge, NodeRef, PolicyRef, Relationship};

/// Who took part in a decision.
pub(super) enum Party<'a> {
    /// Somebody who approved.
    Approver(&'a str),
    /// Somebody who handed authority to somebody; either may be blank.
    HandOver(&'a str, &'a str),
}

/// The envelope in normal form: complete nodes only, sorted, without repeats.
pub(super) fn of_decision<'a>(
    decision: &AuditedDecision<'_>,
    parties: impl Iterator<Item = Party<'a>>,
) -> Option<Relationship> {
    let trace = node("trace", decision.trace_id);
    let tool = node("tool", decision.tool_name);
    let policy = node("policy", &gait_base::text::trim_fold(decision.policy_digest));
    let mut envelope = Relationship {
        parent_ref: Some(trace.clone()),
        policy_ref: Some(PolicyRef { policy_digest: policy.id.clone(), ..PolicyRef::default() }),
        edges: vec![edge("governed_by", tool.clone(), policy.clone())],
        entity_refs: vec![trace, tool, policy],
        parent_record_id: decision.trace_id.to_owned(),
        ..Relationship::default()
    };
    for party in parties {
        match party {
            Party::Approver(identity) => envelope.entity_refs.push(node("agent", identity)),
            Party::HandOver(delegator, delegate) => {
                for (role, identity) in [("delegator", delegator), ("delegate", delegate)] {
                    envelope.entity_refs.push(node("agent", identity));
                    envelope.agent_chain.push(AgentLink { identity: identity.to_owned(), role: Cow::Borrowed(role) });
                }
                envelope.edges.push(edge("delegates_to", node("agent", delegator), node("agent", delegate)));
            }
        }
    }
    envelope.normalize();
    (!envelope.is_empty()).then_some(envelope)
}

fn node(kind: &'static str, id: &str) -> NodeRef {
    NodeRef { kind: Cow::Borrowed(kind), id: id.to_owned() }
}

fn edge(kind: &'static str, from: NodeRef, to: NodeRef) -> Edge {
    Edge { kind: Cow::Borrowed(kind), from, to }
}
