//! Sessions as the tests use them.

use std::path::Path;
use std::time::Duration;

use gait_evidence::session::EventDraft;
use gait_host::session::{LockSettings, Session, SessionSettings, StateWrites};

/// The journal's name in its folder.
pub(crate) const JOURNAL: &str = "s.jsonl";

pub(crate) fn soak() -> bool {
    std::env::var_os("GAIT_SOAK").is_some_and(|value| value == "1")
}

/// A folder in memory where there is such a thing: for what needs no disk, only many files.
pub(crate) fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn session_with(folder: &Path, settings: SessionSettings) -> Session {
    Session::open(folder.join(JOURNAL).to_str().unwrap(), settings).unwrap()
}

pub(crate) fn session(folder: &Path) -> Session {
    session_with(folder, SessionSettings::default())
}

/// As the command line uses one: for a single operation.
pub(crate) fn command(folder: &Path) -> Session {
    session_with(folder, SessionSettings { state: StateWrites::Each, ..SessionSettings::default() })
}

/// A session that waits for its lock as long as a busy machine may take to sync.
pub(crate) fn patient(folder: &Path, state: StateWrites) -> Session {
    let lock = LockSettings { timeout: Duration::from_secs(60), ..LockSettings::STANDARD };
    session_with(folder, SessionSettings { lock, state, ..SessionSettings::default() })
}

pub(crate) fn started(folder: &Path) -> Session {
    let session = session(folder);
    session.start("s", "run_s").unwrap();
    session
}

pub(crate) fn event(name: &str) -> EventDraft {
    EventDraft {
        intent_id: name.to_owned(),
        tool_name: "tool.write".to_owned(),
        verdict: "allow".to_owned(),
        trace_id: format!("trace_{name}"),
        reason_codes: vec!["x".repeat(700)],
        ..EventDraft::default()
    }
}
