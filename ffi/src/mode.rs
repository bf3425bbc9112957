//! How closely input is looked at.

use gait_gate::mode::Mode;

use crate::failure::{Failure, Outcome};
use crate::status::gait_status;

/// How closely input is looked at. Functions take it as a `uint32_t`, so that another number is an error.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gait_mode {
    /// Refuse what is unknown, ambiguous or cannot be kept exactly: the mode to use.
    Strict = 0,
    /// Give the reference tool's answers, leniencies included.
    Compat = 1,
}

pub(crate) fn read(mode: u32) -> Outcome<Mode> {
    const STRICT: u32 = gait_mode::Strict as u32;
    const COMPAT: u32 = gait_mode::Compat as u32;
    match mode {
        STRICT => Ok(Mode::Strict),
        COMPAT => Ok(Mode::Compat),
        other => Err(Failure::misuse(gait_status::InvalidArgument, format!("{other} is no gait_mode"))),
    }
}
