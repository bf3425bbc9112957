//! `gait policy simulate` (02 §13).

use std::collections::BTreeMap;

use gait_gate::evaluate::{Decision, Inputs};
use gait_gate::policy::Policy;
use gait_gate::verdict::Verdict;
use gait_host::clock::{Clock, SystemClock};

use super::{fixtures, input};
use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// How many fixtures got a verdict.
    #[derive(Clone, Debug, PartialEq)]
    struct VerdictCount {
        /// The verdict.
        verdict: String,
        /// The number.
        count: i64,
    }
}

gait_base::record! {
    /// A fixture with different answers.
    #[derive(Clone, Debug, PartialEq)]
    struct FixtureChange {
        /// Its file.
        fixture_path: String,
        /// Digest of the request.
        intent_digest: String,
        /// The answer of the policy in force.
        baseline_verdict: String,
        /// The answer of the candidate.
        candidate_verdict: String,
        /// Why.
        baseline_reason_codes: Vec<String> => omit,
        /// Why.
        candidate_reason_codes: Vec<String> => omit,
        /// What was violated.
        baseline_violations: Vec<String> => omit,
        /// What was violated.
        candidate_violations: Vec<String> => omit,
        /// The rules that matched.
        baseline_matched_rule: String => omit,
        /// The rules that matched.
        candidate_matched_rule: String => omit,
        /// Always true.
        changed: bool,
    }
}

gait_base::record! {
    /// What `policy simulate` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct PolicySimulateOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Digest of the policy in force.
        baseline_policy_digest: String => omit,
        /// Digest of the candidate.
        candidate_policy_digest: String => omit,
        /// Number of fixtures.
        fixtures_total: i64 => omit,
        /// Number of fixtures with different answers.
        changed_fixtures: i64 => omit,
        /// The answers of the policy in force.
        baseline_verdicts: Vec<VerdictCount> => omit,
        /// The answers of the candidate.
        candidate_verdicts: Vec<VerdictCount> => omit,
        /// How to bring the candidate in: `enforce`, `observe` or `require_approval`.
        recommendation: String => omit,
        /// The same in one line.
        summary: String => omit,
        /// The fixtures with different answers.
        changed: Vec<FixtureChange> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let [candidate, baseline] = ["policy", "baseline"].map(|name| (name, call.args.text(name)));
    for (name, path) in [candidate, baseline, ("fixtures", call.args.text("fixtures"))] {
        if path.trim().is_empty() {
            return Err(Failure::usage(format!("--{name} is required")));
        }
    }
    let paths = fixtures::collect(call.args.text("fixtures"))?;
    let candidate = input::policy(candidate.1, call.mode())?;
    let baseline = input::policy(baseline.1, call.mode())?;

    let mut tally = Tally::default();
    let inputs = Inputs::at(SystemClock.now());
    for path in &paths {
        let told = |failure: Failure| Failure { text: format!("{path}: {}", failure.text), ..failure };
        let intent = input::intent(path, call.mode()).map_err(told)?;
        let decide = |policy: &Policy| policy.evaluate(&intent, &inputs).map_err(|error| told(error.into()));
        tally.add(path, &intent.digest().to_hex(), &decide(&baseline)?, &decide(&candidate)?);
    }
    let (total, changed) = (paths.len(), tally.changed.len());
    let recommendation = tally.recommendation();
    let mut text = Text::summary("policy simulate")
        .pair("fixtures", total)
        .pair("changed", changed)
        .pair("recommendation", recommendation);
    for one in &tally.changed {
        text = text
            .label("changed")
            .words(&one.fixture_path)
            .verdict("baseline", &one.baseline_verdict)
            .verdict("candidate", &one.candidate_verdict);
    }
    let record = PolicySimulateOutput {
        ok: true,
        baseline_policy_digest: baseline.digest().to_hex(),
        candidate_policy_digest: candidate.digest().to_hex(),
        fixtures_total: count(total),
        changed_fixtures: count(changed),
        baseline_verdicts: counts(tally.baseline),
        candidate_verdicts: counts(tally.candidate),
        recommendation: recommendation.to_owned(),
        summary: format!("policy simulate fixtures={total} changed={changed} recommendation={recommendation}"),
        changed: tally.changed,
    };
    Ok(Report::new(&record, text))
}

/// What has been seen so far.
#[derive(Default)]
struct Tally {
    baseline: BTreeMap<&'static str, usize>,
    candidate: BTreeMap<&'static str, usize>,
    changed: Vec<FixtureChange>,
    /// Something that was not allowed now is.
    opens: bool,
    /// Something that was not blocked now is.
    closes: bool,
}

impl Tally {
    fn add(&mut self, path: &str, intent_digest: &str, before: &Decision, after: &Decision) {
        *self.baseline.entry(before.verdict.as_str()).or_default() += 1;
        *self.candidate.entry(after.verdict.as_str()).or_default() += 1;
        self.opens |= before.verdict != Verdict::Allow && after.verdict == Verdict::Allow;
        self.closes |= before.verdict != Verdict::Block && after.verdict == Verdict::Block;
        let same = before.verdict == after.verdict
            && *before.reason_codes == *after.reason_codes
            && *before.violations == *after.violations
            && before.matched_rule == after.matched_rule;
        if !same {
            self.changed.push(FixtureChange {
                fixture_path: path.to_owned(),
                intent_digest: intent_digest.to_owned(),
                baseline_verdict: before.verdict.as_str().to_owned(),
                candidate_verdict: after.verdict.as_str().to_owned(),
                baseline_reason_codes: before.reason_codes.to_strings(),
                candidate_reason_codes: after.reason_codes.to_strings(),
                baseline_violations: before.violations.to_strings(),
                candidate_violations: after.violations.to_strings(),
                baseline_matched_rule: before.matched_rule.clone(),
                candidate_matched_rule: after.matched_rule.clone(),
                changed: true,
            });
        }
    }

    const fn recommendation(&self) -> &'static str {
        match (self.opens, self.closes) {
            (true, _) => "observe",
            (false, true) => "require_approval",
            (false, false) => "enforce",
        }
    }
}

fn counts(verdicts: BTreeMap<&'static str, usize>) -> Vec<VerdictCount> {
    verdicts.into_iter().map(|(verdict, n)| VerdictCount { verdict: verdict.to_owned(), count: count(n) }).collect()
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
