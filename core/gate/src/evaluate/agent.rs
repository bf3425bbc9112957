//! Is the agent one that the rule accepts? (02 §7.4)

use gait_base::text;
use gait_base::time::Timestamp;

use crate::intent::Context;
use crate::policy::document::AgentRule;

/// Reports what speaks against the agent at the time `now`; true when the rule blocks.
pub(crate) fn check(
    rule: &AgentRule,
    context: &Context,
    now: &Timestamp,
    report: &mut impl FnMut(&'static str, &'static str),
) -> bool {
    let mut blocked = false;
    let mut found = |reason, violation| {
        blocked = true;
        report(reason, violation);
    };
    let (id, identity) = (&context.agent_id, context.agent_identity.as_ref());
    if rule.require_declared && (id.is_empty() || identity.is_none()) {
        found("agent_unknown", "agent_identity_missing");
    }
    if rule.denied_ids.contains(id) || identity.is_some_and(|identity| identity.revoked) {
        found("agent_revoked", "agent_revoked");
    }
    if !rule.allowed_ids.is_empty() && !rule.allowed_ids.contains(id) {
        found("agent_unknown", "agent_not_declared");
    }
    if rule.require_owner && identity.is_none_or(|identity| identity.owner.is_empty()) {
        found("agent_owner_missing", "agent_owner_missing");
    }
    // Required states are folded, those of the agent are not: an agent in state `Active` is not `active`.
    let in_state = |state| identity.is_some_and(|identity| identity.lifecycle_states.contains(state));
    if !rule.lifecycle_states.iter().all(in_state) {
        found("agent_lifecycle_state_invalid", "agent_lifecycle_state_invalid");
    }
    let unexpired = |expires_at: &Timestamp| !expires_at.is_zero() && now.is_before(expires_at);
    if rule.require_unexpired && !identity.is_some_and(|identity| unexpired(&identity.expires_at)) {
        found("agent_expired", "agent_expired");
    }
    let listed = |list: &[String], value: &str| list.iter().any(|folded| text::folds_to(value, folded));
    let digest_differs = !rule.manifest_digest.is_empty()
        && identity.is_none_or(|identity| identity.manifest_digest != rule.manifest_digest);
    let publisher_differs = !rule.manifest_publishers.is_empty()
        && !identity.is_some_and(|identity| listed(&rule.manifest_publishers, &identity.publisher));
    let source_differs = !rule.manifest_sources.is_empty()
        && !identity.is_some_and(|identity| listed(&rule.manifest_sources, &identity.source));
    if digest_differs || publisher_differs || source_differs {
        found("agent_manifest_mismatch", "agent_manifest_mismatch");
    }
    blocked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::AgentIdentity;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn known() -> Context {
        let identity = AgentIdentity {
            lifecycle_states: list(&["Beta", "active", "approved"]),
            owner: "team".to_owned(),
            manifest_digest: "a".repeat(64),
            publisher: "Acme".to_owned(),
            source: "registry".to_owned(),
            expires_at: time("2026-02-01T00:00:00Z"),
            ..AgentIdentity::default()
        };
        Context { agent_id: "agent-a".to_owned(), agent_identity: Some(identity), ..Context::default() }
    }

    fn run(rule: &AgentRule, context: &Context, now: &str) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        let blocked = check(rule, context, &time(now), &mut |reason, violation| found.push((reason, violation)));
        assert_eq!(blocked, !found.is_empty());
        found
    }

    const NOW: &str = "2026-01-31T23:59:59Z";

    fn full_rule() -> AgentRule {
        AgentRule {
            require_declared: true,
            require_owner: true,
            require_unexpired: true,
            allowed_ids: list(&["agent-a", "agent-b"]),
            denied_ids: list(&["agent-x"]),
            manifest_digest: "a".repeat(64),
            manifest_publishers: list(&["acme"]),
            manifest_sources: list(&["git", "registry"]),
            lifecycle_states: list(&["active", "approved"]),
        }
    }

    #[test]
    fn a_good_agent_passes_every_check() {
        assert_eq!(run(&full_rule(), &known(), NOW), []);
    }

    #[test]
    fn an_unknown_agent_fails_every_check() {
        let expected = [
            ("agent_unknown", "agent_identity_missing"),
            ("agent_unknown", "agent_not_declared"),
            ("agent_owner_missing", "agent_owner_missing"),
            ("agent_lifecycle_state_invalid", "agent_lifecycle_state_invalid"),
            ("agent_expired", "agent_expired"),
            ("agent_manifest_mismatch", "agent_manifest_mismatch"),
        ];
        assert_eq!(run(&full_rule(), &Context::default(), NOW), expected);
    }

    #[test]
    fn each_check_alone() {
        let revoked = [("agent_revoked", "agent_revoked")];
        let mut context = known();
        context.agent_id = "agent-x".to_owned();
        assert_eq!(run(&AgentRule { denied_ids: list(&["agent-x"]), ..AgentRule::default() }, &context, NOW), revoked);
        let mut context = known();
        context.agent_identity.as_mut().unwrap().revoked = true;
        assert_eq!(run(&AgentRule { require_owner: true, ..AgentRule::default() }, &context, NOW), revoked);
        let mut context = known();
        context.agent_id = "agent-c".to_owned();
        let allowed = AgentRule { allowed_ids: list(&["agent-a"]), ..AgentRule::default() };
        assert_eq!(run(&allowed, &context, NOW), [("agent_unknown", "agent_not_declared")]);
        let declared = AgentRule { require_declared: true, ..AgentRule::default() };
        context.agent_id.clear();
        assert_eq!(run(&declared, &context, NOW), [("agent_unknown", "agent_identity_missing")]);
    }

    #[test]
    fn expiry_is_exclusive_and_must_be_set() {
        let rule = AgentRule { require_unexpired: true, ..AgentRule::default() };
        let expired = [("agent_expired", "agent_expired")];
        assert_eq!(run(&rule, &known(), "2026-02-01T00:00:00Z"), expired);
        assert_eq!(run(&rule, &known(), "2026-02-01T00:59:59+01:00"), []);
        let mut context = known();
        context.agent_identity.as_mut().unwrap().expires_at = Timestamp::ZERO;
        assert_eq!(run(&rule, &context, NOW), expired);
    }

    #[test]
    fn states_keep_their_case_and_publishers_do_not() {
        let beta = AgentRule { lifecycle_states: list(&["beta"]), ..AgentRule::default() };
        let invalid = [("agent_lifecycle_state_invalid", "agent_lifecycle_state_invalid")];
        assert_eq!(run(&beta, &known(), NOW), invalid);
        let other = AgentRule { manifest_publishers: list(&["other"]), ..AgentRule::default() };
        assert_eq!(run(&other, &known(), NOW), [("agent_manifest_mismatch", "agent_manifest_mismatch")]);
        let source = AgentRule { manifest_sources: list(&["git"]), ..AgentRule::default() };
        assert_eq!(run(&source, &known(), NOW), [("agent_manifest_mismatch", "agent_manifest_mismatch")]);
    }
}
