//! A pack as a row of a PostgreSQL table: the statement that inserts or updates it, and those that make the table.

use std::fmt::Write as _;

use gait_base::error::{Category, Classify};
use gait_base::text::fold;

use super::ExportRecord;

/// The table when none is named.
pub const DEFAULT_TABLE: &str = "gait_pack_index";

/// The columns and their types; the first is the key.
const COLUMNS: [(&str, &str); 18] = [
    ("pack_id", "TEXT PRIMARY KEY"),
    ("pack_type", "TEXT NOT NULL"),
    ("source_ref", "TEXT NOT NULL"),
    ("manifest_digest", "TEXT NOT NULL"),
    ("files_checked", "INTEGER NOT NULL"),
    ("hash_mismatches", "INTEGER NOT NULL"),
    ("missing_files", "INTEGER NOT NULL"),
    ("undeclared_files", "INTEGER NOT NULL"),
    ("signature_status", "TEXT NOT NULL"),
    ("signatures_total", "INTEGER NOT NULL"),
    ("signatures_valid", "INTEGER NOT NULL"),
    ("tool_calls_total", "INTEGER NOT NULL"),
    ("tool_calls_success", "INTEGER NOT NULL"),
    ("tool_calls_success_rate", "DOUBLE PRECISION NOT NULL"),
    ("policy_blocked", "INTEGER NOT NULL"),
    ("approval_required", "INTEGER NOT NULL"),
    ("regress_failures", "INTEGER NOT NULL"),
    ("created_at", "TIMESTAMPTZ NOT NULL"),
];

/// A name that no table may have here: only `table` and `schema.table`, of letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "table name {0:?} must be <table> or <schema.table>, each of ASCII letters, digits and _, not beginning with a digit"
)]
pub struct TableNameError(String);

impl Classify for TableNameError {
    fn code(&self) -> &'static str {
        "table_name_invalid"
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

/// A table, by a name that needs no further checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    quoted: String,
    index: String,
}

impl Table {
    /// Reads `table` or `schema.table`; blank is [`DEFAULT_TABLE`].
    ///
    /// # Errors
    /// [`TableNameError`].
    ///
    /// ```
    /// use gait_evidence::pack::Table;
    ///
    /// assert_eq!(Table::parse(" Ops.Packs ")?.quoted(), "\"Ops\".\"Packs\"");
    /// assert!(Table::parse("a; drop table b").is_err());
    /// # Ok::<(), gait_evidence::pack::TableNameError>(())
    /// ```
    pub fn parse(name: &str) -> Result<Self, TableNameError> {
        let given = match name.trim() {
            "" => DEFAULT_TABLE,
            given => given,
        };
        let parts: Vec<&str> = given.split('.').map(str::trim).collect();
        let table = match parts.as_slice() {
            [table] | [_, table] => *table,
            _ => return Err(TableNameError(name.to_owned())),
        };
        if !parts.iter().all(|part| is_identifier(part)) {
            return Err(TableNameError(name.to_owned()));
        }
        let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
        Ok(Self { quoted: quoted.join("."), index: fold(table) })
    }

    /// The name as it stands in statements.
    #[must_use]
    pub fn quoted(&self) -> &str {
        &self.quoted
    }

    /// The part of the names of its indexes.
    #[must_use]
    pub fn index(&self) -> &str {
        &self.index
    }
}

fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The statements that put a pack into a table; with `definition` also those that make the table.
#[must_use]
pub fn upsert_sql(record: &ExportRecord, table: &Table, definition: bool) -> String {
    let mut sql = String::new();
    let Table { quoted, index } = table;
    // Writing to a string cannot fail.
    if definition {
        let columns: Vec<String> = COLUMNS.iter().map(|(name, kind)| format!("  {name} {kind}")).collect();
        let _ = write!(sql, "CREATE TABLE IF NOT EXISTS {quoted} (\n{}\n);\n", columns.join(",\n"));
        for (name, columns) in [("pack_type_created_at", "pack_type, created_at DESC"), ("source_ref", "source_ref")] {
            let _ = writeln!(sql, "CREATE INDEX IF NOT EXISTS \"idx_{index}_{name}\" ON {quoted} ({columns});");
        }
        sql.push('\n');
    }
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| format!("  {name}")).collect();
    let values: Vec<String> = values(record).iter().map(|value| format!("  {value}")).collect();
    let updates: Vec<String> = COLUMNS.iter().skip(1).map(|(name, _)| format!("  {name} = EXCLUDED.{name}")).collect();
    let _ = write!(
        sql,
        "INSERT INTO {quoted} (\n{}\n) VALUES (\n{}\n)\nON CONFLICT (pack_id) DO UPDATE SET\n{};\n",
        names.join(",\n"),
        values.join(",\n"),
        updates.join(",\n"),
    );
    sql
}

/// The values of a row, in the order of the columns.
fn values(record: &ExportRecord) -> [String; 18] {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let number = |number: i64| number.to_string();
    let metrics = &record.metrics;
    [
        text(&record.pack_id),
        text(&record.pack_type),
        text(&record.source_ref),
        text(&record.manifest_digest),
        number(record.files_checked),
        number(record.hash_mismatches),
        number(record.missing_files),
        number(record.undeclared_files),
        text(&record.signature_status),
        number(record.signatures_total),
        number(record.signatures_valid),
        number(metrics.tool_calls_total),
        number(metrics.tool_calls_success),
        format!("{:.6}", metrics.tool_calls_success_rate),
        number(metrics.policy_blocked),
        number(metrics.approval_required),
        number(metrics.regress_failures),
        format!("{}::timestamptz", text(&record.created_at.to_string())),
    ]
}
