//! The record that `gate eval --json` prints (02 §11.4).

use gait_base::record;
use gait_gate::evaluate::Decision;
use gait_gate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision, StepVerdict};
use gait_gate::intent::Intent;
use gait_gate::trace::TraceRecord;

use super::records::Paths;
use super::startup::Startup;

record! {
    /// The answer of `gate eval`; every member but `ok` is left out when empty.
    #[derive(Clone, Debug, PartialEq)]
    #[allow(missing_docs, reason = "each field is the member of its name (02 §11.4)")]
    pub struct GateEvalOutput {
        pub ok: bool,
        pub profile: String => omit,
        pub verdict: String => omit,
        pub reason_codes: Vec<String> => omit,
        pub violations: Vec<String> => omit,
        pub approval_ref: String => omit,
        pub required_approvals: i64 => omit,
        pub valid_approvals: i64 => omit,
        pub approval_audit_path: String => omit,
        pub delegation_ref: String => omit,
        pub delegation_required: bool => omit,
        pub valid_delegations: i64 => omit,
        pub delegation_audit_path: String => omit,
        pub trace_id: String => omit,
        pub trace_path: String => omit,
        pub policy_digest: String => omit,
        pub intent_digest: String => omit,
        pub context_set_digest: String => omit,
        pub context_evidence_mode: String => omit,
        pub context_ref_count: i64 => omit,
        pub context_source: String => omit,
        pub script: bool => omit,
        pub step_count: i64 => omit,
        pub script_hash: String => omit,
        pub composite_risk_class: String => omit,
        pub step_verdicts: Vec<StepVerdict> => omit,
        pub pre_approved: bool => omit,
        pub pattern_id: String => omit,
        pub registry_reason: String => omit,
        pub matched_rule: String => omit,
        pub freeze_window: Option<FreezeWindowDecision> => omit,
        pub sandbox: Option<SandboxDecision> => omit,
        pub kill_switch: Option<KillSwitchDecision> => omit,
        pub phase: String => omit,
        pub rate_limit_scope: String => omit,
        pub rate_limit_key: String => omit,
        pub rate_limit_used: i64 => omit,
        pub rate_limit_remaining: i64 => omit,
        pub destructive_budget_scope: String => omit,
        pub destructive_budget_key: String => omit,
        pub destructive_budget_used: i64 => omit,
        pub destructive_budget_remaining: i64 => omit,
        pub credential_issuer: String => omit,
        pub credential_source: String => omit,
        pub credential_access_type: String => omit,
        pub credential_ref: String => omit,
        pub credential_ttl_seconds: i64 => omit,
        pub credential_evidence_path: String => omit,
        pub simulate_mode: bool => omit,
        pub would_have_blocked: bool => omit,
        pub simulated_verdict: String => omit,
        pub simulated_reason_codes: Vec<String> => omit,
        pub warnings: Vec<String> => omit,
    }
}

impl GateEvalOutput {
    pub(super) fn new(
        startup: &Startup,
        intent: &Intent,
        decision: &Decision,
        trace: &TraceRecord,
        paths: &Paths,
        mut warnings: Vec<String>,
    ) -> Self {
        gait_base::text::set(&mut warnings);
        let settlement = decision.settlement.clone().unwrap_or_default();
        let limits = (settlement.rate_limit.as_ref(), settlement.destructive_budget.as_ref());
        let issued = settlement.credential.as_ref().map(|issued| &issued.response);
        let simulation = settlement.simulation.as_ref();
        let script = decision.script.as_ref();
        let phase = if decision.evaluable {
            intent.request().context.phase.clone()
        } else {
            startup.request.context.phase.clone()
        };
        Self {
            ok: true,
            profile: startup.options.profile.clone(),
            verdict: decision.verdict.as_str().to_owned(),
            reason_codes: decision.reason_codes.to_strings(),
            violations: decision.violations.to_strings(),
            approval_ref: settlement.approval_ref.clone(),
            required_approvals: settlement.required_approvals,
            valid_approvals: settlement.approvals.as_ref().map_or(0, |outcome| outcome.valid),
            approval_audit_path: paths.approval_audit.clone(),
            delegation_ref: settlement.delegation_ref.clone(),
            delegation_required: decision.require_delegation,
            valid_delegations: settlement.delegation.as_ref().map_or(0, |outcome| outcome.valid),
            delegation_audit_path: paths.delegation_audit.clone(),
            trace_id: trace.trace_id.clone(),
            trace_path: paths.trace.clone(),
            policy_digest: trace.policy_digest.clone(),
            intent_digest: trace.intent_digest.clone(),
            context_set_digest: trace.context_set_digest.clone(),
            context_evidence_mode: trace.context_evidence_mode.clone(),
            context_ref_count: trace.context_ref_count,
            context_source: decision.context_source.clone(),
            script: script.is_some(),
            step_count: script.map_or(0, |facts| facts.step_count),
            script_hash: script.and_then(|facts| facts.script_hash).map(|hash| hash.to_hex()).unwrap_or_default(),
            composite_risk_class: script.map(|facts| facts.composite_risk_class.to_owned()).unwrap_or_default(),
            step_verdicts: script.map(|facts| facts.step_verdicts.clone()).unwrap_or_default(),
            pre_approved: settlement.pre_approved,
            pattern_id: settlement.pattern_id.clone(),
            registry_reason: settlement.registry_reason.clone(),
            matched_rule: decision.matched_rule.clone(),
            freeze_window: decision.freeze_window.clone(),
            sandbox: decision.sandbox.clone(),
            kill_switch: decision.kill_switch.clone(),
            phase,
            rate_limit_scope: limits.0.map(|taken| taken.scope.as_str().to_owned()).unwrap_or_default(),
            rate_limit_key: limits.0.map(|taken| taken.scope_key.clone()).unwrap_or_default(),
            rate_limit_used: limits.0.map_or(0, |taken| taken.used),
            rate_limit_remaining: limits.0.map_or(0, |taken| taken.remaining),
            destructive_budget_scope: limits.1.map(|taken| taken.scope.as_str().to_owned()).unwrap_or_default(),
            destructive_budget_key: limits.1.map(|taken| taken.scope_key.clone()).unwrap_or_default(),
            destructive_budget_used: limits.1.map_or(0, |taken| taken.used),
            destructive_budget_remaining: limits.1.map_or(0, |taken| taken.remaining),
            credential_issuer: issued.map(|response| response.issuer_shown().to_owned()).unwrap_or_default(),
            credential_source: issued.map(|response| response.source.clone()).unwrap_or_default(),
            credential_access_type: issued.map(|response| response.access_type.clone()).unwrap_or_default(),
            credential_ref: issued.map(|response| response.credential_ref.clone()).unwrap_or_default(),
            credential_ttl_seconds: issued.map_or(0, |response| response.ttl_seconds),
            credential_evidence_path: paths.credential_evidence.clone(),
            simulate_mode: startup.simulate,
            would_have_blocked: simulation.is_some_and(|simulation| simulation.would_have_blocked),
            simulated_verdict: simulation.map(|simulation| simulation.verdict.as_str().to_owned()).unwrap_or_default(),
            simulated_reason_codes: simulation
                .map(|simulation| simulation.reason_codes.to_strings())
                .unwrap_or_default(),
            warnings,
        }
    }
}
