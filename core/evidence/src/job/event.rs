//! An event in the life of a job, `gait.job.event` 1.0.0 (05 §14.4).

use gait_base::json::{self, Map, Value};
use gait_base::time::Timestamp;

use super::error::JobError;

pub(super) const SCHEMA_ID: &str = "gait.job.event";
pub(super) const SCHEMA_VERSION: &str = "1.0.0";

/// The longest line of a journal that is written, in bytes.
pub(super) const MAX_EVENT_BYTES: usize = 8 << 20;

/// The types of events.
pub mod event_type {
    /// The job was submitted.
    pub const SUBMITTED: &str = "submitted";
    /// It reported something.
    pub const CHECKPOINT_ADDED: &str = "checkpoint_added";
    /// It was paused.
    pub const PAUSED: &str = "paused";
    /// It was cancelled.
    pub const CANCELLED: &str = "cancelled";
    /// It was stopped at once.
    pub const EMERGENCY_STOP_ACKNOWLEDGED: &str = "emergency_stop_acknowledged";
    /// Somebody approved that it goes on.
    pub const APPROVED: &str = "approved";
    /// It went on.
    pub const RESUMED: &str = "resumed";
    /// A call was blocked because the job is stopped.
    pub const DISPATCH_BLOCKED: &str = "dispatch_blocked";
}

/// The reason codes of events that are also those of states (05 §14.1).
pub mod reason_code {
    /// The job was submitted.
    pub const SUBMITTED: &str = "submitted";
    /// It was paused.
    pub const PAUSED: &str = "paused";
    /// It was cancelled.
    pub const CANCELLED: &str = "cancelled";
    /// It was stopped at once.
    pub const EMERGENCY_STOP_PREEMPTED: &str = "emergency_stop_preempted";
    /// Somebody approved that it goes on.
    pub const APPROVAL_RECORDED: &str = "approval_recorded";
    /// It went on.
    pub const RESUMED: &str = "resumed";
    /// It went on under another policy.
    pub const RESUMED_WITH_POLICY_TRANSITION: &str = "resumed_with_policy_transition";
    /// It went on in another environment.
    pub const RESUMED_WITH_ENV_OVERRIDE: &str = "resumed_with_env_override";
    /// It went on in another environment under another policy.
    pub const RESUMED_WITH_ENV_OVERRIDE_POLICY_TRANSITION: &str = "resumed_with_env_override_policy_transition";
}

gait_base::record! {
    /// What happened to a job.
    #[derive(Clone, Debug, PartialEq)]
    pub struct JobEvent {
        /// `gait.job.event`; not checked on reading.
        pub schema_id: String,
        /// `1.0.0`; not checked on reading.
        pub schema_version: String,
        /// When.
        pub created_at: Timestamp,
        /// The name of the job, as its state has it.
        pub job_id: String,
        /// The revision of the state that it led to.
        pub revision: i64,
        /// One of [`event_type`].
        pub kind: String as "type",
        /// Who did it.
        pub actor: String => omit,
        /// Why it happened.
        pub reason_code: String => omit,
        /// What else belongs to it.
        pub payload: Map => omit,
    }
}

impl JobEvent {
    /// The event as a line of a journal, without its newline.
    ///
    /// # Errors
    /// [`JobError::TooLarge`]; [`JobError::Encode`] when a time has no written form.
    pub fn to_line(&self) -> Result<Vec<u8>, JobError> {
        let line = json::to_compact(self)?;
        if line.len() > MAX_EVENT_BYTES {
            return Err(JobError::TooLarge { what: "job event", limit: MAX_EVENT_BYTES });
        }
        Ok(line)
    }
}

/// What an operation tells of its event; the rest follows from the state.
#[derive(Debug)]
pub(super) struct EventDraft<'a> {
    pub(super) kind: &'static str,
    pub(super) reason_code: &'a str,
    pub(super) actor: &'a str,
    pub(super) payload: Map,
}

/// Members with their values, for payloads; those without a value stay out.
pub(super) fn payload<const N: usize>(members: [(&str, Option<Value>); N]) -> Map {
    members.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect()
}

/// The value of a text that stays out when it is empty.
pub(super) fn unless_empty(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::from(text))
}
