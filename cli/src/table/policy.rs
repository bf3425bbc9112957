//! `gait policy`: writing, checking and trying policies (02 §13).

use super::{Flag, Group, Leaf, Offer, Order, Positional};
use crate::command;

pub(super) static GROUP: Group = Group {
    path: &["policy"],
    summary: "write, check and try policies",
    sentence: "The policy commands write a policy from a template, check and format it, and try it on recorded intents before it is enforced.",
};

const TEMPLATES: &[&str] = &["baseline-lowrisk", "baseline-mediumrisk", "baseline-highrisk"];

const POLICY: Positional = Positional { usage: "POLICY", help: "the policy, a YAML file", offer: Offer::Files };

pub(super) static LEAVES: &[Leaf] = &[
    Leaf {
        path: &["policy", "init"],
        summary: "write a policy from a template",
        sentence: "Writes a policy from one of the baseline templates, as a starting point of your own.",
        positionals: &[Positional {
            usage: "TEMPLATE",
            help: "baseline-lowrisk, baseline-mediumrisk or baseline-highrisk; low, medium and high for short",
            offer: Offer::Words(TEMPLATES),
        }],
        order: Order::Mixed,
        flags: &[
            Flag::file("out", "where to write the policy").or("gait.policy.yaml"),
            Flag::switch("force", "replace an existing file"),
        ],
        error_members: "",
        needs_dashes: false,
        run: command::policy_init::run,
    },
    Leaf {
        path: &["policy", "validate"],
        summary: "check a policy and print its digest",
        sentence: "Reads a policy as the gate would and says what is wrong with it, or what its digest is.",
        positionals: &[POLICY],
        order: Order::Mixed,
        flags: &[],
        error_members: "",
        needs_dashes: false,
        run: command::policy_validate::run,
    },
    Leaf {
        path: &["policy", "fmt"],
        summary: "print a policy in its normal form",
        sentence: "Prints a policy in its normal form, with every field written out, or writes it back to its file.",
        positionals: &[POLICY],
        order: Order::Mixed,
        flags: &[Flag::switch("write", "write the result back to the file")],
        error_members: "",
        needs_dashes: false,
        run: command::policy_fmt::run,
    },
    Leaf {
        path: &["policy", "simulate"],
        summary: "compare two policies over recorded intents",
        sentence: "Decides recorded intents under a policy in force and a candidate, and shows which answers would change.",
        positionals: &[],
        order: Order::Mixed,
        flags: &[
            Flag::file("policy", "the candidate"),
            Flag::file("baseline", "the policy in force"),
            Flag { value: "PATHS", ..Flag::file("fixtures", "intents: files and folders, separated by commas") },
        ],
        error_members: "",
        needs_dashes: false,
        run: command::policy_simulate::run,
    },
    Leaf {
        path: &["policy", "test"],
        summary: "decide one intent under a policy",
        sentence: "Decides one intent under a policy, without keys, state or traces; the exit code tells the verdict.",
        positionals: &[POLICY, Positional { usage: "INTENT", help: "the intent, a JSON file", offer: Offer::Files }],
        order: Order::Mixed,
        flags: &[],
        error_members: "",
        needs_dashes: false,
        run: command::policy_test::run,
    },
];
