//! May tainted data flow to these destinations? (02 §7.1)

use crate::intent::{ArgProvenance, Target};
use crate::policy::document::Dataflow;

/// What counts as a destination when a rule names none.
const OUTSIDE_KINDS: [&str; 5] = ["host", "url", "bucket", "queue", "topic"];

/// Whether some argument is tainted and some target is a destination that the rule guards.
///
/// Without a destination list any target outside the machine counts; otherwise one single target must satisfy every
/// list that is set.
pub(crate) fn triggered(rule: &Dataflow, provenance: &[ArgProvenance], targets: &[Target]) -> bool {
    let tainted = provenance.iter().any(|argument| rule.tainted_sources.contains(&argument.source));
    tainted && targets.iter().any(|target| is_destination(rule, target))
}

fn is_destination(rule: &Dataflow, target: &Target) -> bool {
    let (kinds, values, operations) = (&rule.destination_kinds, &rule.destination_values, &rule.destination_operations);
    if kinds.is_empty() && values.is_empty() && operations.is_empty() {
        return OUTSIDE_KINDS.contains(&target.kind.as_str());
    }
    let holds = |list: &[String], value: &String| list.is_empty() || list.contains(value);
    holds(kinds, &target.kind) && holds(values, &target.value) && holds(operations, &target.operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn rule(kinds: &[&str], values: &[&str], operations: &[&str]) -> Dataflow {
        Dataflow {
            tainted_sources: list(&["external", "tool_output"]),
            destination_kinds: list(kinds),
            destination_values: list(values),
            destination_operations: list(operations),
            action: Verdict::RequireApproval,
            reason_code: "r".to_owned(),
            violation: "v".to_owned(),
        }
    }

    fn from(source: &str) -> Vec<ArgProvenance> {
        vec![ArgProvenance { arg_path: "$.a".to_owned(), source: source.to_owned(), ..ArgProvenance::default() }]
    }

    fn target(kind: &str, value: &str, operation: &str) -> Target {
        Target { kind: kind.to_owned(), value: value.to_owned(), operation: operation.to_owned(), ..Target::default() }
    }

    #[test]
    fn without_lists_everything_outside_is_guarded() {
        for kind in ["host", "url", "bucket", "queue", "topic"] {
            assert!(triggered(&rule(&[], &[], &[]), &from("external"), &[target(kind, "x", "")]), "{kind}");
        }
        for kind in ["path", "repo", "table", "other"] {
            assert!(!triggered(&rule(&[], &[], &[]), &from("external"), &[target(kind, "x", "")]), "{kind}");
        }
        assert!(!triggered(&rule(&[], &[], &[]), &from("user"), &[target("host", "x", "")]));
        assert!(!triggered(&rule(&[], &[], &[]), &[], &[target("host", "x", "")]));
        assert!(!triggered(&rule(&[], &[], &[]), &from("external"), &[]));
    }

    #[test]
    fn one_target_must_satisfy_all_lists() {
        let rule = rule(&["path"], &[], &["write"]);
        let split = [target("path", "/a", "read"), target("url", "u", "write")];
        assert!(!triggered(&rule, &from("tool_output"), &split));
        assert!(triggered(&rule, &from("tool_output"), &[target("path", "/a", "write")]));
    }

    #[test]
    fn values_are_compared_exactly() {
        let rule = rule(&[], &["/a"], &[]);
        assert!(triggered(&rule, &from("external"), &[target("path", "/a", "")]));
        assert!(!triggered(&rule, &from("external"), &[target("path", "/A", "")]));
        assert!(!triggered(&rule, &from("external"), &[target("host", "h", "")]));
    }
}
