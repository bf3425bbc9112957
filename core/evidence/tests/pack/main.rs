//! Packs as a whole: what goes in comes out, and nothing that was tampered with passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../runpack/layout.rs"]
mod layout;
#[path = "../vectors/mod.rs"]
mod vectors;

mod bit_flips;
mod built;
mod deep;
mod hostile;
mod journal;
mod made;
mod signatures;
mod speech;
mod tables;
