//! The native half of the npm package `gait`: translates between JavaScript and the core, and nothing else.
//!
//! Only plain values and opaque handles cross: documents as a part of a `Uint8Array`, results as handles, small
//! numbers and JSON text. The classes, their documentation and the errors stand in `node/src`, which is the only caller
//! and never shows a handle to anyone. Every function stops panics at the border ([`work`] does for other threads).

#![cfg_attr(test, allow(dead_code, reason = "without Node around it nothing is registered, so nobody calls"))]

mod approval;
mod batch;
mod broker;
mod canonical;
mod decision;
mod delegation;
mod document;
mod exchange;
mod facts;
mod fault;
mod gate;
mod inputs;
mod intent;
mod judge;
mod key;
mod kill_switch;
mod moment;
mod trace;
mod trust;
mod work;

use napi_derive::napi;

/// The version of the native half, which must be that of the package around it.
#[napi(catch_unwind)]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
