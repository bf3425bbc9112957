//! Canonical JSON (RFC 8785) and digests.

use std::ffi::{c_char, c_void};

use gait_base::digest::{Digest, sha256};
use gait_base::jcs;

use crate::border::{bytes, call_with_error, make, put};
use crate::buffer::{Buffer, gait_buffer};
use crate::error::gait_error;
use crate::mode;
use crate::status::gait_status;

/// A SHA-256 digest in text form.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_digest {
    /// 64 lower-case hex digits and a NUL.
    pub hex: [c_char; 65],
}

impl gait_digest {
    pub(crate) fn new(digest: &Digest) -> Self {
        let mut hex = [0; 65];
        for (slot, byte) in hex.iter_mut().zip(digest.hex().bytes()) {
            // Hex digits are ASCII: the cast keeps them whatever the sign of a C char.
            *slot = byte as c_char;
        }
        Self { hex }
    }

    /// All NUL: no digest.
    pub(crate) const NONE: Self = Self { hex: [0; 65] };

    pub(crate) fn new_opt(digest: Option<&Digest>) -> Self {
        digest.map_or(Self::NONE, Self::new)
    }
}

/// The canonical form of a JSON text. `mode` is one of `gait_mode`: strict takes I-JSON (RFC 7493) only.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_canonicalize(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_buffer,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let (text, mode) = (bytes(data, len, "JSON text")?, mode::read(mode)?);
                let canonical = if mode.is_strict() { jcs::canonicalize_strict(text) } else { jcs::canonicalize(text) };
                Ok(Buffer::Plain(canonical?))
            })
        })
    }
}

/// The digest of the canonical form of a JSON text. `mode` as for `gait_canonicalize`.
///
/// Any thread. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_digest_json(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut gait_digest,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            put(out, gait_digest::NONE)?;
            let (text, mode) = (bytes(data, len, "JSON text")?, mode::read(mode)?);
            let digest = if mode.is_strict() { sha256(&jcs::canonicalize_strict(text)?) } else { jcs::digest(text)? };
            put(out, gait_digest::new(&digest))
        })
    }
}

/// The SHA-256 digest of bytes as they are.
///
/// Any thread.
///
/// # Safety
/// `data` points to `len` bytes; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_digest_bytes(data: *const c_void, len: usize, out: *mut gait_digest) -> gait_status {
    // SAFETY: as the caller promises.
    crate::border::call(|| unsafe {
        put(out, gait_digest::NONE)?;
        put(out, gait_digest::new(&sha256(bytes(data, len, "bytes")?)))
    })
}
