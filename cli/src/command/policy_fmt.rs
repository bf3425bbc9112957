//! `gait policy fmt` (02 §13).

use std::os::unix::fs::PermissionsExt;

use gait_gate::policy::PolicyDocument;
use gait_host::fs::{PRIVATE, read_limited, write_replacing};

use super::input::FILE_LIMIT;
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `policy fmt` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct PolicyFmtOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The file, as it was named.
        path: String => omit,
        /// Whether the result was written back.
        written: bool => omit,
        /// Whether it differs from the file.
        changed: bool => omit,
        /// Digest of the normalized policy.
        policy_digest: String => omit,
        /// What holds when no rule matches.
        default_verdict: String => omit,
        /// Number of rules.
        rule_count: i64 => omit,
        /// The result, unless it was to be written.
        formatted: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [path] = call.positionals("expected one policy file")?;
    let write = call.args.flag("write");
    let before = read_limited(path, FILE_LIMIT)?;
    let policy = PolicyDocument::parse(&before, call.mode()).map_err(|error| Failure::of_policy(&error))?;
    let formatted = policy.format();
    let changed = formatted.as_bytes() != before;
    if write && changed {
        let mode = std::fs::metadata(path).map_or(PRIVATE, |file| file.permissions().mode() & 0o7777);
        write_replacing(path, formatted.as_bytes(), mode)?;
    }
    let text = if write {
        Text::ok("policy fmt").pair("path", path).pair("changed", changed).pair("written", changed)
    } else {
        Text::verbatim(&*formatted)
    };
    let record = PolicyFmtOutput {
        ok: true,
        path: path.clone(),
        written: write && changed,
        changed,
        policy_digest: policy.digest().to_hex(),
        default_verdict: policy.default_verdict.as_str().to_owned(),
        rule_count: i64::try_from(policy.rules.len()).unwrap_or(i64::MAX),
        formatted: if write { String::new() } else { formatted },
    };
    Ok(Report::new(&record, text))
}
