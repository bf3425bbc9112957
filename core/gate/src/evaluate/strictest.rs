//! Putting outcomes together: the strictest counts (02 §6.3, §6.6).

use crate::code::CodeSet;
use crate::finding::{FreezeWindowDecision, SandboxDecision};
use crate::policy::document::Limit;
use crate::verdict::Verdict;

/// The outcome of one rule, of all matched rules, or of a whole script.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) reasons: CodeSet,
    pub(crate) violations: CodeSet,
    pub(crate) min_approvals: i64,
    pub(crate) require_distinct_approvers: bool,
    pub(crate) require_broker_credential: bool,
    pub(crate) broker_reference: String,
    pub(crate) broker_scopes: Vec<String>,
    pub(crate) require_delegation: bool,
    pub(crate) delegation_scopes: Vec<String>,
    pub(crate) rate_limit: Option<Limit>,
    pub(crate) destructive_budget: Option<Limit>,
    pub(crate) dataflow_triggered: bool,
    pub(crate) freeze_window: Option<Box<FreezeWindowDecision>>,
    pub(crate) sandbox: Option<Box<SandboxDecision>>,
    /// Names of all matched rules, sorted, joined by commas.
    pub(crate) matched_rule: String,
    /// Numbers of all matched rules, ascending.
    pub(crate) matched_rules: Vec<usize>,
}

impl Outcome {
    /// Takes over what another outcome of the same verdict brings, but for names and references, which the callers
    /// join each in their way.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.reasons.extend(&other.reasons);
        self.violations.extend(&other.violations);
        self.min_approvals = self.min_approvals.max(other.min_approvals);
        self.require_distinct_approvers |= other.require_distinct_approvers;
        self.require_broker_credential |= other.require_broker_credential;
        self.require_delegation |= other.require_delegation;
        self.dataflow_triggered |= other.dataflow_triggered;
        unite(&mut self.broker_scopes, other.broker_scopes);
        unite(&mut self.delegation_scopes, other.delegation_scopes);
        self.rate_limit = stricter_limit(self.rate_limit, other.rate_limit);
        self.destructive_budget = stricter_limit(self.destructive_budget, other.destructive_budget);
        self.freeze_window = pick(self.freeze_window.take(), other.freeze_window, freeze_is_graver);
        self.sandbox = pick(self.sandbox.take(), other.sandbox, sandbox_is_graver);
    }
}

/// Adds to a sorted set.
pub(crate) fn unite<T: Ord>(set: &mut Vec<T>, mut more: Vec<T>) {
    if set.is_empty() {
        *set = more;
    } else if !more.is_empty() {
        set.append(&mut more);
        set.sort();
        set.dedup();
    }
}

/// Fewer requests; then the shorter window; then the alphabetically smaller scope.
fn stricter_limit(a: Option<Limit>, b: Option<Limit>) -> Option<Limit> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let rank = |limit: &Limit| (limit.requests, limit.window, limit.scope.as_str());
            Some(if rank(&b) < rank(&a) { b } else { a })
        }
        (a, b) => a.or(b),
    }
}

/// The graver of two findings; the earlier one on a tie.
fn pick<T>(earlier: Option<Box<T>>, later: Option<Box<T>>, is_graver: fn(&T, &T) -> bool) -> Option<Box<T>> {
    match (earlier, later) {
        (Some(earlier), Some(later)) => Some(if is_graver(&later, &earlier) { later } else { earlier }),
        (earlier, later) => earlier.or(later),
    }
}

fn freeze_is_graver(a: &FreezeWindowDecision, b: &FreezeWindowDecision) -> bool {
    let rank = |decision: &FreezeWindowDecision| {
        let status = match decision.status.as_str() {
            "invalid" => 3,
            "active" => 2,
            "inactive" => 1,
            _ => 0,
        };
        let effect = match decision.effect.as_str() {
            "block" => 2,
            "require_approval" => 1,
            _ => 0,
        };
        (status, effect)
    };
    (rank(a), &b.window_name) > (rank(b), &a.window_name)
}

fn sandbox_is_graver(a: &SandboxDecision, b: &SandboxDecision) -> bool {
    let rank = |decision: &SandboxDecision| match decision.status.as_str() {
        "missing" => 4,
        "disallowed" => 3,
        "invalid" => 2,
        "valid" => 1,
        _ => 0,
    };
    (rank(a), &b.evidence_digest) > (rank(b), &a.evidence_digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::document::{LimitScope, LimitWindow};

    #[test]
    fn the_stricter_limit_wins() {
        let limit = |requests, window, scope| Some(Limit { requests, window, scope });
        let minute = limit(5, LimitWindow::Minute, LimitScope::Tool);
        let hour = limit(5, LimitWindow::Hour, LimitScope::Identity);
        assert_eq!(stricter_limit(hour, minute), minute);
        assert_eq!(stricter_limit(limit(4, LimitWindow::Hour, LimitScope::Tool), minute).unwrap().requests, 4);
        let identity = limit(5, LimitWindow::Minute, LimitScope::Identity);
        assert_eq!(stricter_limit(minute, identity), identity);
        assert_eq!(stricter_limit(None, minute), minute);
    }

    #[test]
    fn the_graver_finding_wins_and_the_earlier_on_a_tie() {
        let freeze = |status: &str, effect: &str, window: &str| {
            Some(Box::new(FreezeWindowDecision {
                status: status.into(),
                effect: effect.into(),
                window_name: window.into(),
                ..FreezeWindowDecision::default()
            }))
        };
        let chosen = |a, b| pick(a, b, freeze_is_graver).unwrap().window_name;
        assert_eq!(chosen(freeze("active", "block", "a"), freeze("invalid", "block", "b")), "b");
        assert_eq!(chosen(freeze("active", "require_approval", "a"), freeze("active", "block", "b")), "b");
        assert_eq!(chosen(freeze("active", "block", "b"), freeze("active", "block", "a")), "a");
        let sandbox = |status: &str, digest: &str| {
            let evidence_digest = digest.into();
            Some(Box::new(SandboxDecision { status: status.into(), evidence_digest, ..SandboxDecision::default() }))
        };
        let digest = |a, b| pick(a, b, sandbox_is_graver).unwrap().evidence_digest;
        assert_eq!(digest(sandbox("valid", "a"), sandbox("missing", "b")), "b");
        assert_eq!(digest(sandbox("valid", "b"), sandbox("valid", "a")), "a");
    }
}
