//! Which library this is.

use crate::view::gait_str;

/// The version of this interface: 65536 times the major number, plus the minor. Within a major number functions are only
/// added; with major number 0 a header fits libraries of the very same version only.
pub const GAIT_ABI_VERSION: u32 = 0x0000_0002;

/// The version of the interface that the loaded library has; compare it with `GAIT_ABI_VERSION` of the header.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_abi_version() -> u32 {
    GAIT_ABI_VERSION
}

/// The version of the library, such as `0.1.0`. Lives forever.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_version() -> gait_str {
    gait_str::lasting(env!("CARGO_PKG_VERSION"))
}
