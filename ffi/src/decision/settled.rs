//! What limits, tokens, brokers and registries said, and what simulation kept from happening.

use gait_base::json::{self, Encode};
use gait_gate::authority::limit::LimitDecision;
use gait_gate::settle::Settlement;

use super::{Decided, gait_decision, gait_verdict};
use crate::border::{ask, at, call_with_error, make, try_ask};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle;
use crate::status::gait_status;
use crate::view::gait_str;

/// How far a limit is used. The texts live as long as the decision.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_usage {
    /// Whether the request was counted; the rest is empty if not.
    pub counted: bool,
    /// Whether the limit let it pass.
    pub allowed: bool,
    /// How many the window has let pass, this one included.
    pub used: i64,
    /// How many more it lets pass.
    pub remaining: i64,
    /// What is counted together: `identity`, `tool` or `tool_identity`.
    pub scope: gait_str,
    /// Whose requests are counted together.
    pub key: gait_str,
}

impl gait_usage {
    fn new(taken: Option<&LimitDecision>) -> Self {
        let nothing = gait_str::lasting("");
        match taken {
            None => Self { counted: false, allowed: false, used: 0, remaining: 0, scope: nothing, key: nothing },
            Some(taken) => Self {
                counted: true,
                allowed: taken.allowed,
                used: taken.used,
                remaining: taken.remaining,
                scope: gait_str::lasting(taken.scope.as_str()),
                key: gait_str::of(&taken.scope_key),
            },
        }
    }
}

/// What is told of a credential that a broker issued: never the credential itself. The texts live as long as the decision.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_credential {
    /// Whether a broker issued one; the rest is empty if not.
    pub issued: bool,
    /// Who stands behind it.
    pub issuer: gait_str,
    /// Where it comes from.
    pub source: gait_str,
    /// Kind of access it gives.
    pub access_type: gait_str,
    /// Its reference.
    pub reference: gait_str,
    /// Its life in seconds; 0 when unknown.
    pub ttl_seconds: i64,
}

impl Decided {
    pub(super) fn settlement(&self) -> Option<&Settlement> {
        self.decision.settlement.as_deref()
    }

    fn settled_text(&self, pick: impl FnOnce(&Settlement) -> &str) -> gait_str {
        gait_str::of(self.settlement().map_or("", pick))
    }
}

/// A list as a JSON document; an empty one where there is none.
///
/// # Safety
/// As [`handle::borrow`]; `out` and `error` may be written to.
unsafe fn list<T: Encode + 'static>(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
    pick: impl FnOnce(&Settlement) -> Option<Vec<T>>,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || -> Outcome<_> {
                let entries = handle::borrow(decision)?.settlement().and_then(pick).unwrap_or_default();
                Ok(Buffer::Plain(json::to_compact(&entries)?))
            })
        })
    }
}

/// Ids of the approvals that were accepted, joined by commas; empty when none was.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_approval_ref(decision: *const gait_decision, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settled_text(|settled| &settled.approval_ref)) }
}

/// How many approvals the decision takes; 0 when it asked for none.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_required_approvals(
    decision: *const gait_decision,
    out: *mut i64,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settlement().map_or(0, |settled| settled.required_approvals)) }
}

/// How many of the approvals at hand are valid.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_valid_approvals(decision: *const gait_decision, out: *mut i64) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            decided.settlement().and_then(|settled| settled.approvals.as_ref()).map_or(0, |outcome| outcome.valid)
        })
    }
}

/// What became of each approval: a JSON list of objects with `token_id`, `approver_identity`, `reason_code`, `scope`,
/// `expires_at`, `valid` and, where it does not count, `error_code`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_approvals(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { list(decision, out, error, |settled| settled.approvals.as_ref().map(|outcome| outcome.entries())) }
}

/// Ids of the delegation tokens that were accepted, joined by commas; empty when none was.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_delegation_ref(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settled_text(|settled| &settled.delegation_ref)) }
}

