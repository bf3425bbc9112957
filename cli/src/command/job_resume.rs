//! `gait job resume` (05 §16.4).

use gait_evidence::job::Resumption;
use gait_host::environment::variable;
use gait_host::job::{environment_fingerprint, revocations};

use super::job;
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let id = job::id(call)?;
    let text = |name: &str| call.args.text(name).to_owned();
    let revocations = match call.args.text("identity-revocations").trim() {
        "" => None,
        path => Some(revocations(path, call.mode())?),
    };
    let resumption = Resumption {
        actor: text("actor"),
        reason: text("reason"),
        environment_fingerprint: environment_fingerprint(call.args.text("env-fingerprint"), variable),
        allow_environment_mismatch: call.args.flag("allow-env-mismatch"),
        policy: job::policy(call)?,
        identity: text("identity"),
        identity_revoked: call.args.flag("identity-revoked"),
        revocations,
        identity_validation_source: text("identity-validation-source"),
    };
    let change = job::store(call)?.resume(id, &resumption)?;
    Ok(job::changed(call, "resume", change))
}
