//! Options about who issues credentials.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::{change, gait_gate_options};
use crate::border::{name, null, text};
use crate::broker::{Callback, gait_broker_function, gait_release_function};
use crate::status::gait_status;

/// Asks a broker of this library for the credentials that rules require: `stub`, `env`, `command`, or `off`. Takes the place
/// of a broker's function.
///
/// # Safety
/// `options` is not freed meanwhile; `broker` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_broker(
    options: *mut gait_gate_options,
    broker: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.setup.broker = name(broker, len, "broker")?.to_owned();
            Ok(options.callback.take())
        })
    }
}

/// What the variables of the `env` broker begin with; empty is the default.
///
/// # Safety
/// `options` is not freed meanwhile; `prefix` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_broker_env_prefix(
    options: *mut gait_gate_options,
    prefix: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.setup.broker_env_prefix = text(prefix, len, "prefix")?.to_owned();
            Ok(())
        })
    }
}

/// The program of the `command` broker, without its arguments; those that were added go.
///
/// # Safety
/// `options` is not freed meanwhile; `program` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_broker_command(
    options: *mut gait_gate_options,
    program: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.setup.broker_command = name(program, len, "program")?.to_owned();
            options.setup.broker_arguments.clear();
            Ok(())
        })
    }
}

/// One more argument for the program of the `command` broker.
///
/// # Safety
/// `options` is not freed meanwhile; `argument` points to `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_add_broker_arg(
    options: *mut gait_gate_options,
    argument: *const c_char,
    len: usize,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.setup.broker_arguments.push(text(argument, len, "argument")?.to_owned());
            Ok(())
        })
    }
}

/// Asks this function for the credentials that rules require; see `gait_broker_function` for what it must do. Takes the place
/// of a broker of this library.
///
/// `user` is handed to the function each time and must be usable from any thread until `release` (which may be NULL) is
/// called with it: once, when these options and all gates made with them are freed or have another broker. When this call
/// fails, `release` is not called.
///
/// # Safety
/// `options` is not freed meanwhile; `function` and `release` may be called as their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_broker_function(
    options: *mut gait_gate_options,
    function: gait_broker_function,
    user: *mut c_void,
    release: gait_release_function,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            let callback = Callback::new(function, user, release).ok_or_else(|| null("the function"))?;
            options.setup.broker.clear();
            Ok(options.callback.replace(Arc::new(callback)))
        })
    }
}
