//! Replays the recorded table of lock settings (04 §13).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use gait_host::session::LockSettings;
use serde_json::{Value, json};

#[test]
fn lock_settings_from_the_environment() {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    let path = root.join("runpack/session_lock_config.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there; GAIT_VECTORS may name the folder of the tables", path.display());
        return;
    };
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let settings = LockSettings::from_environment(|name| Some(row["input"][name].as_str()?.to_owned()));
        let got = json!({
            "profile": settings.name(),
            "timeout_ns": u64::try_from(settings.timeout.as_nanos()).unwrap(),
            "retry_ns": u64::try_from(settings.retry.as_nanos()).unwrap(),
            "stale_after_ns": u64::try_from(settings.stale_after.as_nanos()).unwrap(),
        });
        assert_eq!(got, row["want"], "{}", row["name"]);
    }
}
