//! The events of the usage logs and the health file, and how an adoption event is read back (01 §12).

use std::collections::BTreeMap;

use gait_base::error::{Category, Classify};
use gait_base::json::{self, Reading};
use gait_base::record;
use gait_base::text::set;
use gait_base::time::Timestamp;

use crate::environment::DEVELOPMENT_VERSION;

/// The version of all documents here.
pub(super) const VERSION: &str = "1.0.0";
/// The kind of an adoption event.
pub(super) const ADOPTION: &str = "gait.scout.adoption_event";
/// The kind of an operational event.
pub(super) const OPERATIONAL: &str = "gait.scout.operational_event";
/// The kind of the health file.
pub(super) const HEALTH: &str = "gait.scout.telemetry_health";

record! {
    /// Where a command ran.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EventEnvironment {
        /// Operating system.
        pub os: String,
        /// Processor architecture.
        pub arch: String,
    }
}

record! {
    /// One command, for the adoption log.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AdoptionEvent {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When the command ended.
        pub created_at: Timestamp,
        /// Version of the program.
        pub producer_version: String,
        /// Name of the command.
        pub command: String,
        /// The workflow that it belongs to.
        pub workflow_id: String => omit,
        /// Whether it ended with 0.
        pub success: bool,
        /// Its exit code.
        pub exit_code: i64,
        /// How long it took, in whole milliseconds.
        pub elapsed_ms: i64,
        /// Which steps of the first acquaintance it takes.
        pub milestones: Vec<String> => omit,
        /// Where it ran.
        pub environment: EventEnvironment,
    }
}

record! {
    /// Start or end of a command, for the operational log.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OperationalEvent {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it happened.
        pub created_at: Timestamp,
        /// Version of the program.
        pub producer_version: String,
        /// The same in both events of a command and in its output.
        pub correlation_id: String,
        /// Name of the command.
        pub command: String,
        /// `start` or `end`.
        pub phase: String,
        /// Its exit code; 0 at the start.
        pub exit_code: i64,
        /// What kind of failure the exit code stands for; `none` at the start and for 0.
        pub error_category: String,
        /// Whether it may succeed later without a change.
        pub retryable: bool,
        /// How long it took, in whole milliseconds; 0 at the start.
        pub elapsed_ms: i64,
        /// Where it ran.
        pub environment: EventEnvironment,
    }
}

record! {
    /// Writes to one log by this process.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StreamHealth {
        /// How many were tried.
        pub attempts: i64,
        /// How many succeeded.
        pub success: i64,
        /// How many failed.
        pub failed: i64,
    }
}

record! {
    /// How the logs of this process fare.
    #[derive(Clone, Debug, PartialEq)]
    pub struct TelemetryHealth {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was written.
        pub created_at: Timestamp,
        /// Version of the program.
        pub producer_version: String,
        /// The logs that were tried.
        pub streams: BTreeMap<String, StreamHealth>,
    }
}

/// Why a line of an adoption log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptionFault {
    /// It is no JSON of the right types.
    #[error("adoption event: {0}")]
    Malformed(json::JsonError),
    /// It is another kind of document, or of another version.
    #[error("adoption event: unsupported {0}")]
    Unsupported(&'static str),
    /// Something is missing or out of range.
    #[error("adoption event: {0} is missing or out of range")]
    Member(&'static str),
}

impl Classify for AdoptionFault {
    fn code(&self) -> &'static str {
        "adoption_event_invalid"
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

impl AdoptionEvent {
    /// Reads a line of an adoption log and fills in what may be left out.
    ///
    /// # Errors
    /// [`AdoptionFault`].
    pub fn parse(line: &[u8]) -> Result<Self, AdoptionFault> {
        let mut event: Self = json::decode(line, Reading::COMPAT).map_err(AdoptionFault::Malformed)?;
        for (member, expected, name) in
            [(&mut event.schema_id, ADOPTION, "schema_id"), (&mut event.schema_version, VERSION, "schema_version")]
        {
            match member.trim() {
                "" => expected.clone_into(member),
                given if given == expected => expected.clone_into(member),
                _ => return Err(AdoptionFault::Unsupported(name)),
            }
        }
        if event.producer_version.trim().is_empty() {
            DEVELOPMENT_VERSION.clone_into(&mut event.producer_version);
        }
        for (holds, name) in [
            (!event.created_at.is_zero(), "created_at"),
            (!event.command.trim().is_empty(), "command"),
            ((0..=255).contains(&event.exit_code), "exit_code"),
            (!event.environment.os.trim().is_empty(), "environment.os"),
            (!event.environment.arch.trim().is_empty(), "environment.arch"),
        ] {
            if !holds {
                return Err(AdoptionFault::Member(name));
            }
        }
        event.elapsed_ms = event.elapsed_ms.max(0);
        set(&mut event.milestones);
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_checked_when_read_back() {
        let line = r#"{"created_at":"2026-01-01T00:00:00Z","command":"demo","exit_code":0,"elapsed_ms":-4,
            "milestones":["A2","A1","A2"],"environment":{"os":"linux","arch":"amd64"}}"#;
        let event = AdoptionEvent::parse(line.as_bytes()).unwrap();
        assert_eq!(
            (event.schema_id.as_str(), event.producer_version.as_str(), event.elapsed_ms),
            (ADOPTION, "0.0.0-dev", 0)
        );
        assert_eq!(event.milestones, ["A1", "A2"]);
        for (from, to) in [
            ("\"exit_code\":0", "\"exit_code\":256"),
            ("\"demo\"", "\" \""),
            ("2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("\"linux\"", "\"\""),
            ("{\"created_at\"", "{\"schema_version\":\"2.0.0\",\"created_at\""),
        ] {
            assert!(AdoptionEvent::parse(line.replace(from, to).as_bytes()).is_err(), "{to}");
        }
    }
}
