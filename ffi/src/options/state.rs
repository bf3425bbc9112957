//! Options that name files and folders of this machine.

use std::ffi::c_char;
use std::path::PathBuf;

use super::{Options, change, gait_gate_options};
use crate::border::name;
use crate::handle;
use crate::status::gait_status;
use crate::trust::{gait_trusted_keys, now_trusted};

/// As [`change`], for one path.
///
/// # Safety
/// As [`change`] and [`text`].
unsafe fn set_path(
    options: *const gait_gate_options,
    path: *const c_char,
    len: usize,
    slot: impl FnOnce(&mut Options) -> &mut Option<PathBuf>,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            let path = PathBuf::from(name(path, len, "path")?);
            Ok(slot(options).replace(path))
        })
    }
}

/// Keeps all state in files by their default names in `.gait-out` (made when missing) of this folder, which processes may
/// share: counters, kill switch, used tokens, approvals. Paths of the four functions below go before it. What none of the
/// five names is kept in memory.
///
/// Where there is no kill switch yet, `gait_gate_new` starts one without entries. An empty path is
/// `GAIT_STATUS_INVALID_INPUT`, here and below.
///
/// # Safety
/// `options` is not freed meanwhile; `path` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_state_dir(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.state_dir) }
}

/// Counts limits in this file.
///
/// # Safety
/// As `gait_gate_options_set_state_dir`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_rate_limit_state(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.setup.state.counters) }
}

/// Asks the kill switch in this file, as it stands at each decision. One that is missing or cannot be read blocks what is
/// risky and is an error elsewhere; `gait_kill_switch_start` makes one.
///
/// # Safety
/// As `gait_gate_options_set_state_dir`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_kill_switch_state(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.setup.state.kill_switch) }
}

/// Remembers in this file which approvals were used.
///
/// # Safety
/// As `gait_gate_options_set_state_dir`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_used_tokens(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.setup.state.used_tokens) }
}

/// Exchanges requests and approvals through this folder.
///
/// # Safety
/// As `gait_gate_options_set_state_dir`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_approvals_dir(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.setup.state.approvals) }
}

/// Looks tools up in this inventory file, which is read again when it changed.
///
/// # Safety
/// As `gait_gate_options_set_state_dir`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_inventory(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { set_path(options, path, len, |options| &mut options.setup.inventory) }
}

/// Lets scripts pass that this registry file approves, when `keys` (as they are now) signed all of its entries.
///
/// # Safety
/// `options` and `keys` are not freed meanwhile; `path` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_approved_scripts(
    options: *mut gait_gate_options,
    path: *const c_char,
    len: usize,
    keys: *const gait_trusted_keys,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            let path = PathBuf::from(name(path, len, "path")?);
            options.setup.approved_scripts = Some((path, now_trusted(handle::borrow(keys)?)));
            Ok(())
        })
    }
}
