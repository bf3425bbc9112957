//! `gait job`: durable jobs (05 §14–§17).

use gait_evidence::job::CheckpointType;
use gait_host::job::DEFAULT_ROOT;

use super::signing::MOMENT;
use super::{Flag, Group, Leaf, Order};
use crate::command::{job_checkpoint, job_read, job_resume, job_submit, job_transition};
use crate::report::{Answer, Call};

pub(super) static GROUP: Group = Group {
    path: &["job"],
    summary: "keep long jobs that wait, stop and go on",
    sentence: "The job commands keep the state and journal of long-running jobs: what they report, who paused, stopped or approved them, and under which conditions they go on.",
};

pub(super) static CHECKPOINT_GROUP: Group = Group {
    path: &["job", "checkpoint"],
    summary: "record and read what a job reports",
    sentence: "The job checkpoint commands record what a job reports on its way, and read it back.",
};

const ID: Flag = Flag::text("id", "ID", "the job (required)");
const ROOT: Flag = Flag::folder("root", "where the jobs lie").or(DEFAULT_ROOT);
const ACTOR: Flag = Flag::text("actor", "IDENTITY", "who does it");
const FINGERPRINT: Flag =
    Flag::text("env-fingerprint", "TEXT", "fingerprint of the environment (that of this machine when empty)");
const POLICY: Flag = Flag::file("policy", "the policy it runs under, a YAML file");
const POLICY_DIGEST: Flag = Flag::text("policy-digest", "SHA256", "digest of that policy");
const POLICY_REF: Flag = Flag::text("policy-ref", "TEXT", "where that policy comes from (its path when empty)");

/// A command that only reads, or one that takes nothing but who does it.
const fn leaf(
    path: &'static [&'static str],
    (summary, sentence): (&'static str, &'static str),
    flags: &'static [Flag],
    error_members: &'static str,
    run: fn(&Call<'_>) -> Answer,
) -> Leaf {
    Leaf {
        path,
        summary,
        sentence,
        positionals: &[],
        order: Order::Mixed,
        flags,
        error_members,
        needs_dashes: false,
        run,
    }
}

/// The members of every error output.
macro_rules! errors {
    ($operation:literal) => {
        concat!(r#"{"schema_id":"gait.job.output","schema_version":"1.0.0","operation":""#, $operation, r#""}"#)
    };
}

pub(super) static LEAVES: &[Leaf] = &[
    leaf(
        &["job", "submit"],
        (
            "start a job",
            "Starts a durable job under a name, bound to an environment, and to a policy and an identity if they are given.",
        ),
        &[
            ID,
            ROOT,
            ACTOR,
            Flag::text("identity", "IDENTITY", "who it runs as (the actor when empty)"),
            FINGERPRINT,
            POLICY,
            POLICY_DIGEST,
            POLICY_REF,
            MOMENT,
        ],
        errors!("submit"),
        job_submit::run,
    ),
    leaf(
        &["job", "status"],
        ("tell where a job stands", "Tells the state of a job; a change that a crash interrupted is settled first."),
        &[ID, ROOT],
        errors!("status"),
        job_read::status,
    ),
    leaf(
        &["job", "inspect"],
        ("tell all that happened to a job", "Tells the state of a job and every event that led to it."),
        &[ID, ROOT],
        errors!("inspect"),
        job_read::inspect,
    ),
    leaf(
        &["job", "checkpoint", "add"],
        (
            "record what a job reports",
            "Records a plan, progress, a decision that is needed, an obstacle or the end of a job.",
        ),
        &[
            ID,
            ROOT,
            Flag::text("type", "TYPE", "what kind of report").or("progress").among(&CheckpointType::NAMES),
            Flag::text("summary", "TEXT", "what happened, 512 bytes at most (required)"),
            Flag::text("required-action", "TEXT", "what somebody must decide (required for decision-needed)"),
            ACTOR,
            MOMENT,
        ],
        errors!("checkpoint add"),
        job_checkpoint::add,
    ),
    leaf(
        &["job", "checkpoint", "list"],
        ("list what a job reported", "Lists the checkpoints of a job."),
        &[ID, ROOT],
        errors!("checkpoint list"),
        job_checkpoint::list,
    ),
    leaf(
        &["job", "checkpoint", "show"],
        ("tell one checkpoint", "Tells one checkpoint of a job."),
        &[ID, ROOT, Flag::text("checkpoint", "ID", "the checkpoint, such as cp_0001 (required)")],
        errors!("checkpoint show"),
        job_checkpoint::show,
    ),
    leaf(
        &["job", "pause"],
        ("pause a job", "Pauses a job that runs or waits for a decision."),
        &[ID, ROOT, ACTOR, MOMENT],
        errors!("pause"),
        job_transition::pause,
    ),
    leaf(
        &["job", "approve"],
        (
            "approve that a job goes on",
            "Records that somebody approves a decision that a job asked for; it goes on with job resume.",
        ),
        &[
            ID,
            ROOT,
            Flag::text("actor", "IDENTITY", "who approves (required)"),
            Flag::text("reason", "TEXT", "why (approved when empty)"),
            MOMENT,
        ],
        errors!("approve"),
        job_transition::approve,
    ),
    leaf(
        &["job", "resume"],
        (
            "let a job go on",
            "Sets a paused, waiting or blocked job to work again if approvals, policy, identity and environment allow it.",
        ),
        &[
            ID,
            ROOT,
            ACTOR,
            Flag::text("identity", "IDENTITY", "who it is to run as"),
            Flag::text("reason", "TEXT", "why (resume when empty)"),
            FINGERPRINT,
            POLICY,
            POLICY_DIGEST,
            POLICY_REF,
            Flag::text("identity-validation-source", "TEXT", "who says that the identity is valid"),
            Flag::file("identity-revocations", "identities that may no longer run jobs, as JSON or one a line"),
            Flag::switch("identity-revoked", "the identity is revoked: refuse"),
            Flag::switch("allow-env-mismatch", "go on in another environment than that of the job"),
            MOMENT,
        ],
        errors!("resume"),
        job_resume::run,
    ),
    leaf(
        &["job", "stop"],
        ("stop a job at once", "Stops a job at once, whatever it waits for; a stopped job can only be cancelled."),
        &[ID, ROOT, ACTOR, MOMENT],
        errors!("stop"),
        job_transition::stop,
    ),
    leaf(
        &["job", "cancel"],
        ("give a job up", "Gives a job up for good."),
        &[ID, ROOT, ACTOR, MOMENT],
        errors!("cancel"),
        job_transition::cancel,
    ),
];
