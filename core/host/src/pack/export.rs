//! Exporting what an index keeps of a pack: telemetry, statements (05 §8).

use gait_evidence::archive::Limits;
use gait_evidence::pack::{self, PackError, Table, VerifyOptions};
use gait_gate::mode::Mode;

use super::error::PackFileError;
use super::look::named;
use super::output::PackOutput;
use super::source::PackFile;
use super::workspace::Machine;
use crate::fs::{PRIVATE, append_line, output_path, write_replacing};

/// What `pack export` is told. Texts are as they were typed.
#[derive(Clone, Debug)]
pub struct ExportRequest<'a> {
    /// The pack's file.
    pub path: &'a str,
    /// The file that telemetry is appended to; blank for none.
    pub otel_out: &'a str,
    /// The file that statements are written to; blank for none.
    pub postgres_sql_out: &'a str,
    /// The table of the statements.
    pub postgres_table: &'a str,
    /// Whether the statements make the table too.
    pub postgres_include_ddl: bool,
    /// How closely the pack is looked at.
    pub mode: Mode,
}

/// Verifies a pack without a key, and exports what an index keeps of it.
///
/// # Errors
/// [`PackFileError`]; entries that merely do not hold are counted.
pub fn export(request: &ExportRequest<'_>) -> Result<PackOutput, PackFileError> {
    let path = named(request.path)?;
    let (otel, sql) = (request.otel_out.trim(), request.postgres_sql_out.trim());
    if otel.is_empty() && sql.is_empty() {
        return Err(PackFileError::option("an output is required: --otel-out or --postgres-sql-out"));
    }
    let table = || Table::parse(request.postgres_table).map_err(PackError::from);
    if request.mode.is_strict() && !sql.is_empty() {
        // The reference notices a wrong name only after telemetry was written.
        table()?;
    }
    let file = PackFile::open(path)?;
    let options = VerifyOptions { key: None, require_signature: false, mode: request.mode, limits: Limits::default() };
    let record = pack::export_record(file.reader(), &options, &Machine(&file))?;
    let mut output = PackOutput {
        path: path.to_owned(),
        pack_id: record.pack_id.clone(),
        pack_type: record.pack_type.clone(),
        source_ref: record.source_ref.clone(),
        ..PackOutput::new("export", true)
    };
    if !otel.is_empty() {
        let target = output_path(otel)?;
        append_line(&target, &pack::otel_lines(&record)?, PRIVATE)?;
        output.otel_path = target.display().to_string();
    }
    if !sql.is_empty() {
        let text = pack::upsert_sql(&record, &table()?, request.postgres_include_ddl);
        write_replacing(sql, text.as_bytes(), PRIVATE)?;
        sql.clone_into(&mut output.postgres_sql_path);
    }
    output.export = Some(record);
    Ok(output)
}
