//! Signing and verifying bytes and JSON documents.

use std::ffi::c_void;

use gait_base::json::{self, Reading};
use gait_base::signature::Signature;

use crate::border::{bytes, call_with_error, make};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle;
use crate::key::{gait_signing_key, gait_verifying_key};
use crate::status::gait_status;

/// Signs the digest of the canonical form of a JSON text. The result is a signature document: a JSON object with `alg`,
/// `key_id`, `sig` and `signed_digest`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_sign_json(
    key: *const gait_signing_key,
    data: *const c_void,
    len: usize,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || document(&handle::borrow(key)?.sign_json(bytes(data, len, "JSON text")?)?))
        })
    }
}

/// Signs bytes as they are. The result is a signature document: a JSON object with `alg`, `key_id` and `sig`.
///
/// The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_sign_bytes(
    key: *const gait_signing_key,
    data: *const c_void,
    len: usize,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || make(out, || document(&handle::borrow(key)?.sign_bytes(bytes(data, len, "bytes")?))))
    }
}

/// Whether a signature document is this key's over a JSON text: `GAIT_STATUS_OK` when it is, and nothing else.
///
/// `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `signature` and `data` point to `signature_len` and `len` bytes; `error` may be written
/// to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verify_json(
    key: *const gait_verifying_key,
    signature: *const c_void,
    signature_len: usize,
    data: *const c_void,
    len: usize,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let key = handle::borrow(key)?;
            let signature = read(bytes(signature, signature_len, "signature")?)?;
            holds(key.verify_json(&signature, bytes(data, len, "JSON text")?)?)
        })
    }
}

/// Whether a signature document is this key's over bytes as they are: `GAIT_STATUS_OK` when it is, and nothing else.
///
/// `error` may be NULL.
///
/// # Safety
/// `key` is not freed meanwhile; `signature` and `data` point to `signature_len` and `len` bytes; `error` may be written
/// to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_verify_bytes(
    key: *const gait_verifying_key,
    signature: *const c_void,
    signature_len: usize,
    data: *const c_void,
    len: usize,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            let key = handle::borrow(key)?;
            let signature = read(bytes(signature, signature_len, "signature")?)?;
            holds(key.verify_bytes(&signature, bytes(data, len, "bytes")?)?)
        })
    }
}

fn document(signature: &Signature) -> Outcome<Buffer> {
    Ok(Buffer::Plain(json::to_compact(signature)?))
}

fn read(text: &[u8]) -> Outcome<Signature> {
    Ok(json::decode(text, Reading::CLOSED)?)
}

pub(crate) fn holds(verified: bool) -> Outcome {
    if verified { Ok(()) } else { Err(Failure::signature_invalid()) }
}
