//! The commands, one file each: read the arguments, call the library, tell the result.

mod fixtures;
mod input;
mod kill_switch;
mod token;

pub(crate) mod approve;
pub(crate) mod approve_script;
pub(crate) mod approve_verify;
pub(crate) mod completions;
pub(crate) mod delegate_mint;
pub(crate) mod delegate_verify;
pub(crate) mod gate_eval;
pub(crate) mod help;
pub(crate) mod keys_init;
pub(crate) mod keys_rotate;
pub(crate) mod keys_verify;
pub(crate) mod kill_switch_add;
pub(crate) mod kill_switch_change;
pub(crate) mod kill_switch_list;
pub(crate) mod list_scripts;
pub(crate) mod policy_fmt;
pub(crate) mod policy_init;
pub(crate) mod policy_simulate;
pub(crate) mod policy_test;
pub(crate) mod policy_validate;
pub(crate) mod token_inspect;
pub(crate) mod trace_verify;
pub(crate) mod version;
pub(crate) mod voice_token_mint;
pub(crate) mod voice_token_verify;
pub(crate) mod wrapper;
