//! Approvals: signed tokens by which a person lets one intent pass under one policy (03 §2), and the count that turns a
//! `require_approval` into an `allow` (03 §13 step 13).

mod count;
mod demand;
mod request;
mod token;
mod validation;

pub use count::{ApprovalOutcome, count};
pub use demand::{operation_count, required_scope, target_count};
pub use request::{ApprovalRequest, RequestError};
pub use token::{ApprovalTerms, ApprovalToken};
pub use validation::{ApprovalExpectation, ApprovalFault, validate};

#[cfg(test)]
mod tests;
