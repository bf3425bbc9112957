//! `gait voice`: say tokens (03 §14).

use super::signing::{
    KEY_MODE, MOMENT, PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY, SIGNING_KEY_ENV, TOKEN,
};
use super::{Flag, Group, Kind, Leaf, Order};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["voice"],
    summary: "decide what an agent may commit to on a call",
    sentence: "The voice commands put commitments of voice agents before the gate, sign permissions to speak them, and verify these.",
};

pub(super) static TOKEN_GROUP: Group = Group {
    path: &["voice", "token"],
    summary: "sign and verify say tokens",
    sentence: "The voice token commands sign permissions to speak a commitment that a policy allows, and verify them before it is spoken.",
};

/// The classes of commitments, for shells to offer.
const CLASSES: &[&str] = gait_gate::authority::voice::COMMITMENT_CLASSES;

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["voice", "token", "mint"],
        summary: "decide a commitment and sign the permission to speak it",
        sentence: "Decides whether an agent may speak a commitment: reads it and a policy, writes a signed trace, and on an allow a short-lived say token.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            Flag::file("intent", "the commitment, a JSON file (required)"),
            Flag::file("policy", "the policy, a YAML file (required)"),
            Flag::text("ttl", "DURATION", "how long the token lives, such as 90s or 2m").or("2m"),
            Flag::file("out", "where to write the token (say_token_<id>.json when empty)"),
            Flag::file("trace-out", "where to write the trace (trace_<id>.json when empty)"),
            KEY_MODE,
            SIGNING_KEY,
            SIGNING_KEY_ENV,
            MOMENT,
        ],
        error_members: r#"{"operation":"mint"}"#,
        needs_dashes: false,
        run: command::voice_token_mint::run,
    },
    Leaf {
        path: &["voice", "token", "verify"],
        summary: "verify a say token",
        sentence: "Verifies that a say token is signed by the holder of the key, fits what is expected of it and has not expired.",
        positionals: &[],
        order: Order::FlagsFirst,
        flags: &[
            TOKEN,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
            Flag::text("intent-digest", "SHA256", "digest of the intent that it must be for"),
            Flag::text("policy-digest", "SHA256", "digest of the policy that it must be from"),
            Flag::text("call-id", "ID", "the call that it must be for"),
            Flag {
                kind: Kind::Integer,
                ..Flag::text("turn-index", "N", "turn of the call that it must be for, from 0; -1 for any").or("-1")
            },
            Flag {
                kind: Kind::Integer,
                ..Flag::text("call-seq", "N", "commitment of the call that it must be for, from 1; 0 for any").or("0")
            },
            Flag::text("commitment-class", "CLASS", "class that it must be of").among(CLASSES),
            MOMENT,
        ],
        error_members: r#"{"operation":"verify"}"#,
        needs_dashes: false,
        run: command::voice_token_verify::run,
    },
];
