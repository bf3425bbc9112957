//! `gait run session status` (04 §8.4).

use super::run_session::{told, with_session};
use crate::report::{Answer, Call};

pub(crate) fn run(call: &Call<'_>) -> Answer {
    with_session(call, "status", |session, record| {
        let status = session.status()?;
        let text = told("status", &status);
        record.status = Some(status);
        Ok(text)
    })
}
