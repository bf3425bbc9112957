//! What destroys is held back by phase: a plan only goes through the motions, an apply needs a person (02 §6.4).

use crate::intent::Target;
use crate::verdict::Verdict;

/// The effect to take at least and its reason. A valid sandbox lets pure process execution pass.
pub(super) fn phase_rule(targets: &[Target], phase: &str, valid_sandbox: bool) -> Option<(Verdict, &'static str)> {
    if !targets.iter().any(|target| target.destructive) {
        return None;
    }
    if valid_sandbox && targets.iter().all(|target| target.endpoint_class == "proc.exec") {
        return None;
    }
    match phase {
        "plan" => Some((Verdict::DryRun, "plan_phase_non_destructive")),
        _ => Some((Verdict::RequireApproval, "destructive_apply_requires_approval")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(class: &str, destructive: bool) -> Target {
        Target { endpoint_class: class.into(), destructive, ..Target::default() }
    }

    #[test]
    fn only_destruction_is_held_back() {
        assert_eq!(phase_rule(&[target("fs.read", false)], "apply", false), None);
        assert_eq!(phase_rule(&[target("fs.delete", true)], "plan", true).unwrap().0, Verdict::DryRun);
        assert_eq!(phase_rule(&[target("fs.delete", true)], "apply", false).unwrap().0, Verdict::RequireApproval);
    }

    #[test]
    fn a_valid_sandbox_lets_pure_execution_pass() {
        let exec = target("proc.exec", true);
        assert_eq!(phase_rule(std::slice::from_ref(&exec), "apply", true), None);
        assert!(phase_rule(std::slice::from_ref(&exec), "apply", false).is_some());
        assert!(phase_rule(&[exec, target("fs.write", false)], "apply", true).is_some());
    }
}
