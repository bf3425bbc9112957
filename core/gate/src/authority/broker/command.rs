//! The command broker: what its program must be called, and what its output says (03 §10.3). The program is run by the
//! caller, as a process group, with both outputs bounded and apart (00 D6).

use gait_base::json::{self, Reading};
use gait_base::time::Timestamp;

use super::provider::{ProviderReceipt, provider_response};
use super::{BrokerFault, BrokerKind, BrokerRequest, BrokerResponse};
use crate::authority::token::reading;
use crate::mode::Mode;

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

/// What the program answered, given its outputs after it ended well: a provider's receipt, or a plain response. Strict
/// mode reads strictly (00 D8), so that an unknown provider is an unknown member.
///
/// # Errors
/// Too much output, anything on standard error, nothing on standard output, malformed JSON, a secret or no usable
/// reference, a malformed time; in strict mode also what [`BrokerResponse`] says.
pub fn command_response(
    stdout: &[u8],
    stderr: &[u8],
    request: &BrokerRequest,
    now: &Timestamp,
    mode: Mode,
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
        // Plain responses have members of their own: which ones are known depends on what it is.
        let reading = Reading { refuse_unknown: false, ..reading(mode) };
        let receipt: ProviderReceipt = json::decode(stdout, reading)?;
        if let Some(response) = provider_response(receipt, request)? {
            if mode.is_strict() {
                json::decode::<ProviderReceipt>(stdout, Reading::STRICT)?;
            }
            return response.normalized(BrokerKind::Command, request, now, mode);
        }
    }
    let mut response: BrokerResponse = json::decode(stdout, reading(mode))?;
    response.inherit_bindings(request);
    let response = response.normalized(BrokerKind::Command, request, now, mode)?;
    let reference = &response.credential_ref;
    if reference.len() > MAX_REFERENCE || reference.contains(['\r', '\n', '\t']) {
        return Err(BrokerFault::ReferenceMalformed);
    }
    Ok(response)
}
