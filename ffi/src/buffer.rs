//! Bytes that a call hands over: documents, signatures, keys.

use zeroize::Zeroizing;

use crate::border::ask;
use crate::handle::{self, Handle};
use crate::status::gait_status;
use crate::view::gait_bytes;

/// Bytes that a call made. Owned by the caller, who frees them with `gait_buffer_free`.
pub struct gait_buffer {
    _opaque: [u8; 0],
}

/// What a buffer holds; private keys are wiped when they go.
pub(crate) enum Buffer {
    Plain(Vec<u8>),
    Secret(Zeroizing<String>),
}

impl Handle for gait_buffer {
    type Content = Buffer;
    const KIND: u8 = 2;
    const NAME: &'static str = "gait_buffer";
}

/// The bytes of a buffer. They live until it is freed.
///
/// # Safety
/// `buffer` is not freed meanwhile; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_buffer_bytes(buffer: *const gait_buffer, out: *mut gait_bytes) -> gait_status {
    let view = |buffer: &Buffer| match buffer {
        Buffer::Plain(bytes) => gait_bytes::of(bytes),
        Buffer::Secret(text) => gait_bytes::of(text.as_bytes()),
    };
    // SAFETY: as the caller promises.
    unsafe { ask(buffer, out, view) }
}

/// Frees a buffer; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_buffer_free(buffer: *mut gait_buffer) -> gait_status {
    handle::free(buffer)
}
