//! `gait job submit` (05 §16.1).

use gait_evidence::job::Submission;
use gait_host::environment::variable;
use gait_host::job::environment_fingerprint;

use super::job;
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let text = |name: &str| call.args.text(name).to_owned();
    let submission = Submission {
        job_id: job::id(call)?.to_owned(),
        producer_version: call.producer_version.to_owned(),
        actor: text("actor"),
        identity: text("identity"),
        environment_fingerprint: environment_fingerprint(call.args.text("env-fingerprint"), variable),
        policy: job::policy(call)?,
    };
    let change = job::store(call)?.submit(&submission)?;
    Ok(job::changed(call, "submit", change))
}
