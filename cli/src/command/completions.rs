//! `gait completions SHELL` (01 §8.1).

use crate::completion;
use crate::report::{Answer, Call, Failure, Report};
use crate::table::SHELLS;
use crate::text::Text;

gait_base::record! {
    /// What `completions --json` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct CompletionsOutput {
        /// Always true.
        ok: bool,
        /// The shell.
        shell: String,
        /// The script.
        script: String,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let known = || format!("expected one shell: {}", SHELLS.join(", "));
    let [shell] = call.positionals(&known())?;
    let Some(script) = completion::script(shell) else {
        return Err(Failure::usage(format!("unknown shell {shell:?}: {}", known())));
    };
    let record = CompletionsOutput { ok: true, shell: shell.clone(), script: script.clone() };
    Ok(Report::new(&record, Text::verbatim(script)))
}
