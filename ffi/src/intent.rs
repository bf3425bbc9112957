//! Intents: what an agent proposes to do, read and normalized once.

use std::ffi::c_void;
use std::sync::Arc;

use gait_base::json::Notice;
use gait_gate::intent::Intent;

use crate::border::{ask, at, bytes, call_with_error, make, try_ask};
use crate::buffer::{Buffer, gait_buffer};
use crate::canonical::gait_digest;
use crate::error::gait_error;
use crate::handle::{self, Handle};
use crate::mode;
use crate::status::gait_status;
use crate::view::gait_str;

/// A proposed tool call or script, in normal form. Immutable; any number of threads may use one at the same time.
pub struct gait_intent {
    _opaque: [u8; 0],
}

impl Handle for gait_intent {
    /// Shared with the decisions about it.
    type Content = Arc<Intent>;
    const KIND: u8 = 6;
    const NAME: &'static str = "gait_intent";
}

/// Something in an intent that was read, but not exactly as it was written.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_notice {
    /// `integer_rounded` or `text_replaced`. Lives forever.
    pub kind: gait_str,
    /// Where, in bytes from the start.
    pub offset: usize,
}

impl gait_notice {
    pub(crate) const fn new(notice: &Notice) -> Self {
        Self { kind: gait_str::lasting(notice.kind.as_str()), offset: notice.offset }
    }
}

/// Reads and normalizes an intent. `mode` is one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_intent,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(Arc::new(Intent::parse(bytes(data, len, "intent")?, mode::read(mode)?)?)))
        })
    }
}

/// The digest of the intent as it was given.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_digest(intent: *const gait_intent, out: *mut gait_digest) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(intent, out, |intent| gait_digest::new(&intent.digest())) }
}

/// The digest of the arguments.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_args_digest(intent: *const gait_intent, out: *mut gait_digest) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(intent, out, |intent| gait_digest::new(&intent.args_digest())) }
}

/// The digest of a script's steps; all NUL for a single tool call.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_script_hash(intent: *const gait_intent, out: *mut gait_digest) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(intent, out, |intent| gait_digest::new_opt(intent.script_hash().as_ref())) }
}

/// The normalized name of the tool; `script` for a script.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_tool_name(intent: *const gait_intent, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(intent, out, |intent| gait_str::of(&intent.request().tool_name)) }
}

/// The canonical text that `gait_intent_digest` is the digest of.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_canonical(
    intent: *const gait_intent,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(Buffer::Plain(handle::borrow(intent)?.canonical())))) }
}

/// How many notices there are; none in strict mode.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_notice_count(intent: *const gait_intent, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(intent, out, |intent| intent.notices().len()) }
}

/// One of the notices.
///
/// # Safety
/// `intent` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_intent_notice(
    intent: *const gait_intent,
    index: usize,
    out: *mut gait_notice,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { try_ask(intent, out, |intent| at(intent.notices(), index).map(gait_notice::new)) }
}

/// Frees an intent; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_intent_free(intent: *mut gait_intent) -> gait_status {
    handle::free(intent)
}
