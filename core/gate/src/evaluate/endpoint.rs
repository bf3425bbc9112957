//! May these paths, domains and network classes be touched? (02 §7.2)

use crate::intent::Target;
use crate::pattern::{DomainPattern, PathPattern};
use crate::policy::document::EndpointRule;
use crate::verdict::Verdict;

/// The limits of a rule with their patterns compiled.
#[derive(Clone, Debug)]
pub(crate) struct CompiledEndpoint {
    paths: Limits<PathPattern>,
    domains: Limits<DomainPattern>,
    egress_classes: Vec<String>,
    action: Verdict,
    destructive_action: Option<Verdict>,
}

/// What is denied, and what is allowed when that is limited.
#[derive(Clone, Debug)]
struct Limits<P> {
    denied: Vec<P>,
    allowed: Vec<P>,
}

enum Refusal {
    Denied,
    NotAllowed,
}

impl<P> Limits<P> {
    fn compile(denied: &[String], allowed: &[String], compile: impl Fn(&str) -> P) -> Self {
        let all = |patterns: &[String]| patterns.iter().map(|pattern| compile(pattern)).collect();
        Self { denied: all(denied), allowed: all(allowed) }
    }

    fn refuses(&self, hits: impl Fn(&P) -> bool) -> [Option<Refusal>; 2] {
        let denied = self.denied.iter().any(&hits);
        let not_allowed = !self.allowed.is_empty() && !self.allowed.iter().any(&hits);
        [denied.then_some(Refusal::Denied), not_allowed.then_some(Refusal::NotAllowed)]
    }
}

impl CompiledEndpoint {
    /// Compiles the patterns of a rule.
    pub(crate) fn compile(rule: &EndpointRule) -> Self {
        Self {
            paths: Limits::compile(&rule.path_denylist, &rule.path_allowlist, PathPattern::new),
            domains: Limits::compile(&rule.domain_denylist, &rule.domain_allowlist, DomainPattern::new),
            egress_classes: rule.egress_classes.clone(),
            action: rule.action,
            destructive_action: rule.destructive_action,
        }
    }

    /// Reports what speaks against the targets; the effect to take at least, or nothing.
    ///
    /// The reason code and violation that the rule itself configures are the caller's to add.
    pub(crate) fn check(
        &self,
        targets: &[Target],
        report: &mut impl FnMut(&'static str, &'static str),
    ) -> Option<Verdict> {
        let mut effect = None;
        let mut found = |code| {
            effect = Some(self.action);
            report(code, code);
        };
        for target in targets {
            if target.kind == "path" {
                let path = target.value.trim();
                for refusal in self.paths.refuses(|pattern| pattern.matches(path)).into_iter().flatten() {
                    found(match refusal {
                        Refusal::Denied => "endpoint_path_denied",
                        Refusal::NotAllowed => "endpoint_path_not_allowlisted",
                    });
                }
            }
            let domain = target.endpoint_domain.as_str();
            if !domain.is_empty() {
                for refusal in self.domains.refuses(|pattern| pattern.matches(domain)).into_iter().flatten() {
                    found(match refusal {
                        Refusal::Denied => "endpoint_domain_denied",
                        Refusal::NotAllowed => "endpoint_domain_not_allowlisted",
                    });
                }
            }
            let class = &target.endpoint_class;
            if class.starts_with("net.") && !self.egress_classes.is_empty() && !self.egress_classes.contains(class) {
                found("endpoint_egress_class_not_allowed");
            }
        }
        if let Some(destructive_action) = self.destructive_action
            && targets.iter().any(|target| target.destructive)
        {
            report("endpoint_destructive_operation", "destructive_operation");
            // The stricter of the two, although nothing else may speak against the targets.
            effect = Some(self.action.max(destructive_action));
        }
        effect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn rule(change: impl FnOnce(&mut EndpointRule)) -> EndpointRule {
        let mut rule = EndpointRule {
            path_allowlist: Vec::new(),
            path_denylist: Vec::new(),
            domain_allowlist: Vec::new(),
            domain_denylist: Vec::new(),
            egress_classes: Vec::new(),
            action: Verdict::RequireApproval,
            destructive_action: None,
            reason_code: "own".to_owned(),
            violation: "own".to_owned(),
        };
        change(&mut rule);
        rule
    }

    fn path(value: &str) -> Target {
        Target { kind: "path".into(), value: value.into(), endpoint_class: "fs.read".into(), ..Target::default() }
    }

    fn url(domain: &str) -> Target {
        Target {
            kind: "url".into(),
            endpoint_domain: domain.into(),
            endpoint_class: "net.http".into(),
            ..Target::default()
        }
    }

    fn run(rule: &EndpointRule, targets: &[Target]) -> (Option<Verdict>, Vec<(&'static str, &'static str)>) {
        let mut found = Vec::new();
        let effect =
            CompiledEndpoint::compile(rule).check(targets, &mut |reason, violation| found.push((reason, violation)));
        (effect, found)
    }

    fn codes(rule: &EndpointRule, targets: &[Target]) -> Vec<&'static str> {
        let (effect, found) = run(rule, targets);
        assert_eq!(effect, (!found.is_empty()).then_some(rule.action));
        found
            .into_iter()
            .map(|(reason, violation)| {
                assert_eq!(reason, violation);
                reason
            })
            .collect()
    }

