//! The golden tables, where they are present.

use std::path::PathBuf;

use serde_json::Value;

/// The rows of a table such as `primitives/zip`; none, with a notice, if the tables are not there.
pub(crate) fn rows(table: &str) -> Vec<Value> {
    let root = std::env::var_os("GAIT_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")), PathBuf::from);
    let path = root.join(format!("{table}.jsonl"));
    match std::fs::read_to_string(&path) {
        Ok(text) => text.lines().map(|line| serde_json::from_str(line).expect("a row of JSON")).collect(),
        Err(error) => {
            eprintln!("{table} skipped: {}: {error}", path.display());
            Vec::new()
        }
    }
}

/// The row's name, for messages.
pub(crate) fn name(row: &Value) -> &str {
    row["name"].as_str().unwrap_or("row without a name")
}

/// Decodes standard base64.
#[allow(dead_code, reason = "not every table holds bytes")]
pub(crate) fn decode(value: &Value) -> Option<Vec<u8>> {
    use base64::Engine;
    Some(base64::engine::general_purpose::STANDARD.decode(value.as_str()?).expect("base64"))
}
