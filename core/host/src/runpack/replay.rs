//! Replaying with real tools, behind three locks (04 §8.8).

use std::collections::BTreeSet;
use std::path::Path;

use gait_base::text::{split_csv, trim_fold};
use gait_evidence::runpack::{self, Replay};
use gait_gate::mode::Mode;

use super::RunpackFileError;
use super::file::read;
use super::tool::execute;
use crate::environment;

/// What must be said, and stand in the environment, before a tool runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interlocks<'a> {
    /// Tools shall run.
    pub real_tools: bool,
    /// The caller knows that this is unsafe.
    pub unsafe_real_tools: bool,
    /// Names of the tools that may run, with commas between them.
    pub allowed: &'a str,
    /// The variable that must be `1`.
    pub variable: &'a str,
}

/// The lock that is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Locked {
    /// The caller does not say that this is unsafe.
    #[error("real tools run only with --unsafe-real-tools")]
    NotCalledUnsafe,
    /// No tool is allowed.
    #[error("real tools run only by name: --allow-tools is empty")]
    NothingAllowed,
    /// The environment does not allow it.
    #[error("real tools run only where the environment variable {0} is 1")]
    NotAllowedHere(String),
}

/// The permission to run some tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealTools {
    names: BTreeSet<String>,
    listed: Vec<String>,
}

impl Interlocks<'_> {
    /// The permission, if it was asked for.
    ///
    /// # Errors
    /// [`Locked`].
    pub fn unlock(&self) -> Result<Option<RealTools>, Locked> {
        if !self.real_tools {
            return Ok(None);
        }
        if !self.unsafe_real_tools {
            return Err(Locked::NotCalledUnsafe);
        }
        let listed = split_csv(self.allowed);
        if listed.is_empty() {
            return Err(Locked::NothingAllowed);
        }
        let variable = self.variable.trim();
        if environment::variable(variable).is_none_or(|value| value.trim() != "1") {
            return Err(Locked::NotAllowedHere(variable.to_owned()));
        }
        Ok(Some(RealTools { names: listed.iter().map(|name| trim_fold(name)).collect(), listed }))
    }
}

impl RealTools {
    /// The names as they were given.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        &self.listed
    }
}

/// Goes through the run in a file again. Tools run only with permission.
///
/// # Errors
/// What reading gives; [`runpack::RunpackError::ReplayWithoutArgs`] for tools without args; repeated ids.
pub fn replay(path: &Path, tools: Option<&RealTools>, mode: Mode) -> Result<Replay, RunpackFileError> {
    let recorded = read(path, mode)?;
    if tools.is_some() {
        runpack::check_replayable(&recorded)?;
    }
    Ok(runpack::replay(&recorded, |intent| {
        tools.filter(|tools| tools.names.contains(&trim_fold(&intent.tool_name))).map(|_| execute(intent))
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locks_are_tried_in_order() {
        let real = Interlocks { real_tools: true, variable: "GAIT_TEST_NOT_SET", ..Interlocks::default() };
        assert_eq!(Interlocks { unsafe_real_tools: true, ..Interlocks::default() }.unlock(), Ok(None));
        assert_eq!(real.unlock(), Err(Locked::NotCalledUnsafe));
        let real = Interlocks { unsafe_real_tools: true, ..real };
        assert_eq!(real.unlock(), Err(Locked::NothingAllowed));
        let real = Interlocks { allowed: " , a", ..real };
        assert_eq!(real.unlock(), Err(Locked::NotAllowedHere("GAIT_TEST_NOT_SET".into())));
        assert_eq!(Interlocks { variable: " ", ..real }.unlock(), Err(Locked::NotAllowedHere(String::new())));
    }
}
