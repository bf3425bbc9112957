//! Voice: a commitment that an agent is about to speak on a call goes through the gate as an intent, and a say token is
//! the signed proof that this commitment, of this turn of this call, may be spoken (03 §14).
//!
//! [`CommitmentIntent`] becomes an [`Intent`](crate::intent::Intent); the decision about it, if it is an allow, becomes a
//! [`SayToken`]; [`validate`] is what stands before the speaker.

mod commitment;
mod error;
mod member;
mod say_token;
mod validation;

pub use commitment::{CommitmentContext, CommitmentIntent};
pub use error::VoiceError;
pub use member::COMMITMENT_CLASSES;
pub use say_token::{SayToken, SayTokenTerms};
pub use validation::{SayTokenExpectation, SayTokenFault, validate, validate_with};

#[cfg(test)]
mod tests;