    #[test]
    fn paths() {
        let limited = rule(|r| {
            r.path_allowlist = list(&["/repo/**"]);
            r.path_denylist = list(&["/repo/secrets/*"]);
        });
        assert!(codes(&limited, &[path("/repo/a"), path("/repo")]).is_empty());
        assert_eq!(codes(&limited, &[path("/repo/secrets/key")]), ["endpoint_path_denied"]);
        assert_eq!(codes(&limited, &[path("/etc/passwd")]), ["endpoint_path_not_allowlisted"]);
        let both = rule(|r| {
            r.path_allowlist = list(&["/a"]);
            r.path_denylist = list(&["/b"]);
        });
        assert_eq!(codes(&both, &[path("/b")]), ["endpoint_path_denied", "endpoint_path_not_allowlisted"]);
        let other = Target { kind: "other".into(), value: "/etc/passwd".into(), ..Target::default() };
        assert!(codes(&limited, &[other]).is_empty());
    }

    #[test]
    fn domains_of_any_kind() {
        let limited = rule(|r| {
            r.domain_allowlist = list(&["*.example.com"]);
            r.domain_denylist = list(&["evil.example.com"]);
        });
        assert!(codes(&limited, &[url("api.example.com"), url("")]).is_empty());
        assert_eq!(codes(&limited, &[url("evil.example.com")]), ["endpoint_domain_denied"]);
        assert_eq!(codes(&limited, &[url("example.com")]), ["endpoint_domain_not_allowlisted"]);
        let other = Target { kind: "other".into(), endpoint_domain: "x".into(), ..Target::default() };
        assert_eq!(codes(&limited, &[other]), ["endpoint_domain_not_allowlisted"]);
    }

    #[test]
    fn egress_classes() {
        let limited = rule(|r| r.egress_classes = list(&["net.dns"]));
        assert_eq!(codes(&limited, &[url("h"), path("/a")]), ["endpoint_egress_class_not_allowed"]);
        assert!(codes(&rule(|_| {}), &[url("h")]).is_empty());
    }

    #[test]
    fn destruction_takes_the_stricter_action() {
        let destructive = || Target { destructive: true, ..path("/a") };
        let expected = vec![("endpoint_destructive_operation", "destructive_operation")];
        let lenient = rule(|r| {
            r.action = Verdict::Block;
            r.destructive_action = Some(Verdict::RequireApproval);
        });
        assert_eq!(run(&lenient, &[destructive()]), (Some(Verdict::Block), expected.clone()));
        let strict = rule(|r| r.destructive_action = Some(Verdict::Block));
        assert_eq!(run(&strict, &[destructive()]), (Some(Verdict::Block), expected));
        assert_eq!(run(&strict, &[path("/a")]), (None, Vec::new()));
        assert_eq!(run(&rule(|_| {}), &[destructive()]), (None, Vec::new()));
    }
}
