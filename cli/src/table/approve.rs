//! `gait approve`: approval tokens (03 §2).

use super::signing::{
    ANY_MOMENT, INSPECT_FLAGS, KEY_MODE, MOMENT, PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY,
    SIGNING_KEY_ENV, TOKEN,
};
use super::{Flag, Kind, Leaf, Order};
use crate::command;

/// A flag that takes a number, 0 when not given.
const fn number(name: &'static str, help: &'static str) -> Flag {
    Flag { kind: Kind::Integer, default: "0", ..Flag::text(name, "N", help) }
}

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["approve"],
        summary: "sign an approval of one intent under one policy",
        sentence: "Writes a signed token by which an approver lets one intent pass under one policy, for a limited time and scope.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            Flag::text("intent-digest", "SHA256", "digest of the intent (required, here or in the request)"),
            Flag::text("policy-digest", "SHA256", "digest of the policy (required, here or in the request)"),
            Flag::text("delegation-binding-digest", "SHA256", "digest of the intent's delegation, when it has one"),
            Flag::text("ttl", "DURATION", "how long the token lives, such as 45m or 1h30m (required)"),
            Flag::text("scope", "SCOPES", "what it lets pass, separated by commas (required, here or in the request)"),
            Flag::text("approver", "IDENTITY", "who approves (required)"),
            Flag::text("reason-code", "CODE", "why, such as a ticket (required)"),
            number("max-targets", "most targets that the intent may have, 0 for any number"),
            number("max-ops", "most operations that the intent may have, 0 for any number"),
            Flag::file("request", "approval request: takes digests and scope from it"),
            Flag::file("out", "where to write the token (approval_<id>.json when empty)"),
            KEY_MODE,
            SIGNING_KEY,
            SIGNING_KEY_ENV,
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::approve::run,
    },
    Leaf {
        path: &["approve", "verify"],
        summary: "verify an approval token",
        sentence: "Verifies that an approval token is signed by the holder of the key, has not expired and covers what is expected of it.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            TOKEN,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
            Flag::text("intent-digest", "SHA256", "digest of the intent that it must be for"),
            Flag::text("policy-digest", "SHA256", "digest of the policy that it must be for"),
            Flag::text("delegation-binding-digest", "SHA256", "digest of the delegation that it must be bound to"),
            Flag::text("scope", "SCOPES", "scope that it must cover wholly, separated by commas"),
            number("targets", "number of targets that it must let pass"),
            number("ops", "number of operations that it must let pass"),
            ANY_MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::approve_verify::run,
    },
    Leaf {
        path: &["approve", "inspect"],
        summary: "show what an approval token says, unverified",
        sentence: "Shows what an approval token says, without a key and without verifying anything.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: INSPECT_FLAGS,
        error_members: "",
        needs_dashes: false,
        run: command::token_inspect::approval,
    },
];
