//! The trace document `gait.gate.trace` (02 §10.1), member by member in file order.

use std::borrow::Cow;

use gait_base::record;
use gait_base::signature::Signature;
use gait_base::time::Timestamp;

use crate::finding::{
    DelegationRef, FreezeWindowDecision, KillSwitchDecision, McpTrustDecision, SandboxDecision, StepVerdict,
};
use crate::intent::{AgentIdentity, SkillProvenance};
use crate::relationship::Relationship;

record! {
    /// The signed record of one decision.
    #[derive(Clone, Debug, PartialEq)]
    pub struct TraceRecord {
        /// Kind of document.
        pub schema_id: Cow<'static, str>,
        /// Version of the document type.
        pub schema_version: Cow<'static, str>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When the trace was written, by the clock.
        pub observed_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Id of the decision: the same for the same policy, intent and verdict.
        pub trace_id: String,
        /// Id of this writing of it.
        pub event_id: String => omit,
        /// Ties together what one command did.
        pub correlation_id: String => omit,
        /// Name of the tool.
        pub tool_name: String,
        /// Digest of the arguments.
        pub args_digest: String,
        /// Digest of the prepared intent.
        pub intent_digest: String,
        /// Digest of the policy.
        pub policy_digest: String,
        /// Id of the agent.
        pub agent_id: String => omit,
        /// What is known about the agent.
        pub agent_identity: Option<AgentIdentity> => omit,
        /// Run.
        pub run_id: String => omit,
        /// Workflow.
        pub workflow_id: String => omit,
        /// Repository.
        pub repo: String => omit,
        /// Environment, such as `prod`.
        pub environment: String => omit,
        /// Reference of the credential.
        pub credential_ref: String => omit,
        /// Where the credential comes from.
        pub credential_source: String => omit,
        /// Kind of access it gives.
        pub credential_access_type: String => omit,
        /// Who issued it.
        pub credential_issuer: String => omit,
        /// Whom it names.
        pub credential_subject: String => omit,
        /// Who owns it.
        pub credential_owner: String => omit,
        /// Digest of the targets it is bound to.
        pub credential_target_binding: String => omit,
        /// Run it is bound to.
        pub credential_run_binding: String => omit,
        /// Job it is bound to.
        pub credential_job_binding: String => omit,
        /// Its life in seconds.
        pub credential_ttl_seconds: i64 => omit,
        /// Reference of the brokered credential.
        pub broker_credential_ref: String => omit,
        /// Its source.
        pub broker_credential_source: String => omit,
        /// Its kind of access.
        pub broker_credential_access_type: String => omit,
        /// Its issuer.
        pub broker_credential_issuer: String => omit,
        /// Digest of the request to the broker.
        pub broker_request_digest: String => omit,
        /// Targets it is bound to.
        pub broker_target_binding: String => omit,
        /// Run it is bound to.
        pub broker_run_binding: String => omit,
        /// Job it is bound to.
        pub broker_job_binding: String => omit,
        /// Reference of an approval.
        pub approval_ref: String => omit,
        /// Reference of an inventory.
        pub wrkr_inventory_ref: String => omit,
        /// Reference of a bill of materials.
        pub agent_action_bom_ref: String => omit,
        /// Kind of the policy document.
        pub policy_id: Cow<'static, str> => omit,
        /// Version of the policy document.
        pub policy_version: Cow<'static, str> => omit,
        /// Names of the rules that matched.
        pub matched_rule_ids: Vec<String> => omit,
        /// The answer.
        pub verdict: String,
        /// Digest of the context evidence.
        pub context_set_digest: String => omit,
        /// How complete the context evidence is.
        pub context_evidence_mode: String => omit,
        /// Number of context records.
        pub context_ref_count: i64 => omit,
        /// Where context came from.
        pub context_source: String => omit,
        /// Whether it was a script.
        pub script: bool => omit,
        /// Number of steps.
        pub step_count: i64 => omit,
        /// Digest of the steps.
        pub script_hash: String => omit,
        /// Highest risk of the steps.
        pub composite_risk_class: String => omit,
        /// The answer for each step.
        pub step_verdicts: Vec<StepVerdict> => omit,
        /// Whether an approved script let it pass.
        pub pre_approved: bool => omit,
        /// Which approved script.
        pub pattern_id: String => omit,
        /// What the registry of approved scripts said.
        pub registry_reason: String => omit,
        /// What was violated.
        pub violations: Vec<String> => omit,
        /// Time the evaluation took, in milliseconds.
        pub latency_ms: f64 => omit,
        /// Ids of the approval tokens.
        pub approval_token_ref: String => omit,
        /// The delegation that was used.
        pub delegation_ref: Option<DelegationRef> => omit,
        /// What the freeze window said.
        pub freeze_window: Option<FreezeWindowDecision> => omit,
        /// What the sandbox check said.
        pub sandbox: Option<SandboxDecision> => omit,
        /// What the kill switch said.
        pub kill_switch: Option<KillSwitchDecision> => omit,
        /// What the trust check of the MCP server said.
        pub mcp_trust: Option<McpTrustDecision> => omit,
        /// How the document relates to others.
        pub relationship: Option<Relationship> => omit,
        /// The skill that started the call.
        pub skill_provenance: Option<SkillProvenance> => omit,
        /// The signature.
        pub signature: Option<Signature> => omit,
    }
}
