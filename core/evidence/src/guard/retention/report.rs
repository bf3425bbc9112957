//! What is written down about a retention run.

use gait_base::path::clean;
use gait_base::record;
use gait_base::time::Timestamp;

use super::plan::{Artifact, ArtifactKind, Caps, Fate, Reason, RetentionPolicy};

/// Kind of the report.
const SCHEMA_ID: &str = "gait.guard.retention_report";
const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// The report of a retention run.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RetentionReport {
        /// `gait.guard.retention_report`.
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// When it ran.
        pub created_at: Timestamp,
        /// Version of the program that ran it.
        pub producer_version: String,
        /// The folder, cleaned.
        pub root_path: String,
        /// Whether nothing was removed.
        pub dry_run: bool,
        /// How old traces may become, in whole seconds.
        pub trace_ttl_seconds: i64,
        /// How old packs may become, in whole seconds.
        pub pack_ttl_seconds: i64,
        /// How many artifacts were looked at.
        pub scanned_files: i64,
        /// Those that went, or go when this is a dry run or a plan.
        pub deleted_files: Vec<RetentionEvent>,
        /// Those that stay.
        pub kept_files: Vec<RetentionEvent>,
        /// `planned` until the removals are through; absent from then on.
        pub state: String => omit,
    }
}

record! {
    /// What becomes of a file.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RetentionEvent {
        /// Its path, from the folder as it was named.
        pub path: String,
        /// Its kind.
        pub kind: String,
        /// When it was last changed, in UTC.
        pub modified_at: Timestamp,
        /// Its age in whole seconds.
        pub age_seconds: i64,
        /// `deleted` or `kept`.
        pub action: String,
        /// Why, unless it is for its age alone.
        pub reason: String => omit,
    }
}

/// Whether a report tells of what is to come or of what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// The removals are still to come, or were interrupted.
    Planned,
    /// All is done.
    Done,
}

impl RetentionEvent {
    fn new(artifact: &Artifact, fate: Fate) -> Self {
        Self {
            path: artifact.path.clone(),
            kind: artifact.kind.as_str().to_owned(),
            modified_at: artifact.modified_at,
            age_seconds: fate.age_seconds,
            action: if fate.goes { "deleted" } else { "kept" }.to_owned(),
            reason: fate.reason.map_or("", Reason::as_str).to_owned(),
        }
    }
}

impl RetentionReport {
    /// The report about artifacts and what becomes of each, in their order.
    #[must_use]
    pub fn new(
        root: &str,
        policy: &RetentionPolicy,
        artifacts: &[Artifact],
        fates: &[Fate],
        now: Timestamp,
        producer_version: &str,
    ) -> Self {
        let seconds = |kind| policy.caps(kind).and_then(age_seconds).unwrap_or(0);
        let events = |goes: bool| {
            let chosen = artifacts.iter().zip(fates).filter(|(_, fate)| fate.goes == goes);
            chosen.map(|(artifact, fate)| RetentionEvent::new(artifact, *fate)).collect()
        };
        Self {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            created_at: now,
            producer_version: producer_version.to_owned(),
            root_path: clean(root),
            dry_run: false,
            trace_ttl_seconds: seconds(ArtifactKind::Trace),
            pack_ttl_seconds: seconds(ArtifactKind::Pack),
            scanned_files: i64::try_from(artifacts.len()).unwrap_or(i64::MAX),
            deleted_files: events(true),
            kept_files: events(false),
            state: String::new(),
        }
    }

    /// The same in this state.
    #[must_use]
    pub fn in_state(mut self, state: ReportState) -> Self {
        self.state = match state {
            ReportState::Planned => "planned",
            ReportState::Done => "",
        }
        .to_owned();
        self
    }
}

/// An age in whole seconds, cut toward zero.
fn age_seconds(caps: &Caps) -> Option<i64> {
    caps.age_nanos.map(|nanos| nanos / 1_000_000_000)
}
