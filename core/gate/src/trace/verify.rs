//! Reading and verifying traces (02 §10.5, 01 §10.6).

use gait_base::error::{Category, Classify};
use gait_base::jcs;
use gait_base::json::{self, Except, JsonError, Reading};
use gait_base::key::VerifyingKey;
use gait_base::signature::SignatureError;
use thiserror::Error;

use super::record::TraceRecord;
use crate::mode::Mode;

/// Why a trace could not be read or its signature not be checked.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TraceError {
    /// Not a trace document.
    #[error("parse trace: {0}")]
    Malformed(#[from] JsonError),
    /// The trace is not signed.
    #[error("trace signature missing")]
    SignatureMissing,
    /// The signature cannot be checked, or does not belong to this trace or key.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The trace holds a time that cannot be written again, so no digest exists.
    #[error("trace cannot be encoded: {0}")]
    Encode(#[from] json::EncodeError),
}

impl Classify for TraceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::SignatureMissing => "trace_signature_missing",
            Self::Signature(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Malformed(_) => Category::InvalidInput,
            Self::SignatureMissing | Self::Signature(_) | Self::Encode(_) => Category::VerificationFailed,
        }
    }
}

/// The outcome of checking a signature that could be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a signature that is wrong is no error"]
pub enum Verification {
    /// The signature holds.
    Verified,
    /// The signature is well-formed, over the right digest, and wrong.
    Failed,
}

/// Reads a trace document.
///
/// In compat mode unknown members, the case of names and repeats do not matter, so none of them is covered by the
/// signature; strict mode refuses them.
///
/// # Errors
/// [`TraceError::Malformed`].
pub fn parse(bytes: &[u8], mode: Mode) -> Result<TraceRecord, TraceError> {
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    Ok(json::decode(bytes, reading)?)
}

/// Checks the signature of a trace over all members that a trace has.
///
/// # Errors
/// Everything but a signature that is merely wrong; that is [`Verification::Failed`]. Neither is verified.
pub fn verify(trace: &TraceRecord, key: &VerifyingKey) -> Result<Verification, TraceError> {
    let signature = trace.signature.as_ref().ok_or(TraceError::SignatureMissing)?;
    let digest = jcs::digest_of(&Except(trace, "signature"))?;
    Ok(if key.verify_computed(signature, &digest)? { Verification::Verified } else { Verification::Failed })
}
