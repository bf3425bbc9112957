//! Gates: a policy with keys and counters, ready to decide.

use std::ffi::c_void;
use std::ptr;

use ::gait_gate::evaluate::EvaluateError;
use ::gait_gate::gate::Gate;
use ::gait_gate::intent::{Intent, decode_request};

use crate::border::{bytes, call_with_error, check_aligned, make, null, run, sized};
use crate::decision::{About, Decided, gait_decision};
use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle::{self, Handle};
use crate::inputs::{Gathered, gait_inputs};
use crate::intent::gait_intent;
use crate::key::gait_signing_key;
use crate::policy::gait_policy;
use crate::status::gait_status;
use crate::view::gait_bytes;

/// A policy with a signing key and counters of limits. Any number of threads may use one at the same time; what changes
/// inside are the counters alone.
pub struct gait_gate {
    _opaque: [u8; 0],
}

impl Handle for gait_gate {
    type Content = Gate;
    const KIND: u8 = 10;
    const NAME: &'static str = "gait_gate";
}

/// How a gate works. Set `size` to `sizeof(gait_gate_options)` and the rest to zero, then what is wanted. All of it is
/// borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_gate_options {
    /// `sizeof(gait_gate_options)`.
    pub size: usize,
    /// What traces are signed with; NULL is unsigned traces. The gate keeps a copy.
    pub signing_key: *const gait_signing_key,
}

/// Makes a gate of a policy. Policy and key may be freed afterwards.
///
/// Any thread. The caller owns `*out`. `options` and `error` may be NULL.
///
/// # Safety
/// `policy` and the key in `options` are not freed meanwhile; `options` is NULL or valid; `out` and `error` may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_new(
    policy: *const gait_policy,
    options: *const gait_gate_options,
    out: *mut *mut gait_gate,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let gate = Gate::new(handle::borrow(policy)?.clone());
                let key = sized(options, "options")?.map_or(ptr::null(), |options| options.signing_key);
                Ok(match handle::borrow_opt(key)? {
                    Some(key) => gate.with_signing_key(key.clone()),
                    None => gate,
                })
            })
        })
    }
}

/// Decides about an intent in JSON, like `gait gate eval` without tokens: limits are counted in memory, and a decision
/// that needs an approval, a delegation or a broker's credential is held or blocked.
///
/// An intent that cannot be used is an error, and an error is never an allow. Any thread. The caller owns `*out`, which
/// lives on when the gate is freed. `inputs` may be NULL: the system clock, nothing else. `error` may be NULL.
///
/// # Safety
/// `gate` is not freed meanwhile; `data` points to `len` bytes; `inputs` is NULL or valid; `out` and `error` may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_evaluate(
    gate: *const gait_gate,
    data: *const c_void,
    len: usize,
    inputs: *const gait_inputs,
    out: *mut *mut gait_decision,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let gate = handle::borrow(gate)?;
                let gathered = Gathered::read(inputs)?;
                decide(gate, bytes(data, len, "intent")?, &gathered)
            })
        })
    }
}

fn decide(gate: &Gate, intent: &[u8], gathered: &Gathered<'_>) -> Outcome<Decided> {
    let intent = Intent::parse(intent, gate.policy().mode()).map_err(EvaluateError::Intent)?;
    let decision = gate.evaluate(&intent, &gathered.inputs)?;
    let notices = intent.notices().to_vec();
    Ok(Decided::new(decision, Some(intent).into(), notices))
}

/// As `gait_gate_evaluate`, but an intent that is JSON and cannot be used is a block where the policy fails closed for its
/// risk class. Such a decision has no digest of an intent and no trace.
///
/// # Safety
/// As `gait_gate_evaluate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_evaluate_request(
    gate: *const gait_gate,
    data: *const c_void,
    len: usize,
    inputs: *const gait_inputs,
    out: *mut *mut gait_decision,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let gate = handle::borrow(gate)?;
                let gathered = Gathered::read(inputs)?;
                decide_request(gate, bytes(data, len, "intent")?, &gathered)
            })
        })
    }
}

