//! `gait run session repair`: mends what no other command does by itself (00 D7).

use super::run_session::{told, warnings, with_session};
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    with_session(call, "repair", |session, record| {
        let mended = session.repair()?;
        let text = told("repair", &mended.status).pair("repairs", mended.repairs.len());
        record.status = Some(mended.status);
        record.warnings = warnings(&mended.repairs);
        Ok(text)
    })
}
