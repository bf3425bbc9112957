//! What every call returns.

use gait_base::error::Category;

use crate::view::gait_str;

/// What a call returns. The numbers never change; later versions may add some.
///
/// 1 to 10 are the categories of libgait's errors, from 64 on stands misuse of this interface.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gait_status {
    /// All went well.
    Ok = 0,
    /// What was given cannot be used: malformed, missing, contradictory.
    InvalidInput = 1,
    /// A signature, digest or integrity check did not hold.
    VerificationFailed = 2,
    /// A policy says no.
    PolicyBlocked = 3,
    /// A policy says: not without approval.
    ApprovalRequired = 4,
    /// Something that must be installed is not there.
    DependencyMissing = 5,
    /// The machine failed while reading or writing.
    IoFailure = 6,
    /// Somebody else holds a lock, or held it too long.
    StateContention = 7,
    /// The network failed in a way that may pass.
    NetworkTransient = 8,
    /// The network failed in a way that will not pass by itself.
    NetworkPermanent = 9,
    /// A defect or an unexpected state.
    InternalFailure = 10,
    /// A pointer that must not be NULL is NULL.
    NullPointer = 64,
    /// A handle that was freed, is of another kind, or never was one.
    InvalidHandle = 65,
    /// A length or `size` member that cannot be.
    InvalidLength = 66,
    /// A number that names no mode, list or flag, or a pointer that is not aligned.
    InvalidArgument = 67,
    /// A text that is not UTF-8.
    NotUtf8 = 68,
    /// An index at or beyond the count.
    OutOfRange = 69,
    /// A defect in libgait: a panic, which was stopped at the border. The handles passed in stay usable.
    Panic = 70,
}

impl gait_status {
    /// The stable name of the status, in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
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
            Self::NullPointer => "null_pointer",
            Self::InvalidHandle => "invalid_handle",
            Self::InvalidLength => "invalid_length",
            Self::InvalidArgument => "invalid_argument",
            Self::NotUtf8 => "not_utf8",
            Self::OutOfRange => "out_of_range",
            Self::Panic => "panic",
        }
    }

    const ALL: [Self; 18] = [
        Self::Ok,
        Self::InvalidInput,
        Self::VerificationFailed,
        Self::PolicyBlocked,
        Self::ApprovalRequired,
        Self::DependencyMissing,
        Self::IoFailure,
        Self::StateContention,
        Self::NetworkTransient,
        Self::NetworkPermanent,
        Self::InternalFailure,
        Self::NullPointer,
        Self::InvalidHandle,
        Self::InvalidLength,
        Self::InvalidArgument,
        Self::NotUtf8,
        Self::OutOfRange,
        Self::Panic,
    ];
}

impl From<Category> for gait_status {
    fn from(category: Category) -> Self {
        match category {
            Category::InvalidInput => Self::InvalidInput,
            Category::VerificationFailed => Self::VerificationFailed,
            Category::PolicyBlocked => Self::PolicyBlocked,
            Category::ApprovalRequired => Self::ApprovalRequired,
            Category::DependencyMissing => Self::DependencyMissing,
            Category::IoFailure => Self::IoFailure,
            Category::StateContention => Self::StateContention,
            Category::NetworkTransient => Self::NetworkTransient,
            Category::NetworkPermanent => Self::NetworkPermanent,
            Category::InternalFailure => Self::InternalFailure,
        }
    }
}

/// The stable name of a status, such as `invalid_handle`; `unknown` for a number that is none. Lives forever.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_status_name(status: u32) -> gait_str {
    let known = gait_status::ALL.into_iter().find(|known| *known as u32 == status);
    gait_str::lasting(known.map_or("unknown", gait_status::name))
}

/// The exit code of a command that ends with a status: 0 for `GAIT_STATUS_OK`, 6 for misuse, 1 for a number that is none.
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gait_status_exit_code(status: u32) -> i32 {
    let code = |category: Category| i32::from(category.exit_code().code());
    match gait_status::ALL.into_iter().find(|known| *known as u32 == status) {
        Some(gait_status::Ok) => 0,
        None | Some(gait_status::Panic) => code(Category::InternalFailure),
        Some(known) => {
            let category = CATEGORIES.into_iter().find(|category| gait_status::from(*category) == known);
            code(category.unwrap_or(Category::InvalidInput))
        }
    }
}

const CATEGORIES: [Category; 10] = [
    Category::InvalidInput,
    Category::VerificationFailed,
    Category::PolicyBlocked,
    Category::ApprovalRequired,
    Category::DependencyMissing,
    Category::IoFailure,
    Category::StateContention,
    Category::NetworkTransient,
    Category::NetworkPermanent,
    Category::InternalFailure,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_keep_their_names() {
        for category in CATEGORIES {
            let status = gait_status::from(category);
            assert_eq!(status.name(), category.as_str());
            assert_eq!(gait_status_exit_code(status as u32), i32::from(category.exit_code().code()));
        }
        assert_eq!(gait_status_exit_code(gait_status::Ok as u32), 0);
        assert_eq!(gait_status_exit_code(gait_status::InvalidHandle as u32), 6);
        assert_eq!(gait_status_exit_code(gait_status::Panic as u32), 1);
        assert_eq!(gait_status_exit_code(9999), 1);
    }

    #[test]
    fn names_are_unique() {
        let mut names = gait_status::ALL.map(gait_status::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
