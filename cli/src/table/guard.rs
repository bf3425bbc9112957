//! `gait guard`, `gait incident`: evidence for auditors, retention, encryption (05 §11–§13).

use super::signing::{
    KEY_MODE, MOMENT, PRIVATE_KEY, PRIVATE_KEY_ENV, PUBLIC_KEY, PUBLIC_KEY_ENV, SIGNING_KEY, SIGNING_KEY_ENV,
};
use super::verify::{PROFILE, REQUIRE_SIGNATURE};
use super::{Flag, Group, Kind, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["guard"],
    summary: "gather evidence for auditors, keep artifacts within bounds, seal them",
    sentence: "The guard commands build and verify signed evidence packs, remove artifacts that are past their time unless they are held, and encrypt and decrypt artifacts.",
};

pub(super) static INCIDENT_GROUP: Group = Group {
    path: &["incident"],
    summary: "gather what happened around a run",
    sentence: "The incident commands build a pack of a run and of the evidence beside it that falls into a window of time.",
};

/// The ids of templates, for shells to offer.
const TEMPLATES: &[&str] = &["soc2", "pci", "incident_response"];

const RUN: &[Positional] =
    &[Positional { usage: "[RUN_ID|FILE]", help: "the runpack; or name it with the flag", offer: Offer::Files }];
const INPUT: &[Positional] =
    &[Positional { usage: "[FILE]", help: "the file; or name it with --in", offer: Offer::Files }];

const CASE: Flag = Flag::text("case-id", "ID", "the case that the pack is for");
const OUT: Flag = Flag::file("out", "where to write the pack (beside the runpack when empty)");
const PDF: Flag = Flag::switch("render-pdf", "put a page for people into it");
const TEMPLATE: Flag = Flag::text("template", "NAME", "the controls that it is indexed by").among(TEMPLATES);
const KEY_ENV: Flag = Flag::variable("key-env", "environment variable that holds the key: base64 of 32 bytes");
const KEY_COMMAND: Flag = Flag::file("key-command", "command that prints the key; run directly, not by a shell");
const KEY_COMMAND_ARGS: Flag = Flag::text("key-command-args", "LIST", "its arguments, with commas between");

/// A cap that is a number.
const fn cap(name: &'static str, help: &'static str, default: &'static str) -> Flag {
    Flag { kind: Kind::Integer, ..Flag::text(name, "N", help).or(default) }
}

/// A list of files of evidence.
const fn evidence(name: &'static str, help: &'static str) -> Flag {
    Flag { value: "LIST", ..Flag::file(name, help) }
}

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["guard", "pack"],
        summary: "build a signed evidence pack of a run",
        sentence: "Gathers a run and the evidence about it into a signed pack, indexed by the controls of a framework.",
        positionals: RUN,
        order: Order::Mixed,
        flags: &[
            Flag::file("run", "the runpack, by path or run id"),
            OUT,
            CASE,
            evidence("inventory", "inventory snapshots, with commas between"),
            evidence("trace", "traces"),
            evidence("regress", "results of regression runs"),
            evidence("approval-audit", "approval audits (those beside the runpack when empty)"),
            evidence("credential-evidence", "credential records (those beside the runpack when empty)"),
            TEMPLATE.or("soc2"),
            KEY_MODE,
            SIGNING_KEY,
            SIGNING_KEY_ENV,
            PDF,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::guard_pack::run,
    },
    Leaf {
        path: &["guard", "verify"],
        summary: "verify an evidence pack",
        sentence: "Verifies offline that an evidence pack is what its manifest says, and its signatures if a key is given.",
        positionals: &[Positional { usage: "[FILE]", help: "the pack; or name it with --path", offer: Offer::Files }],
        order: Order::Mixed,
        flags: &[
            Flag::file("path", "the pack, instead of the positional"),
            PROFILE,
            REQUIRE_SIGNATURE,
            PUBLIC_KEY,
            PUBLIC_KEY_ENV,
            PRIVATE_KEY,
            PRIVATE_KEY_ENV,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::guard_verify::run,
    },
    Leaf {
        path: &["guard", "retain"],
        summary: "remove artifacts that are past their time",
        sentence: "Removes traces and packs below a folder that are too old, too many or too large, except those under a legal hold, and reports every file.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::folder("root", "the folder; links in it are not followed").or("."),
            Flag::text("trace-ttl", "DURATION", "how old traces may become; 0s keeps them").or("168h"),
            Flag::text("pack-ttl", "DURATION", "how old packs may become; 0s keeps them").or("720h"),
            Flag::text("runpack-ttl", "DURATION", "how old runpacks may become (left alone when empty)"),
            cap("trace-max-count", "how many traces to keep at most; 0 for all", "100000"),
            cap("trace-max-bytes", "how many bytes of traces to keep at most; 0 for all", "1073741824"),
            cap("pack-max-count", "how many packs to keep at most; 0 for all", "10000"),
            cap("pack-max-bytes", "how many bytes of packs to keep at most; 0 for all", "10737418240"),
            cap("runpack-max-count", "how many runpacks to keep at most; 0 for all", "10000"),
            cap("runpack-max-bytes", "how many bytes of runpacks to keep at most; 0 for all", "10737418240"),
            Flag::file("hold", "list of what must stay, beside the .gait-hold files in the folders"),
            Flag::file("report-out", "where to write the report, before anything is removed"),
            Flag::switch("dry-run", "remove nothing"),
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::guard_retain::run,
    },
    Leaf {
        path: &["guard", "encrypt"],
        summary: "encrypt an artifact",
        sentence: "Encrypts a file with AES-256-GCM under a key from the environment or from a command.",
        positionals: INPUT,
        order: Order::Mixed,
        flags: &[
            Flag::file("in", "the file, instead of the positional"),
            Flag::file("out", "where to write the result (the input with .gaitenc behind it when empty)"),
            KEY_ENV,
            KEY_COMMAND,
            KEY_COMMAND_ARGS,
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::guard_encryption::encrypt,
    },
    Leaf {
        path: &["guard", "decrypt"],
        summary: "decrypt an artifact",
        sentence: "Decrypts a file that guard encrypt made; nothing is written unless all of it is authentic.",
        positionals: INPUT,
        order: Order::Mixed,
        flags: &[
            Flag::file("in", "the file, instead of the positional"),
            Flag::file("out", "where to write the plain text (the input without .gaitenc when empty)"),
            KEY_ENV,
            KEY_COMMAND,
            KEY_COMMAND_ARGS,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::guard_encryption::decrypt,
    },
    Leaf {
        path: &["incident", "pack"],
        summary: "build a pack of what happened around a run",
        sentence: "Gathers a run and the evidence beside its runpack that falls into a window of time around it.",
        positionals: RUN,
        order: Order::Mixed,
        flags: &[
            Flag::file("from", "the runpack, by path or run id"),
            Flag::text("window", "DURATION", "how far to look to either side of the run's beginning").or("24h"),
            OUT,
            CASE,
            TEMPLATE.or("incident_response"),
            PDF,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::incident_pack::run,
    },
];
