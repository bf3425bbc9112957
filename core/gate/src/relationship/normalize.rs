//! The normal form of a relationship envelope: what is unknown or incomplete vanishes, the rest is sorted (02 §10.4).

use gait_base::text;

use super::{AgentLineage, AgentLink, Edge, NodeRef, PolicyRef, Relationship};

const ENTITY_KINDS: &[&str] = &["agent", "delegation", "evidence", "policy", "resource", "run", "tool", "trace"];
const PARENT_KINDS: &[&str] = &["agent", "evidence", "intent", "policy", "run", "session", "trace"];
const ROLES: &[&str] = &["delegate", "delegator", "requester"];
const EDGE_KINDS: &[&str] = &["calls", "delegates_to", "derived_from", "emits_evidence", "governed_by", "targets"];

impl Relationship {
    /// Brings the envelope to normal form. Nothing in it can be an error; what is left may be empty.
    pub fn normalize(&mut self) {
        if let Some(parent) = &mut self.parent_ref
            && !(normalize_node(parent) && contains(PARENT_KINDS, &parent.kind))
        {
            self.parent_ref = None;
        }
        self.entity_refs.retain_mut(|entity| normalize_node(entity) && contains(ENTITY_KINDS, &entity.kind));
        sort_unique(&mut self.entity_refs);
        if let Some(policy) = &mut self.policy_ref {
            normalize_policy(policy);
            if *policy == PolicyRef::default() {
                self.policy_ref = None;
            }
        }
        self.agent_chain.retain_mut(normalize_link);
        self.agent_chain.sort_by(|a, b| (&a.role, &a.identity).cmp(&(&b.role, &b.identity)));
        self.agent_chain.dedup();
        self.edges.retain_mut(normalize_edge);
        sort_unique(&mut self.edges);
        text::trim_in_place(&mut self.parent_record_id);
        text::set(&mut self.related_record_ids);
        text::set(&mut self.related_entity_ids);
        if self.related_entity_ids.is_empty() {
            self.related_entity_ids.extend(self.entity_refs.iter().map(|entity| entity.id.clone()));
            text::sort_dedup(&mut self.related_entity_ids);
        }
        self.agent_lineage.retain_mut(normalize_lineage);
        sort_unique(&mut self.agent_lineage);
    }

    /// Whether nothing is in it: such an envelope is left out of documents.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn contains(words: &[&str], word: &str) -> bool {
    words.binary_search(&word).is_ok()
}

fn sort_unique<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// Normalizes a reference; tells whether both its parts are there.
fn normalize_node(node: &mut NodeRef) -> bool {
    text::trim_fold_cow(&mut node.kind);
    text::trim_in_place(&mut node.id);
    !node.kind.is_empty() && !node.id.is_empty()
}

fn normalize_policy(policy: &mut PolicyRef) {
    text::trim_cow(&mut policy.policy_id);
    text::trim_cow(&mut policy.policy_version);
    text::trim_fold_in_place(&mut policy.policy_digest);
    text::set(&mut policy.matched_rule_ids);
}

fn normalize_link(link: &mut AgentLink) -> bool {
    text::trim_in_place(&mut link.identity);
    text::trim_fold_cow(&mut link.role);
    !link.identity.is_empty() && contains(ROLES, &link.role)
}

/// The kinds of the two ends are free.
fn normalize_edge(edge: &mut Edge) -> bool {
    text::trim_fold_cow(&mut edge.kind);
    let complete = normalize_node(&mut edge.from) & normalize_node(&mut edge.to);
    complete && contains(EDGE_KINDS, &edge.kind)
}

fn normalize_lineage(lineage: &mut AgentLineage) -> bool {
    text::trim_in_place(&mut lineage.agent_id);
    text::trim_in_place(&mut lineage.delegated_by);
    text::trim_in_place(&mut lineage.delegation_record_id);
    !lineage.agent_id.is_empty()
}

#[cfg(test)]
mod tests {
    use gait_base::json::{self, Reading};

    use super::*;

    fn normal(text: &str) -> Option<String> {
        let mut envelope: Relationship = json::decode(text.as_bytes(), Reading::COMPAT).unwrap();
        envelope.normalize();
        let first = envelope.clone();
        envelope.normalize();
        assert_eq!(envelope, first, "twice is once");
        (!envelope.is_empty()).then(|| String::from_utf8(json::to_compact(&envelope).unwrap()).unwrap())
    }

    #[test]
    fn nothing_is_left_of_what_is_empty_or_unknown() {
        for text in [
            "{}",
            r#"{"parent_ref":{"kind":"tool","id":"x"},"entity_refs":[{"kind":"session","id":"x"},{"kind":"tool","id":" "}]}"#,
            r#"{"policy_ref":{"policy_id":" ","matched_rule_ids":[""]},"agent_chain":[{"identity":"a","role":"owner"}]}"#,
            r#"{"edges":[{"kind":"knows","from":{"kind":"a","id":"b"},"to":{"kind":"a","id":"b"}},{"kind":"calls"}]}"#,
            r#"{"parent_record_id":" ","related_record_ids":[" "],"agent_lineage":[{"delegated_by":"x"}]}"#,
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn the_rest_is_folded_sorted_and_unique() {
        let text = r#"{
            "parent_ref": {"kind": " Session ", "id": " S "},
            "entity_refs": [{"kind": "tool", "id": "b"}, {"kind": "AGENT", "id": "Z"}, {"kind": "tool", "id": " b"}],
            "policy_ref": {"policy_digest": " AB "},
            "agent_chain": [{"identity": "a", "role": "requester"}, {"identity": "z", "role": "Delegate"}],
            "edges": [{"kind": "Targets", "from": {"kind": "X", "id": "1"}, "to": {"kind": "y", "id": "2"}},
                      {"kind": "calls", "from": {"kind": "x", "id": "1"}, "to": {"kind": "y", "id": "2"}}],
            "agent_lineage": [{"agent_id": "b"}, {"agent_id": "a", "delegated_by": " c "}]}"#;
        let expected = concat!(
            r#"{"parent_ref":{"kind":"session","id":"S"},"entity_refs":[{"kind":"agent","id":"Z"},{"kind":"tool","id":"b"}],"#,
            r#""policy_ref":{"policy_digest":"ab"},"agent_chain":[{"identity":"z","role":"delegate"},{"identity":"a","role":"requester"}],"#,
            r#""edges":[{"kind":"calls","from":{"kind":"x","id":"1"},"to":{"kind":"y","id":"2"}},"#,
            r#"{"kind":"targets","from":{"kind":"x","id":"1"},"to":{"kind":"y","id":"2"}}],"related_entity_ids":["Z","b"],"#,
            r#""agent_lineage":[{"agent_id":"a","delegated_by":"c"},{"agent_id":"b"}]}"#,
        );
        assert_eq!(normal(text).as_deref(), Some(expected));
    }

    #[test]
    fn words_are_sorted() {
        for words in [ENTITY_KINDS, PARENT_KINDS, ROLES, EDGE_KINDS] {
            assert!(words.is_sorted());
        }
    }
}
