//! `gait policy validate` (02 §13).

use gait_gate::policy::Lint;
use gait_gate::policy::document::{SCHEMA_ID, SCHEMA_VERSION};

use super::input;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `policy validate` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct PolicyValidateOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// The policy's schema.
        schema_id: String => omit,
        /// Its version.
        schema_version: String => omit,
        /// Digest of the normalized policy.
        policy_digest: String => omit,
        /// What holds when no rule matches.
        default_verdict: String => omit,
        /// Number of rules.
        rule_count: i64 => omit,
        /// The same in one line.
        summary: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [path] = call.positionals("expected one policy file")?;
    let policy = input::policy(path, call.mode())?;
    let verdict = policy.document().default_verdict.as_str();
    let digest = policy.digest().to_hex();
    let rules = policy.document().rules.len();
    let text = Text::ok("policy validate")
        .verdict("default", verdict)
        .pair("rules", rules)
        .pair("digest", &digest)
        .lines("warning", &policy.lint().iter().map(told).collect::<Vec<_>>());
    let record = PolicyValidateOutput {
        ok: true,
        schema_id: SCHEMA_ID.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        summary: format!("policy validate ok: default={verdict} rules={rules} digest={digest}"),
        policy_digest: digest,
        default_verdict: verdict.to_owned(),
        rule_count: i64::try_from(rules).unwrap_or(i64::MAX),
    };
    Ok(Report::new(&record, text))
}

fn told(lint: &Lint) -> String {
    match &lint.rule {
        Some(rule) => format!("rule {rule}: {} ({})", lint.message, lint.code),
        None => format!("{} ({})", lint.message, lint.code),
    }
}
