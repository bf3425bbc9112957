//! Delegations: signed tokens by which one identity hands authority to another, and the chain that an intent must show
//! for it (03 §3).

mod chain;
mod token;
mod validation;

pub use chain::{ChainDemand, DelegationOutcome, ExaminedDelegation, verify_chain};
pub use token::{DelegationTerms, DelegationToken};
pub use validation::{DelegationExpectation, DelegationFault, validate};

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::EncodeError;

use crate::intent::Delegation;

/// The digest that binds approvals to a delegation, and that traces show as `chain_digest` (03 §3.5). `delegation` is
/// that of an intent in normal form.
///
/// # Errors
/// When one of its times has no written form.
pub fn binding_digest(delegation: &Delegation) -> Result<Digest, EncodeError> {
    jcs::digest_of(delegation)
}

#[cfg(test)]
mod tests;
