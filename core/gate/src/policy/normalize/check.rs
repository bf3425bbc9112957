//! Checks of single settings, with errors that name whose setting it is.

use crate::policy::error::PolicyError;
use crate::verdict::Verdict;

/// Whose settings are looked at: the root's or a rule's.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    rule: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// The root.
    pub(super) const ROOT: Subject<'static> = Subject { rule: None };

    /// The rule of that name.
    pub(super) const fn rule(name: &'a str) -> Self {
        Self { rule: Some(name) }
    }

    /// The error for a setting.
    pub(super) fn fault(self, setting: &str, problem: impl Into<String>) -> PolicyError {
        let (setting, problem) = (setting.to_owned(), problem.into());
        match self.rule {
            Some(rule) => PolicyError::InvalidRule { rule: rule.to_owned(), setting, problem },
            None => PolicyError::InvalidSetting { setting, problem },
        }
    }

    /// A word out of a closed list.
    pub(super) fn one_of(self, setting: &str, word: &str, allowed: &[&str]) -> Result<(), PolicyError> {
        if allowed.contains(&word) {
            return Ok(());
        }
        Err(self.fault(setting, format!("`{word}` is not one of {}", allowed.join(", "))))
    }

    /// Words out of a closed list.
    pub(super) fn all_of(self, setting: &str, words: &[String], allowed: &[&str]) -> Result<(), PolicyError> {
        words.iter().try_for_each(|word| self.one_of(setting, word, allowed))
    }

    /// A verdict out of a few.
    pub(super) fn verdict(self, setting: &str, word: &str, allowed: &[Verdict]) -> Result<Verdict, PolicyError> {
        Verdict::parse(word).filter(|verdict| allowed.contains(verdict)).ok_or_else(|| {
            let names: Vec<_> = allowed.iter().map(|verdict| verdict.as_str()).collect();
            self.fault(setting, format!("`{word}` is not one of {}", names.join(", ")))
        })
    }

    /// A count.
    pub(super) fn not_negative(self, setting: &str, number: i64) -> Result<(), PolicyError> {
        if number < 0 { Err(self.fault(setting, format!("{number} is negative"))) } else { Ok(()) }
    }
}
