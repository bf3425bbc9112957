//! `gait demo` (04 §9.1–9.3).

use std::time::Instant;

use gait_base::error::ExitCode;
use gait_evidence::runpack::DEMO_RUN_ID;
use gait_host::clock::{Clock as _, SystemClock};
use gait_host::demo;

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `demo` prints.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct DemoOutput {
        /// Always true; failures print the error members alone.
        pub(super) ok: bool,
        /// `standard`, `durable` or `policy`.
        pub(super) mode: String => omit,
        /// The run.
        pub(super) run_id: String => omit,
        /// The job.
        pub(super) job_id: String => omit,
        /// What became of it.
        pub(super) job_status: String => omit,
        /// What was made.
        pub(super) bundle: String => omit,
        /// The pack, or the policy.
        pub(super) pack_path: String => omit,
        /// The line for a ticket.
        pub(super) ticket_footer: String => omit,
        /// Whether what was made verifies.
        pub(super) verify: String => omit,
        /// What the policy said.
        pub(super) policy_verdict: String => omit,
        /// Which rule said so.
        pub(super) matched_rule: String => omit,
        /// Why.
        pub(super) reason_codes: Vec<String> => omit,
        /// What was made to fail.
        pub(super) simulated_failure: String => omit,
        /// What to do next.
        pub(super) next_commands: Vec<String> => omit,
        /// How to measure one's own use.
        pub(super) metrics_opt_in: String => omit,
        /// How long it took.
        pub(super) duration_ms: i64 => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let started = Instant::now();
    let record = match (call.args.flag("durable"), call.args.flag("policy")) {
        (true, true) => return Err(Failure::usage("--durable and --policy exclude each other")),
        (false, false) => standard(call)?,
        (false, true) => policy(call)?,
        (true, false) => durable(call)?,
    };
    let record = DemoOutput {
        ok: true,
        verify: "ok".to_owned(),
        metrics_opt_in: "export GAIT_ADOPTION_LOG=./gait-out/adoption.jsonl".to_owned(),
        duration_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
        ..record
    };
    let text = tell(&record);
    Ok(Report::new(&record, text))
}

fn standard(call: &Call<'_>) -> Result<DemoOutput, Failure> {
    let made = demo::standard(call.producer_version)?;
    Ok(DemoOutput {
        mode: "standard".to_owned(),
        run_id: made.run_id,
        bundle: format!("./{}", made.path),
        ticket_footer: made.ticket_footer,
        next_commands: next(&[
            "gait verify run_demo --json",
            "gait regress bootstrap --from run_demo --json --junit ./gait-out/junit.xml",
            "gait demo --durable",
            "gait demo --policy",
        ]),
        ..DemoOutput::default()
    })
}

fn durable(call: &Call<'_>) -> Result<DemoOutput, Failure> {
    let made = demo::durable(call.producer_version)?;
    Ok(DemoOutput {
        mode: "durable".to_owned(),
        run_id: DEMO_RUN_ID.to_owned(),
        job_id: demo::DURABLE_JOB_ID.to_owned(),
        job_status: made.status,
        bundle: format!("./{}/{}/state.json", demo::DURABLE_ROOT, demo::DURABLE_JOB_ID),
        pack_path: format!("./{}", demo::DURABLE_PACK_PATH),
        simulated_failure: "resume blocked until approval".to_owned(),
        next_commands: next(&[
            "gait job inspect --id job_demo_durable --json",
            "gait pack inspect ./gait-out/pack_job_demo_durable.zip --json",
            "gait demo --policy",
        ]),
        ..DemoOutput::default()
    })
}

fn policy(call: &Call<'_>) -> Result<DemoOutput, Failure> {
    let made = demo::policy(call.producer_version, SystemClock.now())?;
    if made.verdict != "block" {
        let text = format!("the demo's policy says {} where it should block", made.verdict);
        return Err(Failure { exit: ExitCode::VerificationFailed, ..Failure::usage(text) });
    }
    let eval = format!("gait gate eval --policy ./{} --intent ./{}", demo::POLICY_PATH, demo::INTENT_PATH);
    Ok(DemoOutput {
        mode: "policy".to_owned(),
        policy_verdict: made.verdict,
        matched_rule: made.matched_rule,
        reason_codes: made.reason_codes,
        bundle: format!("./{}", demo::INTENT_PATH),
        pack_path: format!("./{}", demo::POLICY_PATH),
        next_commands: vec![
            format!("{eval} --simulate --json"),
            format!("{eval} --json"),
            "gait policy simulate --baseline examples/policy/base_medium_risk.yaml --policy examples/policy/base_high_risk.yaml --fixtures examples/policy/intents --json".to_owned(),
        ],
        ..DemoOutput::default()
    })
}

fn next(commands: &[&str]) -> Vec<String> {
    commands.iter().map(|&command| command.to_owned()).collect()
}

/// One `key=value` a line.
fn tell(output: &DemoOutput) -> Text {
    let lists = [output.reason_codes.join(","), output.next_commands.join(",")];
    let pairs = [
        ("mode", &output.mode),
        ("run_id", &output.run_id),
        ("job_id", &output.job_id),
        ("job_status", &output.job_status),
        ("bundle", &output.bundle),
        ("pack_path", &output.pack_path),
        ("ticket_footer", &output.ticket_footer),
        ("verify", &output.verify),
        ("policy_verdict", &output.policy_verdict),
        ("matched_rule", &output.matched_rule),
        ("reason_codes", &lists[0]),
        ("simulated_failure", &output.simulated_failure),
        ("next", &lists[1]),
        ("metrics_opt_in", &output.metrics_opt_in),
    ];
    let lines: Vec<_> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
    Text::verbatim(lines.join("\n"))
}
