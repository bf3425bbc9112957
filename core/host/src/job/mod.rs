//! Durable jobs on disk: states and journals that no crash parts and no two processes change at once (05 §14–§16).
//!
//! A job is a folder below the root: `state.json`, `events.jsonl`, and `pending_mutation.json` while a change is under
//! way. A change marks itself there first, replaces the state, appends its event, and takes the mark away; whoever finds a
//! mark later completes the change if its event is in the journal, and takes it back otherwise. What an operation does is
//! decided in [`gait_evidence::job`].

mod diagnosis;
mod folder;
mod inputs;
mod journal;
mod locate;
mod mutation;
mod notice;
mod recovery;
mod store;
#[cfg(test)]
mod tests;

pub use inputs::{environment_fingerprint, revocations};
pub use locate::locate;
pub use notice::JobNotice;
pub use store::{JobChange, JobHistory, JobStore};

/// Where jobs lie unless something else is said.
pub const DEFAULT_ROOT: &str = "./gait-out/jobs";
