//! The request as it is written: the records of `gait.gate.intent_request` (02 §4.2), not yet normalized.

use gait_base::json::Map;
use gait_base::record;
use gait_base::time::Timestamp;

use crate::relationship::Relationship;

record! {
    /// A proposed tool call, or a script of several.
    #[derive(Clone, Debug, PartialEq)]
    pub struct IntentRequest {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// Name of the tool.
        pub tool_name: String,
        /// Arguments of the tool.
        pub args: Map,
        /// Digest of the arguments; recomputed, the given value is ignored.
        pub args_digest: String => omit,
        /// Digest of the intent; recomputed, the given value is ignored.
        pub intent_digest: String => omit,
        /// Digest of the steps; recomputed, the given value is ignored.
        pub script_hash: String => omit,
        /// The steps, when several tools are proposed at once.
        pub script: Option<Script> => omit,
        /// What the tool would touch.
        pub targets: Vec<Target>,
        /// Where arguments come from.
        pub arg_provenance: Vec<ArgProvenance> => omit,
        /// The skill that started the call.
        pub skill_provenance: Option<SkillProvenance> => omit,
        /// On whose behalf the agent acts.
        pub delegation: Option<Delegation> => omit,
        /// How the document relates to others.
        pub relationship: Option<Relationship> => omit,
        /// Who asks, where, at which risk.
        pub context: Context,
    }
}

record! {
    /// Several tool calls proposed as one.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Script {
        /// The steps, in order.
        pub steps: Vec<ScriptStep>,
    }
}

record! {
    /// One tool call of a script.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ScriptStep {
        /// Name of the tool.
        pub tool_name: String,
        /// Arguments of the tool.
        pub args: Map,
        /// What the tool would touch.
        pub targets: Vec<Target> => omit,
        /// Where arguments come from.
        pub arg_provenance: Vec<ArgProvenance> => omit,
    }
}

record! {
    /// Something that a tool would touch. The order of the fields is the order in which targets sort.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Target {
        /// Kind.
        pub kind: String,
        /// Path, address, name.
        pub value: String,
        /// What would be done to it.
        pub operation: String => omit,
        /// How sensitive the data is.
        pub sensitivity: String => omit,
        /// Class of the endpoint.
        pub endpoint_class: String => omit,
        /// Domain of the endpoint.
        pub endpoint_domain: String => omit,
        /// Whether it would destroy something.
        pub destructive: bool => omit,
        /// How the tool was found.
        pub discovery_method: String => omit,
        /// The tool says that it only reads.
        pub read_only_hint: bool => omit,
        /// The tool says that it destroys.
        pub destructive_hint: bool => omit,
        /// The tool says that repeats do no harm.
        pub idempotent_hint: bool => omit,
        /// The tool says that it reaches beyond its own world.
        pub open_world_hint: bool => omit,
    }
}

record! {
    /// Where one argument comes from. The order of the fields is the order in which entries sort.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct ArgProvenance {
        /// Which argument.
        pub arg_path: String,
        /// Where it comes from.
        pub source: String,
        /// Reference into the source.
        pub source_ref: String => omit,
        /// Digest of what came from the source.
        pub integrity_digest: String => omit,
    }
}

record! {
    /// The skill that started a call.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SkillProvenance {
        /// Name of the skill.
        pub skill_name: String,
        /// Its version.
        pub skill_version: String => omit,
        /// Where it comes from.
        pub source: String,
        /// Who published it.
        pub publisher: String,
        /// Digest of its content.
        pub digest: String => omit,
        /// Key that signed it.
        pub signature_key_id: String => omit,
    }
}

record! {
    /// On whose behalf an agent acts.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Delegation {
        /// Who asks in the end.
        pub requester_identity: String,
        /// Class of what is delegated.
        pub scope_class: String => omit,
        /// Ids of the tokens.
        pub token_refs: Vec<String> => omit,
        /// The links, from the first delegator on.
        pub chain: Vec<DelegationLink> => omit,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
}

record! {
    /// One hand-over of authority.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DelegationLink {
        /// Who delegates.
        pub delegator_identity: String,
        /// To whom.
        pub delegate_identity: String,
        /// Class of what is delegated.
        pub scope_class: String => omit,
        /// Id of the token.
        pub token_ref: String => omit,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
}

record! {
    /// Who asks, where, at which risk, with which credentials and evidence.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Context {
        /// Who asks.
        pub identity: String,
        /// Where the agent works.
        pub workspace: String,
        /// How risky the caller holds it to be.
        pub risk_class: String,
        /// `plan` or `apply`.
        pub phase: String => omit,
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
        /// Job.
        pub job_id: String => omit,
        /// Session.
        pub session_id: String => omit,
        /// Request.
        pub request_id: String => omit,
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
        /// Reference of an approval.
        pub approval_ref: String => omit,
        /// Reference of an inventory.
        pub wrkr_inventory_ref: String => omit,
        /// Reference of a bill of materials.
        pub agent_action_bom_ref: String => omit,
        /// Claims of the caller, free-form.
        pub auth_context: Map => omit,
        /// The sandbox the tool runs in.
        pub sandbox: Option<Box<Sandbox>> => omit,
        /// Scopes of the credential.
        pub credential_scopes: Vec<String> => omit,
        /// Fingerprint of the environment.
        pub environment_fingerprint: String => omit,
        /// Digest of the context evidence.
        pub context_set_digest: String => omit,
        /// How complete the context evidence is.
        pub context_evidence_mode: String => omit,
        /// Ids of the context records.
        pub context_refs: Vec<String> => omit,
    }
}

record! {
    /// What is known about an agent.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AgentIdentity {
        /// States of its life.
        pub lifecycle_states: Vec<String> => omit,
        /// Who owns it.
        pub owner: String => omit,
        /// Digest of its manifest.
        pub manifest_digest: String => omit,
        /// Who published it.
        pub publisher: String => omit,
        /// Where it comes from.
        pub source: String => omit,
        /// When it was issued.
        pub issued_at: Timestamp,
        /// When it was approved.
        pub approved_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// Whether it was revoked.
        pub revoked: bool => omit,
    }
}

record! {
    /// The sandbox that a tool would run in.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Sandbox {
        /// Access to the network.
        pub network_mode: String => omit,
        /// Paths it may write.
        pub writable_paths: Vec<String> => omit,
        /// Roots it may only read.
        pub read_only_roots: Vec<String> => omit,
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
    }
}
