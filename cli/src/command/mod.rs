//! The commands, one file each: read the arguments, call the library, tell the result.

mod fixtures;
mod input;

pub(crate) mod completions;
pub(crate) mod gate_eval;
pub(crate) mod help;
pub(crate) mod keys_init;
pub(crate) mod keys_rotate;
pub(crate) mod keys_verify;
pub(crate) mod policy_fmt;
pub(crate) mod policy_init;
pub(crate) mod policy_simulate;
pub(crate) mod policy_test;
pub(crate) mod policy_validate;
pub(crate) mod trace_verify;
pub(crate) mod version;
pub(crate) mod wrapper;
