//! What evaluation consults from outside, gathered by the caller.

use gait_base::time::Timestamp;

use crate::authority::approval::ApprovalToken;
use crate::authority::context_envelope::VerifiedEnvelope;
use crate::authority::delegation::DelegationToken;
use crate::authority::inventory::Inventory;
use crate::authority::kill_switch::KillSwitchState;
use crate::authority::token::Presented;
use crate::intent::Intent;
use crate::mode::Mode;

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

impl KillSwitchInput<'_> {
    /// Whether the kill switch forbids an intent, or might and cannot be read: no approved script passes it then
    /// (00 D5).
    #[must_use]
    pub fn forbids(&self, intent: &Intent, now: &Timestamp, mode: Mode) -> bool {
        match self {
            Self::Off => false,
            Self::Unavailable => true,
            Self::State(state) => state.decide(intent.request(), now, mode).status == "active",
        }
    }
}

/// Everything a decision depends on besides policy and intent.
///
/// [`Policy::evaluate`](crate::policy::Policy::evaluate) looks at the first four. Tokens and what a broker is asked for
/// come into play where a decision is settled, by [`Gate::evaluate`](crate::gate::Gate::evaluate).
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The moment to decide for: freeze windows, expiry of agents, kill switches and tokens, windows of limits, age of
    /// context evidence.
    pub now: Timestamp,
    /// The kill switch.
    pub kill_switch: KillSwitchInput<'a>,
    /// Verified context evidence.
    pub context_envelope: Option<&'a VerifiedEnvelope>,
    /// What a local inventory knows about tools.
    pub inventory: Option<&'a Inventory>,
    /// Approvals at hand, for when the decision asks for some.
    pub approvals: &'a [Presented<ApprovalToken>],
    /// Delegation tokens at hand, for when the decision asks for some.
    pub delegations: &'a [Presented<DelegationToken>],
    /// What to ask of a credential broker; empty for what the rules say.
    pub credential_reference: &'a str,
    /// Scopes to ask of a broker besides those of the rules, comma-separated.
    pub credential_scopes: &'a str,
}

impl Inputs<'_> {
    /// Nothing but the moment.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            kill_switch: KillSwitchInput::Off,
            context_envelope: None,
            inventory: None,
            approvals: &[],
            delegations: &[],
            credential_reference: "",
            credential_scopes: "",
        }
    }
}
