//! Whose signatures count, and in whose name.

use std::ffi::c_char;
use std::mem;
use std::sync::{Mutex, PoisonError};

use gait_gate::authority::token::TrustedKeys;

use crate::border::{ask, call, call_with_error, make, name};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::key::gait_verifying_key;
use crate::status::gait_status;

/// Public keys whose signatures count, each for anybody or for the names it was added with. Grows by the add functions,
/// under a lock of its own; any number of threads may use one at the same time. What was made with it keeps the keys that
/// it had then.
///
/// A key for anybody lets its holder claim any name. Two people who must both approve need keys of their own, each added
/// with one name.
pub struct gait_trusted_keys {
    _opaque: [u8; 0],
}

impl Handle for gait_trusted_keys {
    type Content = Mutex<TrustedKeys>;
    const KIND: u8 = 13;
    const NAME: &'static str = "gait_trusted_keys";
}

/// A copy of the keys as they are now.
pub(crate) fn now_trusted(keys: &Mutex<TrustedKeys>) -> TrustedKeys {
    keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn grow(keys: &Mutex<TrustedKeys>, step: impl FnOnce(TrustedKeys) -> TrustedKeys) {
    let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
    // If the step failed nobody would be trusted any more.
    *keys = step(mem::take(&mut *keys));
}

/// Makes an empty set of keys: nobody is trusted.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_trusted_keys_new(
    out: *mut *mut gait_trusted_keys,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(Mutex::default()))) }
}

/// Trusts a key in the name of anybody. The key may be freed afterwards.
///
/// # Safety
/// `keys` and `key` are not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_trusted_keys_add(
    keys: *const gait_trusted_keys,
    key: *const gait_verifying_key,
) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        let (keys, key) = unsafe { (handle::borrow(keys)?, handle::borrow(key)?) };
        grow(keys, |keys| keys.with_key(key.clone()));
        Ok(())
    })
}

/// Trusts a key in this name alone; called again with the same key, in the further name too. Names are compared trimmed,
/// case kept; an empty one is `GAIT_STATUS_INVALID_INPUT`. The key may be freed afterwards.
///
/// # Safety
/// `keys` and `key` are not freed meanwhile; `identity` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_trusted_keys_add_holder(
    keys: *const gait_trusted_keys,
    key: *const gait_verifying_key,
    identity: *const c_char,
    len: usize,
) -> gait_status {
    call(|| -> Outcome {
        // SAFETY: as the caller promises.
        let (keys, key, identity) =
            unsafe { (handle::borrow(keys)?, handle::borrow(key)?, name(identity, len, "identity")?) };
        grow(keys, |keys| keys.with_holder(key.clone(), [identity]));
        Ok(())
    })
}

/// How many keys are trusted; a key with several names counts once for each.
///
/// # Safety
/// `keys` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_trusted_keys_count(keys: *const gait_trusted_keys, out: *mut usize) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(keys, out, |keys| keys.lock().unwrap_or_else(PoisonError::into_inner).len()) }
}

/// Frees a set of keys; NULL is fine. What was made with it keeps working.
#[unsafe(no_mangle)]
pub extern "C" fn gait_trusted_keys_free(keys: *mut gait_trusted_keys) -> gait_status {
    handle::free(keys)
}
