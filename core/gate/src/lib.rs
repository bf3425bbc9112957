//! The decision kernel of libgait: policies, intents, their evaluation, the authority inputs and the signed traces.
//!
//! Nothing here opens a file, asks a clock or an environment, starts a thread or makes a system call: what a decision
//! consults from outside comes in as an argument.
#![forbid(unsafe_code)]

pub mod authority;
pub mod code;
pub mod evaluate;
pub mod finding;
pub mod gate;
pub mod intent;
pub mod mode;
pub mod pattern;
pub mod policy;
pub mod relationship;
pub mod settle;
pub mod state;
pub mod trace;
pub mod verdict;
mod vocabulary;
