//! Gates: a policy with keys and counters, ready to decide.

use std::ffi::c_void;
use std::ptr;

use ::gait_gate::evaluate::EvaluateError;
use ::gait_gate::gate::Gate;
use ::gait_gate::intent::{Intent, decode_request};

use crate::border::{bytes, call_with_error, check_array, make, run};
use crate::decision::{About, Decided, gait_decision};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::inputs::{Gathered, gait_inputs};
use crate::intent::gait_intent;
use crate::options::{self, gait_gate_options};
use crate::policy::gait_policy;
use crate::status::gait_status;
use crate::view::gait_bytes;

/// A policy with keys, counters, a kill switch and whatever else its options name, ready to decide. Any number of threads
/// may use one at the same time; what changes inside is its state alone, in steps that are whole.
pub struct gait_gate {
    _opaque: [u8; 0],
}

impl Handle for gait_gate {
    type Content = Gate;
    const KIND: u8 = 10;
    const NAME: &'static str = "gait_gate";
}

/// Makes a gate of a policy. Policy and options may be freed afterwards, and the options used for further gates; changing
/// them later does not change this gate.
///
/// Fails when the options name a path that leads out of the working folder or a broker that cannot be used, or when no
/// kill switch can be started in a state folder. All other files are opened when a decision needs them.
///
/// Any thread. The caller owns `*out`. `options` and `error` may be NULL: without options the gate does not sign, trusts
/// nobody and keeps its counters in memory.
///
/// # Safety
/// `policy` and `options` are not freed meanwhile; `out` and `error` may be written to.
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
                match handle::borrow_opt(options)? {
                    Some(options) => options::furnish(options, gate),
                    None => Ok(gate),
                }
            })
        })
    }
}

/// Decides about an intent in JSON, like `gait gate eval`: counts it against its limits, asks the kill switch, and holds
/// what approvals, delegations and brokers give against what the policy demands. A strict gate accepts each approval once
/// unless its options say otherwise.
///
/// What a broker of the options' does happens within this call, a callback's too. State that cannot be had is an error.
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
    let decision = gathered.decide(|inputs| gate.evaluate(&intent, inputs))?;
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
    let (decision, intent) = gathered.decide(|inputs| gate.evaluate_request(request, inputs))?;
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
                let decision = Gathered::read(inputs)?.decide(|inputs| gate.evaluate(intent, inputs))?;
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

/// Frees a gate; NULL is fine. Its decisions live on.
#[unsafe(no_mangle)]
pub extern "C" fn gait_gate_free(gate: *mut gait_gate) -> gait_status {
    handle::free(gate)
}
