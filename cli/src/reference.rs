//! The reference page of the command line, in Markdown, from the table.

use std::fmt::Write as _;

use crate::help;
use crate::table::{self, COMMON, Flag, Leaf, Order};

/// The content of `docs/cli.md`.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# The gait command line\n\n\
         <!-- Generated from the table of commands: cargo run -p gait-cli --example reference > docs/cli.md -->\n\n",
    );
    let _ = writeln!(out, "{}\n", table::SENTENCE);
    out.push_str(
        "Flags take one or two dashes and their value after `=` or as the next argument; the last one wins. With `--json` a \
         command prints one line of JSON. Text output is for people: its wording may change. `--explain` prints what a \
         command does, in one sentence.\n\n",
    );
    out.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in EXIT_CODES {
        let _ = writeln!(out, "| {code} | {meaning} |");
    }
    out.push_str("\n## Flags of every command\n\n");
    flags(&mut out, COMMON.iter());
    out.push_str("\n## Environment\n\n| variable | meaning |\n|---|---|\n");
    for (name, meaning) in ENVIRONMENT {
        let _ = writeln!(out, "| `{name}` | {meaning} |");
    }
    out.push_str("\n## Commands\n");
    for (word, _) in table::children(&[]) {
        if let Some(group) = table::groups().find(|group| group.path == [word]) {
            let _ = writeln!(out, "\n### gait {word}\n\n{}", group.sentence);
        }
        for leaf in table::leaves().filter(|leaf| leaf.path.first() == Some(&word)) {
            section(&mut out, leaf);
        }
    }
    out
}

const EXIT_CODES: [(u8, &str); 9] = [
    (0, "all is well"),
    (1, "internal failure, contention for a lock, time-out"),
    (2, "verification failed"),
    (3, "the policy blocks"),
    (4, "an approval is missing"),
    (5, "a regression was found"),
    (6, "invalid input: arguments, files, policies, intents, keys"),
    (7, "a dependency is missing"),
    (8, "an unsafe operation was refused"),
];

const ENVIRONMENT: [(&str, &str); 10] = [
    ("GAIT_STRICT", "`1` is `--strict` for every command"),
    ("GAIT_PRODUCER_VERSION", "replaces the version written into artifacts and outputs, for reproducible rebuilds"),
    ("GAIT_CORRELATION_ID", "replaces the correlation id, which otherwise is a digest of the command line"),
    (
        "GAIT_CREDENTIAL_COMMAND_ALLOWLIST",
        "programs that may be credential brokers, comma-separated; in strict mode exact names and absolute paths",
    ),
    (
        "GAIT_CREDENTIAL_COMMAND_ENV",
        "variables that such a program sees in strict mode besides `PATH`, `HOME`, `LANG` and `TMPDIR`, comma-separated",
    ),
    ("GAIT_ADOPTION_LOG", "file that gets one line a call: command, exit code, duration"),
    ("GAIT_ADOPTION_WORKFLOW", "workflow id in those lines"),
    ("GAIT_OPERATIONAL_LOG", "file that gets a line when a call starts and when it ends"),
    ("GAIT_TELEMETRY_HEALTH_PATH", "file that tells how the writes to both logs went"),
    ("GAIT_TELEMETRY_WARN", "`off` silences warnings about these logs"),
];

fn section(out: &mut String, leaf: &Leaf) {
    let _ = writeln!(out, "\n#### gait {}\n\n{}\n\n```\n{}\n```", leaf.name(), leaf.sentence, help::usage_line(leaf));
    if !leaf.positionals.is_empty() {
        out.push_str("\n| argument | meaning |\n|---|---|\n");
        for one in leaf.positionals {
            let _ = writeln!(out, "| `{}` | {} |", cell(one.usage), cell(one.help));
        }
    }
    if !leaf.flags.is_empty() {
        out.push('\n');
        flags(out, leaf.flags.iter());
    }
    if leaf.order == Order::FlagsFirst {
        out.push_str("\nThe first argument that is not a flag ends the flags.\n");
    }
}

fn flags<'a>(out: &mut String, flags: impl Iterator<Item = &'a Flag>) {
    out.push_str("| flag | meaning |\n|---|---|\n");
    for flag in flags {
        let _ = writeln!(out, "| `{}` | {} |", cell(&help::flag_usage(flag)), cell(&help::flag_help(flag)));
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
