//! The four answers of the gate, ordered from the mildest to the strictest (02 §9.1).

use std::fmt;

/// What a policy says about a proposed action. The order is that of strictness: the greater verdict wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Go ahead.
    Allow,
    /// Go through the motions without effect.
    DryRun,
    /// Wait for a person.
    #[default]
    RequireApproval,
    /// Don't.
    Block,
}

impl Verdict {
    /// All verdicts, mildest first.
    pub const ALL: [Self; 4] = [Self::Allow, Self::DryRun, Self::RequireApproval, Self::Block];

    /// The name in documents and outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::DryRun => "dry_run",
            Self::RequireApproval => "require_approval",
            Self::Block => "block",
        }
    }

    /// The verdict of that exact name; callers trim and fold first where their input asks for it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strictness_is_the_order() {
        assert!(Verdict::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Verdict::Allow.max(Verdict::Block), Verdict::Block);
    }

    #[test]
    fn names_come_back() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::parse(verdict.as_str()), Some(verdict));
        }
        assert_eq!(Verdict::parse("Allow"), None);
    }
}
