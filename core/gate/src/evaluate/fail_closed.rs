//! What an intent must carry where the policy fails closed (02 §6.2 step 3, §9.2).

use crate::code::CodeSet;
use crate::intent::{Context, IntentRequest};
use crate::policy::document::FailClosed;

/// Reasons and violations of everything that is missing; both empty when nothing is.
pub(super) fn check(rule: &FailClosed, request: &IntentRequest, context: &Context) -> (CodeSet, CodeSet) {
    let mut reasons = CodeSet::default();
    let mut violations = CodeSet::default();
    let mut report = |reason: &'static str, violation: &'static str| {
        reasons.insert(reason);
        violations.insert(violation);
    };
    let unknown_endpoint = request.targets.iter().any(|target| target.endpoint_class == "other");
    for field in &rule.required_fields {
        match field.as_str() {
            "targets" if request.targets.is_empty() => report("fail_closed_missing_targets", "missing_targets"),
            "arg_provenance" if request.arg_provenance.is_empty() => {
                report("fail_closed_missing_arg_provenance", "missing_arg_provenance");
            }
            "endpoint_class" if unknown_endpoint => {
                report("fail_closed_missing_endpoint_class", "missing_endpoint_class");
            }
            "delegation" if request.delegation.is_none() => {
                report("fail_closed_missing_delegation", "missing_delegation");
            }
            "context_evidence" if context.context_set_digest.is_empty() => {
                report("context_evidence_missing", "missing_context_evidence");
            }
            _ => {}
        }
    }
    for field in &rule.required_high_risk_fields {
        if let Some((reason, violation)) = missing_high_risk_field(field, context) {
            report(reason, violation);
        }
    }
    if unknown_endpoint {
        report("fail_closed_endpoint_class_unknown", "endpoint_class_unknown");
    }
    (reasons, violations)
}

/// The codes of a required member of the context that is not set.
fn missing_high_risk_field(field: &str, context: &Context) -> Option<(&'static str, &'static str)> {
    macro_rules! members {
        ($($member:ident => $missing:expr),* $(,)?) => {
            match field {
                $( stringify!($member) => $missing.then_some((
                    concat!("fail_closed_missing_", stringify!($member)),
                    concat!("missing_", stringify!($member)),
                )), )*
                _ => None,
            }
        };
    }
    members! {
        agent_id => context.agent_id.is_empty(),
        agent_identity => context.agent_identity.is_none(),
        run_id => context.run_id.is_empty(),
        workflow_id => context.workflow_id.is_empty(),
        repo => context.repo.is_empty(),
        environment => context.environment.is_empty(),
        credential_ref => context.credential_ref.is_empty(),
        credential_source => context.credential_source.is_empty(),
        credential_access_type => context.credential_access_type.is_empty(),
        credential_issuer => context.credential_issuer.is_empty(),
        credential_ttl_seconds => (context.credential_ttl_seconds <= 0),
        approval_ref => context.approval_ref.is_empty(),
        wrkr_inventory_ref => context.wrkr_inventory_ref.is_empty(),
        agent_action_bom_ref => context.agent_action_bom_ref.is_empty(),
    }
}
