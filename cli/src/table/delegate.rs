//! `gait delegate`: delegation tokens (03 §3).

use super::signing::{
    INSPECT_FLAGS, KEY_MODE, MOMENT, PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY,
    SIGNING_KEY_ENV, TOKEN,
};
use super::{Flag, Group, Leaf, Order};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["delegate"],
    summary: "sign and verify delegations",
    sentence: "The delegate commands sign tokens by which one identity hands authority to another, and verify them.",
};

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["delegate", "mint"],
        summary: "sign a delegation",
        sentence: "Writes a signed token by which one identity hands authority of a limited scope to another, for a limited time.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            Flag::text("delegator", "IDENTITY", "who delegates (required)"),
            Flag::text("delegate", "IDENTITY", "to whom (required)"),
            Flag::text("scope", "SCOPES", "what is delegated, separated by commas (required)"),
            Flag::text("scope-class", "CLASS", "class of what is delegated"),
            Flag::text("ttl", "DURATION", "how long the token lives, such as 45m or 1h30m (required)"),
            Flag::text("intent-digest", "SHA256", "digest of the only intent that it is for"),
            Flag::text("policy-digest", "SHA256", "digest of the only policy that it is for"),
            Flag::file("out", "where to write the token (delegation_<id>.json when empty)"),
            KEY_MODE,
            SIGNING_KEY,
            SIGNING_KEY_ENV,
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::delegate_mint::run,
    },
    Leaf {
        path: &["delegate", "verify"],
        summary: "verify a delegation token",
        sentence: "Verifies that a delegation token is signed by the holder of the key, has not expired and fits what is expected of it.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            TOKEN,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
            Flag::text("delegator", "IDENTITY", "who must delegate"),
            Flag::text("delegate", "IDENTITY", "to whom it must be"),
            Flag::text("scope", "SCOPES", "scope of which it must cover at least one value, separated by commas"),
            Flag::text("intent-digest", "SHA256", "digest of the intent that it must be for, if it is bound to one"),
            Flag::text("policy-digest", "SHA256", "digest of the policy that it must be for, if it is bound to one"),
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::delegate_verify::run,
    },
    Leaf {
        path: &["delegate", "inspect"],
        summary: "show what a delegation token says, unverified",
        sentence: "Shows what a delegation token says, without a key and without verifying anything.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: INSPECT_FLAGS,
        error_members: "",
        needs_dashes: false,
        run: command::token_inspect::delegation,
    },
];
