//! `gait version` (01 §10.1).

use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `version --json` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct VersionOutput {
        /// Always true.
        ok: bool,
        /// The version.
        version: String,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let version = call.producer_version;
    let record = VersionOutput { ok: true, version: version.to_owned() };
    Ok(Report::new(&record, Text::verbatim(format!("gait {version}"))))
}
