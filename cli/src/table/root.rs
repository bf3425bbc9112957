//! Commands about the program itself.

use super::{Leaf, Offer, Order, Positional};
use crate::command;

/// The shells for which completions exist.
pub(crate) const SHELLS: &[&str] = &["bash", "zsh", "fish", "powershell"];

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["version"],
        summary: "print the version",
        sentence: "Prints the version of this program, which it also writes into the artifacts it makes.",
        positionals: &[],
        order: Order::Loose,
        flags: &[],
        error_members: "",
        needs_dashes: false,
        run: command::version::run,
    },
    Leaf {
        path: &["help"],
        summary: "print help on a command",
        sentence: "Prints what a command does and which flags it has.",
        positionals: &[Positional {
            usage: "[COMMAND…]",
            help: "the words of a command or group; none for an overview",
            offer: Offer::Nothing,
        }],
        order: Order::Loose,
        flags: &[],
        error_members: "",
        needs_dashes: false,
        run: command::help::run,
    },
    Leaf {
        path: &["completions"],
        summary: "print a completion script for a shell",
        sentence: "Prints a script that teaches your shell to complete gait's commands and flags.",
        positionals: &[Positional {
            usage: "SHELL",
            help: "bash, zsh, fish or powershell",
            offer: Offer::Words(SHELLS),
        }],
        order: Order::Mixed,
        flags: &[],
        error_members: "",
        needs_dashes: false,
        run: command::completions::run,
    },
];
