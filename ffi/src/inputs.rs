//! What evaluation consults from outside: the time, the kill switch, context evidence, an inventory of tools, tokens.

use std::ffi::{c_char, c_void};

use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::authority::delegation::DelegationToken;
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::token::Presented;
use gait_gate::evaluate::{Inputs, KillSwitchInput};

use crate::approval::gait_approval_token;
use crate::border::{bytes, call_with_error, contents, make, sized, text, texts};
use crate::delegation::gait_delegation_token;
use crate::error::gait_error;
use crate::failure::{Failure, Outcome};
use crate::handle::{self, Handle};
use crate::kill_switch::gait_kill_switch;
use crate::mode;
use crate::status::gait_status;
use crate::time::{gait_time, or_now};
use crate::view::gait_str;

/// Verified context evidence. Immutable; any number of threads may use one at the same time.
pub struct gait_context_envelope {
    _opaque: [u8; 0],
}

impl Handle for gait_context_envelope {
    type Content = VerifiedEnvelope;
    const KIND: u8 = 8;
    const NAME: &'static str = "gait_context_envelope";
}

/// What is known about tools. Immutable; any number of threads may use one at the same time.
pub struct gait_inventory {
    _opaque: [u8; 0],
}

impl Handle for gait_inventory {
    type Content = Inventory;
    const KIND: u8 = 9;
    const NAME: &'static str = "gait_inventory";
}

/// A kill switch is required and could not be read: everything is blocked. Excludes `kill_switch`.
pub const GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE: u32 = 1;

/// Everything a decision depends on besides policy and intent. Set `size` to `sizeof(gait_inputs)` and the rest to zero,
/// then what is wanted. All of it is borrowed for the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gait_inputs {
    /// `sizeof(gait_inputs)`.
    pub size: usize,
    /// The moment to decide for; NULL is the system clock.
    pub now: *const gait_time,
    /// The kill switch, in place of the one in the gate's store; NULL is that one, if there is any.
    pub kill_switch: *const gait_kill_switch,
    /// Context evidence; NULL is none.
    pub context_envelope: *const gait_context_envelope,
    /// The inventory of tools, in place of the gate's; NULL is that one, if there is any.
    pub inventory: *const gait_inventory,
    /// Approvals at hand, besides those in the gate's store. Gates alone look at these and what follows.
    pub approvals: *const *const gait_approval_token,
    /// How many approvals there are.
    pub approval_count: usize,
    /// Delegation tokens at hand.
    pub delegations: *const *const gait_delegation_token,
    /// How many delegation tokens there are.
    pub delegation_count: usize,
    /// Which credential to ask a broker for; empty for what the rules say.
    pub credential_ref: gait_str,
    /// Scopes to ask a broker for besides those of the rules.
    pub credential_scopes: *const gait_str,
    /// How many scopes there are.
    pub credential_scope_count: usize,
    /// 0 or `GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE`.
    pub flags: u32,
}

/// Inputs that were read and checked.
pub(crate) struct Gathered<'a> {
    /// Without what stands below.
    plain: Inputs<'a>,
    approvals: Vec<Presented<ApprovalToken>>,
    delegations: Vec<Presented<DelegationToken>>,
    credential_scopes: String,
}

impl<'a> Gathered<'a> {
    fn at(plain: Inputs<'a>) -> Self {
        Self { plain, approvals: Vec::new(), delegations: Vec::new(), credential_scopes: String::new() }
    }

    /// Makes a gate's decision; brokers see its moment.
    pub(crate) fn decide<T>(&self, decide: impl FnOnce(&Inputs<'_>) -> T) -> T {
        decide(&self.inputs())
    }

    /// What the evaluation takes.
    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs {
            approvals: &self.approvals,
            delegations: &self.delegations,
            credential_scopes: &self.credential_scopes,
            ..self.plain
        }
    }

    /// Reads what the caller passes.
    ///
    /// # Safety
    /// `given` is NULL or points to inputs whose pointers are NULL or valid, and no handle in it is freed while the
    /// result is in use.
    pub(crate) unsafe fn read(given: *const gait_inputs) -> Outcome<Self> {
        // SAFETY: as the caller promises.
        unsafe {
            let Some(given) = sized(given, "inputs")? else {
                return Ok(Self::at(Inputs::at(or_now(std::ptr::null(), "now")?)));
            };
            let kill_switch = match (given.flags, handle::borrow_opt(given.kill_switch)?) {
                (0, None) => KillSwitchInput::Off,
                (0, Some(state)) => KillSwitchInput::State(state),
                (GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE, None) => KillSwitchInput::Unavailable,
                (GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE, Some(_)) => {
                    let message = "inputs: the kill switch is given and said to be unavailable";
                    return Err(Failure::misuse(gait_status::InvalidArgument, message));
                }
                (flags, _) => {
                    let message = format!("inputs: {flags} is no set of flags");
                    return Err(Failure::misuse(gait_status::InvalidArgument, message));
                }
            };
            let reference = given.credential_ref;
            let plain = Inputs {
                kill_switch,
                context_envelope: handle::borrow_opt(given.context_envelope)?,
                inventory: handle::borrow_opt(given.inventory)?,
                credential_reference: text(reference.data, reference.len, "credential_ref")?,
                ..Inputs::at(or_now(given.now, "now")?)
            };
            let approvals = contents(given.approvals, given.approval_count, "approvals")?;
            let delegations = contents(given.delegations, given.delegation_count, "delegations")?;
            let scopes = texts(given.credential_scopes, given.credential_scope_count, "credential_scopes")?;
            Ok(Self {
                plain,
                approvals: approvals.into_iter().cloned().collect(),
                delegations: delegations.into_iter().cloned().collect(),
                credential_scopes: scopes.join(","),
            })
        }
    }
}

/// Reads a context envelope and checks its set digest. `mode` is one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` points to `len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_context_envelope_parse(
    data: *const c_void,
    len: usize,
    mode: u32,
    out: *mut *mut gait_context_envelope,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || Ok(VerifiedEnvelope::parse(bytes(data, len, "context envelope")?, mode::read(mode)?)?))
        })
    }
}

/// Frees a context envelope; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_context_envelope_free(context_envelope: *mut gait_context_envelope) -> gait_status {
    handle::free(context_envelope)
}

/// Reads an inventory of tools. `source` is the label that decisions name it by, such as its path; may be empty. `mode` is
/// one of `gait_mode`.
///
/// Any thread. The caller owns `*out`. `error` may be NULL.
///
/// # Safety
/// `data` and `source` point to `len` and `source_len` bytes; `out` and `error` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gait_inventory_parse(
    data: *const c_void,
    len: usize,
    source: *const c_char,
    source_len: usize,
    mode: u32,
    out: *mut *mut gait_inventory,
    error: *mut *mut gait_error,
) -> gait_status {
    // SAFETY: as the caller promises.
    unsafe {
        call_with_error(error, || {
            make(out, || {
                let label = text(source, source_len, "source")?;
                Ok(Inventory::parse(bytes(data, len, "inventory")?, mode::read(mode)?)?.with_source(label))
            })
        })
    }
}

/// Frees an inventory; NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn gait_inventory_free(inventory: *mut gait_inventory) -> gait_status {
    handle::free(inventory)
}
