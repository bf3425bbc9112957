//! Runpacks as a whole: what goes in comes out, and nothing that was tampered with passes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bit_flips;
mod hostile;
mod layout;
mod made;
mod properties;
mod rules;
