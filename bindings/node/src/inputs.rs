//! What decisions consult besides policy and intent, as JavaScript hands it over.

use std::sync::Arc;

use gait_base::time::Timestamp;
use gait_gate::authority::approval::ApprovalToken;
use gait_gate::authority::context_envelope::VerifiedEnvelope;
use gait_gate::authority::delegation::DelegationToken;
use gait_gate::authority::inventory::Inventory;
use gait_gate::authority::kill_switch::KillSwitchState;
use gait_gate::authority::token::{Presented, SignedToken};
use gait_gate::evaluate::{Inputs, KillSwitchInput};
use gait_gate::mode::Mode;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::batch::Batch;
use crate::document::{mode, written};
use crate::fault::{self, Subject};

/// What was gathered for the decisions of a batch.
#[derive(Default)]
pub(crate) struct Given {
    approvals: Vec<Presented<ApprovalToken>>,
    delegations: Vec<Presented<DelegationToken>>,
    kill_switch: Option<KillSwitchState>,
    envelope: Option<Arc<VerifiedEnvelope>>,
    inventory: Option<Inventory>,
    credential_reference: String,
    credential_scopes: String,
}

impl Given {
    /// As the core takes it.
    pub(crate) fn at(&self, now: Timestamp) -> Inputs<'_> {
        Inputs {
            now,
            kill_switch: self.kill_switch.as_ref().map_or(KillSwitchInput::Off, KillSwitchInput::State),
            context_envelope: self.envelope.as_deref(),
            inventory: self.inventory.as_ref(),
            approvals: &self.approvals,
            delegations: &self.delegations,
            credential_reference: &self.credential_reference,
            credential_scopes: &self.credential_scopes,
        }
    }

    /// Whether the policy would answer otherwise without it.
    pub(crate) const fn is_consulted(&self) -> bool {
        self.kill_switch.is_some() || self.envelope.is_some() || self.inventory.is_some()
    }
}

fn token<T: SignedToken>(document: &[u8], mode: Mode) -> napi::Result<Presented<T>> {
    Presented::parse(document, mode).map_err(|error| fault::of_document(&error))
}

/// An approval as JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_approval(
    batch: &External<Batch>,
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<()> {
    let token = token(written(bytes, start, end), mode(strict))?;
    batch.given().approvals.push(token);
    Ok(())
}

/// An approval that was read before.
#[napi(catch_unwind)]
pub(crate) fn batch_approval_token(batch: &External<Batch>, token: &External<Presented<ApprovalToken>>) {
    let token: &Presented<ApprovalToken> = token.as_ref();
    batch.given().approvals.push(token.clone());
}

/// A delegation token as JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_delegation(
    batch: &External<Batch>,
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<()> {
    let token = token(written(bytes, start, end), mode(strict))?;
    batch.given().delegations.push(token);
    Ok(())
}

/// A delegation token that was read before.
#[napi(catch_unwind)]
pub(crate) fn batch_delegation_token(batch: &External<Batch>, token: &External<Presented<DelegationToken>>) {
    let token: &Presented<DelegationToken> = token.as_ref();
    batch.given().delegations.push(token.clone());
}

/// The state of a kill switch as JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_kill_switch(
    batch: &External<Batch>,
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<()> {
    let state = KillSwitchState::parse(written(bytes, start, end), mode(strict));
    batch.given().kill_switch = Some(state.map_err(|error| fault::exception(&error, Subject::Document))?);
    Ok(())
}

/// An inventory as JSON.
#[napi(catch_unwind)]
pub(crate) fn batch_inventory(
    batch: &External<Batch>,
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<()> {
    let inventory = Inventory::parse(written(bytes, start, end), mode(strict));
    batch.given().inventory = Some(inventory.map_err(|error| fault::exception(&error, Subject::Document))?);
    Ok(())
}

/// A context envelope that was verified before.
#[napi(catch_unwind)]
pub(crate) fn batch_envelope(batch: &External<Batch>, envelope: &External<Arc<VerifiedEnvelope>>) {
    let envelope: &Arc<VerifiedEnvelope> = envelope.as_ref();
    batch.given().envelope = Some(envelope.clone());
}

/// What to ask of a broker; scopes are comma-separated.
#[napi(catch_unwind)]
pub(crate) fn batch_credential(batch: &External<Batch>, reference: String, scopes: String) {
    let mut given = batch.given();
    (given.credential_reference, given.credential_scopes) = (reference, scopes);
}

/// Reads and verifies a context envelope.
#[napi(catch_unwind)]
pub(crate) fn envelope_parse(
    bytes: &[u8],
    start: u32,
    end: u32,
    strict: bool,
) -> napi::Result<External<Arc<VerifiedEnvelope>>> {
    let envelope = VerifiedEnvelope::parse(written(bytes, start, end), mode(strict));
    envelope.map(Arc::new).map(External::new).map_err(|error| fault::exception(&error, Subject::Document))
}

/// The digest of its records.
#[napi(catch_unwind)]
pub(crate) fn envelope_digest(envelope: &External<Arc<VerifiedEnvelope>>) -> String {
    envelope.digest_hex().to_owned()
}
