//! How every error of libgait is classified: a stable code, a category, whether a retry may help, an exit code.
//!
//! Errors are classified by their type, never by their words (spec 00 D1, 09 §2).

use std::fmt;

/// What kind of failure an error is; decides the exit code and whether trying again may help (09 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// What was given cannot be used: malformed, missing, contradictory, unreadable.
    InvalidInput,
    /// A signature, digest or integrity check did not hold.
    VerificationFailed,
    /// A policy says no.
    PolicyBlocked,
    /// A policy says: not without approval.
    ApprovalRequired,
    /// Something that must be installed is not there.
    DependencyMissing,
    /// The machine failed while reading or writing.
    IoFailure,
    /// Somebody else holds a lock, or held it too long.
    StateContention,
    /// The network failed in a way that may pass.
    NetworkTransient,
    /// The network failed in a way that will not pass by itself.
    NetworkPermanent,
    /// A defect or an unexpected state.
    InternalFailure,
}

impl Category {
    /// The stable name, as it stands in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::VerificationFailed => "verification_failed",
            Self::PolicyBlocked => "policy_blocked",
            Self::ApprovalRequired => "approval_required",
            Self::DependencyMissing => "dependency_missing",
            Self::IoFailure => "io_failure",
            Self::StateContention => "state_contention",
            Self::NetworkTransient => "network_transient",
            Self::NetworkPermanent => "network_permanent",
            Self::InternalFailure => "internal_failure",
        }
    }

    /// The exit code of a command that ends with an error of this category (01 §7.3).
    #[must_use]
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::InvalidInput => ExitCode::InvalidInput,
            Self::VerificationFailed => ExitCode::VerificationFailed,
            Self::PolicyBlocked => ExitCode::PolicyBlocked,
            Self::ApprovalRequired => ExitCode::ApprovalRequired,
            Self::DependencyMissing => ExitCode::DependencyMissing,
            Self::IoFailure
            | Self::StateContention
            | Self::NetworkTransient
            | Self::NetworkPermanent
            | Self::InternalFailure => ExitCode::InternalFailure,
        }
    }

    /// Whether the same call may succeed later without a change of its input.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(self, Self::StateContention | Self::NetworkTransient)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The exit codes of the `gait` command (01 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitCode {
    /// All is well.
    Ok = 0,
    /// Internal failure, I/O, contention, network.
    InternalFailure = 1,
    /// Verification failed.
    VerificationFailed = 2,
    /// The policy blocks.
    PolicyBlocked = 3,
    /// An approval is missing.
    ApprovalRequired = 4,
    /// A regression was found.
    Regression = 5,
    /// Invalid input.
    InvalidInput = 6,
    /// A dependency is missing.
    DependencyMissing = 7,
    /// An unsafe operation was refused.
    UnsafeOperation = 8,
}

impl ExitCode {
    /// The number handed to the shell.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The `error_code` that the JSON envelope carries when a command gives none of its own (01 §7.1).
    #[must_use]
    pub const fn default_error_code(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::InternalFailure => "internal_failure",
            Self::VerificationFailed => "verification_failed",
            Self::PolicyBlocked => "policy_blocked",
            Self::ApprovalRequired => "approval_required",
            Self::Regression => "regress_failed",
            Self::InvalidInput => "invalid_input",
            Self::DependencyMissing => "dependency_missing",
            Self::UnsafeOperation => "unsafe_operation",
        }
    }

    /// The `error_category` of the JSON envelope; nothing for success (01 §7.1).
    #[must_use]
    pub const fn default_category(self) -> Option<Category> {
        match self {
            Self::Ok => None,
            Self::InternalFailure | Self::Regression | Self::UnsafeOperation => Some(Category::InternalFailure),
            Self::VerificationFailed => Some(Category::VerificationFailed),
            Self::PolicyBlocked => Some(Category::PolicyBlocked),
            Self::ApprovalRequired => Some(Category::ApprovalRequired),
            Self::InvalidInput => Some(Category::InvalidInput),
            Self::DependencyMissing => Some(Category::DependencyMissing),
        }
    }

    /// What a person may do about it.
    #[must_use]
    pub const fn default_hint(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::InternalFailure | Self::Regression => "retry after checking environment and logs",
            Self::VerificationFailed => "re-run verify after checking artifact integrity",
            Self::PolicyBlocked => "inspect reason codes",
            Self::ApprovalRequired => "provide an approval token",
            Self::InvalidInput => "check usage and schema",
            Self::DependencyMissing => "install the missing dependency",
            Self::UnsafeOperation => "pass explicit unsafe flags only for approved replay paths",
        }
    }
}

/// What every error enum of libgait tells about itself.
///
/// ```
/// use gait_base::error::{Category, Classify};
///
/// let error = gait_base::jcs::canonicalize(b"{").unwrap_err();
/// assert_eq!(error.category(), Category::InvalidInput);
/// assert_eq!(error.category().exit_code().code(), 6);
/// ```
pub trait Classify: std::error::Error {
    /// A stable, machine-readable name of this very failure.
    fn code(&self) -> &'static str;

    /// The kind of failure.
    fn category(&self) -> Category;

    /// Whether the same call may succeed later.
    fn retryable(&self) -> bool {
        self.category().retryable()
    }
}
