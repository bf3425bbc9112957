//! How a document relates to others: who called what, under which policy, on whose behalf (02 §10.4).

mod normalize;

use std::borrow::Cow;

use gait_base::record;

record! {
    /// The relationship envelope.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Relationship {
        /// What this came out of.
        pub parent_ref: Option<NodeRef> => omit,
        /// What takes part.
        pub entity_refs: Vec<NodeRef> => omit,
        /// The policy that governs it.
        pub policy_ref: Option<PolicyRef> => omit,
        /// Who acts for whom.
        pub agent_chain: Vec<AgentLink> => omit,
        /// What relates to what.
        pub edges: Vec<Edge> => omit,
        /// Id of the record this came out of.
        pub parent_record_id: String => omit,
        /// Ids of related records.
        pub related_record_ids: Vec<String> => omit,
        /// Ids of what takes part.
        pub related_entity_ids: Vec<String> => omit,
        /// Agents and who delegated to them.
        pub agent_lineage: Vec<AgentLineage> => omit,
    }
}

record! {
    /// Something with a kind and an id.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct NodeRef {
        /// Kind.
        pub kind: Cow<'static, str>,
        /// Its id.
        pub id: String,
    }
}

record! {
    /// A policy, and the rules of it that matched.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PolicyRef {
        /// Kind of the policy document.
        pub policy_id: Cow<'static, str> => omit,
        /// Version of the policy document.
        pub policy_version: Cow<'static, str> => omit,
        /// Digest of the policy.
        pub policy_digest: String => omit,
        /// Names of the rules that matched.
        pub matched_rule_ids: Vec<String> => omit,
    }
}

record! {
    /// Somebody in a chain of agents.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AgentLink {
        /// Who asks.
        pub identity: String,
        /// In which role.
        pub role: Cow<'static, str>,
    }
}

record! {
    /// A relation between two things.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Edge {
        /// Kind.
        pub kind: Cow<'static, str>,
        /// Start.
        pub from: NodeRef,
        /// End.
        pub to: NodeRef,
    }
}

record! {
    /// An agent and who delegated to it.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct AgentLineage {
        /// Id of the agent.
        pub agent_id: String,
        /// Who delegated to it.
        pub delegated_by: String => omit,
        /// Record of the delegation.
        pub delegation_record_id: String => omit,
    }
}
