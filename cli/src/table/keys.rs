//! `gait keys`: signing keys (01 §4.5).

use super::{Flag, Group, Leaf, Order};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["keys"],
    summary: "make, rotate and check signing keys",
    sentence: "The keys commands make, rotate and check the Ed25519 keys that sign and verify traces, tokens and packs.",
};

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["keys", "init"],
        summary: "make a key pair",
        sentence: "Makes an Ed25519 key pair and writes both halves to files that only you can read.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::folder("out-dir", "folder for both files, made when missing").or("gait-out/keys"),
            Flag::text("prefix", "NAME", "the files are NAME_private.key and NAME_public.key").or("gait"),
            Flag::switch("force", "replace existing files"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::keys_init::run,
    },
    Leaf {
        path: &["keys", "rotate"],
        summary: "make a further key pair beside the old one",
        sentence: "Makes a key pair under a prefix with the time in it, and leaves older keys where they are.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::folder("out-dir", "folder for both files, made when missing").or("gait-out/keys"),
            Flag::text("prefix", "NAME", "the files are NAME_<UTC time>_private.key and …_public.key").or("gait"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::keys_rotate::run,
    },
    Leaf {
        path: &["keys", "verify"],
        summary: "check that a key is usable and its halves fit",
        sentence: "Checks that a private key can be read and used, and that a public key, if given, belongs to it.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::file("private-key", "private key"),
            Flag::variable("private-key-env", "environment variable that holds the private key"),
            Flag::file("public-key", "public key that must fit"),
            Flag::variable("public-key-env", "environment variable that holds the public key"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::keys_verify::run,
    },
];
