//! Credential brokers: what they are asked, what they answer, and whether the answer fits (03 §10). A broker's answer
//! names a credential; it never holds the secret itself.
//!
//! Nothing here runs a program or reads a variable: the caller does, and hands in what came of it.

mod choice;
mod command;
mod env;
mod error;
mod provider;
mod receipt;
mod request;
mod response;
mod secret;
mod stub;

pub use choice::{BrokerKind, command_allowed};
pub use command::{COMMAND_OUTPUT_LIMIT, COMMAND_SECONDS, check_command, command_response};
pub use env::{DEFAULT_ENV_PREFIX, env_response, env_variable};
pub use error::BrokerFault;
pub use receipt::{ReceiptDemand, check_receipt};
pub use request::{BrokerQuestion, BrokerRequest, requested_scope};
pub use response::BrokerResponse;
pub use stub::stub_response;

#[cfg(test)]
mod tests;
