//! Ed25519 keys.

use std::ffi::{c_char, c_void};

use gait_base::key::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::border::{ask, bytes, call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle::{self, Handle};
use crate::status::gait_status;
use crate::view::gait_str;

/// A private key with its public half. Wiped from memory when freed.
pub struct gait_signing_key {
    _opaque: [u8; 0],
}

impl Handle for gait_signing_key {
    type Content = SigningKey;
    const KIND: u8 = 3;
    const NAME: &'static str = "gait_signing_key";
}

/// A public key.
pub struct gait_verifying_key {
    _opaque: [u8; 0],
}

impl Handle for gait_verifying_key {
    type Content = VerifyingKey;
    const KIND: u8 = 4;
    const NAME: &'static str = "gait_verifying_key";
}

const KEY_BYTES: usize = 32;

fn of_32_bytes(bytes: &[u8]) -> Outcome<&[u8; KEY_BYTES]> {
    bytes.try_into().map_err(|_| {
        let message = format!("a key has {KEY_BYTES} bytes, not {}", bytes.len());
        Failure::misuse(gait_status::InvalidLength, message)
    })
}

/// Reads the content of a private key file: base64 of 64 bytes, blanks and line breaks around it allowed.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_parse(
    data: *const c_char,
    len: usize,
    out: *mut *mut gait_signing_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(SigningKey::parse_file_text(bytes(data.cast(), len, "private key")?)?))
        })
    }
}

/// The key that a seed of 32 bytes determines; `len` must be 32.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `seed` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_from_seed(
    seed: *const c_void,
    len: usize,
    out: *mut *mut gait_signing_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || make(out, || Ok(SigningKey::from_seed(of_32_bytes(bytes(seed, len, "seed")?)?))))
    }
}

/// A new key from the operating system's randomness.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_generate(
    out: *mut *mut gait_signing_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(SigningKey::from_seed(&*gait_host::random::seed()?)))) }
}

/// The id of the pair: the hex digest of its public half.
///
/// # Safety
/// `key` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_id(key: *const gait_signing_key, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(key, out, |key| gait_str::of(key.key_id())) }
}

/// The text of the private key for a file. The buffer is wiped from memory when it is freed.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_to_base64(
    key: *const gait_signing_key,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let text: Zeroizing<String> = handle::borrow(key)?.to_base64();
                Ok(Buffer::Secret(text))
            })
        })
    }
}

/// The public half, as a handle of its own.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_signing_key_verifying_key(
    key: *const gait_signing_key,
    out: *mut *mut gait_verifying_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(handle::borrow(key)?.verifying_key().clone()))) }
}

/// Frees a private key; NULL is fine. Gates made with it keep working.
#[unsafe(no_mangle)]
pub extern "C" fn gait_signing_key_free(key: *mut gait_signing_key) -> gait_status {
    handle::free(key)
}

/// Reads the content of a public key file: base64 of 32 bytes, blanks and line breaks around it allowed.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verifying_key_parse(
    data: *const c_char,
    len: usize,
    out: *mut *mut gait_verifying_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(VerifyingKey::parse_file_text(bytes(data.cast(), len, "public key")?)?))
        })
    }
}

/// The key of 32 bytes; `len` must be 32. Bytes that are no point of the curve are a key that verifies nothing.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verifying_key_from_bytes(
    data: *const c_void,
    len: usize,
    out: *mut *mut gait_verifying_key,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(VerifyingKey::from_bytes(of_32_bytes(bytes(data, len, "public key")?)?)))
        })
    }
}

/// The id of the key: the hex digest of its bytes.
///
/// # Safety
/// `key` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verifying_key_id(key: *const gait_verifying_key, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(key, out, |key| gait_str::of(key.key_id())) }
}

/// The text of the public key for a file.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verifying_key_to_base64(
    key: *const gait_verifying_key,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(Buffer::Plain(handle::borrow(key)?.to_base64().into_bytes())))) }
}

/// Frees a public key; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_verifying_key_free(key: *mut gait_verifying_key) -> gait_status {
    handle::free(key)
}
