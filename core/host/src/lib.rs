//! Everything of libgait that touches the machine: files, locks, state stores, processes, environment, clocks.
//!
//! The other crates take bytes and give bytes; this one fetches and stores them. Unix systems only: file modes,
//! advisory locks, process groups and renames over open files are what its guarantees are made of.
#![forbid(unsafe_code)]

#[cfg(not(unix))]
compile_error!("gait-host needs a Unix system: modes, advisory locks and process groups have no stand-in here");

pub mod broker;
pub mod clock;
pub mod config;
pub mod demo;
pub mod environment;
pub mod error;
pub mod fs;
pub mod gate_eval;
pub mod gate_setup;
pub mod guard;
pub mod inventory;
pub mod job;
pub mod keys;
pub mod kill_switch;
pub mod pack;
pub mod process;
pub mod random;
pub mod runpack;
pub mod runpack_path;
pub mod script_registry;
pub mod session;
pub mod store;
pub mod timezone;
pub mod usage_log;
pub mod voice;
pub mod wrapper;
