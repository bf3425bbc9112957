//! What a gate is made with besides its policy: keys and manners here, paths in [`state`], brokers in [`broker`].

mod broker;
mod state;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use gait_base::key::SigningKey;
use gait_gate::authority::token::TrustedKeys;
use gait_gate::gate::Gate;
use gait_host::clock::SystemClock;
use gait_host::gate_setup::GateSetup;
use gait_host::store::FileStorePaths;

use crate::border::{call, call_with_error, make};
use crate::broker::{Callback, CallbackBroker};
use crate::error::gait_error;
use crate::failure::Outcome;
use crate::handle::{self, Handle};
use crate::key::gait_signing_key;
use crate::status::gait_status;
use crate::trust::{gait_trusted_keys, now_trusted};

pub use broker::{
    gait_gate_options_add_broker_arg, gait_gate_options_set_broker, gait_gate_options_set_broker_command,
    gait_gate_options_set_broker_env_prefix, gait_gate_options_set_broker_function,
};
pub use state::{
    gait_gate_options_set_approvals_dir, gait_gate_options_set_approved_scripts, gait_gate_options_set_inventory,
    gait_gate_options_set_kill_switch_state, gait_gate_options_set_rate_limit_state, gait_gate_options_set_state_dir,
    gait_gate_options_set_used_tokens,
};

/// How a gate works. Made empty, filled by the set functions (under a lock of its own, so any number of threads may use one
/// at the same time) and read by `gait_gate_new`. What is set again is replaced.
pub struct gait_gate_options {
    _opaque: [u8; 0],
}

impl Handle for gait_gate_options {
    type Content = Mutex<Options>;
    const KIND: u8 = 12;
    const NAME: &'static str = "gait_gate_options";
}

/// What was set so far.
#[derive(Clone, Default)]
pub(crate) struct Options {
    signing_key: Option<SigningKey>,
    approvers: TrustedKeys,
    delegators: Option<TrustedKeys>,
    reusable_approvals: bool,
    simulate: bool,
    state_dir: Option<PathBuf>,
    /// Paths of the state that are named one by one; everything else of the machine.
    setup: GateSetup,
    callback: Option<Arc<Callback>>,
}

/// Gives a gate everything that its options name.
pub(crate) fn furnish(options: &Mutex<Options>, gate: Gate) -> Outcome<Gate> {
    let options = options.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut setup = options.setup;
    if let Some(folder) = options.state_dir {
        let (all, named) = (FileStorePaths::beneath(folder), setup.state);
        setup.state = FileStorePaths {
            counters: named.counters.or(all.counters),
            used_tokens: named.used_tokens.or(all.used_tokens),
            kill_switch: named.kill_switch.or(all.kill_switch),
            approvals: named.approvals.or(all.approvals),
            made: all.made,
        };
    }
    let mut gate = setup.furnish(gate, &SystemClock)?.with_approvers(options.approvers);
    if let Some(callback) = options.callback {
        let mode = gate.policy().mode();
        gate = gate.with_broker(Arc::new(CallbackBroker { callback, mode }));
    }
    if let Some(key) = options.signing_key {
        gate = gate.with_signing_key(key);
    }
    if let Some(delegators) = options.delegators {
        gate = gate.with_delegators(delegators);
    }
    if options.reusable_approvals {
        gate = gate.with_reusable_approvals();
    }
    Ok(if options.simulate { gate.simulating() } else { gate })
}

/// Changes options; what is replaced goes when the lock is open again, since it may run a function of the caller's.
///
/// # Safety
/// As [`handle::borrow`].
unsafe fn change<T>(options: *const gait_gate_options, step: impl FnOnce(&mut Options) -> Outcome<T>) -> gait_status {
    call(|| {
        // SAFETY: as the caller promises.
        let options = unsafe { handle::borrow(options) }?;
        let replaced = step(&mut options.lock().unwrap_or_else(PoisonError::into_inner))?;
        drop(replaced);
        Ok(())
    })
}

/// Makes empty options: a gate made with them does not sign, trusts nobody and keeps its state in memory.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_new(
    out: *mut *mut gait_gate_options,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe { call_with_error(error, || make(out, || Ok(Mutex::default()))) }
}

/// Signs traces with this key; NULL is unsigned traces. The key may be freed afterwards.
///
/// # Safety
/// `options` and `key` are not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_signing_key(
    options: *mut gait_gate_options,
    key: *const gait_signing_key,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.signing_key = handle::borrow_opt(key)?.cloned();
            Ok(())
        })
    }
}

/// Accepts approvals that these keys signed: those that are in the set now. Nobody's unless set.
///
/// # Safety
/// `options` and `keys` are not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_approvers(
    options: *mut gait_gate_options,
    keys: *const gait_trusted_keys,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.approvers = now_trusted(handle::borrow(keys)?);
            Ok(())
        })
    }
}

/// Accepts delegation tokens that these keys signed, those that are in the set now; the approvers' unless set.
///
/// # Safety
/// `options` and `keys` are not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_delegators(
    options: *mut gait_gate_options,
    keys: *const gait_trusted_keys,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.delegators = Some(now_trusted(handle::borrow(keys)?));
            Ok(())
        })
    }
}

/// Whether an approval may serve again until it ends. Off unless set: a strict gate accepts each once. A compat gate always
/// lets them serve again.
///
/// # Safety
/// `options` is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_reusable_approvals(
    options: *mut gait_gate_options,
    reusable: bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.reusable_approvals = reusable;
            Ok(())
        })
    }
}

/// Whether the gate lets everything pass and only tells what would have happened. Off unless set.
///
/// # Safety
/// `options` is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_gate_options_set_simulate(
    options: *mut gait_gate_options,
    simulate: bool,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        change(options, |options| {
            options.simulate = simulate;
            Ok(())
        })
    }
}

/// Frees options; NULL is fine. Gates made with them keep working.
#[unsafe(no_mangle)]
pub extern "C" fn gait_gate_options_free(options: *mut gait_gate_options) -> gait_status {
    handle::free(options)
}
