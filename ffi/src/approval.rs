//! Approvals: what is asked of approvers, and the signed tokens that they answer with.

use std::ffi::c_void;

use gait_base::digest::Digest;
use gait_base::json;
use gait_base::text::{set_fold, trim_fold};
use gait_gate::authority::approval::{ApprovalExpectation, ApprovalRequest, ApprovalTerms, ApprovalToken, validate};
use gait_gate::authority::token::{AuthorityError, CheckEach, Presented};
use gait_host::environment::{producer_version, variable};

use crate::border::{ask, bytes, call_with_error, make, make_opt, sized, sized_required, text, texts};
use crate::buffer::{Buffer, gait_buffer};
use crate::decision::gait_decision;
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::key::gait_signing_key;
use crate::mode;
use crate::status::gait_status;
use crate::time::{gait_time, or_now};
use crate::trust::{gait_trusted_keys, now_trusted};
use crate::view::gait_str;

/// A signed approval of one intent under one policy. Immutable; any number of threads may use one at the same time.
pub struct gait_approval_token {
    _opaque: [u8; 0],
}

impl Handle for gait_approval_token {
    type Content = Presented<ApprovalToken>;
    const KIND: u8 = 14;
    const NAME: &'static str = "gait_approval_token";
}

/// What an approver adds to a request. Set `size` to `sizeof(gait_approval_terms)` and the rest to zero, then what is
/// wanted. All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_approval_terms {
    /// `sizeof(gait_approval_terms)`.
    pub size: usize,
    /// Who approves; required.
    pub approver: gait_str,
    /// Why; required.
    pub reason: gait_str,
    /// How long the approval lasts, in nanoseconds; above 0.
    pub ttl_nanos: i64,
    /// The most targets; 0 is no limit.
    pub max_targets: i64,
    /// The most operations; 0 is no limit.
    pub max_ops: i64,
    /// When it begins; NULL is the system clock.
    pub now: *const gait_time,
}

/// What a token is held against. Set `size` to `sizeof(gait_approval_expectation)` and the rest to zero, then what is
/// wanted; what is empty is not compared. All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_approval_expectation {
    /// `sizeof(gait_approval_expectation)`.
    pub size: usize,
    /// The moment; NULL is the system clock.
    pub now: *const gait_time,
    /// Digest of the intent as it was judged, in hex.
    pub intent_digest: gait_str,
    /// Digest of the policy, in hex.
    pub policy_digest: gait_str,
    /// Digest of the intent's delegation, in hex.
    pub delegation_binding_digest: gait_str,
    /// What it must let pass: all of these.
    pub scope: *const gait_str,
    /// How many scope values there are.
    pub scope_count: usize,
    /// How many targets it must let pass.
    pub targets: usize,
    /// How many operations it must let pass.
    pub ops: usize,
}

/// What a held decision asks of approvers: a JSON document with the digests that a token must name, the scope it must cover
/// and what a person should know. NULL comes back when the decision waits for no approval.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `decision` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_decision_approval_request(
    decision: *const gait_decision,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make_opt(out, || {
                let request = handle::borrow(decision)?.approval_request();
                Ok(request.map(|request| request.to_file()).transpose()?.map(Buffer::Plain))
            })
        })
    }
}

/// Grants a request: makes and signs a token that lets exactly the intent pass which the request is about. `mode` is one of
/// `gait_mode` and holds for the request's document.
///
/// Nothing proves that the request tells the truth: whoever signs should know the intent behind its digest.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `request` points to `len` bytes; `key` is not freed meanwhile; `terms` is valid; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_approve(
    request: *const c_void,
    len: usize,
    mode: u32,
    key: *const gait_signing_key,
    terms: *const gait_approval_terms,
    out: *mut *mut gait_approval_token,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let request = ApprovalRequest::parse(bytes(request, len, "request")?, mode::read(mode)?)?;
                let given = sized_required(terms, "terms")?;
                let view = |text_: gait_str, what: &str| text(text_.data, text_.len, what).map(ToOwned::to_owned);
                let terms = ApprovalTerms {
                    approver_identity: view(given.approver, "approver")?,
                    reason_code: view(given.reason, "reason")?,
                    ttl_nanos: given.ttl_nanos,
                    max_targets: given.max_targets,
                    max_ops: given.max_ops,
                    producer_version: producer_version(variable, env!("CARGO_PKG_VERSION")),
                    ..request.terms()
                };
                let token = ApprovalToken::mint(terms, handle::borrow(key)?, &or_now(given.now, "now")?)?;
                Ok(Presented::new(token))
            })
        })
    }
}

