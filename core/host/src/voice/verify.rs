//! Whether a say token may be spoken by.

use gait_base::key::config::KeyConfig;
use gait_gate::authority::voice::{self, SayToken, SayTokenExpectation, SayTokenFault};
use gait_gate::mode::Mode;

use super::{TOKEN_LIMIT, VoiceTokenError, VoiceTokenOutput};
use crate::clock::Clock;
use crate::fs::read_limited;
use crate::keys::MachineKeys;

/// What `voice token verify` is told. Texts are as they were typed; blank ones are not compared.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// The token's file.
    pub token: String,
    /// The public key's file.
    pub public_key: String,
    /// The variable that holds the public key.
    pub public_key_env: String,
    /// The private key's file, instead of the public one.
    pub private_key: String,
    /// The variable that holds the private key.
    pub private_key_env: String,
    /// The intent that it must be for.
    pub intent_digest: String,
    /// The policy that it must be from.
    pub policy_digest: String,
    /// The call that it must be for.
    pub call_id: String,
    /// The turn that it must be for.
    pub turn_index: Option<i64>,
    /// The place among the commitments of the call that it must be for.
    pub call_seq: Option<i64>,
    /// The class that it must be of.
    pub commitment_class: String,
    /// How closely the file is looked at.
    pub mode: Mode,
}

/// The answer about a token.
#[derive(Clone, Debug)]
pub struct VerifyOutcome {
    /// The record that `--json` prints.
    pub output: VoiceTokenOutput,
    /// The token, as it was read.
    pub token: SayToken,
    /// Why it does not count, if it does not.
    pub fault: Option<SayTokenFault>,
}

/// Looks at a token.
///
/// # Errors
/// [`VoiceTokenError`] when token, key or file are missing or unreadable. A token that does not count is an outcome.
pub fn verify(options: &VerifyOptions, clock: &dyn Clock) -> Result<VerifyOutcome, VoiceTokenError> {
    let path = options.token.trim();
    if path.is_empty() {
        return Err(VoiceTokenError::Option("--token is required".to_owned()));
    }
    let sources = KeyConfig {
        mode: "",
        private_path: options.private_key.trim(),
        private_env: options.private_key_env.trim(),
        public_path: options.public_key.trim(),
        public_env: options.public_key_env.trim(),
    };
    let key = sources.load_verify_key(&MachineKeys)?;
    let token = SayToken::parse(&read_limited(path, TOKEN_LIMIT)?, options.mode)?;
    let expectation = SayTokenExpectation::new()
        .digests(&options.intent_digest, &options.policy_digest)
        .call(&options.call_id)
        .place(options.turn_index, options.call_seq)
        .class(&options.commitment_class);
    let fault = voice::validate(&token, Some(&key), &clock.now(), &expectation).err();
    let output = VoiceTokenOutput::of_token(&token, path, fault);
    Ok(VerifyOutcome { output, token, fault })
}
