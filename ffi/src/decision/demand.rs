//! What the policy demands before the tool may run.

use gait_gate::policy::document::Limit;

use super::gait_decision;
use crate::border::{ask, at, try_ask};
use crate::status::gait_status;
use crate::view::gait_str;

/// How many requests in a window. The texts live forever.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_limit {
    /// The number; 0 when there is no limit.
    pub requests: i64,
    /// `minute` or `hour`; empty when there is no limit.
    pub window: gait_str,
    /// What is counted together: `identity`, `tool` or `tool_identity`; empty when there is no limit.
    pub scope: gait_str,
}

impl gait_limit {
    fn new(limit: Option<&Limit>) -> Self {
        match limit {
            None => Self { requests: 0, window: gait_str::lasting(""), scope: gait_str::lasting("") },
            Some(limit) => Self {
                requests: limit.requests,
                window: gait_str::lasting(limit.window.as_str()),
                scope: gait_str::lasting(limit.scope.as_str()),
            },
        }
    }
}

/// How many approvals the matched rules ask for.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_min_approvals(decision: *const gait_decision, out: *mut i64) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.min_approvals) }
}

/// Whether the approvals must come from different people.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_require_distinct_approvers(
    decision: *const gait_decision,
    out: *mut bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.require_distinct_approvers) }
}

/// Whether a broker must issue a credential.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_require_broker_credential(
    decision: *const gait_decision,
    out: *mut bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.require_broker_credential) }
}

/// The reference for the broker; may be empty.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_broker_reference(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_str::of(&decided.decision.broker_reference)) }
}

/// How many scopes to ask of the broker.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_broker_scope_count(
    decision: *const gait_decision,
    out: *mut usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.broker_scopes.len()) }
}

/// One of the scopes to ask of the broker.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_broker_scope(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        try_ask(decision, out, |decided| at(&decided.decision.broker_scopes, index).map(|scope| gait_str::of(scope)))
    }
}

/// Whether delegation tokens must cover the intent's delegation.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_require_delegation(
    decision: *const gait_decision,
    out: *mut bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.require_delegation) }
}

/// Of how many scopes a delegation token must hold one.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_delegation_scope_count(
    decision: *const gait_decision,
    out: *mut usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.delegation_scopes.len()) }
}

/// One of the scopes of which a delegation token must hold one.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_delegation_scope(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        try_ask(decision, out, |decided| {
            at(&decided.decision.delegation_scopes, index).map(|scope| gait_str::of(scope))
        })
    }
}

/// The rate limit that counts.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_rate_limit(decision: *const gait_decision, out: *mut gait_limit) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_limit::new(decided.decision.rate_limit.as_ref())) }
}

/// The budget of destructive calls that counts.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_destructive_budget(
    decision: *const gait_decision,
    out: *mut gait_limit,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_limit::new(decided.decision.destructive_budget.as_ref())) }
}
