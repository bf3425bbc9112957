//! What single checks of a decision found, as it stands in traces and outputs (01a).

use gait_base::record;
use gait_base::time::Timestamp;

record! {
    /// The answer for one step of a script.
    #[derive(Clone, Debug, PartialEq)]
    pub struct StepVerdict {
        /// Place in the script, from 0.
        pub index: i64,
        /// Name of the tool.
        pub tool_name: String,
        /// The answer.
        pub verdict: String,
        /// Why.
        pub reason_codes: Vec<String> => omit,
        /// What was violated.
        pub violations: Vec<String> => omit,
        /// Names of the rules that matched.
        pub matched_rule: String => omit,
    }
}

record! {
    /// What the freeze windows said.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FreezeWindowDecision {
        /// Outcome.
        pub status: String => omit,
        /// What it does.
        pub effect: String => omit,
        /// The time zone.
        pub timezone: String => omit,
        /// The moment it was evaluated for.
        pub evaluated_at: Timestamp,
        /// Name of the window.
        pub window_name: String => omit,
        /// Its start.
        pub window_start: Timestamp,
        /// Its end.
        pub window_end: Timestamp,
        /// Why, for a person.
        pub reason: String => omit,
        /// Why.
        pub reason_code: String => omit,
    }
}

record! {
    /// What the sandbox check said.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SandboxDecision {
        /// Outcome.
        pub status: String => omit,
        /// Access to the network.
        pub network_mode: String => omit,
        /// How much of the environment it sees.
        pub env_exposure_mode: String => omit,
        /// When it is stopped, in seconds.
        pub timeout_seconds: i64 => omit,
        /// How files are isolated.
        pub filesystem_isolation: String => omit,
        /// Which user it runs as.
        pub user_mode: String => omit,
        /// Reference of the proof.
        pub evidence_ref: String => omit,
        /// Digest of the proof.
        pub evidence_digest: String => omit,
        /// Why.
        pub reason_codes: Vec<String> => omit,
    }
}

record! {
    /// What the kill switch said.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KillSwitchDecision {
        /// Outcome.
        pub status: String => omit,
        /// Why.
        pub reason_code: String => omit,
        /// Why.
        pub reason_codes: Vec<String> => omit,
        /// Ids of the entries that matched.
        pub matched_entry_ids: Vec<String> => omit,
        /// The moment it was evaluated for.
        pub evaluated_at: Timestamp,
    }
}

record! {
    /// What the trust check of an MCP server said.
    #[derive(Clone, Debug, PartialEq)]
    pub struct McpTrustDecision {
        /// Id of the server.
        pub server_id: String => omit,
        /// Name of the server.
        pub server_name: String => omit,
        /// Who published it.
        pub publisher: String => omit,
        /// Where it comes from.
        pub source: String => omit,
        /// Outcome.
        pub status: String => omit,
        /// Where the outcome comes from.
        pub decision_source: String => omit,
        /// Its score.
        pub score: f64 => omit,
        /// The score it needs.
        pub threshold: f64 => omit,
        /// When it was last seen.
        pub updated_at: Timestamp,
        /// How old that may be.
        pub max_age_seconds: i64 => omit,
        /// Whether trust was asked for.
        pub required: bool => omit,
        /// Whether the outcome counted.
        pub enforced: bool => omit,
        /// Whether a registry vouches for it.
        pub registry_verified: bool => omit,
        /// Whether its publisher is allowed.
        pub publisher_allowed: bool => omit,
        /// Why.
        pub reason_codes: Vec<String> => omit,
    }
}

record! {
    /// The delegation that a decision used.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DelegationRef {
        /// Ids of the tokens.
        pub delegation_token_ref: String => omit,
        /// Who asks in the end.
        pub requester_identity: String => omit,
        /// Length of the chain.
        pub delegation_depth: i64 => omit,
        /// Class of what is delegated.
        pub scope_class: String => omit,
        /// Digest of the delegation.
        pub chain_digest: String => omit,
        /// Why.
        pub reason_codes: Vec<String> => omit,
    }
}
