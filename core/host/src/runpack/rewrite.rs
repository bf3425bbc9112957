//! Runpacks made from runpacks: migrated and reduced ones (04 §8.10, §8.11).

use std::path::{Path, PathBuf};

use gait_base::json;
use gait_base::path::is_plain_name;
use gait_base::time::Timestamp;
use gait_evidence::runpack::{
    self, Predicate, RecordOptions, ReduceReport, VerifyOptions, migrated_file_name, reduced_file_name,
};
use gait_gate::mode::Mode;

use super::RunpackFileError;
use super::file::{read, verify, write};
use crate::fs::{PRIVATE, clean_path, output_path, read_limited, write_replacing};

/// A runpack that was recorded again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Where.
    pub output: PathBuf,
    /// The run.
    pub run_id: String,
    /// Whether the new archive has other bytes.
    pub changed: bool,
}

/// Records a runpack again, unsigned, at `out` or beside it.
///
/// # Errors
/// [`RunpackFileError`].
pub fn migrate(input: &Path, out: &str, mode: Mode) -> Result<Migrated, RunpackFileError> {
    let is_archive = input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !is_archive {
        return Err(RunpackFileError::NotAnArchive(input.display().to_string()));
    }
    let recorded = read(input, mode)?;
    let run_id = recorded.run.run_id.clone();
    let output = match out.trim() {
        "" => beside(input, &run_id, migrated_file_name(&run_id))?,
        out => out.to_owned(),
    };
    if output_path(&output)? == clean_path(input) {
        return Err(RunpackFileError::SameFile);
    }
    let original = read_limited(input, MIGRATE_LIMIT)?;
    let options = RecordOptions { now: Timestamp::ZERO, signing_key: None };
    let again = runpack::record(runpack::migrate(recorded), &options)?;
    let path = write(&output, &again.bytes)?;
    if !verify(&path, &VerifyOptions { mode: Mode::Compat, ..VerifyOptions::default() })?.ok() {
        return Err(RunpackFileError::NotVerified(path));
    }
    Ok(Migrated { output: path, run_id, changed: original != again.bytes })
}

/// Larger than any archive that can be migrated: its entries fit into memory.
const MIGRATE_LIMIT: u64 = 1 << 30;

/// A runpack that was reduced.
#[derive(Clone, Debug, PartialEq)]
pub struct ReducedFile {
    /// Where, trimmed but not cleaned.
    pub output: String,
    /// Where the report is.
    pub report_path: String,
    /// What was kept.
    pub report: ReduceReport,
}

/// Reduces a runpack to what shows a predicate; the archive goes to `out` or beside the input, the report to
/// `report_out` or beside the archive.
///
/// # Errors
/// [`RunpackFileError`].
pub fn reduce(
    input: &Path,
    predicate: Predicate,
    out: &str,
    report_out: &str,
    mode: Mode,
) -> Result<ReducedFile, RunpackFileError> {
    let recorded = read(input, mode)?;
    let mut reduced = runpack::reduce(&recorded, predicate)?;
    let output = match out.trim() {
        "" => beside(input, &recorded.run.run_id, reduced_file_name(&recorded.run.run_id, predicate))?,
        out => out.to_owned(),
    };
    let options = RecordOptions { now: Timestamp::ZERO, signing_key: None };
    let again = runpack::record(std::mem::take(&mut reduced.draft), &options)?;
    let path = write(&output, &again.bytes)?;
    reduced.check(&read(&path, mode)?)?;
    let report_path =
        if report_out.is_empty() { format!("{output}.reduce_report.json") } else { report_out.to_owned() };
    write_replacing(&report_path, &json::to_compact(&reduced.report)?, PRIVATE)?;
    Ok(ReducedFile { output, report_path, report: reduced.report })
}

/// A file name in the folder of the input, made of a run id that may stand in one.
fn beside(input: &Path, run_id: &str, name: String) -> Result<String, RunpackFileError> {
    if !is_plain_name(run_id) {
        return Err(RunpackFileError::RunId(run_id.to_owned()));
    }
    let folder = input.parent().unwrap_or(Path::new(""));
    Ok(folder.join(name).display().to_string())
}
