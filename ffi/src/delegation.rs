//! Delegations: signed tokens by which one identity hands authority to another.

use std::ffi::c_void;

use gait_base::json;
use gait_gate::authority::delegation::{DelegationExpectation, DelegationTerms, DelegationToken, validate};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_host::environment::{producer_version, variable};

use crate::border::{ask, bytes, call_with_error, make, sized, sized_required, text, texts};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::key::gait_signing_key;
use crate::mode;
use crate::status::gait_status;
use crate::time::{gait_time, or_now};
use crate::trust::{gait_trusted_keys, now_trusted};
use crate::view::gait_str;

/// A signed hand-over of authority. Immutable; any number of threads may use one at the same time.
pub struct gait_delegation_token {
    _opaque: [u8; 0],
}

impl Handle for gait_delegation_token {
    type Content = Presented<DelegationToken>;
    const KIND: u8 = 15;
    const NAME: &'static str = "gait_delegation_token";
}

/// What a delegation token is to say. Set `size` to `sizeof(gait_delegation_terms)` and the rest to zero, then what is
/// wanted. All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_delegation_terms {
    /// `sizeof(gait_delegation_terms)`.
    pub size: usize,
    /// Who delegates; required.
    pub delegator: gait_str,
    /// To whom; required.
    pub delegate: gait_str,
    /// What is delegated: at least one value; `*` is everything.
    pub scope: *const gait_str,
    /// How many scope values there are.
    pub scope_count: usize,
    /// Class of what is delegated; may be empty.
    pub scope_class: gait_str,
    /// The one intent it is for, by its digest in hex; may be empty.
    pub intent_digest: gait_str,
    /// The one policy it is for, by its digest in hex; may be empty.
    pub policy_digest: gait_str,
    /// How long it lasts, in nanoseconds; above 0.
    pub ttl_nanos: i64,
    /// When it begins; NULL is the system clock.
    pub now: *const gait_time,
}

/// What a token is held against. Set `size` to `sizeof(gait_delegation_expectation)` and the rest to zero, then what is
/// wanted; what is empty is not compared. All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_delegation_expectation {
    /// `sizeof(gait_delegation_expectation)`.
    pub size: usize,
    /// The moment; NULL is the system clock.
    pub now: *const gait_time,
    /// Who must delegate.
    pub delegator: gait_str,
    /// To whom.
    pub delegate: gait_str,
    /// Of what it must delegate one.
    pub scope: *const gait_str,
    /// How many scope values there are.
    pub scope_count: usize,
    /// Digest of the intent, in hex, where the token is bound to one.
    pub intent_digest: gait_str,
    /// Digest of the policy, in hex, where the token is bound to one.
    pub policy_digest: gait_str,
}

/// Makes and signs a delegation token.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `terms` is valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegate(
    key: *const gait_signing_key,
    terms: *const gait_delegation_terms,
    out: *mut *mut gait_delegation_token,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let given = sized_required(terms, "terms")?;
                let terms = DelegationTerms {
                    delegator_identity: owned(given.delegator, "delegator")?,
                    delegate_identity: owned(given.delegate, "delegate")?,
                    scope: all(given.scope, given.scope_count)?,
                    scope_class: owned(given.scope_class, "scope_class")?,
                    intent_digest: owned(given.intent_digest, "intent_digest")?,
                    policy_digest: owned(given.policy_digest, "policy_digest")?,
                    ttl_nanos: given.ttl_nanos,
                    producer_version: producer_version(variable, env!("CARGO_PKG_VERSION")),
                };
                let token = DelegationToken::mint(terms, handle::borrow(key)?, &or_now(given.now, "now")?)?;
                Ok(Presented::new(token))
            })
        })
    }
}

/// # Safety
/// `given` points to its bytes.
unsafe fn owned(given: gait_str, what: &str) -> Outcome<String> {
    // SAFETY: as the caller promises.
    unsafe { text(given.data, given.len, what) }.map(ToOwned::to_owned)
}

/// # Safety
/// `scope` points to `count` texts.
unsafe fn all(scope: *const gait_str, count: usize) -> Outcome<Vec<String>> {
    // SAFETY: as the caller promises.
    Ok(unsafe { texts(scope, count, "scope") }?.into_iter().map(ToOwned::to_owned).collect())
}

/// Reads a token file. Nothing is verified: `gait_delegation_token_verify` and gates do that. `mode` is one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_delegation_token,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(Presented::parse(bytes(data, len, "delegation token")?, mode::read(mode)?)?))
        })
    }
}

/// The token as it stands in its file.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `token` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_to_json(
    token: *const gait_delegation_token,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || make(out, || Ok(Buffer::Plain(json::to_indented(handle::borrow(token)?.token())?))))
    }
}

/// The id that the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_id(
    token: *const gait_delegation_token,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_str::of(&token.token().token_id)) }
}

/// Who delegates, as the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_delegator(
    token: *const gait_delegation_token,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_str::of(&token.token().delegator_identity)) }
}

/// To whom, as the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_delegate(
    token: *const gait_delegation_token,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_str::of(&token.token().delegate_identity)) }
}

/// When it ends, as the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_expires_at(
    token: *const gait_delegation_token,
    out: *mut gait_time,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_time::new(&token.token().expires_at)) }
}

/// Whether the token counts: signed by one of the keys, in its name, not over, and as expected. `GAIT_STATUS_OK` when it
/// does; else `GAIT_STATUS_VERIFICATION_FAILED` with the code that a decision would give, such as
/// `delegation_token_expired`.
///
/// Any thread. `expected` and `error` may be NULL.
///
/// # Safety
/// `token` and `keys` are not freed meanwhile; `expected` is NULL or valid; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_delegation_token_verify(
    token: *const gait_delegation_token,
    keys: *const gait_trusted_keys,
    expected: *const gait_delegation_expectation,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let (token, keys) = (handle::borrow(token)?, now_trusted(handle::borrow(keys)?));
            let (mut now, mut expectation) = (std::ptr::null(), DelegationExpectation::new());
            if let Some(given) = sized(expected, "expectation")? {
                now = given.now;
                let view = |given: gait_str, what| text(given.data, given.len, what);
                expectation = expectation
                    .identities(view(given.delegator, "delegator")?, view(given.delegate, "delegate")?)
                    .any_scope(all(given.scope, given.scope_count)?)
                    .digests(view(given.intent_digest, "intent_digest")?, view(given.policy_digest, "policy_digest")?);
            }
            Ok(validate(token, &keys, &or_now(now, "now")?, &expectation, &CheckEach)?)
        })
    }
}

/// Frees a token; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_delegation_token_free(token: *mut gait_delegation_token) -> gait_status {
    handle::free(token)
}
