//! The digests that a decision is bound to.

use gait_gate::intent::Intent;

use super::gait_decision;
use crate::border::ask;
use crate::canonical::gait_digest;
use crate::status::gait_status;

/// The digest of the policy.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_policy_digest(
    decision: *const gait_decision,
    out: *mut gait_digest,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_digest::new(&decided.decision.policy_digest)) }
}

/// The digest of the intent as it was given; all NUL when it is no usable intent.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_intent_digest(
    decision: *const gait_decision,
    out: *mut gait_digest,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_digest::new_opt(decided.intent().map(Intent::digest).as_ref())) }
}

/// The digest of the intent as it was judged: unproven claims removed, proven ones added. This is the one that traces
/// carry and tokens are bound to. All NUL when the intent could not be evaluated.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_prepared_intent_digest(
    decision: *const gait_decision,
    out: *mut gait_digest,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_digest::new_opt(decided.decision.intent_digest.as_ref())) }
}

/// The digest of the arguments; all NUL when the intent could not be evaluated.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_args_digest(
    decision: *const gait_decision,
    out: *mut gait_digest,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_digest::new_opt(decided.decision.args_digest.as_ref())) }
}

/// The digest of a script's steps; all NUL for a single tool call.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_script_hash(
    decision: *const gait_decision,
    out: *mut gait_digest,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| gait_digest::new_opt(decided.intent().and_then(Intent::script_hash).as_ref()))
    }
}
