//! Policies: read and compiled once, then asked from any thread.

use std::ffi::c_void;

use gait_base::json;
use gait_base::record;
use gait_gate::evaluate::EvaluateError;
use gait_gate::intent::{Intent, decode_request};
use gait_gate::policy::Policy;
use gait_host::timezone::local_zone;

use crate::border::{ask, bytes, call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::canonical::gait_digest;
use crate::decision::{About, Decided, gait_decision};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::inputs::{Gathered, gait_inputs};
use crate::intent::gait_intent;
use crate::mode;
use crate::status::gait_status;

/// A compiled policy. Immutable; any number of threads may use one at the same time.
pub struct gait_policy {
    _opaque: [u8; 0],
}

impl Handle for gait_policy {
    type Content = Policy;
    const KIND: u8 = 5;
    const NAME: &'static str = "gait_policy";
}

record! {
    /// A warning, as it stands in the list of `gait_policy_lint`.
    #[derive(Clone, Debug, PartialEq)]
    struct LintDocument {
        /// Stable name of the kind of warning.
        code: String,
        /// The rule it is about.
        rule: String => omit,
        /// What it means.
        message: String,
    }
}

/// Reads and compiles a policy in YAML or JSON. `mode` is one of `gait_mode` and also holds for the intents that the
/// policy judges. Freeze windows in zone `Local` mean the machine's zone: `TZ`, else `/etc/localtime`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_policy,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let policy = Policy::parse(bytes(data, len, "policy")?, mode::read(mode)?)?;
                Ok(match local_zone() {
                    Some(zone) => policy.with_local_zone(&zone),
                    None => policy,
                })
            })
        })
    }
}

/// The digest of the policy: equal for policies of equal meaning.
///
/// # Safety
/// `policy` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_digest(policy: *const gait_policy, out: *mut gait_digest) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(policy, out, |policy| gait_digest::new(&policy.digest())) }
}

/// The number of rules.
///
/// # Safety
/// `policy` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_rule_count(policy: *const gait_policy, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(policy, out, |policy| policy.document().rules.len()) }
}

/// What in the policy probably does not do what its author thinks: a JSON list of objects with `code`, `rule` (absent
/// when it is about the policy as a whole) and `message`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `policy` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_lint(
    policy: *const gait_policy,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let lints = handle::borrow(policy)?.lint().into_iter();
                let lints: Vec<_> = lints
                    .map(|lint| LintDocument {
                        code: lint.code.to_owned(),
                        rule: lint.rule.unwrap_or_default(),
                        message: lint.message,
                    })
                    .collect();
                Ok(Buffer::Plain(json::to_compact(&lints)?))
            })
        })
    }
}

/// Decides about an intent in JSON by policy and inputs alone, like `gait policy test`: no limit is counted.
///
/// An intent that cannot be used is an error, and an error is never an allow. Any thread. The caller owns `*out`, which
/// lives on when the policy is freed. `inputs` may be NULL: the system clock, nothing else. `error` may be NULL.
///
/// # Safety
/// `policy` is not freed meanwhile; `data` points to `len` bytes; `inputs` is NULL or valid; `out` and `error` may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_evaluate(
    policy: *const gait_policy,
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
                let policy = handle::borrow(policy)?;
                let gathered = Gathered::read(inputs)?;
                decide(policy, bytes(data, len, "intent")?, &gathered)
            })
        })
    }
}

fn decide(policy: &Policy, intent: &[u8], gathered: &Gathered<'_>) -> Outcome<Decided> {
    let intent = Intent::parse(intent, policy.mode()).map_err(EvaluateError::Intent)?;
    let decision = policy.evaluate(&intent, &gathered.inputs())?;
    let notices = intent.notices().to_vec();
    Ok(Decided::new(decision, Some(intent).into(), notices))
}

/// As `gait_policy_evaluate`, but an intent that is JSON and cannot be used is a block where the policy fails closed for its
/// risk class. Such a decision has no digest of an intent and no trace.
///
/// # Safety
/// As `gait_policy_evaluate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_evaluate_request(
    policy: *const gait_policy,
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
                let policy = handle::borrow(policy)?;
                let gathered = Gathered::read(inputs)?;
                decide_request(policy, bytes(data, len, "intent")?, &gathered)
            })
        })
    }
}

fn decide_request(policy: &Policy, intent: &[u8], gathered: &Gathered<'_>) -> Outcome<Decided> {
    let (request, notices) = decode_request(intent, policy.mode()).map_err(EvaluateError::Intent)?;
    let (decision, intent) = policy.evaluate_request(request, &gathered.inputs())?;
    Ok(Decided::new(decision, intent.into(), notices))
}

/// As `gait_policy_evaluate`, for an intent that was read before.
///
/// # Safety
/// `policy` and `intent` are not freed meanwhile; `inputs` is NULL or valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_policy_evaluate_intent(
    policy: *const gait_policy,
    intent: *const gait_intent,
    inputs: *const gait_inputs,
    out: *mut *mut gait_decision,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let policy = handle::borrow(policy)?;
                let intent = handle::borrow(intent)?;
                let decision = policy.evaluate(intent, &Gathered::read(inputs)?.inputs())?;
                Ok(Decided::new(decision, About::Shared(intent.clone()), intent.notices().to_vec()))
            })
        })
    }
}

/// Frees a policy; NULL is fine. Gates made of it keep working.
#[unsafe(no_mangle)]
pub extern "C" fn gait_policy_free(policy: *mut gait_policy) -> gait_status {
    handle::free(policy)
}
