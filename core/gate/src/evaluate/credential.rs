//! Is the credential that the intent claims one that the rule accepts? (02 §7.5, 03 §9)

use gait_base::digest::Digest;

use crate::intent::Context;
use crate::policy::document::CredentialRule;

/// Access types that live until somebody takes them away; an unnamed one counts as one of them.
const STANDING: [&str; 6] = ["", "cloud_admin", "inherited", "standing", "static", "unknown"];

/// Reports what speaks against the claimed credential; true when the rule blocks.
///
/// `targets_digest` gives the digest of the normalized targets; it is asked for only when a binding is claimed.
pub(crate) fn check(
    rule: &CredentialRule,
    context: &Context,
    targets_digest: impl FnOnce() -> Digest,
    report: &mut impl FnMut(&'static str, &'static str),
) -> bool {
    let mut blocked = false;
    let mut found = |code| {
        blocked = true;
        report(code, code);
    };
    let access_type = context.credential_access_type.as_str();
    if context.credential_ref.is_empty() {
        found("credential_evidence_missing");
    }
    if context.credential_source.is_empty() {
        found("credential_source_unknown");
    }
    if access_type.is_empty() {
        found("credential_access_type_unknown");
    }
    if rule.require_jit && access_type != "jit" {
        found(if access_type.is_empty() { "credential_evidence_missing" } else { "credential_not_jit" });
    }
    check_kind(rule, &context.credential_source, &context.credential_issuer, access_type, &mut found);
    let ttl = context.credential_ttl_seconds;
    if rule.max_ttl_seconds > 0 && ttl <= 0 {
        found("credential_evidence_missing");
    } else if rule.max_ttl_seconds > 0 && ttl > rule.max_ttl_seconds {
        found("credential_ttl_exceeded");
    }
    let binding = &context.credential_target_binding;
    if !binding.is_empty() && *binding != *targets_digest().hex() {
        found("credential_target_binding_mismatch");
    }
    let differ = |id: &str, bound: &str| !id.is_empty() && !bound.is_empty() && id != bound;
    if differ(&context.run_id, &context.credential_run_binding) {
        found("credential_run_binding_mismatch");
    }
    if differ(&context.job_id, &context.credential_job_binding) {
        found("credential_job_binding_mismatch");
    }
    blocked
}

/// The demands on what kind of credential it is, which hold for claims and for brokers' answers alike.
pub(crate) fn check_kind(
    rule: &CredentialRule,
    source: &str,
    issuer: &str,
    access_type: &str,
    found: &mut impl FnMut(&'static str),
) {
    let listed = |list: &[String], value: &str| list.is_empty() || list.iter().any(|allowed| allowed == value);
    if rule.block_standing && STANDING.contains(&access_type) {
        found("standing_credential_disallowed");
    }
    if !listed(&rule.sources, source) {
        found("credential_source_disallowed");
    }
    if !listed(&rule.issuers, issuer) {
        found("credential_issuer_disallowed");
    }
    if !listed(&rule.access_types, access_type) {
        found("credential_access_type_disallowed");
    }
}

#[cfg(test)]
mod tests {
    use gait_base::digest::sha256;

    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn good() -> Context {
        Context {
            credential_ref: "ref:1".to_owned(),
            credential_source: "aws_sts".to_owned(),
            credential_access_type: "jit".to_owned(),
            credential_issuer: "sts.amazonaws.com".to_owned(),
            credential_ttl_seconds: 900,
            ..Context::default()
        }
    }

    fn run(rule: &CredentialRule, context: &Context) -> Vec<&'static str> {
        let mut found = Vec::new();
        let blocked = check(rule, context, || sha256(b"targets"), &mut |reason, violation| {
            assert_eq!(reason, violation);
            found.push(reason);
        });
        assert_eq!(blocked, !found.is_empty());
        found
    }

    fn full_rule() -> CredentialRule {
        CredentialRule {
            block_standing: true,
            require_jit: true,
            sources: list(&["aws_sts"]),
            issuers: list(&["sts.amazonaws.com"]),
            access_types: list(&["jit"]),
            max_ttl_seconds: 900,
        }
    }

    #[test]
    fn a_good_credential_passes() {
        assert_eq!(run(&full_rule(), &good()), Vec::<&str>::new());
    }

    #[test]
    fn nothing_claimed_fails_every_check() {
        let expected = [
            "credential_evidence_missing",
            "credential_source_unknown",
            "credential_access_type_unknown",
            "credential_evidence_missing",
            "standing_credential_disallowed",
            "credential_source_disallowed",
            "credential_issuer_disallowed",
            "credential_access_type_disallowed",
            "credential_evidence_missing",
        ];
        assert_eq!(run(&full_rule(), &Context::default()), expected);
    }

    #[test]
    fn standing_access_types() {
        let rule = CredentialRule { block_standing: true, ..CredentialRule::default() };
        for access_type in ["cloud_admin", "inherited", "standing", "static", "unknown"] {
            let context = Context { credential_access_type: access_type.to_owned(), ..good() };
            assert_eq!(run(&rule, &context), ["standing_credential_disallowed"], "{access_type}");
            let jit = CredentialRule { require_jit: true, ..CredentialRule::default() };
            assert_eq!(run(&jit, &context), ["credential_not_jit"], "{access_type}");
        }
    }

    #[test]
    fn issuers_keep_their_case() {
        let rule = CredentialRule { issuers: list(&["STS.amazonaws.com"]), ..CredentialRule::default() };
        assert_eq!(run(&rule, &good()), ["credential_issuer_disallowed"]);
    }

    #[test]
    fn life_is_limited_inclusively() {
        let rule = CredentialRule { max_ttl_seconds: 899, ..CredentialRule::default() };
        assert_eq!(run(&rule, &good()), ["credential_ttl_exceeded"]);
    }

    #[test]
    fn bindings() {
        let rule = CredentialRule { require_jit: true, ..CredentialRule::default() };
        let bound = |binding: String| Context { credential_target_binding: binding, ..good() };
        assert_eq!(run(&rule, &bound(sha256(b"targets").to_hex())), Vec::<&str>::new());
        assert_eq!(run(&rule, &bound("0".repeat(64))), ["credential_target_binding_mismatch"]);
        let mut context = good();
        context.credential_run_binding = "r1".to_owned();
        context.credential_job_binding = "j1".to_owned();
        assert_eq!(run(&rule, &context), Vec::<&str>::new());
        context.run_id = "r2".to_owned();
        context.job_id = "j2".to_owned();
        assert_eq!(run(&rule, &context), ["credential_run_binding_mismatch", "credential_job_binding_mismatch"]);
    }
}
