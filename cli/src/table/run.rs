//! `gait run`: recording what an agent did, and working with the record (04 §8).

use super::signing::{SIGNING_KEY, SIGNING_KEY_ENV};
use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["run"],
    summary: "record, inspect, replay, compare and reduce runs",
    sentence: "run commands record what an agent did as a runpack that anyone can verify, and inspect, replay, compare and reduce such runpacks.",
};

const RUNPACK: &[Positional] =
    &[Positional { usage: "[RUN_ID|FILE]", help: "the runpack; or name it with --from", offer: Offer::Files }];
const FROM: Flag = Flag::file("from", "the runpack, by path or run id, instead of the positional");

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["run", "record"],
        summary: "record a run as a runpack",
        sentence: "Records a run from a JSON record of its intents and results as a runpack, by digest unless raw capture is asked for.",
        positionals: &[Positional {
            usage: "[FILE]",
            help: "the record of the run; or name it with --input",
            offer: Offer::Files,
        }],
        order: Order::Mixed,
        flags: &[
            Flag::file("input", "the record of the run, instead of the positional"),
            Flag::folder("out-dir", "folder for the runpack").or("./gait-out"),
            Flag::text("run-id", "ID", "id of the run, instead of the one in the record"),
            Flag::text("capture-mode", "MODE", "reference keeps digests only, raw also args and results")
                .among(&["reference", "raw"]),
            Flag::file("context-envelope", "context evidence to take in place of the record's receipts"),
            Flag::text("context-evidence-mode", "MODE", "whether missing context evidence is an error")
                .among(&["best_effort", "required"]),
            Flag::switch("unsafe-context-raw", "take context that is not redacted"),
            Flag::text(
                "key-mode",
                "MODE",
                "dev signs with a fresh key, prod with yours; unsigned without any key flag",
            )
            .among(&["dev", "prod"]),
            SIGNING_KEY,
            SIGNING_KEY_ENV,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::run_record::run,
    },
    Leaf {
        path: &["run", "inspect"],
        summary: "list what a runpack or session chain holds",
        sentence: "Lists the intents of a runpack with their results and verdicts, or the checkpoints of a session chain.",
        positionals: RUNPACK,
        order: Order::Mixed,
        flags: &[FROM],
        error_members: "",
        needs_dashes: false,
        run: command::run_inspect::run,
    },
    Leaf {
        path: &["run", "receipt"],
        summary: "print the line that names a runpack in a ticket",
        sentence: "Verifies a runpack and prints one line for a ticket that names its run and digest.",
        positionals: RUNPACK,
        order: Order::Mixed,
        flags: &[FROM],
        error_members: "",
        needs_dashes: false,
        run: command::run_receipt::run,
    },
    Leaf {
        path: &["run", "replay"],
        summary: "go through a run again with recorded or stubbed results",
        sentence: "Goes through a run again with its recorded results and deterministic stubs; real tools run only behind three switches.",
        positionals: &[Positional { usage: "RUN_ID|FILE", help: "the runpack", offer: Offer::Files }],
        order: Order::Mixed,
        flags: &[
            Flag::switch("real-tools", "run the tools named by --allow-tools"),
            Flag::switch("unsafe-real-tools", "know that running them is unsafe"),
            Flag::text("allow-tools", "NAMES", "tools that may run, with commas between them"),
            Flag::variable("unsafe-real-tools-env", "environment variable that must be 1 for tools to run")
                .or("GAIT_ALLOW_REAL_REPLAY"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::run_replay::run,
    },
    Leaf {
        path: &["run", "diff"],
        summary: "compare two runpacks or session chains",
        sentence: "Compares two runpacks, or two session chains, and says what differs; exits 2 when something does.",
        positionals: &[
            Positional { usage: "LEFT", help: "a runpack by path or run id, or a session chain", offer: Offer::Files },
            Positional { usage: "RIGHT", help: "the other one", offer: Offer::Files },
        ],
        order: Order::Mixed,
        flags: &[
            Flag::text("privacy", "MODE", "metadata leaves payloads and references out")
                .or("full")
                .among(&["full", "metadata"]),
            Flag::file("output", "file for the comparison"),
        ],
        error_members: r#"{"summary":{"run_id_left":"","run_id_right":"","manifest_changed":false,"intents_changed":false,"results_changed":false,"refs_changed":false}}"#,
        needs_dashes: false,
        run: command::run_diff::run,
    },
    Leaf {
        path: &["run", "reduce"],
        summary: "cut a runpack down to what shows a fault",
        sentence: "Cuts a runpack down to the one intent that shows a fault, and checks that the fault still shows.",
        positionals: RUNPACK,
        order: Order::Mixed,
        flags: &[
            FROM,
            Flag::text("predicate", "NAME", "the fault")
                .or("missing_result")
                .among(&["missing_result", "non_ok_status"]),
            Flag::file("out", "the reduced runpack; beside the input unless given"),
            Flag::file("report-out", "the report; beside the reduced runpack unless given"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::run_reduce::run,
    },
];
