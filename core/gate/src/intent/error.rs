//! Why a request is no usable intent, and in which member.

use gait_base::error::{Category, Classify};
use gait_base::json::JsonError;
use thiserror::Error;

/// Why a request is no usable intent. Paths name the member in the document, as `targets[0].kind`.
///
/// No variant carries a value out of the request: what looks like a secret must not end in a log.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IntentError {
    /// The document is not JSON, or a member has another JSON type than it should.
    #[error("intent: {0}")]
    Malformed(#[from] JsonError),
    /// A member that must be there is absent or blank.
    #[error("intent: {path} is required")]
    MissingField {
        /// Where.
        path: String,
    },
    /// A member holds something that it must not.
    #[error("intent: {path} must be {expected}")]
    InvalidValue {
        /// Where.
        path: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A member holds none of the words it may hold.
    #[error("intent: {path} must be one of {}", .allowed.join(", "))]
    UnknownWord {
        /// Where.
        path: String,
        /// The words that may stand there.
        allowed: &'static [&'static str],
    },
    /// Two names of one object are equal once they are trimmed (00 D6).
    #[error("intent: two members of {path} have the same name once blanks are trimmed")]
    KeyCollision {
        /// The object.
        path: String,
    },
    /// A member whose name speaks of credentials holds what looks like one, instead of a reference to it.
    #[error("intent: {path} holds what looks like raw credential material; pass a reference instead")]
    SecretMaterial {
        /// Where.
        path: String,
    },
}

impl IntentError {
    /// The member it is about, as `targets[0].kind`; empty for the document as a whole.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Malformed(error) => error.path(),
            Self::MissingField { path }
            | Self::InvalidValue { path, .. }
            | Self::UnknownWord { path, .. }
            | Self::KeyCollision { path }
            | Self::SecretMaterial { path } => path,
        }
    }

    #[cold]
    pub(super) fn missing(field: &str) -> Self {
        Self::MissingField { path: field.to_owned() }
    }

    #[cold]
    pub(super) fn invalid(field: &str, expected: &'static str) -> Self {
        Self::InvalidValue { path: field.to_owned(), expected }
    }

    /// Puts the name of an enclosing member before the path.
    #[cold]
    pub(super) fn in_member(self, name: &str) -> Self {
        self.below(|path| {
            let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            format!("{name}{separator}{path}")
        })
    }

    /// Puts the index of an enclosing list before the path.
    #[cold]
    pub(super) fn in_item(self, index: usize) -> Self {
        self.below(|path| {
            let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            format!("[{index}]{separator}{path}")
        })
    }

    fn below(mut self, extend: impl FnOnce(&str) -> String) -> Self {
        match &mut self {
            // Decoding knows whole paths already.
            Self::Malformed(_) => {}
            Self::MissingField { path }
            | Self::InvalidValue { path, .. }
            | Self::UnknownWord { path, .. }
            | Self::KeyCollision { path }
            | Self::SecretMaterial { path } => *path = extend(path),
        }
        self
    }
}

impl Classify for IntentError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "intent_malformed",
            Self::MissingField { .. } => "intent_missing_field",
            Self::InvalidValue { .. } | Self::UnknownWord { .. } => "intent_invalid_value",
            Self::KeyCollision { .. } => "intent_key_collision",
            Self::SecretMaterial { .. } => "intent_secret_material",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
