//! Errors as handles: what went wrong, in which class, where.

use crate::border::{ask, call, put};
use crate::failure::Details;
use crate::handle::{self, Handle};
use crate::status::gait_status;
use crate::view::gait_str;

/// Why a call failed. Owned by the caller, who frees it with `gait_error_free`.
pub struct gait_error {
    _opaque: [u8; 0],
}

impl Handle for gait_error {
    type Content = Details;
    const KIND: u8 = 1;
    const NAME: &'static str = "gait_error";
}

/// Where in an input a fault lies.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_place {
    /// Bytes from the start; `SIZE_MAX` when unknown.
    pub offset: usize,
    /// Line from 1; 0 when unknown. Policies have lines.
    pub line: u32,
    /// Column from 1; 0 when unknown.
    pub column: u32,
}

/// Frees an error; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_error_free(error: *mut gait_error) -> gait_status {
    handle::free(error)
}

/// The status that the failed call returned.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_status(error: *const gait_error, out: *mut gait_status) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| details.status) }
}

/// The stable, machine-readable name of this very failure, such as `intent_missing_field`.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_code(error: *const gait_error, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| gait_str::of(details.code)) }
}

/// The kind of failure, such as `invalid_input`.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_category(error: *const gait_error, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| gait_str::of(details.category.as_str())) }
}

/// Whether the same call may succeed later.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_retryable(error: *const gait_error, out: *mut bool) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| details.retryable) }
}

/// What went wrong, for a person, in one line.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_message(error: *const gait_error, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| gait_str::of(&details.message)) }
}

/// The member of the document that it is about, such as `targets[0].kind`; empty when there is none.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_member(error: *const gait_error, out: *mut gait_str) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { ask(error, out, |details| gait_str::of(&details.member)) }
}

/// Where in the input it lies, as far as that is known.
///
/// # Safety
/// `error` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_error_place(error: *const gait_error, out: *mut gait_place) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        let place = unsafe { handle::borrow(error) }?.place;
        let (line, column) = place.line.unwrap_or((0, 0));
        let place = gait_place { offset: place.offset.unwrap_or(usize::MAX), line, column };
        // SAFETY: as the caller promises.
        unsafe { put(out, place) }
    })
}
