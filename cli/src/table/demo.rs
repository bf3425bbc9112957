//! `gait demo`: evidence to look at, made in a moment (04 §9).

use super::{Flag, Leaf, Order};
use crate::command;

pub(super) static LEAVES: &[Leaf] = &[Leaf {
    path: &["demo"],
    summary: "make a runpack, a policy or a durable job to look at",
    sentence: "Makes a small run, policy decision or durable job below gait-out, verifies it, and says what to try next.",
    positionals: &[],
    order: Order::Mixed,
    flags: &[
        Flag::switch("durable", "a job that waits for an approval"),
        Flag::switch("policy", "a policy that blocks a destructive call"),
    ],
    error_members: "",
    needs_dashes: false,
    run: command::demo::run,
}];
