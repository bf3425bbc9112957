//! The command broker: what its program must be called, and what its output says (03 §10.3). The program is run by the
//! caller, as a process group, with both outputs bounded and apart (00 D6).

use gait_base::json::{self, Reading};
use gait_base::time::Timestamp;

use super::provider::{ProviderReceipt, provider_response};
use super::{BrokerFault, BrokerKind, BrokerRequest, BrokerResponse};

/// How many bytes standard output and standard error may have together.
pub const COMMAND_OUTPUT_LIMIT: usize = 16_384;

/// How many seconds the program may take.
pub const COMMAND_SECONDS: u64 = 5;

const MAX_REFERENCE: usize = 256;

/// The command to run, trimmed.
///
/// # Errors
/// When it is blank, or holds white space within: arguments are given apart.
pub fn check_command(command: &str) -> Result<&str, BrokerFault> {
    match command.trim() {
        "" => Err(BrokerFault::CommandMissing),
        word if word.contains([' ', '\t', '\r', '\n']) => Err(BrokerFault::CommandNotAWord),
        word => Ok(word),
    }
}

/// What the program answered, given its outputs after it ended well: a provider's receipt, or a plain response.
///
/// # Errors
/// Too much output, anything on standard error, nothing on standard output, malformed JSON, a secret or no usable
/// reference, a malformed time.
pub fn command_response(
    stdout: &[u8],
    stderr: &[u8],
    request: &BrokerRequest,
    now: &Timestamp,
) -> Result<BrokerResponse, BrokerFault> {
    if stdout.len().saturating_add(stderr.len()) > COMMAND_OUTPUT_LIMIT {
        return Err(BrokerFault::OutputTooLarge);
    }
    if !String::from_utf8_lossy(stderr).trim().is_empty() {
        return Err(BrokerFault::CommandFailed);
    }
    let text = String::from_utf8_lossy(stdout);
    let text = text.trim();
    if text.is_empty() {
        return Err(BrokerFault::OutputBlank);
    }
    if text.starts_with('{') {
        let receipt: ProviderReceipt = json::decode(stdout, Reading::COMPAT)?;
        if let Some(response) = provider_response(receipt, request)? {
            return response.normalized(BrokerKind::Command, request, now);
        }
    }
    let mut response: BrokerResponse = json::decode(stdout, Reading::COMPAT)?;
    response.inherit_bindings(request);
    let response = response.normalized(BrokerKind::Command, request, now)?;
    let reference = &response.credential_ref;
    if reference.len() > MAX_REFERENCE || reference.contains(['\r', '\n', '\t']) {
        return Err(BrokerFault::ReferenceMalformed);
    }
    Ok(response)
}
