//! The machine.
#![forbid(unsafe_code)]
