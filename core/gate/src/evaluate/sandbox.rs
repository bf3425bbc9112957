//! Is the sandbox that the intent claims one that the rule accepts? (02 §7.6, 03 §8)

use crate::finding::SandboxDecision;
use crate::intent::{Context, Sandbox};
use crate::policy::document::SandboxRule;

/// What speaks against the claimed sandbox. The reason codes, which are the violations too, are sorted; every status but
/// `valid` blocks.
pub(crate) fn check(rule: &SandboxRule, context: &Context) -> SandboxDecision {
    let Some(sandbox) = &context.sandbox else {
        return SandboxDecision {
            status: "missing".to_owned(),
            reason_codes: vec!["sandbox_metadata_missing".to_owned()],
            ..SandboxDecision::default()
        };
    };
    let mut codes = Vec::new();
    collect(rule, sandbox, &mut |code| codes.push(code));
    codes.sort_unstable();
    SandboxDecision {
        status: status(&codes).to_owned(),
        network_mode: sandbox.network_mode.clone(),
        env_exposure_mode: sandbox.env_exposure_mode.clone(),
        timeout_seconds: sandbox.timeout_seconds,
        filesystem_isolation: sandbox.filesystem_isolation.clone(),
        user_mode: sandbox.user_mode.clone(),
        evidence_ref: sandbox.evidence_ref.clone(),
        evidence_digest: sandbox.evidence_digest.clone(),
        reason_codes: codes.into_iter().map(str::to_owned).collect(),
    }
}

fn status(codes: &[&str]) -> &'static str {
    let some_end_in = |ending: &str| codes.iter().any(|code| code.ends_with(ending));
    if codes.is_empty() {
        "valid"
    } else if some_end_in("_missing") {
        "missing"
    } else if some_end_in("_disallowed") || some_end_in("_exceeded") {
        "disallowed"
    } else {
        "invalid"
    }
}

