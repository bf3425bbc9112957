//! `gait kill-switch`: what is stopped whatever a policy says (03 §5).

use gait_host::kill_switch::DEFAULT_STATE_PATH;

use super::signing::MOMENT;
use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["kill-switch"],
    summary: "stop tools, agents, identities or targets at once",
    sentence: "The kill-switch commands keep the list of what gate eval blocks whatever a policy, an approval or a script registry says.",
};

const STATE: Flag = Flag::file("state", "the state of the kill switch").or(DEFAULT_STATE_PATH);

const ENTRY: Flag = Flag::text("entry-id", "ID", "the entry (required)");

const IGNORED: &[Positional] =
    &[Positional { usage: "[…]", help: "ends the flags; what follows is ignored", offer: Offer::Nothing }];

const TARGET_KINDS: &[&str] = &["path", "url", "host", "repo", "bucket", "table", "queue", "topic", "other"];

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["kill-switch", "add"],
        summary: "stop what satisfies all selectors",
        sentence: "Adds an entry that stops every call which satisfies all of its selectors, from now on.",
        positionals: IGNORED,
        order: Order::FlagsFirst,
        flags: &[
            STATE,
            Flag::text("entry-id", "ID", "id of the entry (derived from its selectors when empty)"),
            Flag::text("agent-id", "ID", "selector: the agent"),
            Flag::text("identity", "IDENTITY", "selector: the identity, case-sensitive"),
            Flag::text("tool-name", "NAME", "selector: the tool; a script is called script"),
            Flag::text("target-kind", "KIND", "selector: kind of some target").among(TARGET_KINDS),
            Flag::text("target-value", "VALUE", "selector: value of the same target"),
            Flag::text("environment", "NAME", "selector: the environment"),
            Flag::text(
                "path-prefixes",
                "PATHS",
                "selector: some path target lies under one of these, separated by commas",
            ),
            Flag::text(
                "workspace-prefixes",
                "PATHS",
                "selector: the workspace lies under one of these, separated by commas",
            ),
            Flag::text("reason", "TEXT", "why"),
            Flag::text("actor", "IDENTITY", "who adds it"),
            Flag::text("expires-at", "TIME", "RFC 3339 time at which it ends (never when empty)"),
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::kill_switch_add::run,
    },
    Leaf {
        path: &["kill-switch", "list"],
        summary: "list the entries",
        sentence: "Lists the entries of a kill switch, in force or not.",
        positionals: IGNORED,
        order: Order::FlagsFirst,
        flags: &[STATE, MOMENT],
        error_members: "",
        needs_dashes: false,
        run: command::kill_switch_list::run,
    },
    Leaf {
        path: &["kill-switch", "disable"],
        summary: "take an entry out of force",
        sentence: "Takes the first entry of an id out of force and keeps it on the list.",
        positionals: IGNORED,
        order: Order::FlagsFirst,
        flags: &[STATE, ENTRY, MOMENT],
        error_members: "",
        needs_dashes: false,
        run: command::kill_switch_change::disable,
    },
    Leaf {
        path: &["kill-switch", "expire"],
        summary: "let an entry end now or at a time",
        sentence: "Sets the time at which the first entry of an id ends: now, or one that is given.",
        positionals: IGNORED,
        order: Order::FlagsFirst,
        flags: &[
            STATE,
            ENTRY,
            Flag::text("expires-at", "TIME", "RFC 3339 time at which it ends (now when empty)"),
            MOMENT,
        ],
        error_members: "",
        needs_dashes: false,
        run: command::kill_switch_change::expire,
    },
];
