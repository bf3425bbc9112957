//! `gait policy test` (02 §13).

use gait_base::error::ExitCode;
use gait_base::time::Timestamp;
use gait_gate::evaluate::Inputs;
use gait_gate::verdict::Verdict;
use gait_host::clock::{Clock, SystemClock};

use super::input;
use crate::report::{Answer, Call, Report};
use crate::text::Text;

gait_base::record! {
    /// What `policy test` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct PolicyTestOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// `gait.policytest.result`.
        schema_id: String => omit,
        /// `1.0.0`.
        schema_version: String => omit,
        /// The intent's time.
        created_at: Timestamp,
        /// Digest of the policy.
        policy_digest: String => omit,
        /// Digest of the request.
        intent_digest: String => omit,
        /// The verdict.
        verdict: String => omit,
        /// Why.
        reason_codes: Vec<String> => omit,
        /// What was violated.
        violations: Vec<String> => omit,
        /// Names of the rules that matched.
        matched_rule: String => omit,
        /// The same in one line of bounded length.
        summary: String => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [policy, intent] = call.positionals("expected a policy file and an intent file")?;
    let policy = input::policy(policy, call.mode())?;
    let intent = input::intent(intent, call.mode())?;
    let decision = policy.evaluate(&intent, &Inputs::at(SystemClock.now()))?;
    let verdict = decision.verdict.as_str();
    let (reasons, violations) = (decision.reason_codes.to_strings(), decision.violations.to_strings());
    let mut text = Text::summary("policy test")
        .verdict("verdict", verdict)
        .pair("reasons", or_none(&reasons))
        .pair("violations", or_none(&violations));
    if !decision.matched_rule.is_empty() {
        text = text.line("matched rule", &decision.matched_rule);
    }
    let record = PolicyTestOutput {
        ok: true,
        schema_id: "gait.policytest.result".to_owned(),
        schema_version: "1.0.0".to_owned(),
        created_at: decision.created_at,
        policy_digest: policy.digest().to_hex(),
        intent_digest: intent.digest().to_hex(),
        summary: summary(verdict, &reasons, &violations),
        verdict: verdict.to_owned(),
        reason_codes: reasons,
        violations,
        matched_rule: decision.matched_rule,
    };
    Ok(Report::new(&record, text).exit(exit_of(decision.verdict)))
}

/// The exit code that tells a verdict.
fn exit_of(verdict: Verdict) -> ExitCode {
    match verdict {
        Verdict::Allow | Verdict::DryRun => ExitCode::Ok,
        Verdict::RequireApproval => ExitCode::ApprovalRequired,
        Verdict::Block => ExitCode::PolicyBlocked,
    }
}

fn or_none(codes: &[String]) -> String {
    if codes.is_empty() { "none".to_owned() } else { codes.join(",") }
}

/// One line of at most 240 bytes; what is cut off is counted at its end.
fn summary(verdict: &str, reasons: &[String], violations: &[String]) -> String {
    const LONGEST: usize = 240;
    let line = format!("policy test verdict={verdict} reasons={} violations={}", or_none(reasons), or_none(violations));
    let Some(over) = line.len().checked_sub(LONGEST).filter(|&over| over > 0) else { return line };
    let end = format!("...(+{over})");
    let mut kept = line.into_bytes();
    kept.truncate(LONGEST - end.len());
    kept.extend_from_slice(end.as_bytes());
    // A character cut in two becomes U+FFFD, as in every JSON output.
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_summaries_are_cut_to_240_bytes_and_say_by_how_much() {
        assert_eq!(summary("allow", &[], &[]), "policy test verdict=allow reasons=none violations=none");
        let fits = summary("block", &["r".repeat(240 - 47)], &["v".to_owned()]);
        assert_eq!((fits.len(), fits.ends_with("violations=v")), (240, true));
        let cut = summary("block", &["r".repeat(240 - 46)], &["v".to_owned()]);
        assert_eq!((cut.len(), cut.ends_with("...(+1)")), (240, true));
        let cut = summary("block", &["r".repeat(1000)], &[]);
        assert!(cut.len() == 240 && cut.ends_with("...(+810)"), "{cut}");
    }
}
