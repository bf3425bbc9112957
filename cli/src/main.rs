//! The gait command.
#![forbid(unsafe_code)]
fn main() {}
