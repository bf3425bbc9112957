//! What every part of libgait builds on: JSON forms, canonical JSON, digests, signatures, keys, times, ids and
//! classified errors. Nothing here touches a file, a clock or the network.
#![forbid(unsafe_code)]

pub mod digest;
pub mod duration;
pub mod error;
pub mod id;
pub mod jcs;
pub mod json;
pub mod key;
pub mod path;
pub mod platform;
pub mod proof;
pub mod signature;
pub mod text;
pub mod time;
