//! Events before they have a number (04 §7.6).

use std::borrow::Cow;

use gait_base::text::{set, trim_fold, trim_in_place};
use gait_base::time::Timestamp;
use gait_gate::relationship::AgentLink;

use super::document::{Codes, EVENT_SCHEMA, Event, SCHEMA_VERSION};
use super::relationship::{EventTies, event_relationship};

/// A decision to be appended to a session: everything but its place there. All of it may be empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventDraft {
    /// The intent that was decided.
    pub intent_id: String,
    /// The tool that it names.
    pub tool_name: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Kind of the policy document.
    pub policy_id: String,
    /// Version of the policy document.
    pub policy_version: String,
    /// Names of the rules that matched.
    pub matched_rule_ids: Vec<String>,
    /// The trace of the decision.
    pub trace_id: String,
    /// Where that trace was written.
    pub trace_path: String,
    /// The decision.
    pub verdict: String,
    /// Why.
    pub reason_codes: Vec<String>,
    /// What was violated.
    pub violations: Vec<String>,
    /// Version of the safety invariant that was in force.
    pub safety_invariant_version: String,
    /// Its hash.
    pub safety_invariant_hash: String,
    /// Who acts for whom.
    pub agent_chain: Vec<AgentLink>,
    /// Who acts; when blank it is taken from the chain.
    pub actor_identity: String,
}

impl EventDraft {
    /// Brings everything to its normal form. What needs no knowledge of the session is done here, so that it can be done
    /// before the session is locked.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        for text in [
            &mut self.intent_id,
            &mut self.tool_name,
            &mut self.policy_id,
            &mut self.policy_version,
            &mut self.trace_id,
            &mut self.trace_path,
            &mut self.verdict,
            &mut self.safety_invariant_version,
        ] {
            trim_in_place(text);
        }
        for digest in [&mut self.intent_digest, &mut self.policy_digest, &mut self.safety_invariant_hash] {
            *digest = trim_fold(digest);
        }
        set(&mut self.matched_rule_ids);
        self
    }

    /// The event of a normalized draft in a session, with its number and time.
    #[must_use]
    pub fn into_event(
        self,
        session_id: &str,
        run_id: &str,
        sequence: i64,
        created_at: Timestamp,
        producer_version: &str,
    ) -> Event {
        let relationship = event_relationship(&EventTies {
            session_id,
            run_id,
            tool_name: &self.tool_name,
            trace_id: &self.trace_id,
            policy_id: &self.policy_id,
            policy_version: &self.policy_version,
            policy_digest: &self.policy_digest,
            matched_rule_ids: &self.matched_rule_ids,
            actor_identity: &self.actor_identity,
            agent_chain: &self.agent_chain,
        });
        Event {
            schema_id: Cow::Borrowed(EVENT_SCHEMA),
            schema_version: Cow::Borrowed(SCHEMA_VERSION),
            created_at,
            producer_version: producer_version.to_owned(),
            session_id: session_id.to_owned(),
            run_id: run_id.to_owned(),
            sequence,
            intent_id: self.intent_id,
            tool_name: self.tool_name,
            intent_digest: self.intent_digest,
            policy_digest: self.policy_digest,
            policy_id: self.policy_id,
            policy_version: self.policy_version,
            matched_rule_ids: self.matched_rule_ids,
            trace_id: self.trace_id,
            trace_path: self.trace_path,
            verdict: self.verdict,
            reason_codes: Codes::set(self.reason_codes),
            violations: Codes::set(self.violations),
            relationship,
            safety_invariant_version: self.safety_invariant_version,
            safety_invariant_hash: self.safety_invariant_hash,
        }
    }
}
