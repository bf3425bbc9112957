//! Evidence formats.
#![forbid(unsafe_code)]
