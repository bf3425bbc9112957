//! Traces: the signed records of decisions.

use std::ffi::c_void;

use ::gait_gate::gate::EmitError;
use ::gait_gate::trace::{Emission, Verification, parse, verify};
use gait_base::json;
use gait_host::environment::{producer_version, variable};

use crate::border::{bytes, call_with_error, make, sized, text};
use crate::buffer::{Buffer, gait_buffer};
use crate::decision::gait_decision;
use crate::error::gait_error;
use crate::failure::{Failure, Located};
use crate::gate::gait_gate;
use crate::handle;
use crate::key::gait_verifying_key;
use crate::mode;
use crate::signature::holds;
use crate::status::gait_status;
use crate::time::{gait_time, or_now};
use crate::view::gait_str;

/// What a trace says about its writing. Set `size` to `sizeof(gait_emission)` and the rest to zero, then what is wanted.
/// All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_emission {
    /// `sizeof(gait_emission)`.
    pub size: usize,
    /// When the trace is written; NULL is the system clock.
    pub observed_at: *const gait_time,
    /// Version of the program; empty is `GAIT_PRODUCER_VERSION` of the environment, else the version of this library.
    pub producer_version: gait_str,
    /// Ties together what one task did; may be empty.
    pub correlation_id: gait_str,
    /// How long the evaluation took, in milliseconds; 0 when unknown.
    pub latency_ms: f64,
}

impl Located for EmitError {}

/// The trace document of a decision that this gate made, signed if the gate has a key: the bytes of a trace file.
///
/// Any thread. The caller owns `*out`. `emission` and `error` may be NULL. A decision about an intent that could not be
/// evaluated has no trace: `GAIT_STATUS_INVALID_INPUT`.
///
/// # Safety
/// `gate` and `decision` are not freed meanwhile; `emission` is NULL or valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_trace(
    gate: *const gait_gate,
    decision: *const gait_decision,
    emission: *const gait_emission,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let (gate, decided) = (handle::borrow(gate)?, handle::borrow(decision)?);
                let given = sized(emission, "emission")?;
                let view = |pick: fn(&gait_emission) -> gait_str, what: &str| match &given {
                    Some(given) => text(pick(given).data, pick(given).len, what),
                    None => Ok(""),
                };
                let observed_at = or_now(given.map_or(std::ptr::null(), |given| given.observed_at), "observed_at")?;
                let correlation_id = view(|given| given.correlation_id, "correlation_id")?;
                let version = match view(|given| given.producer_version, "producer_version")? {
                    "" => producer_version(variable, env!("CARGO_PKG_VERSION")),
                    version => version.to_owned(),
                };
                let emission = Emission {
                    observed_at,
                    producer_version: &version,
                    correlation_id,
                    latency_ms: given.map_or(0.0, |given| given.latency_ms),
                };
                let intent = decided.intent().ok_or_else(Failure::without_intent)?;
                let trace = gate.trace(intent, decided.decision(), &emission)?;
                Ok(Buffer::Plain(json::to_indented(&trace)?))
            })
        })
    }
}

/// Whether a trace document is signed by this key: `GAIT_STATUS_OK` when it is, and nothing else. `mode` is one of
/// `gait_mode`: in compat mode unknown members are not covered by the signature, strict mode refuses them.
///
/// Any thread. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `data` points to `len` bytes; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_trace_verify(
    data: *const c_void,
    len: usize,
    mode: u32,
    key: *const gait_verifying_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let trace = parse(bytes(data, len, "trace")?, mode::read(mode)?)?;
            holds(verify(&trace, handle::borrow(key)?)? == Verification::Verified)
        })
    }
}
