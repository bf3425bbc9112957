//! Pointer and length: how texts and bytes cross the border.

use std::ffi::{c_char, c_void};

/// A text: `len` bytes of UTF-8 at `data`, without a NUL at the end.
///
/// As a result it is borrowed: it lives as long as the handle it was asked of, and `data` is never NULL. As an argument
/// `data` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_str {
    /// The first byte.
    pub data: *const c_char,
    /// The number of bytes.
    pub len: usize,
}

impl gait_str {
    /// A view of a text that lives as long as the handle it was asked of.
    ///
    /// Not inlined: the optimizer would look at the length of a text before it looks whether the text exists, which is
    /// sound and still makes memory checkers cry out.
    #[inline(never)]
    pub(crate) const fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self { data: c"".as_ptr(), len: 0 };
        }
        Self { data: text.as_ptr().cast(), len: text.len() }
    }

    /// A view of a static text.
    pub(crate) const fn lasting(text: &'static str) -> Self {
        Self::of(text)
    }
}

/// Bytes: `len` of them at `data`.
///
/// As a result they are borrowed: they live as long as the handle they were asked of, and `data` is never NULL. As an
/// argument `data` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_bytes {
    /// The first byte.
    pub data: *const c_void,
    /// The number of bytes.
    pub len: usize,
}

impl gait_bytes {
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self { data: c"".as_ptr().cast(), len: 0 };
        }
        Self { data: bytes.as_ptr().cast(), len: bytes.len() }
    }
}
