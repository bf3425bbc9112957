//! The table of paths that writers and appenders take, replayed. A binary of its own: it changes the working folder.

use std::path::PathBuf;

use gait_host::fs::{append_line, write_atomic};

fn vectors() -> PathBuf {
    std::env::var_os("GAIT_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")), PathBuf::from)
}

#[test]
fn paths_are_taken_and_refused_as_the_table_says() {
    let table = vectors().join("primitives/write-path.jsonl");
    let Ok(rows) = std::fs::read_to_string(&table) else {
        eprintln!("skipped: no golden cases at {}", table.display());
        return;
    };
    let mut replayed = 0;
    for row in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let path = row["input"]["path"].as_str().unwrap();
        if path.starts_with('/') {
            continue; // would make folders at the root of this machine
        }
        // One folder deeper, so that a path that escapes does no harm.
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("working");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::env::set_current_dir(&folder).unwrap();
        assert_eq!(write_atomic(path, b"{}", 0o600).is_ok(), row["want"]["write_ok"], "write {path:?}");
        assert_eq!(append_line(path, b"{}", 0o600).is_ok(), row["want"]["append_ok"], "append {path:?}");
        assert_eq!(std::fs::read_dir(outer.path()).unwrap().count(), 1, "{path:?} wrote outside");
        std::env::set_current_dir("/").unwrap();
        replayed += 1;
    }
    assert!(replayed > 0, "the table holds no row that can be replayed");
}
