//! The answer itself: verdict, reasons, violations, the rules that matched.

use gait_gate::verdict::Verdict;

use super::gait_decision;
use crate::border::{ask, at, try_ask};
use crate::intent::gait_notice;
use crate::status::gait_status;
use crate::time::gait_time;
use crate::view::gait_str;

/// What a policy says about a proposed action. Only `GAIT_VERDICT_ALLOW` lets the tool run; the greater is the stricter.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gait_verdict {
    /// Go ahead.
    Allow = 0,
    /// Go through the motions without effect.
    DryRun = 1,
    /// Wait for a person.
    RequireApproval = 2,
    /// Don't.
    Block = 3,
}

impl From<Verdict> for gait_verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::DryRun => Self::DryRun,
            Verdict::RequireApproval => Self::RequireApproval,
            Verdict::Block => Self::Block,
        }
    }
}

/// The name of a verdict, such as `require_approval`; `unknown` for a number that is none. Lives forever.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_verdict_name(verdict: u32) -> gait_str {
    let known = Verdict::ALL.into_iter().find(|known| gait_verdict::from(*known) as u32 == verdict);
    gait_str::lasting(known.map_or("unknown", Verdict::as_str))
}

/// The exit code that a command ends with: 0 for allow and dry run, 3 for block, 4 where an approval is missing.
pub(super) const fn exit_code(verdict: Verdict) -> i32 {
    match verdict {
        Verdict::Allow | Verdict::DryRun => 0,
        Verdict::Block => 3,
        Verdict::RequireApproval => 4,
    }
}

/// The answer.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_verdict(decision: *const gait_decision, out: *mut gait_verdict) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.verdict.into()) }
}

/// The exit code of a command that ends with this decision: 0 for allow and dry run, 3 for block, 4 for a missing
/// approval.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_exit_code(decision: *const gait_decision, out: *mut i32) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| exit_code(decided.decision.verdict)) }
}

/// How many reasons there are.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_reason_code_count(
    decision: *const gait_decision,
    out: *mut usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.reason_codes.len()) }
}

/// One of the reasons, which are sorted.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_reason_code(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        try_ask(decision, out, |decided| at(&decided.decision.reason_codes, index).map(|code| gait_str::of(code)))
    }
}

/// How many violations there are.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_violation_count(decision: *const gait_decision, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.violations.len()) }
}

/// One of the violations, which are sorted.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_violation(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { try_ask(decision, out, |decided| at(&decided.decision.violations, index).map(|code| gait_str::of(code))) }
}

/// Names of the rules that matched, sorted and joined by commas; empty when the default verdict decided.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_matched_rule(decision: *const gait_decision, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_str::of(&decided.decision.matched_rule)) }
}

/// The creation time that the intent gives, 1980-01-01 when it gives none: never the clock.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_created_at(decision: *const gait_decision, out: *mut gait_time) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_time::new(&decided.decision.created_at)) }
}

/// Whether the intent could be evaluated; if not, the decision is a block because the policy fails closed.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_evaluable(decision: *const gait_decision, out: *mut bool) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.evaluable) }
}

/// How many notices there are about things in the intent that were not kept exactly; none in strict mode.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_notice_count(decision: *const gait_decision, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.notices.len()) }
}

/// One of the notices.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_notice(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_notice,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { try_ask(decision, out, |decided| at(&decided.notices, index).map(gait_notice::new)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_with_strictness() {
        let numbers = Verdict::ALL.map(|verdict| gait_verdict::from(verdict) as u32);
        assert_eq!(numbers, [0, 1, 2, 3]);
    }
}
