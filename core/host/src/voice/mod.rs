//! `gait voice token mint` and `verify` as library calls: read what flags name, decide, leave the trace, write or check
//! the token (03 §14.3, §14.4).

mod error;
mod mint;
mod output;
mod verify;

pub use error::VoiceTokenError;
pub use mint::{MintOptions, MintOutcome, mint};
pub use output::VoiceTokenOutput;
pub use verify::{VerifyOptions, VerifyOutcome, verify};

/// Larger than any commitment or policy that is read; both have tighter limits of their own.
const INPUT_LIMIT: u64 = 64 << 20;
/// Larger than any token.
const TOKEN_LIMIT: u64 = 16 << 20;

#[cfg(test)]
mod tests;
