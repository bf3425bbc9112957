//! Is the context evidence there, complete and fresh enough? (02 §7.3)

use crate::intent::Context;
use crate::policy::document::ContextEvidenceRule;

/// Reports what the prepared context lacks; true when the rule blocks.
///
/// `age_seconds` is the verified age of the evidence; none when nothing verified it.
pub(crate) fn check(
    rule: &ContextEvidenceRule,
    context: &Context,
    age_seconds: Option<i64>,
    report: &mut impl FnMut(&'static str, &'static str),
) -> bool {
    let mut blocked = false;
    let mut found = |reason, violation| {
        blocked = true;
        report(reason, violation);
    };
    if context.context_set_digest.is_empty() {
        found("context_evidence_missing", "missing_context_evidence");
        found("context_set_digest_missing", "missing_context_evidence");
    }
    if (rule.required || rule.mode_required) && context.context_evidence_mode != "required" {
        found("context_evidence_mode_mismatch", "context_evidence_mode_violation");
    }
    if rule.max_age_seconds > 0 && age_seconds.is_none_or(|age| age > rule.max_age_seconds) {
        found("context_freshness_exceeded", "context_freshness_violation");
    }
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(
        rule: &ContextEvidenceRule,
        digest: &str,
        mode: &str,
        age: Option<i64>,
    ) -> Vec<(&'static str, &'static str)> {
        let context = Context {
            context_set_digest: digest.to_owned(),
            context_evidence_mode: mode.to_owned(),
            ..Context::default()
        };
        let mut found = Vec::new();
        let blocked = check(rule, &context, age, &mut |reason, violation| found.push((reason, violation)));
        assert_eq!(blocked, !found.is_empty());
        found
    }

    #[test]
    fn nothing_at_all() {
        let rule = ContextEvidenceRule { required: true, mode_required: true, max_age_seconds: 60 };
        let expected = [
            ("context_evidence_missing", "missing_context_evidence"),
            ("context_set_digest_missing", "missing_context_evidence"),
            ("context_evidence_mode_mismatch", "context_evidence_mode_violation"),
            ("context_freshness_exceeded", "context_freshness_violation"),
        ];
        assert_eq!(run(&rule, "", "", None), expected);
        assert_eq!(run(&rule, "d", "required", Some(60)), []);
    }

    #[test]
    fn each_demand_alone() {
        let mode = ContextEvidenceRule { required: false, mode_required: true, max_age_seconds: 0 };
        assert_eq!(
            run(&mode, "d", "best_effort", None),
            [("context_evidence_mode_mismatch", "context_evidence_mode_violation")]
        );
        let required = ContextEvidenceRule { required: true, ..ContextEvidenceRule::default() };
        assert_eq!(
            run(&required, "d", "", None),
            [("context_evidence_mode_mismatch", "context_evidence_mode_violation")]
        );
        let age = ContextEvidenceRule { max_age_seconds: 60, ..ContextEvidenceRule::default() };
        assert_eq!(run(&age, "d", "", Some(61)), [("context_freshness_exceeded", "context_freshness_violation")]);
        assert_eq!(run(&age, "d", "", None), [("context_freshness_exceeded", "context_freshness_violation")]);
        assert_eq!(run(&age, "d", "", Some(0)), []);
    }
}
