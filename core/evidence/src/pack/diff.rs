//! How two packs differ: by what their manifests declare, and by the context of their runs (05 §7).

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::authority::context_envelope::{ReferenceDrift, reference_drift};
use gait_gate::mode::Mode;

use super::PackError;
use super::manifest::{ManifestFault, SCHEMA_VERSION};
use super::open::{Opened, manifest_digest, open};
use super::payload::{RUN_PAYLOAD_PATH, RunPayload};
use crate::runpack::Refs;

/// Kind of [`PackDiff`].
pub const DIFF_SCHEMA: &str = "gait.pack.diff";

record! {
    /// How two packs differ.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PackDiff {
        /// [`DIFF_SCHEMA`].
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// Always 1980-01-01.
        pub created_at: Timestamp,
        /// Id of the left one.
        pub left_pack_id: String,
        /// Id of the right one.
        pub right_pack_id: String,
        /// Type of the left one.
        pub left_pack_type: String,
        /// Type of the right one.
        pub right_pack_type: String,
        /// In what they differ.
        pub summary: DiffSummary,
    }
}

record! {
    /// In what two packs differ.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DiffSummary {
        /// Whether they differ at all.
        pub changed: bool,
        /// Entries of the right one only, sorted.
        pub added_files: Vec<String> => omit,
        /// Entries of the left one only, sorted.
        pub removed_files: Vec<String> => omit,
        /// Entries of both with different digests, sorted.
        pub changed_files: Vec<String> => omit,
        /// Whether manifests or types differ.
        pub manifest_delta: bool,
        /// Whether the context of the runs differs.
        pub context_changed: bool => omit,
        /// Whether it differs only by when it was read.
        pub context_runtime_only_changes: bool => omit,
        /// `none`, `runtime_only` or `semantic`.
        pub context_drift_classification: String => omit,
    }
}

/// What of a pack is compared.
struct Side {
    pack_id: String,
    pack_type: String,
    manifest_digest: String,
    files: BTreeMap<String, String>,
    /// References of the run, if they can be read.
    refs: Option<Refs>,
    payload: Option<RunPayload>,
}

/// Compares two packs or bare runpacks. Nothing is verified but the form of manifests, and bare runpacks.
///
/// # Errors
/// [`PackError`], as [`inspect`](super::inspect()).
pub fn diff<L: Read + Seek, R: Read + Seek>(left: L, right: R, mode: Mode) -> Result<PackDiff, PackError> {
    let (left, right) = (side(left, mode)?, side(right, mode)?);
    let only = |one: &Side, other: &Side| {
        one.files.keys().filter(|path| !other.files.contains_key(*path)).cloned().collect::<Vec<_>>()
    };
    let changed_files: Vec<String> = left
        .files
        .iter()
        .filter(|(path, digest)| right.files.get(*path).is_some_and(|other| other != *digest))
        .map(|(path, _)| path.clone())
        .collect();
    let drift = context_drift(&left, &right);
    let (added_files, removed_files) = (only(&right, &left), only(&left, &right));
    let manifest_delta = left.manifest_digest != right.manifest_digest || left.pack_type != right.pack_type;
    let files_differ = !added_files.is_empty() || !removed_files.is_empty() || !changed_files.is_empty();
    Ok(PackDiff {
        schema_id: DIFF_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at: Timestamp::EPOCH_1980,
        left_pack_id: left.pack_id,
        right_pack_id: right.pack_id,
        left_pack_type: left.pack_type,
        right_pack_type: right.pack_type,
        summary: DiffSummary {
            changed: manifest_delta || files_differ || drift.changed(),
            added_files,
            removed_files,
            changed_files,
            manifest_delta,
            context_changed: drift.changed(),
            context_runtime_only_changes: drift == ReferenceDrift::RuntimeOnly,
            context_drift_classification: drift.as_str().to_owned(),
        },
    })
}

fn side<R: Read + Seek>(source: R, mode: Mode) -> Result<Side, PackError> {
    match open(source, mode)? {
        Opened::Runpack(runpack, _) => {
            let manifest = runpack.manifest;
            let files = manifest.listed().iter().map(|file| (file.path.clone(), file.sha256.clone())).collect();
            Ok(Side {
                pack_id: manifest.manifest_digest.clone(),
                pack_type: "run".to_owned(),
                manifest_digest: manifest.manifest_digest,
                files,
                refs: Some(runpack.refs),
                payload: None,
            })
        }
        Opened::Pack(mut pack) => {
            let malformed = ManifestFault::Member { member: "content", expected: "canonical JSON" };
            let digest = manifest_digest(&pack.raw).ok_or(PackError::Manifest(malformed))?;
            let is_run = pack.manifest.pack_type == "run";
            let manifest = &pack.manifest;
            Ok(Side {
                pack_id: manifest.pack_id.clone(),
                pack_type: manifest.pack_type.clone(),
                manifest_digest: digest.to_hex(),
                files: manifest.contents().iter().map(|entry| (entry.path.clone(), entry.sha256.clone())).collect(),
                refs: if is_run { pack.runpack().map(|runpack| runpack.refs) } else { None },
                payload: if is_run { pack.document(RUN_PAYLOAD_PATH) } else { None },
            })
        }
    }
}

fn context_drift(left: &Side, right: &Side) -> ReferenceDrift {
    if left.pack_type != "run" || right.pack_type != "run" {
        return ReferenceDrift::None;
    }
    if let (Some(left), Some(right)) = (&left.refs, &right.refs)
        && let Ok(drift) = reference_drift(left, right)
    {
        return drift;
    }
    // What cannot be read is judged by what was said of it.
    let told = [context_of(left), context_of(right)];
    if told.iter().all(Option::is_none) || told[0] == told[1] { ReferenceDrift::None } else { ReferenceDrift::Semantic }
}

/// What a pack says of its context: digest, mode, number of references; nothing when it has none.
fn context_of(side: &Side) -> Option<(String, String, i64)> {
    let told = match (&side.payload, &side.refs) {
        (Some(payload), _) => {
            (payload.context_set_digest.clone(), payload.context_evidence_mode.clone(), payload.context_ref_count)
        }
        (None, Some(refs)) => {
            (refs.context_set_digest.clone(), refs.context_evidence_mode.clone(), refs.context_ref_count)
        }
        (None, None) => return None,
    };
    Some(told).filter(|(digest, mode, count)| !digest.is_empty() || !mode.is_empty() || *count != 0)
}
