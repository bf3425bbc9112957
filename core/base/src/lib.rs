//! What every part of libgait builds on: JSON forms, canonical JSON, digests, signatures, keys, times, ids and
//! classified errors. Nothing here touches a file, a clock or the network.
#![forbid(unsafe_code)]

pub mod digest;
pub mod error;
pub mod jcs;
pub mod json;
pub mod path;
pub mod text;
pub mod time;
