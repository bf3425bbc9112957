//! `gait help [COMMAND…]` (00 D2).

use crate::help;
use crate::report::{Answer, Call, Report};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    Ok(Report::page(help::page(call.args.positionals())))
}
