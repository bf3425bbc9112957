//! The decision kernel.
#![forbid(unsafe_code)]
