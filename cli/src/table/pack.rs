//! `gait pack` and `gait voice pack`: signed containers of evidence (05 §4–§9).

use super::signing::{PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY, SIGNING_KEY_ENV};
use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["pack"],
    summary: "build, verify, inspect, compare and export packs of evidence",
    sentence: "The pack commands put the evidence of a run, a job, a call or an authorization into one archive that anyone can verify offline, and look at such archives.",
};

pub(super) static VOICE_GROUP: Group = Group {
    path: &["voice", "pack"],
    summary: "build, verify, inspect and compare packs of calls",
    sentence: "The voice pack commands put the evidence of a call into one archive that anyone can verify offline, and look at such archives.",
};

const TYPES: &[&str] = gait_evidence::pack::PackType::NAMES;

const TYPE: Flag = Flag::text("type", "TYPE", "what is packed: run, job, call or authorization").or("run").among(TYPES);
const FROM: Flag = Flag::file("from", "the source, instead of the positional");
const OUT: Flag = Flag::file("out", "where to write the pack (pack_<id>.zip beside its source when empty)");
const JOB_ROOT: Flag = Flag::folder("job-root", "where jobs lie").or(gait_host::job::DEFAULT_ROOT);
const PACK_KEY_MODE: Flag =
    Flag::text("key-mode", "MODE", "none signs with a key only if one is given, dev with a fresh key, prod with yours")
        .or("none")
        .among(&["none", "dev", "prod"]);

const SOURCE: &[Positional] = &[Positional {
    usage: "[SOURCE]",
    help: "a run id, runpack or session chain; a job's id, folder or state; a call record; an authorization bundle",
    offer: Offer::Files,
}];

const CALL_SOURCE: &[Positional] = &[Positional { usage: "[RECORD]", help: "the call record", offer: Offer::Files }];

const PACK: &[Positional] =
    &[Positional { usage: "[PACK]", help: "the pack; or name it with --path", offer: Offer::Files }];

const TWO_PACKS: &[Positional] = &[
    Positional { usage: "LEFT", help: "the pack to compare", offer: Offer::Files },
    Positional { usage: "RIGHT", help: "the pack to compare it with", offer: Offer::Files },
];

const PATH: Flag = Flag::file("path", "the pack, instead of the positional");

const VERIFY_FLAGS: &[Flag] = &[
    PATH,
    Flag::text("profile", "PROFILE", "standard, or strict: a signature and a key are required")
        .or("standard")
        .among(&["standard", "strict"]),
    Flag::switch("require-signature", "fail without a signature that holds"),
    PUBLIC_KEY,
    PUBLIC_KEY_ENV,
    PRIVATE_KEY,
    PRIVATE_KEY_ENV,
];

const DIFF_FLAGS: &[Flag] = &[Flag::file("output", "where to write the comparison")];

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["pack", "build"],
        summary: "pack a run, a job, a call or an authorization",
        sentence: "Puts a run, a job, a call or an authorization with all its evidence into one archive, the same bytes for the same source.",
        positionals: SOURCE,
        order: Order::Mixed,
        flags: &[TYPE, FROM, OUT, JOB_ROOT, PACK_KEY_MODE, SIGNING_KEY, SIGNING_KEY_ENV],
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"build"}"#,
        needs_dashes: false,
        run: command::pack_build::run,
    },
    Leaf {
        path: &["pack", "verify"],
        summary: "verify a pack, a runpack or a guard pack offline",
        sentence: "Verifies offline that a pack holds what its manifest declares, and with --strict that its documents tell the truth about one another.",
        positionals: PACK,
        order: Order::Mixed,
        flags: VERIFY_FLAGS,
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"verify"}"#,
        needs_dashes: false,
        run: command::pack_verify::run,
    },
    Leaf {
        path: &["pack", "inspect"],
        summary: "show what a pack holds",
        sentence: "Shows what a pack holds, without verifying it.",
        positionals: PACK,
        order: Order::Mixed,
        flags: &[PATH],
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"inspect"}"#,
        needs_dashes: false,
        run: command::pack_inspect::run,
    },
    Leaf {
        path: &["pack", "diff"],
        summary: "compare two packs",
        sentence: "Compares what two packs declare and the context of their runs, without verifying them.",
        positionals: TWO_PACKS,
        order: Order::Mixed,
        flags: DIFF_FLAGS,
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"diff"}"#,
        needs_dashes: false,
        run: command::pack_diff::run,
    },
    Leaf {
        path: &["pack", "export"],
        summary: "export what an index keeps of a pack",
        sentence: "Verifies a pack without a key and exports what an index keeps of it, as telemetry or as SQL.",
        positionals: PACK,
        order: Order::Mixed,
        flags: &[
            PATH,
            Flag::file("otel-out", "file to append OpenTelemetry-style JSON lines to"),
            Flag::file("postgres-sql-out", "file to write SQL for PostgreSQL to"),
            Flag::text("postgres-table", "TABLE", "the table: <table> or <schema.table>")
                .or(gait_evidence::pack::DEFAULT_TABLE),
            Flag::switch("postgres-include-ddl", "make the table too").or("true"),
        ],
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"export"}"#,
        needs_dashes: false,
        run: command::pack_export::run,
    },
    Leaf {
        path: &["voice", "pack", "build"],
        summary: "pack a call",
        sentence: "Puts a call with all its evidence into one archive, the same bytes for the same record.",
        positionals: CALL_SOURCE,
        order: Order::Mixed,
        flags: &[TYPE.or("call"), FROM, OUT, JOB_ROOT, PACK_KEY_MODE, SIGNING_KEY, SIGNING_KEY_ENV],
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"build"}"#,
        needs_dashes: false,
        run: command::pack_build::run,
    },
    Leaf {
        path: &["voice", "pack", "verify"],
        summary: "verify a pack of a call offline",
        sentence: "Verifies offline that a pack of a call holds what its manifest declares, and that nothing was committed to aloud without permission.",
        positionals: PACK,
        order: Order::Mixed,
        flags: VERIFY_FLAGS,
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"verify"}"#,
        needs_dashes: false,
        run: command::pack_verify::run,
    },
    Leaf {
        path: &["voice", "pack", "inspect"],
        summary: "show what a pack of a call holds",
        sentence: "Shows what a pack of a call holds, without verifying it.",
        positionals: PACK,
        order: Order::Mixed,
        flags: &[PATH],
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"inspect"}"#,
        needs_dashes: false,
        run: command::pack_inspect::run,
    },
    Leaf {
        path: &["voice", "pack", "diff"],
        summary: "compare two packs of calls",
        sentence: "Compares what two packs of calls declare, without verifying them.",
        positionals: TWO_PACKS,
        order: Order::Mixed,
        flags: DIFF_FLAGS,
        error_members: r#"{"schema_id":"gait.pack.output","schema_version":"1.0.0","operation":"diff"}"#,
        needs_dashes: false,
        run: command::pack_diff::run,
    },
];
