//! What single checks found: dataflow, scripts, context evidence, freeze windows, sandboxes, the kill switch.

use gait_base::json;

use super::gait_decision;
use crate::border::{ask, call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::handle;
use crate::status::gait_status;
use crate::view::gait_str;

/// Whether tainted data would have reached a destination.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_dataflow_triggered(
    decision: *const gait_decision,
    out: *mut bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| decided.decision.dataflow_triggered) }
}

/// Where context came from: `context_envelope`, the label of the inventory, both, or empty.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_context_source(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(decision, out, |decided| gait_str::of(&decided.decision.context_source)) }
}

/// What the freeze windows said; empty when no matched rule has one.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_freeze_window_status(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            gait_str::of(decided.decision.freeze_window.as_ref().map_or("", |found| &found.status))
        })
    }
}

/// What the sandbox check said; empty when no matched rule asks for one.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_sandbox_status(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| gait_str::of(decided.decision.sandbox.as_ref().map_or("", |found| &found.status)))
    }
}

/// What the kill switch said; empty when there is none.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_kill_switch_status(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            gait_str::of(decided.decision.kill_switch.as_ref().map_or("", |found| &found.status))
        })
    }
}

/// The number of steps of a script; 0 for a single tool call.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_step_count(decision: *const gait_decision, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| decided.decision.script.as_ref().map_or(0, |script| script.step_verdicts.len()))
    }
}

/// How risky a script is as a whole: `low`, `medium` or `high`; empty for a single tool call.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_composite_risk_class(
    decision: *const gait_decision,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        ask(decision, out, |decided| {
            gait_str::of(decided.decision.script.as_ref().map_or("", |script| script.composite_risk_class))
        })
    }
}

/// The answer for each step of a script: a JSON list of objects with `index`, `tool_name`, `verdict` and, unless empty,
/// `reason_codes`, `violations` and `matched_rule`. An empty list for a single tool call.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_step_verdicts(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let script = handle::borrow(decision)?.decision.script.as_ref();
                let steps = script.map(|script| script.step_verdicts.as_slice()).unwrap_or_default();
                Ok(Buffer::Plain(json::to_compact(steps)?))
            })
        })
    }
}