fn decide_request(gate: &Gate, intent: &[u8], gathered: &Gathered<'_>) -> Outcome<Decided> {
    let (request, notices) = decode_request(intent, gate.policy().mode()).map_err(EvaluateError::Intent)?;
    let (decision, intent) = gate.evaluate_request(request, &gathered.inputs)?;
    Ok(Decided::new(decision, intent.into(), notices))
}

/// As `gait_gate_evaluate`, for an intent that was read before.
///
/// # Safety
/// `gate` and `intent` are not freed meanwhile; `inputs` is NULL or valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_evaluate_intent(
    gate: *const gait_gate,
    intent: *const gait_intent,
    inputs: *const gait_inputs,
    out: *mut *mut gait_decision,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let gate = handle::borrow(gate)?;
                let intent = handle::borrow(intent)?;
                let decision = gate.evaluate(intent, &Gathered::read(inputs)?.inputs)?;
                Ok(Decided::new(decision, About::Shared(intent.clone()), intent.notices().to_vec()))
            })
        })
    }
}

/// Decides about `count` intents in JSON, one after another, at one moment: `inputs` holds for all of them.
///
/// Fills `decisions[i]` and, unless `errors` is NULL, `errors[i]`: one of them is set, the other NULL. The caller owns all
/// of them. Returns `GAIT_STATUS_OK` when every intent got a decision, else the first status that is not. When the gate,
/// the inputs or an array itself is at fault no intent is looked at; every `decisions[i]` is then NULL if it can be
/// written at all, and so is every `errors[i]`. Any thread.
///
/// # Safety
/// `gate` is not freed meanwhile; `intents`, `decisions` and, unless NULL, `errors` have `count` items; every intent
/// points to its bytes; `inputs` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_evaluate_many(
    gate: *const gait_gate,
    intents: *const gait_bytes,
    count: usize,
    inputs: *const gait_inputs,
    decisions: *mut *mut gait_decision,
    errors: *mut *mut gait_error,
) -> gait_status {
    let mut first = gait_status::Ok;
    let outcome = run(|| {
        // SAFETY: as the caller promises.
        unsafe {
            if count == 0 {
                return Ok(());
            }
            check_array(intents, count, "intents")?;
            check_array(decisions, count, "decisions")?;
            ptr::write_bytes(decisions, 0, count);
            if !errors.is_null() {
                check_array(errors, count, "errors")?;
                ptr::write_bytes(errors, 0, count);
            }
            let gate = handle::borrow(gate)?;
            let gathered = Gathered::read(inputs)?;
            for index in 0..count {
                let error = if errors.is_null() { ptr::null_mut() } else { errors.add(index) };
                let status = call_with_error(error, || {
                    make(decisions.add(index), || {
                        let gait_bytes { data, len } = intents.add(index).read();
                        decide(gate, bytes(data, len, "intent")?, &gathered)
                    })
                });
                if first == gait_status::Ok {
                    first = status;
                }
            }
            Ok(())
        }
    });
    outcome.map_or_else(|failure| failure.status(), |()| first)
}

/// Refuses an array that cannot have `count` items.
fn check_array<T>(start: *const T, count: usize, what: &str) -> Outcome {
    if start.is_null() {
        return Err(null(what));
    }
    check_aligned(start, what)?;
    let size = count.checked_mul(size_of::<T>()).and_then(|size| isize::try_from(size).ok());
    match size.and_then(|size| start.addr().checked_add_signed(size)) {
        Some(_) => Ok(()),
        None => Err(Failure::misuse(gait_status::InvalidLength, format!("{what}: {count} items do not fit in memory"))),
    }
}

/// Frees a gate; NULL is fine. Its decisions live on.
#[unsafe(no_mangle)]
pub extern "C" fn gait_gate_free(gate: *mut gait_gate) -> gait_status {
    handle::free(gate)
}
