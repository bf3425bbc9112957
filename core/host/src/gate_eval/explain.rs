//! The record that `gate eval --explain --json` prints: why evaluation answered as it did (02 §11.5).

use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::evaluate::Decision;
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision};
use gait_gate::intent::{Context, Intent};
use gait_gate::verdict::Verdict;

use super::Caller;
use super::output::GateEvalOutput;
use super::startup::Startup;

record! {
    /// Why evaluation answered as it did, before limits, tokens, broker and simulation.
    #[derive(Clone, Debug, PartialEq)]
    #[allow(missing_docs, reason = "each field is the member of its name (01a)")]
    pub struct PolicyExplain {
        pub ok: bool,
        pub schema_id: String,
        pub schema_version: String,
        pub created_at: Timestamp,
        pub producer_version: String,
        pub verdict: String,
        pub matched_rule: String => omit,
        pub matched_rules: Vec<PolicyExplainRule> => omit,
        pub reason_codes: Vec<String> => omit,
        pub violations: Vec<String> => omit,
        pub missing_fields: Vec<String> => omit,
        pub fail_closed_reason_codes: Vec<String> => omit,
        pub approval_required: bool => omit,
        pub required_approvals: i64 => omit,
        pub valid_approvals: i64 => omit,
        pub require_broker_credential: bool => omit,
        pub broker_reference: String => omit,
        pub broker_scopes: Vec<String> => omit,
        pub require_delegation: bool => omit,
        pub required_delegation_scopes: Vec<String> => omit,
        pub credential_posture: Option<PolicyCredentialState> => omit,
        pub context_evidence_status: String => omit,
        pub freeze_window: Option<FreezeWindowDecision> => omit,
        pub kill_switch: Option<KillSwitchDecision> => omit,
        pub sandbox: Option<SandboxDecision> => omit,
        pub proof_refs: Option<ProofRefs> => omit,
    }
}

record! {
    /// A rule that matched.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PolicyExplainRule {
        /// Its name.
        pub name: String,
        /// Its priority.
        pub priority: i64,
        /// The effect that it states, before its constraints.
        pub effect: String,
    }
}

record! {
    /// What the intent claims about its credential.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PolicyCredentialState {
        /// Whether a credential is named.
        pub present: bool,
        /// Its source.
        pub source: String => omit,
        /// Its kind of access.
        pub access_type: String => omit,
        /// Its issuer.
        pub issuer: String => omit,
        /// Its life in seconds.
        pub ttl_seconds: i64 => omit,
        /// Its reference.
        pub credential_ref: String => omit,
    }
}

record! {
    /// Where the proof of a decision lies.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ProofRefs {
        /// Id of the trace.
        pub trace_id: String => omit,
        /// The trace.
        pub trace_path: String => omit,
        /// The approval audit.
        pub approval_audit_path: String => omit,
        /// The delegation audit.
        pub delegation_audit_path: String => omit,
        /// The credential evidence.
        pub credential_evidence_path: String => omit,
    }
}

impl PolicyExplain {
    /// `evaluated` is the decision before it was settled.
    pub(super) fn new(
        startup: &Startup,
        intent: &Intent,
        evaluated: &Decision,
        output: &GateEvalOutput,
        caller: &Caller<'_>,
    ) -> Self {
        let context = evaluated.context(intent);
        let matched: Vec<&str> = evaluated.matched_rule.split(',').filter(|name| !name.is_empty()).collect();
        let rules = startup.policy.document().rules.iter().filter(|rule| matched.contains(&rule.name.as_str()));
        let reasons = evaluated.reason_codes.to_strings();
        Self {
            ok: true,
            schema_id: "gait.gate.policy_explain".to_owned(),
            schema_version: "1.0.0".to_owned(),
            created_at: evaluated.created_at,
            producer_version: caller.producer_version.to_owned(),
            verdict: evaluated.verdict.as_str().to_owned(),
            matched_rule: evaluated.matched_rule.clone(),
            matched_rules: rules
                .map(|rule| PolicyExplainRule {
                    name: rule.name.clone(),
                    priority: rule.priority,
                    effect: rule.effect.as_str().to_owned(),
                })
                .collect(),
            missing_fields: missing_fields(&reasons),
            fail_closed_reason_codes: reasons.iter().filter(|code| code.starts_with("fail_closed_")).cloned().collect(),
            reason_codes: reasons,
            violations: evaluated.violations.to_strings(),
            approval_required: evaluated.verdict == Verdict::RequireApproval,
            required_approvals: output.required_approvals,
            valid_approvals: output.valid_approvals,
            require_broker_credential: evaluated.require_broker_credential,
            broker_reference: evaluated.broker_reference.clone(),
            broker_scopes: evaluated.broker_scopes.clone(),
            require_delegation: evaluated.require_delegation,
            required_delegation_scopes: evaluated.delegation_scopes.clone(),
            credential_posture: Some(credential_posture(context)),
            context_evidence_status: context_evidence_status(context).to_owned(),
            freeze_window: evaluated.freeze_window.clone(),
            kill_switch: evaluated.kill_switch.clone(),
            sandbox: evaluated.sandbox.clone(),
            proof_refs: Some(ProofRefs {
                trace_id: output.trace_id.clone(),
                trace_path: output.trace_path.clone(),
                approval_audit_path: output.approval_audit_path.clone(),
                delegation_audit_path: output.delegation_audit_path.clone(),
                credential_evidence_path: output.credential_evidence_path.clone(),
            }),
        }
    }
}

/// What an intent would have to bring, told from the reasons.
fn missing_fields(reasons: &[String]) -> Vec<String> {
    let field = |code: &String| match code.as_str() {
        "credential_evidence_missing" => Some("credential_evidence".to_owned()),
        "sandbox_metadata_missing" => Some("sandbox".to_owned()),
        "sandbox_evidence_missing" => Some("sandbox_evidence".to_owned()),
        "kill_switch_state_unavailable" => Some("kill_switch_state".to_owned()),
        "broker_credential_missing" => Some("broker_credential".to_owned()),
        code => code.strip_prefix("fail_closed_missing_").map(str::to_owned),
    };
    let mut fields: Vec<String> = reasons.iter().filter_map(field).collect();
    gait_base::text::set(&mut fields);
    fields
}

fn credential_posture(context: &Context) -> PolicyCredentialState {
    PolicyCredentialState {
        present: !context.credential_ref.is_empty(),
        source: context.credential_source.clone(),
        access_type: context.credential_access_type.clone(),
        issuer: context.credential_issuer.clone(),
        ttl_seconds: context.credential_ttl_seconds,
        credential_ref: context.credential_ref.clone(),
    }
}

fn context_evidence_status(context: &Context) -> &'static str {
    let has_digest = !context.context_set_digest.is_empty();
    let has_refs = !context.context_refs.is_empty();
    match context.context_evidence_mode.as_str() {
        "required" if has_digest && has_refs => "verified",
        "required" => "missing",
        _ if has_digest || has_refs => "present",
        _ => "not_required",
    }
}
