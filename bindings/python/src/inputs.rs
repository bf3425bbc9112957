//! What a decision is made with besides the intent: tokens, evidence, state documents.

use std::sync::Arc;

use gait_base::time::Timestamp;
use gait_gate::authority::approval::ApprovalToken as ApprovalRecord;
use gait_gate::authority::context_envelope::VerifiedEnvelope as Envelope;
use gait_gate::authority::delegation::DelegationToken as DelegationRecord;
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::authority::token::Presented;
use gait_gate::evaluate::{Inputs, KillSwitchInput};
use gait_gate::mode::Mode;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use crate::approval::ApprovalToken;
use crate::delegation::DelegationToken;
use crate::document::{bytes_of, read_document};
use crate::envelope::VerifiedEnvelope;

/// The arguments of `evaluate` as they are given.
pub(crate) struct Arguments<'a, 'py> {
    pub(crate) approvals: Option<&'a Bound<'py, PyAny>>,
    pub(crate) delegations: Option<&'a Bound<'py, PyAny>>,
    pub(crate) context_envelope: Option<&'a Bound<'py, PyAny>>,
    pub(crate) kill_switch: Option<&'a Bound<'py, PyAny>>,
    pub(crate) inventory: Option<&'a Bound<'py, PyAny>>,
    pub(crate) credential_ref: &'a str,
    pub(crate) credential_scopes: Option<Vec<String>>,
}

/// What they hold.
pub(crate) struct Given<'a> {
    approvals: Vec<Presented<ApprovalRecord>>,
    delegations: Vec<Presented<DelegationRecord>>,
    context_envelope: Option<Arc<Envelope>>,
    kill_switch: Option<KillSwitchState>,
    inventory: Option<Inventory>,
    credential_ref: &'a str,
    credential_scopes: String,
}

impl<'a> Arguments<'a, '_> {
    /// Reads everything, as the policy's mode says.
    pub(crate) fn read(self, mode: Mode) -> PyResult<Given<'a>> {
        let kill_switch = self
            .kill_switch
            .map(|state| read_document(state, "kill_switch", mode, |text| KillSwitchState::parse(text, mode)));
        let inventory = self
            .inventory
            .map(|inventory| read_document(inventory, "inventory", mode, |text| Inventory::parse(text, mode)));
        Ok(Given {
            approvals: each(self.approvals, "approvals", |token| ApprovalToken::read(token, mode))?,
            delegations: each(self.delegations, "delegations", |token| DelegationToken::read(token, mode))?,
            context_envelope: self.context_envelope.map(|one| VerifiedEnvelope::read(one, mode)).transpose()?,
            kill_switch: kill_switch.transpose()?,
            inventory: inventory.transpose()?,
            credential_ref: self.credential_ref,
            credential_scopes: self.credential_scopes.map(|scopes| scopes.join(",")).unwrap_or_default(),
        })
    }
}

impl Given<'_> {
    pub(crate) fn at(&self, now: Timestamp) -> Inputs<'_> {
        Inputs {
            kill_switch: self.kill_switch.as_ref().map_or(KillSwitchInput::Off, KillSwitchInput::State),
            context_envelope: self.context_envelope.as_deref(),
            inventory: self.inventory.as_ref(),
            approvals: &self.approvals,
            delegations: &self.delegations,
            credential_reference: self.credential_ref,
            credential_scopes: &self.credential_scopes,
            ..Inputs::at(now)
        }
    }
}

/// The tokens of a list. A document alone is no list of them, though Python would walk it.
fn each<T>(
    tokens: Option<&Bound<'_, PyAny>>,
    argument: &str,
    read: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    let Some(tokens) = tokens else { return Ok(Vec::new()) };
    let alone = bytes_of(tokens)?.is_some() || tokens.cast::<PyMapping>().is_ok();
    let unfit = || PyTypeError::new_err(format!("{argument} must be a list of tokens"));
    if alone {
        return Err(unfit());
    }
    tokens.try_iter().map_err(|_| unfit())?.map(|token| read(&token?)).collect()
}