/// Reads a token file. Nothing is verified: `gait_approval_token_verify` and gates do that. `mode` is one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_approval_token_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_approval_token,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(Presented::parse(bytes(data, len, "approval token")?, mode::read(mode)?)?))
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
pub unsafe extern "C" fn gait_approval_token_to_json(
    token: *const gait_approval_token,
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
pub unsafe extern "C" fn gait_approval_token_id(token: *const gait_approval_token, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_str::of(&token.token().token_id)) }
}

/// Who approves, as the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_approval_token_approver(
    token: *const gait_approval_token,
    out: *mut gait_str,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_str::of(&token.token().approver_identity)) }
}

/// When it ends, as the token claims.
///
/// # Safety
/// `token` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_approval_token_expires_at(
    token: *const gait_approval_token,
    out: *mut gait_time,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(token, out, |token| gait_time::new(&token.token().expires_at)) }
}

/// Whether the token counts: signed by one of the keys, in its name, not over, and as expected. `GAIT_STATUS_OK` when it
/// does; else `GAIT_STATUS_VERIFICATION_FAILED` with the code that a decision would give, such as `approval_token_expired`.
/// Whether it was used before is for a gate to know.
///
/// Any thread. `expected` and `error` may be NULL.
///
/// # Safety
/// `token` and `keys` are not freed meanwhile; `expected` is NULL or valid; `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_approval_token_verify(
    token: *const gait_approval_token,
    keys: *const gait_trusted_keys,
    expected: *const gait_approval_expectation,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let (token, keys) = (handle::borrow(token)?, now_trusted(handle::borrow(keys)?));
            Ok(validate(token, &keys, &expectation(expected)?, &CheckEach)?)
        })
    }
}

/// # Safety
/// `given` is NULL or points to an expectation whose pointers are valid.
unsafe fn expectation(given: *const gait_approval_expectation) -> Outcome<ApprovalExpectation> {
    // SAFETY: as the caller promises.
    unsafe {
        let Some(given) = sized(given, "expectation")? else {
            return Ok(ApprovalExpectation {
                now: or_now(std::ptr::null(), "now")?,
                intent_digest: None,
                policy_digest: None,
                delegation_binding_digest: None,
                required_scope: Vec::new(),
                target_count: 0,
                operation_count: 0,
            });
        };
        let scope = texts(given.scope, given.scope_count, "scope")?;
        let mut required_scope: Vec<String> = scope.into_iter().map(ToOwned::to_owned).collect();
        set_fold(&mut required_scope);
        Ok(ApprovalExpectation {
            now: or_now(given.now, "now")?,
            intent_digest: digest(given.intent_digest, "intent_digest")?,
            policy_digest: digest(given.policy_digest, "policy_digest")?,
            delegation_binding_digest: digest(given.delegation_binding_digest, "delegation_binding_digest")?,
            required_scope,
            target_count: given.targets,
            operation_count: given.ops,
        })
    }
}

/// A digest in hex, or none.
///
/// # Safety
/// `given` points to its bytes.
unsafe fn digest(given: gait_str, member: &'static str) -> Outcome<Option<Digest>> {
    // SAFETY: as the caller promises.
    let given = trim_fold(unsafe { text(given.data, given.len, member) }?);
    if given.is_empty() {
        return Ok(None);
    }
    Ok(Some(Digest::parse_hex(&given).ok_or(AuthorityError::NotADigest(member))?))
}

/// Frees a token; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_approval_token_free(token: *mut gait_approval_token) -> gait_status {
    handle::free(token)
}
