//! What a gate consults beside its store: documents that may change, and a broker.

use std::sync::Arc;

use gait_base::time::Timestamp;

use crate::authority::broker::{BrokerFault, BrokerRequest, BrokerResponse};
use crate::state::StateError;

/// A document that may change while a gate lives: fixed in memory, or a file that is read again when it changed.
pub trait Current<T>: Send + Sync {
    /// The document as it stands now; the same allocation as before while it did not change.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be had now. An older state must not stand in for it.
    fn current(&self) -> Result<Arc<T>, StateError>;
}

impl<T: Send + Sync> Current<T> for Arc<T> {
    fn current(&self) -> Result<Arc<T>, StateError> {
        Ok(Self::clone(self))
    }
}

/// Something that issues credentials for a tool call.
pub trait CredentialBroker: Send + Sync {
    /// Issues a credential at the moment `now`, that of the decision, or fails. Answers hold references to credentials, never
    /// the secrets.
    ///
    /// # Errors
    /// [`BrokerFault`]: every cause blocks the call.
    fn issue(&self, request: BrokerRequest, now: &Timestamp) -> Result<BrokerResponse, BrokerFault>;
}
