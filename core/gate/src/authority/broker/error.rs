//! Why no credential was issued.

use gait_base::error::{Category, Classify};
use gait_base::json::{EncodeError, JsonError, JsonErrorKind};
use gait_base::time::TimeError;
use thiserror::Error;

/// Why no credential was issued. Decisions show `broker_credential_missing` whatever the cause; texts and codes here
/// are for the caller's own log and never quote a credential.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerFault {
    /// A broker of that name does not exist.
    #[error("credential broker must be off, stub, env or command")]
    UnknownBroker,
    /// The command broker was given no command.
    #[error("credential broker command is missing")]
    CommandMissing,
    /// The command is not on the list of allowed ones.
    #[error("credential broker command is not on the allow-list")]
    CommandNotAllowed,
    /// The command holds white space: arguments are given apart.
    #[error("credential broker command must be a single word")]
    CommandNotAWord,
    /// The command could not be started, ended badly, or wrote to standard error.
    #[error("credential broker command failed")]
    CommandFailed,
    /// The command did not end in time.
    #[error("credential broker command timed out")]
    CommandTimedOut,
    /// The command wrote too much.
    #[error("credential broker output is too large")]
    OutputTooLarge,
    /// The command wrote nothing.
    #[error("credential broker output is blank")]
    OutputBlank,
    /// The request lacks its tool or identity.
    #[error("credential request lacks its {0}")]
    RequestIncomplete(&'static str),
    /// The variable is unset or blank.
    #[error("credential variable is not set")]
    VariableMissing,
    /// The answer is not JSON of its type.
    #[error("credential broker answer is malformed: {0}")]
    Malformed(&'static str),
    /// The answer names no credential, and none can be derived.
    #[error("credential broker answer names no credential")]
    ReferenceMissing,
    /// The reference is too long or spreads over lines or columns.
    #[error("credential reference is too long or holds control characters")]
    ReferenceMalformed,
    /// A reference, or in strict mode any member, that looks like the secret itself.
    #[error("credential broker answer holds a secret in {0}")]
    SecretExposed(&'static str),
    /// The credential is over, or its life is negative (strict mode only).
    #[error("credential has expired")]
    Expired,
    /// A time is not RFC 3339, or out of range.
    #[error("credential broker answer: {0}")]
    Time(#[from] TimeError),
    /// Something in the request has no written form.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for BrokerFault {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownBroker => "broker_unknown",
            Self::CommandMissing => "broker_command_missing",
            Self::CommandNotAllowed => "broker_command_not_allowed",
            Self::CommandNotAWord => "broker_command_invalid",
            Self::CommandFailed => "broker_command_failed",
            Self::CommandTimedOut => "broker_command_timed_out",
            Self::OutputTooLarge => "broker_output_too_large",
            Self::OutputBlank => "broker_output_blank",
            Self::RequestIncomplete(_) => "broker_request_incomplete",
            Self::VariableMissing => "broker_variable_missing",
            Self::Malformed(_) => "broker_answer_malformed",
            Self::ReferenceMissing => "broker_reference_missing",
            Self::ReferenceMalformed => "broker_reference_malformed",
            Self::SecretExposed(_) => "broker_secret_exposed",
            Self::Expired => "broker_credential_expired",
            Self::Time(_) => "broker_time_malformed",
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::UnknownBroker | Self::CommandMissing | Self::CommandNotAllowed => Category::InvalidInput,
            // Fails closed: the decision blocks.
            _ => Category::PolicyBlocked,
        }
    }
}

/// Keeps what was wrong and drops what stood there: names of members are the broker's words, too, and may be secrets.
impl From<JsonError> for BrokerFault {
    fn from(error: JsonError) -> Self {
        Self::Malformed(match error.kind() {
            JsonErrorKind::UnknownMember(_) => "it has a member that answers do not have",
            JsonErrorKind::RecasedMember(_) => "it has a member spelled with another case",
            JsonErrorKind::DuplicateMember(_) => "it has a member twice",
            JsonErrorKind::WrongType { .. } => "it has a member of another type",
            JsonErrorKind::NumberOutOfRange | JsonErrorKind::LossyInteger => "it has a number out of range",
            JsonErrorKind::Time => "it has a time that is not in RFC 3339 form",
            JsonErrorKind::LossyText => "it has text that is not Unicode",
            JsonErrorKind::TooDeep | JsonErrorKind::TooLarge => "it is nested too deeply or too large",
            _ => "it is not one JSON object",
        })
    }
}
