//! `gait pack build` and `gait voice pack build` (05 §4, §9).

use gait_host::pack::{self, BuildRequest};

use super::pack::{flag_or_first, head};
use crate::report::{Answer, Call, Report};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let text = |name: &str| call.args.text(name).to_owned();
    let request = BuildRequest {
        kind: text("type"),
        from: flag_or_first(call, "from").to_owned(),
        out: text("out"),
        job_root: text("job-root"),
        key_mode: text("key-mode"),
        private_key: text("private-key"),
        private_key_env: text("private-key-env"),
        mode: call.mode(),
    };
    let output = pack::build(&request, call.producer_version)?;
    Ok(Report::new(&output, head(&output).lines("warning", &output.warnings)))
}
