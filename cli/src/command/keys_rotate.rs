//! `gait keys rotate` (01 §4.5).

use gait_host::clock::{Clock, SystemClock};
use gait_host::keys;

use super::keys_init;
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let files = keys::rotate(call.args.text("out-dir"), call.args.text("prefix"), &SystemClock.now())?;
    Ok(keys_init::report("keys rotate", files))
}
