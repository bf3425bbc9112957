//! Approvals on their way: requests that a gate's store keeps for approvers, and the answers that it keeps for the gate.

use gait_base::json;

use crate::approval::gait_approval_token;
use crate::border::{call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::decision::gait_decision;
use crate::error::gait_error;
use crate::failure::Failure;
use crate::gate::gait_gate;
use crate::handle;
use crate::status::gait_status;

/// Leaves what a held decision asks for in the gate's store, where approvers find it. Doing so again changes nothing. A
/// decision that waits for no approval is `GAIT_STATUS_INVALID_INPUT`.
///
/// Any thread. `error` may be NULL.
///
/// # Safety
/// `gate` and `decision` are not freed meanwhile; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_request_approval(
    gate: *const gait_gate,
    decision: *const gait_decision,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let (gate, decided) = (handle::borrow(gate)?, handle::borrow(decision)?);
            let request = decided.approval_request().ok_or_else(Failure::without_request)?;
            Ok(gate.store().request_approval(&request)?)
        })
    }
}

/// Leaves an approval in the gate's store: further decisions of all gates that share the store find it there. Nothing is
/// verified yet; each decision does that.
///
/// Any thread. `error` may be NULL.
///
/// # Safety
/// `gate` and `token` are not freed meanwhile; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_add_approval(
    gate: *const gait_gate,
    token: *const gait_approval_token,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let (gate, token) = (handle::borrow(gate)?, handle::borrow(token)?);
            Ok(gate.store().add_approval(token.token())?)
        })
    }
}

/// The requests that wait in the gate's store, oldest first: a JSON list of documents like those of
/// `gait_decision_approval_request`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `gate` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_approval_requests(
    gate: *const gait_gate,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(Buffer::Plain(json::to_compact(&handle::borrow(gate)?.store().approval_requests()?)?)))
        })
    }
}
