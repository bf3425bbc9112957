//! `gait trace`, `gait test`, `gait enforce`: traces of decisions, and child commands that report them (01 §10.6, 02 §14).

use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["trace"],
    summary: "verify a trace, or observe a command that writes traces",
    sentence: "trace verify checks the signature of a decision's trace; trace -- COMMAND runs a command and reports the traces that it names, without changing its outcome.",
};

const CHILD: &[Positional] =
    &[Positional { usage: "-- COMMAND…", help: "the command to run, and its arguments", offer: Offer::Nothing }];

const CHILD_FLAGS: &[Flag] = &[
    Flag::folder("cwd", "folder in which the command runs").or("."),
    Flag::text("timeout", "DURATION", "how long the command may take, such as 90s or 1m30s").or("30s"),
];

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["trace", "verify"],
        summary: "verify the signature of a trace",
        sentence: "Verifies offline that a trace is what the holder of the key signed.",
        positionals: &[Positional { usage: "[FILE]", help: "the trace; or name it with --path", offer: Offer::Files }],
        order: Order::Mixed,
        flags: &[
            Flag::file("path", "the trace, instead of the positional"),
            Flag::file("public-key", "public key of the signer"),
            Flag::variable("public-key-env", "environment variable that holds the public key"),
            Flag::file("private-key", "private key of the signer, from which the public one is taken"),
            Flag::variable("private-key-env", "environment variable that holds the private key"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::trace_verify::run,
    },
    Leaf {
        path: &["trace"],
        summary: "run a command and report the traces it names",
        sentence: "Runs a command, reports the verdicts of the traces that it names, and exits as the command does.",
        positionals: CHILD,
        order: Order::Mixed,
        flags: CHILD_FLAGS,
        error_members: r#"{"mode":"trace","boundary_contract":"explicit_trace_reference","trace_reference_required":true}"#,
        needs_dashes: true,
        run: command::wrapper::trace,
    },
    Leaf {
        path: &["test"],
        summary: "run a command and require that it names its traces",
        sentence: "Runs a command and fails unless it names the traces of its decisions; the verdicts themselves change nothing.",
        positionals: CHILD,
        order: Order::Mixed,
        flags: CHILD_FLAGS,
        error_members: r#"{"mode":"test","boundary_contract":"explicit_trace_reference","trace_reference_required":true}"#,
        needs_dashes: false,
        run: command::wrapper::test,
    },
    Leaf {
        path: &["enforce"],
        summary: "run a command and fail on a verdict that does not allow",
        sentence: "Runs a command and fails unless every trace that it names is valid and allows.",
        positionals: CHILD,
        order: Order::Mixed,
        flags: CHILD_FLAGS,
        error_members: r#"{"mode":"enforce","boundary_contract":"explicit_trace_reference","trace_reference_required":true}"#,
        needs_dashes: false,
        run: command::wrapper::enforce,
    },
];
