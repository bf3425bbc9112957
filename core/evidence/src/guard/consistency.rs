//! Whether the manifest of a guard pack and its entries tell the same: what strict verification asks on top (05 §20.14).
//!
//! Digests alone show that nothing was changed since the manifest was written. A manifest may still index what is not
//! there, leave out what is, or be about another run than its entries.

use std::io::{Read, Seek};

use gait_base::digest::sha256;
use gait_base::jcs::to_canonical;
use gait_base::json::{self, Encode, Reading};

use super::document::{
    CONTROL_INDEX_PATH, EVIDENCE_POINTERS_PATH, PackEntry, PackManifest, RUNPACK_SUMMARY_PATH, entry_type, pointers,
};
use super::error::GuardError;
use super::summary::RunpackSummary;
use super::template::Template;
use crate::archive::ArchiveReader;

/// The most contradictions that are told.
const MOST: usize = 100;

/// Where the manifest contradicts itself or the entries, whose digests fit. One sentence each.
pub(super) fn contradictions<R: Read + Seek>(
    archive: &mut ArchiveReader<R>,
    manifest: &PackManifest,
) -> Result<Vec<String>, GuardError> {
    let mut found = Vec::new();
    let listed = manifest.listed();
    for pair in listed.windows(2) {
        if let [before, after] = pair
            && before.path >= after.path
        {
            found.push(format!("contents are not in order at {}", after.path));
        }
    }
    for entry in listed.iter().filter(|entry| entry.kind != entry_type(&entry.path)) {
        found.push(format!("{} is listed as {}, not {}", entry.path, entry.kind, entry_type(&entry.path)));
    }
    indexes(manifest, &mut found)?;
    for rendered in &manifest.rendered_artifacts {
        if !listed.iter().any(|entry| entry.path == rendered.path && entry.sha256 == rendered.sha256) {
            found.push(format!("rendered artifact {} is not among the contents", rendered.path));
        }
    }
    if archive.find(RUNPACK_SUMMARY_PATH).is_some() {
        let bytes = archive.read_named(RUNPACK_SUMMARY_PATH)?;
        match json::decode::<RunpackSummary>(&bytes, Reading::STRICT) {
            Ok(summary) if summary.run_id == manifest.run_id => {}
            Ok(_) => found.push(format!("{RUNPACK_SUMMARY_PATH} is about another run")),
            Err(error) => found.push(format!("{RUNPACK_SUMMARY_PATH} is no summary: {error}")),
        }
    } else {
        found.push(format!("{RUNPACK_SUMMARY_PATH} is not there"));
    }
    found.truncate(MOST);
    Ok(found)
}

/// The control index and the pointers, in the manifest and as entries, against the contents that they are made of.
fn indexes(manifest: &PackManifest, found: &mut Vec<String>) -> Result<(), GuardError> {
    let is_index = |entry: &&PackEntry| matches!(entry.path.as_str(), CONTROL_INDEX_PATH | EVIDENCE_POINTERS_PATH);
    let indexed: Vec<PackEntry> = manifest.listed().iter().filter(|entry| !is_index(entry)).cloned().collect();
    match Template::with_id(&manifest.template_id) {
        Some(template) => {
            let controls = template.controls(&indexed);
            if manifest.control_index != controls {
                found.push("the control index of the manifest is not that of its contents".to_owned());
            }
            entry_is(manifest, CONTROL_INDEX_PATH, &controls, found)?;
        }
        None => found.push(format!("template {} is not known", manifest.template_id)),
    }
    let pointers = pointers(&indexed);
    if manifest.evidence_pointers != pointers {
        found.push("the evidence pointers of the manifest are not those of its contents".to_owned());
    }
    entry_is(manifest, EVIDENCE_POINTERS_PATH, &pointers, found)
}

/// Whether an entry holds exactly this document.
fn entry_is<T: Encode + ?Sized>(
    manifest: &PackManifest,
    path: &str,
    document: &T,
    found: &mut Vec<String>,
) -> Result<(), GuardError> {
    let expected = sha256(&to_canonical(document)?).hex();
    let listed = manifest.listed().iter().find(|entry| entry.path == path);
    if listed.is_none_or(|entry| !entry.sha256.eq_ignore_ascii_case(&expected)) {
        found.push(format!("{path} is not that of the contents"));
    }
    Ok(())
}
