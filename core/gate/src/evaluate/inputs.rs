//! What evaluation consults from outside, gathered by the caller.

use gait_base::time::Timestamp;

use crate::authority::context_envelope::VerifiedEnvelope;
use crate::authority::inventory::Inventory;
use crate::authority::kill_switch::KillSwitchState;

/// The kill switch as the caller found it.
#[derive(Clone, Copy, Debug, Default)]
pub enum KillSwitchInput<'a> {
    /// None is configured.
    #[default]
    Off,
    /// One is required but could not be read: everything is blocked.
    Unavailable,
    /// Its state.
    State(&'a KillSwitchState),
}

/// Everything a decision depends on besides policy and intent.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The moment to decide for: freeze windows, expiry of agents and kill switches, age of context evidence.
    pub now: Timestamp,
    /// The kill switch.
    pub kill_switch: KillSwitchInput<'a>,
    /// Verified context evidence.
    pub context_envelope: Option<&'a VerifiedEnvelope>,
    /// What a local inventory knows about tools.
    pub inventory: Option<&'a Inventory>,
}

impl Inputs<'_> {
    /// Nothing but the moment.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self { now, kill_switch: KillSwitchInput::Off, context_envelope: None, inventory: None }
    }
}
