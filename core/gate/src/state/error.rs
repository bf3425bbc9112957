//! Why a store cannot answer.

use gait_base::error::{Category, Classify};
use thiserror::Error;

/// A store's failure, with the class that the store gives it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct StateError {
    code: &'static str,
    category: Category,
    message: String,
}

impl StateError {
    /// A failure of this class. The message is for people and holds no secret.
    #[must_use]
    pub fn new(code: &'static str, category: Category, message: impl Into<String>) -> Self {
        Self { code, category, message: message.into() }
    }

    /// The failure that another error stands for.
    #[must_use]
    pub fn of<E: Classify + std::fmt::Display>(error: &E) -> Self {
        Self::new(error.code(), error.category(), error.to_string())
    }

    /// What a store says that is asked for something it does not keep.
    #[must_use]
    pub fn not_kept(what: &str) -> Self {
        Self::new("state_not_kept", Category::InvalidInput, format!("this store keeps no {what}"))
    }

    /// What a store says that keeps as many of something as it may.
    #[must_use]
    pub fn full(what: &str, capacity: usize) -> Self {
        Self::new("state_full", Category::StateContention, format!("this store keeps at most {capacity} {what}"))
    }

    /// What a store says when the thread that should have written met a defect.
    #[must_use]
    pub fn abandoned() -> Self {
        Self::new("state_write_abandoned", Category::InternalFailure, "the state was not written")
    }

    /// What a store says of a document that does not name its decision by digests.
    pub(super) fn no_digest() -> Self {
        Self::new("digest_malformed", Category::InvalidInput, "intent and policy must be named by their digests")
    }
}

impl Classify for StateError {
    fn code(&self) -> &'static str {
        self.code
    }

    fn category(&self) -> Category {
        self.category
    }
}
