//! The kill switch: entries that stop whatever they match, whatever a policy says (03 §5).
//!
//! A state is read from its file with [`KillSwitchState::parse`], asked with [`KillSwitchState::decide`], and changed
//! with [`KillSwitchState::add`], [`disable`](KillSwitchState::disable) and [`expire`](KillSwitchState::expire). Reading
//! and writing the file, under its lock, is the host's.

mod journal;
mod matching;
mod state;

use gait_base::error::{Category, Classify};
use gait_base::json::JsonError;
use gait_base::record;
use gait_base::time::{TimeError, Timestamp};
use thiserror::Error;

pub use journal::{JOURNAL_FILE_NAME, KillSwitchJournalRecord};

/// The only accepted `schema_id` of a state.
pub const SCHEMA_ID: &str = "gait.gate.kill_switch_state";
/// The only accepted `schema_version` of a state.
pub const SCHEMA_VERSION: &str = "1.0.0";

record! {
    /// The state document (03 §5.1). The entries of a parsed state are sorted by id; an entry added since stands last.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KillSwitchState {
        /// [`SCHEMA_ID`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When the state was started.
        pub created_at: Timestamp,
        /// When it was changed last.
        pub updated_at: Timestamp,
        /// Version of the program that started it.
        pub producer_version: String,
        /// The entries.
        pub entries: Vec<KillSwitchEntry>,
    }
}

record! {
    /// One entry: it stops what satisfies all selectors that are set; without any it stops everything.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KillSwitchEntry {
        /// Its id; not necessarily unique.
        pub entry_id: String,
        /// Whether it is in force.
        pub enabled: bool,
        /// Selector: the agent.
        pub agent_id: String => omit,
        /// Selector: the identity, case-sensitive.
        pub identity: String => omit,
        /// Selector: the tool.
        pub tool_name: String => omit,
        /// Selector: kind of some target.
        pub target_kind: String => omit,
        /// Selector: value of the same target.
        pub target_value: String => omit,
        /// Selector: the environment.
        pub environment: String => omit,
        /// Selector: some path target lies under one of these.
        pub path_prefixes: Vec<String> => omit,
        /// Selector: the workspace lies under one of these.
        pub workspace_prefixes: Vec<String> => omit,
        /// Why it was added.
        pub reason: String => omit,
        /// Who added it.
        pub actor: String => omit,
        /// When it was added.
        pub created_at: Timestamp,
        /// When it ends; the zero time is never.
        pub expires_at: Timestamp,
    }
}

impl KillSwitchEntry {
    /// Whether no selector is set: such an entry, once in force, stops everything.
    #[must_use]
    pub fn selects_everything(&self) -> bool {
        [&self.agent_id, &self.identity, &self.tool_name, &self.target_kind, &self.target_value, &self.environment]
            .into_iter()
            .all(String::is_empty)
            && self.path_prefixes.is_empty()
            && self.workspace_prefixes.is_empty()
    }
}

/// Why a kill-switch state cannot be read or changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KillSwitchError {
    /// The file is no JSON document of this type.
    #[error("kill-switch state: {0}")]
    Json(#[from] JsonError),
    /// Another kind or version of document.
    #[error("kill-switch state: unsupported {member} {value:?}")]
    Schema {
        /// `schema_id` or `schema_version`.
        member: &'static str,
        /// What stands there.
        value: String,
    },
    /// A time that must be set is not.
    #[error("kill-switch state: {0} is required")]
    MissingTime(&'static str),
    /// A time cannot be written in UTC.
    #[error("kill-switch state: {0}")]
    Time(#[from] TimeError),
    /// A target kind that does not exist.
    #[error("kill-switch entry: unknown target_kind {0:?}")]
    TargetKind(String),
    /// Neither an id nor a selector: it is not clear what should be stopped.
    #[error("kill-switch entry: at least one selector or an entry id is required")]
    NoSelector,
    /// An id is needed to find an entry.
    #[error("kill-switch entry: the entry id is required")]
    MissingEntryId,
    /// There is no such entry.
    #[error("kill-switch entry {0:?} not found")]
    EntryNotFound(String),
}

impl Classify for KillSwitchError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Schema { .. } => "kill_switch_schema_unsupported",
            Self::MissingTime(_) => "kill_switch_time_missing",
            Self::Time(error) => error.code(),
            Self::TargetKind(_) => "kill_switch_target_kind_unknown",
            Self::NoSelector => "kill_switch_selector_missing",
            Self::MissingEntryId => "kill_switch_entry_id_missing",
            Self::EntryNotFound(_) => "kill_switch_entry_not_found",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
