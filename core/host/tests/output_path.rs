//! Where writers may write, against the golden table (04 §1.1).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use gait_host::fs::output_path;
use serde_json::Value;

#[test]
fn output_paths() {
    let root = std::env::var_os("GAIT_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")), PathBuf::from);
    let path = root.join("runpack/output_path.jsonl");
    let Ok(table) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no {}", path.display());
        return;
    };
    for line in table.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let given = row["input"].as_str().unwrap();
        let cleaned = output_path(given).ok().map(|path| path.to_str().unwrap().to_owned());
        assert_eq!(cleaned.as_deref(), row["want"]["path"].as_str(), "{}", row["name"]);
    }
}