/// How many links of the chain are covered by valid delegation tokens.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_valid_delegations(decision: *const gait_decision, out: *mut i64) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            decided.settlement().and_then(|settled| settled.delegation.as_ref()).map_or(0, |outcome| outcome.valid)
        })
    }
}

/// What became of each link and each delegation token: a JSON list of objects with `token_id`, `delegator_identity`,
/// `delegate_identity`, `scope`, `expires_at`, `valid` and, where it does not count, `error_code`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_delegations(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { list(decision, out, error, |settled| settled.delegation.as_ref().map(|outcome| outcome.entries())) }
}

/// How far the rate limit is used.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_rate_limit_usage(
    decision: *const gait_decision,
    out: *mut gait_usage,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            gait_usage::new(decided.settlement().and_then(|settled| settled.rate_limit.as_ref()))
        })
    }
}

/// How far the budget of destructive calls is used.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_destructive_budget_usage(
    decision: *const gait_decision,
    out: *mut gait_usage,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            gait_usage::new(decided.settlement().and_then(|settled| settled.destructive_budget.as_ref()))
        })
    }
}

/// The credential that a broker issued, accepted or not.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_credential(
    decision: *const gait_decision,
    out: *mut gait_credential,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            let issued =
                decided.settlement().and_then(|settled| settled.credential.as_ref()).map(|issued| &issued.response);
            gait_credential {
                issued: issued.is_some(),
                issuer: gait_str::of(issued.map_or("", |response| response.issuer_shown())),
                source: gait_str::of(issued.map_or("", |response| &response.source)),
                access_type: gait_str::of(issued.map_or("", |response| &response.access_type)),
                reference: gait_str::of(issued.map_or("", |response| &response.credential_ref)),
                ttl_seconds: issued.map_or(0, |response| response.ttl_seconds),
            }
        })
    }
}

/// Whether an approved script let it pass.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_pre_approved(decision: *const gait_decision, out: *mut bool) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settlement().is_some_and(|settled| settled.pre_approved)) }
}

/// Which approved script let it pass; empty when none did.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_pattern_id(decision: *const gait_decision, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settled_text(|settled| &settled.pattern_id)) }
}

/// What the registry of approved scripts said; empty when it was not asked.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_registry_reason(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settled_text(|settled| &settled.registry_reason)) }
}

/// Whether the gate simulates: the verdict lets pass what would not have passed.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_simulated(decision: *const gait_decision, out: *mut bool) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.settlement().is_some_and(|settled| settled.simulation.is_some())) }
}

/// The verdict without simulation; the verdict itself when the gate does not simulate.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_simulated_verdict(
    decision: *const gait_decision,
    out: *mut gait_verdict,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            let simulation = decided.settlement().and_then(|settled| settled.simulation.as_ref());
            simulation.map_or(decided.decision.verdict, |simulation| simulation.verdict).into()
        })
    }
}

/// Whether the tool would not have run without simulation; false when the gate does not simulate.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_would_have_blocked(
    decision: *const gait_decision,
    out: *mut bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            let simulation = decided.settlement().and_then(|settled| settled.simulation.as_ref());
            simulation.is_some_and(|simulation| simulation.would_have_blocked)
        })
    }
}

/// How many reasons there are without simulation; 0 when the gate does not simulate.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_simulated_reason_code_count(
    decision: *const gait_decision,
    out: *mut usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            let simulation = decided.settlement().and_then(|settled| settled.simulation.as_ref());
            simulation.map_or(0, |simulation| simulation.reason_codes.len())
        })
    }
}

/// One of the reasons without simulation, which are sorted.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_simulated_reason_code(
    decision: *const gait_decision,
    index: usize,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        try_ask(decision, out, |decided| {
            let simulation = decided.settlement().and_then(|settled| settled.simulation.as_ref());
            let codes = simulation.map(|simulation| &*simulation.reason_codes).unwrap_or_default();
            at(codes, index).map(|code| gait_str::of(code))
        })
    }
}
