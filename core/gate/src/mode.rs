//! How closely input is looked at (spec 00 D8).

/// Whether the leniencies of the reference tool are kept or refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What is unknown, ambiguous or lossy is refused. What the library constructors use unless told otherwise.
    #[default]
    Strict,
    /// Exactly the reference's answers, but for the holes that are closed without an option.
    Compat,
}

impl Mode {
    /// Whether this is [`Mode::Strict`].
    #[must_use]
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Strict)
    }
}
