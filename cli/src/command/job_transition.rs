//! `gait job pause`, `stop`, `cancel` and `approve` (05 §16.3).

use super::job;
use crate::report::{Answer, Call};

pub(crate) fn pause(call: &Call<'_>) -> Answer {
    let change = job::store(call)?.pause(job::id(call)?, call.args.text("actor"))?;
    Ok(job::changed(call, "pause", change))
}

pub(crate) fn stop(call: &Call<'_>) -> Answer {
    let change = job::store(call)?.stop(job::id(call)?, call.args.text("actor"))?;
    Ok(job::changed(call, "stop", change))
}

pub(crate) fn cancel(call: &Call<'_>) -> Answer {
    let change = job::store(call)?.cancel(job::id(call)?, call.args.text("actor"))?;
    Ok(job::changed(call, "cancel", change))
}

pub(crate) fn approve(call: &Call<'_>) -> Answer {
    let (actor, reason) = (call.args.text("actor"), call.args.text("reason"));
    let change = job::store(call)?.approve(job::id(call)?, actor, reason)?;
    Ok(job::changed(call, "approve", change))
}