fn collect(rule: &SandboxRule, sandbox: &Sandbox, found: &mut impl FnMut(&'static str)) {
    if sandbox.evidence_ref.is_empty() || sandbox.evidence_digest.is_empty() {
        found("sandbox_evidence_missing");
    }
    let mut mode = |value: &String, allowed: &[String], missing, disallowed| {
        if value.is_empty() {
            found(missing);
        } else if !allowed.is_empty() && !allowed.contains(value) {
            found(disallowed);
        }
    };
    mode(&sandbox.network_mode, &rule.network_modes, "sandbox_network_mode_missing", "sandbox_network_mode_disallowed");
    mode(
        &sandbox.env_exposure_mode,
        &rule.env_exposure_modes,
        "sandbox_env_exposure_mode_missing",
        "sandbox_env_exposure_mode_disallowed",
    );
    mode(
        &sandbox.filesystem_isolation,
        &rule.filesystem_isolations,
        "sandbox_filesystem_isolation_missing",
        "sandbox_filesystem_isolation_disallowed",
    );
    mode(&sandbox.user_mode, &rule.user_modes, "sandbox_user_mode_missing", "sandbox_user_mode_disallowed");
    if sandbox.timeout_seconds <= 0 {
        found("sandbox_timeout_missing");
    } else if rule.max_timeout_seconds > 0 && sandbox.timeout_seconds > rule.max_timeout_seconds {
        found("sandbox_timeout_exceeded");
    }
    let prefixes = &rule.writable_path_prefixes;
    let covered = |path: &String| prefixes.iter().any(|prefix| lies_under(path, prefix));
    if !prefixes.is_empty() && !sandbox.writable_paths.iter().all(covered) {
        found("sandbox_writable_path_disallowed");
    }
    // The contract asks that each root of the intent be known to the policy, not that each root of the policy be there.
    let roots = &rule.read_only_roots;
    if !roots.is_empty() && !sandbox.read_only_roots.iter().all(|root| roots.contains(root)) {
        found("sandbox_read_only_root_missing");
    }
}

fn lies_under(path: &str, prefix: &str) -> bool {
    prefix == "/" || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn good() -> Sandbox {
        Sandbox {
            network_mode: "disabled".to_owned(),
            writable_paths: list(&["/repo/out", "/repo/out/x"]),
            read_only_roots: list(&["/usr"]),
            env_exposure_mode: "none".to_owned(),
            timeout_seconds: 30,
            filesystem_isolation: "container".to_owned(),
            user_mode: "unprivileged".to_owned(),
            evidence_ref: "sandbox:receipt:v1".to_owned(),
            evidence_digest: "a".repeat(64),
        }
    }

    fn rule() -> SandboxRule {
        SandboxRule {
            network_modes: list(&["disabled"]),
            writable_path_prefixes: list(&["/repo/out"]),
            read_only_roots: list(&["/lib", "/usr"]),
            env_exposure_modes: list(&["none"]),
            max_timeout_seconds: 30,
            filesystem_isolations: list(&["container"]),
            user_modes: list(&["unprivileged"]),
        }
    }

    fn run(rule: &SandboxRule, sandbox: Sandbox) -> SandboxDecision {
        check(rule, &Context { sandbox: Some(Box::new(sandbox)), ..Context::default() })
    }

    #[test]
    fn no_sandbox() {
        let decision = check(&rule(), &Context::default());
        assert_eq!(decision.status, "missing");
        assert_eq!(decision.reason_codes, ["sandbox_metadata_missing"]);
    }

    #[test]
    fn a_good_one() {
        let decision = run(&rule(), good());
        assert_eq!((decision.status.as_str(), decision.reason_codes.as_slice()), ("valid", [].as_slice()));
        assert_eq!(decision.network_mode, "disabled");
        assert_eq!(decision.timeout_seconds, 30);
        assert_eq!(decision.evidence_digest, "a".repeat(64));
    }

    #[test]
    fn missing_facts_count_even_where_the_rule_is_silent() {
        let rule = SandboxRule { max_timeout_seconds: 60, ..SandboxRule::default() };
        let decision = run(&rule, Sandbox { read_only_roots: list(&["/usr"]), ..Sandbox::default() });
        let expected = [
            "sandbox_env_exposure_mode_missing",
            "sandbox_evidence_missing",
            "sandbox_filesystem_isolation_missing",
            "sandbox_network_mode_missing",
            "sandbox_timeout_missing",
            "sandbox_user_mode_missing",
        ];
        assert_eq!(decision.reason_codes, expected);
        assert_eq!(decision.status, "missing");
    }

    #[test]
    fn each_demand_alone() {
        type Change = fn(&mut Sandbox);
        let table: [(&str, &str, Change); 9] = [
            ("sandbox_network_mode_disallowed", "disallowed", |s| s.network_mode = "full".to_owned()),
            ("sandbox_env_exposure_mode_disallowed", "disallowed", |s| s.env_exposure_mode = "full".to_owned()),
            ("sandbox_timeout_exceeded", "disallowed", |s| s.timeout_seconds = 31),
            ("sandbox_filesystem_isolation_disallowed", "disallowed", |s| s.filesystem_isolation = "none".to_owned()),
            ("sandbox_user_mode_disallowed", "disallowed", |s| s.user_mode = "root".to_owned()),
            ("sandbox_writable_path_disallowed", "disallowed", |s| s.writable_paths = list(&["/repo/output"])),
            ("sandbox_read_only_root_missing", "missing", |s| s.read_only_roots = list(&["/etc", "/usr"])),
            ("sandbox_evidence_missing", "missing", |s| s.evidence_ref.clear()),
            ("sandbox_evidence_missing", "missing", |s| s.evidence_digest.clear()),
        ];
        for (code, status, change) in table {
            let mut sandbox = good();
            change(&mut sandbox);
            let decision = run(&rule(), sandbox);
            assert_eq!(decision.reason_codes, [code]);
            assert_eq!(decision.status, status, "{code}");
        }
    }

    #[test]
    fn the_root_covers_every_path_and_no_roots_pass() {
        let rule = SandboxRule { writable_path_prefixes: list(&["/"]), read_only_roots: list(&["/usr"]), ..rule() };
        let sandbox = Sandbox { writable_paths: list(&["/a", "rel"]), read_only_roots: Vec::new(), ..good() };
        assert_eq!(run(&rule, sandbox).status, "valid");
    }
}
