//! `gait run session`, `gait verify session-chain`: journals of decisions, their checkpoints and chains (04 §8.4, §8.5).

use super::signing::{PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY, SIGNING_KEY_ENV};
use super::verify::{PROFILE, REQUIRE_SIGNATURE};
use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["run", "session"],
    summary: "keep a journal of decisions, and checkpoint it",
    sentence: "run session commands keep a journal of decisions that any number of processes append to, and checkpoint it into runpacks whose digests form a chain.",
};

const JOURNAL: Flag = Flag::file("journal", "the journal (required)");

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["run", "session", "start"],
        summary: "start a session, or find it started",
        sentence: "Starts the journal of a session; one that is there already must be of the same session and run.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            JOURNAL,
            Flag::text("session-id", "ID", "the session (required)"),
            Flag::text("run-id", "ID", "the run that it records (required)"),
        ],
        error_members: r#"{"operation":"start"}"#,
        needs_dashes: false,
        run: command::run_session_start::run,
    },
    Leaf {
        path: &["run", "session", "append"],
        summary: "append a decision to a session",
        sentence: "Appends a decision to the journal of a session and tells its number; the line is on disk when this ends.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            JOURNAL,
            Flag::text("tool", "NAME", "the tool that was decided about (required)"),
            Flag::text("verdict", "VERDICT", "the decision (required)").among(&[
                "allow",
                "block",
                "dry_run",
                "require_approval",
            ]),
            Flag::text("intent-id", "ID", "the intent that was decided"),
            Flag::text("trace-id", "ID", "the trace of the decision"),
            Flag::file("trace-path", "where that trace is"),
            Flag::text("intent-digest", "SHA256", "digest of the intent"),
            Flag::text("policy-digest", "SHA256", "digest of the policy"),
            Flag::text("reason-codes", "CODES", "why, with commas between the codes"),
            Flag::text("violations", "CODES", "what was violated, with commas between the codes"),
        ],
        error_members: r#"{"operation":"append"}"#,
        needs_dashes: false,
        run: command::run_session_append::run,
    },
    Leaf {
        path: &["run", "session", "status"],
        summary: "tell how far a session is",
        sentence: "Tells the ids of a session and how many events and checkpoints its journal holds.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[JOURNAL],
        error_members: r#"{"operation":"status"}"#,
        needs_dashes: false,
        run: command::run_session_status::run,
    },
    Leaf {
        path: &["run", "session", "checkpoint"],
        summary: "bind the new events of a session to a runpack",
        sentence: "Writes the events since the last checkpoint as a runpack, notes it in the journal, and writes the chain of all checkpoints.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            JOURNAL,
            Flag::file("out", "the runpack (required)"),
            Flag::file("chain-out", "a second copy of the chain"),
            Flag::text(
                "key-mode",
                "MODE",
                "dev signs with a fresh key, prod with yours; unsigned without any key flag",
            )
            .among(&["dev", "prod"]),
            SIGNING_KEY,
            SIGNING_KEY_ENV,
        ],
        error_members: r#"{"operation":"checkpoint"}"#,
        needs_dashes: false,
        run: command::run_session_checkpoint::run,
    },
    Leaf {
        path: &["run", "session", "compact"],
        summary: "drop the events that checkpoints cover",
        sentence: "Drops the events that checkpoints cover from a journal, in place or in a copy; numbers go on where they were.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            JOURNAL,
            Flag::file("out", "where to write the result; the journal itself unless given"),
            Flag::switch("dry-run", "only tell what would be dropped"),
        ],
        error_members: r#"{"operation":"compact"}"#,
        needs_dashes: false,
        run: command::run_session_compact::run,
    },
    Leaf {
        path: &["run", "session", "repair"],
        summary: "mend a journal that cannot be read",
        sentence: "Mends a journal that a crash cut off, or whose numbers an older compaction started anew, and keeps a copy of what was there.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[JOURNAL],
        error_members: r#"{"operation":"repair"}"#,
        needs_dashes: false,
        run: command::run_session_repair::run,
    },
    Leaf {
        path: &["verify", "session-chain"],
        summary: "verify a chain of checkpoints",
        sentence: "Verifies offline that the checkpoints of a session follow one another, and that each runpack is the one it names.",
        positionals: &[Positional { usage: "[FILE]", help: "the chain; or name it with --chain", offer: Offer::Files }],
        order: Order::Mixed,
        flags: &[
            Flag::file("chain", "the chain, instead of the positional"),
            PROFILE,
            REQUIRE_SIGNATURE,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::verify_session_chain::run,
    },
];
