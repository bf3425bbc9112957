//! The recorded tables of golden cases, one JSON object a line: `name`, `input`, `want`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses a part")]

use serde_json::Value;
use std::path::{Path, PathBuf};

/// One row of a table.
pub struct Row(Value);

/// The rows of a table; none, with a note, where the tables are not at hand.
pub fn rows(table: &str) -> Vec<Row> {
    let root = std::env::var_os("GAIT_VECTORS").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).to_path_buf(),
        PathBuf::from,
    );
    let path = root.join(table);
    match std::fs::read_to_string(&path) {
        Ok(text) => text.lines().map(|line| Row(serde_json::from_str(line).unwrap())).collect(),
        Err(error) => {
            eprintln!("skipped: {}: {error}; GAIT_VECTORS may name the folder of the tables", path.display());
            Vec::new()
        }
    }
}

impl Row {
    pub fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    /// A text of the input; empty when absent.
    pub fn input(&self, field: &str) -> String {
        self.0["input"][field].as_str().unwrap_or_default().to_owned()
    }

    /// A text of what must come out; empty when absent.
    pub fn want(&self, field: &str) -> String {
        self.0["want"][field].as_str().unwrap_or_default().to_owned()
    }

    pub fn input_value(&self, field: &str) -> &Value {
        &self.0["input"][field]
    }

    pub fn want_value(&self, field: &str) -> &Value {
        &self.0["want"][field]
    }

    pub fn ok(&self) -> bool {
        self.0["want"]["ok"] == Value::Bool(true)
    }
}
