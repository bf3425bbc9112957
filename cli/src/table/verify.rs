//! `gait verify`, `gait migrate`, `gait capture`: artifacts from anywhere (04 §8.2, §8.3, §8.11, §8.12).

use super::signing::{PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV};
use super::{Flag, Leaf, Offer, Order, Positional};
use crate::command;

/// The flags of every command that verifies artifacts.
pub(super) const PROFILE: Flag = Flag::text("profile", "NAME", "strict requires a signature and a key")
    .or("standard")
    .among(&["standard", "strict"]);
pub(super) const REQUIRE_SIGNATURE: Flag = Flag::switch("require-signature", "fail unless a signature holds");

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["verify"],
        summary: "verify a runpack",
        sentence: "Verifies offline that a runpack is what its manifest says, and its signatures if a key is given.",
        positionals: &[Positional {
            usage: "RUN_ID|FILE",
            help: "the runpack, by path or run id",
            offer: Offer::Files,
        }],
        order: Order::Mixed,
        flags: &[PROFILE, REQUIRE_SIGNATURE, PUBLIC_KEY, PUBLIC_KEY_ENV, PRIVATE_KEY, PRIVATE_KEY_ENV],
        error_members: "",
        needs_dashes: false,
        run: command::verify::run,
    },
    Leaf {
        path: &["verify", "chain"],
        summary: "verify a runpack together with a trace and an evidence pack",
        sentence: "Verifies a runpack, and a trace and an evidence pack that belong to it, with one key.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::file("run", "the runpack, by path or run id (required)"),
            Flag::file("trace", "a trace; needs a key"),
            Flag::file("pack", "an evidence pack"),
            PROFILE,
            REQUIRE_SIGNATURE,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
        ],
        error_members: r#"{"run":{"ok":false}}"#,
        needs_dashes: false,
        run: command::verify_chain::run,
    },
    Leaf {
        path: &["migrate"],
        summary: "record a runpack again in the present form",
        sentence: "Writes the data of a runpack again in the present form, unsigned, and says whether anything changed.",
        positionals: &[Positional {
            usage: "[RUN_ID|FILE]",
            help: "the runpack; or name it with --input",
            offer: Offer::Files,
        }],
        order: Order::Mixed,
        flags: &[
            Flag::file("input", "the runpack, instead of the positional"),
            Flag::file("out", "the new runpack; beside the input unless given"),
            Flag::text("target", "FORM", "the form to write").or("v1").among(&["v1"]),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::migrate::run,
    },
    Leaf {
        path: &["capture"],
        summary: "write down which artifact a later step should take",
        sentence: "Finds the runpack, trace or checkpoint that a name stands for and writes a receipt of it for later steps.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::file("from", "a runpack, a run id, a trace or a session chain (required)"),
            Flag::file("out", "file for the receipt").or("gait-out/capture.json"),
            Flag::text("checkpoint", "N", "which checkpoint of a session chain").or("latest"),
        ],
        error_members: r#"{"schema_id":"gait.capture.receipt","schema_version":"1.0.0"}"#,
        needs_dashes: false,
        run: command::capture::run,
    },
];
