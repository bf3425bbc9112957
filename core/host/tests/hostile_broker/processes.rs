//! What programs do besides answering.

use crate::row::{ANSWER, Row, SECRETS, Want};

const FAILED: Want = Want::Fails("broker_command_failed");
const FLOODS: Want = Want::Fails("broker_output_too_large");
const LATE: Want = Want::Fails("broker_command_timed_out");
const BLANK: Want = Want::Fails("broker_output_blank");
const MALFORMED: Want = Want::Fails("broker_answer_malformed");

const ANSWERS: &str = "cat '@DIR@/answer'";

fn after_answering(rest: &str) -> String {
    format!("{ANSWERS}; {rest}")
}

/// Programs that end, or are ended at once.
pub(crate) fn quick() -> Vec<Row> {
    let secret = SECRETS[0];
    let padded = |length: usize| format!("{ANSWER:<length$}");
    vec![
        Row::does("behaves", ANSWERS, Want::Allow),
        Row::does("reads its question first", "cat >/dev/null; cat '@DIR@/answer'", Want::Allow),
        Row::does("does not read its question", "exec <&-; cat '@DIR@/answer'", Want::Allow),
        Row::does("changes its folder and umask", "cd /; umask 0; cat '@DIR@/answer'", Want::Allow),
        // Bounds of the output
        Row::does("floods standard output", "cat /dev/zero", FLOODS),
        Row::does("floods standard error", "cat /dev/zero >&2", FLOODS),
        Row::does("floods both", "cat /dev/zero & cat /dev/zero >&2", FLOODS),
        Row::does("floods and ignores signals", "trap '' TERM HUP INT PIPE; cat /dev/zero", FLOODS),
        Row::does("floods from a child", "(cat /dev/zero &); exit 0", FLOODS),
        Row::does("answers, then floods", after_answering("cat /dev/zero"), FLOODS),
        Row::does("answers, then floods standard error", after_answering("cat /dev/zero >&2"), FLOODS),
        Row::says("16384 bytes", padded(16_384), Want::Allow),
        Row::says("16385 bytes", padded(16_385), FLOODS),
        Row::says("16384 bytes of nothing", " ".repeat(16_384), BLANK),
        Row::does("16383 bytes and a line break as an error", "cat '@DIR@/answer'; echo >&2", Want::Allow)
            .answering(padded(16_383)),
        Row::does("16384 bytes and a line break as an error", "cat '@DIR@/answer'; echo >&2", FLOODS)
            .answering(padded(16_384)),
        // Ends
        Row::does("fails after answering", after_answering("exit 1"), FAILED),
        Row::does("fails with the highest status", after_answering("exit 255"), FAILED),
        Row::does("kills itself after answering", after_answering("kill -9 $$"), FAILED),
        Row::does("kills its group after answering", after_answering("kill -9 0"), FAILED),
        Row::does("terminates its group after answering", after_answering("kill -15 0"), FAILED),
        Row::does("fails without a word", "exit 3", FAILED),
        Row::does("is a syntax error", "if then", FAILED),
        Row::does("runs what is not there", "'@DIR@/nothing'", FAILED),
        // Standard error
        Row::does("warns after answering", after_answering("echo careful >&2"), FAILED),
        Row::does("warns before answering", "echo careful >&2; cat '@DIR@/answer'", FAILED),
        Row::does("answers on standard error", "cat '@DIR@/answer' >&2", FAILED),
        Row::does("warns of nothing", "printf ' \\t\\r\\n\\302\\240' >&2; cat '@DIR@/answer'", Want::Allow),
        Row::does("warns with a NUL", after_answering("printf '\\000' >&2"), FAILED),
        // Nothing, or as good as nothing
        Row::does("says nothing", "true", BLANK),
        Row::does("says blanks", "printf ' \\t\\r\\n'", BLANK),
        Row::does("says blanks beyond ASCII", "printf '\\302\\240\\342\\200\\250'", BLANK),
        Row::does("says NUL", "printf '\\000'", MALFORMED),
        Row::does("closes its output", "exec >&- 2>&-", BLANK),
        Row::does("answers after closing its output", "exec >&-; cat '@DIR@/answer' 2>/dev/null", FAILED),
        // What is left behind
        Row::does("leaves a silent child", "sleep 60 >/dev/null 2>&1 & cat '@DIR@/answer'", Want::Allow),
        Row::does(
            "leaves a deaf and silent grandchild",
            "(sh -c 'trap \"\" TERM HUP INT; sleep 60; sleep 60' >/dev/null 2>&1 &); cat '@DIR@/answer'",
            Want::Allow,
        ),
        Row::does(
            "leaves a stopped child",
            "sleep 60 >/dev/null 2>&1 & kill -STOP $!; cat '@DIR@/answer'",
            Want::Allow,
        ),
        Row::does("fails and leaves a child", "sleep 60 >/dev/null 2>&1 & exit 1", FAILED),
        Row::does(
            "leaves a child that waits for its end",
            "(while kill -0 $$ 2>/dev/null; do sleep 0.1; done; echo late; sleep 60) >/dev/null 2>&1 & cat '@DIR@/answer'",
            Want::Allow,
        ),
        // Secrets outside the answer
        Row::does("prints a secret", format!("echo {secret}"), MALFORMED),
        Row::does("prints a secret and fails", format!("echo {secret}; exit 1"), FAILED),
        Row::does("prints a secret as an error", format!("echo {secret} >&2; exit 1"), FAILED),
        Row::does("prints a secret as an error and answers", after_answering(&format!("echo {secret} >&2")), FAILED),
        Row::does("prints a secret after the answer", after_answering(&format!("echo {secret}")), MALFORMED),
        Row::does("floods with secrets", format!("while :; do echo {secret}; done"), FLOODS),
    ]
}

