//! A runpack recorded again, in the form that this version writes (04 §8.11).

use super::Runpack;
use super::record::{Normalization, REFERENCE, RunpackDraft};

/// What to record so that the same data stand in the present form, unsigned.
#[must_use]
pub fn migrate(runpack: Runpack) -> RunpackDraft {
    let Runpack { manifest, run, intents, results, refs } = runpack;
    let capture_mode = match manifest.capture_mode.trim() {
        "" => REFERENCE,
        given => given,
    };
    RunpackDraft {
        run,
        intents,
        results,
        refs,
        capture_mode: capture_mode.to_owned(),
        normalization: Normalization::default(),
    }
}

/// The file name of a migrated run.
#[must_use]
pub fn migrated_file_name(run_id: &str) -> String {
    format!("runpack_{run_id}_migrated.zip")
}