/// Programs that have to be ended when their time is up.
pub(crate) fn endless() -> Vec<Row> {
    let mut rows = vec![
        Row::does("hangs", "sleep 60", LATE),
        Row::does("hangs and is deaf", "trap '' TERM HUP INT QUIT; while :; do sleep 1; done", LATE),
        Row::does("is busy", "while :; do :; done", LATE),
        Row::does("hangs with its output closed", "exec >&- 2>&-; sleep 60", LATE),
        Row::does("hangs with its input closed", "exec <&-; sleep 60", LATE),
        Row::does("answers and hangs", after_answering("sleep 60"), LATE),
        Row::does("answers and hangs with its output closed", after_answering("exec >&- 2>&-; sleep 60"), LATE),
        Row::does("answers late", "sleep 6; cat '@DIR@/answer'", LATE),
        Row::does("ends late", after_answering("sleep 6; exit 0"), LATE),
        Row::does("stops itself", after_answering("kill -STOP $$"), LATE),
        Row::does("stops its group", after_answering("kill -STOP 0"), LATE),
        Row::does("drips", "while :; do printf ' '; sleep 0.2; done", LATE),
        Row::does("drips errors", "while :; do printf ' ' >&2; sleep 0.2; done", LATE),
        Row::does("answers and leaves a child with the pipe", "sleep 60 & cat '@DIR@/answer'", LATE),
        Row::does(
            "answers and leaves a deaf grandchild with the pipe",
            "(sh -c 'trap \"\" TERM HUP INT; sleep 60; sleep 60' &); cat '@DIR@/answer'",
            LATE,
        ),
        Row::does("answers and leaves a child with the error pipe", "sleep 60 >/dev/null & cat '@DIR@/answer'", LATE),
        Row::does("hangs with a secret on its lips", format!("printf {}; sleep 60", SECRETS[4]), LATE),
    ];
    if std::process::Command::new("setsid").arg("true").status().is_ok_and(|status| status.success()) {
        let script =
            "setsid sh -c 'echo $$ > \"@DIR@/escaped\"; exec sleep 60' & sleep 0.3; cat '@DIR@/answer'; exit 0";
        rows.push(Row::does("answers, and a child leaves the group with the pipe", script, LATE));
    } else {
        eprintln!("skipped: no setsid to leave a group with");
    }
    rows
}
