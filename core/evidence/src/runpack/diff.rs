//! What differs between two runs (04 §8.9).

use std::collections::BTreeMap;

use gait_base::digest::Digest;
use gait_base::json::{Encode, EncodeError};
use gait_base::time::Timestamp;
use gait_base::{jcs, record};
use gait_gate::authority::context_envelope::{ReferenceDrift, reference_drift};

use super::document::{IntentRecord, Manifest, ManifestFile, Payload, ResultRecord};
use super::{Refs, Runpack, RunpackError};
use crate::session::Chain;

/// How much of two runs is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiffPrivacy {
    /// Everything.
    #[default]
    Full,
    /// No payloads, and of references only their number.
    Metadata,
}

impl DiffPrivacy {
    /// The privacy of that name; an empty one is full.
    ///
    /// # Errors
    /// [`RunpackError::PrivacyUnknown`].
    pub fn parse(name: &str) -> Result<Self, RunpackError> {
        match name {
            "" | "full" => Ok(Self::Full),
            "metadata" => Ok(Self::Metadata),
            other => Err(RunpackError::PrivacyUnknown(other.to_owned())),
        }
    }

    /// The name in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Metadata => "metadata",
        }
    }
}

record! {
    /// What differs.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DiffSummary {
        /// The left run.
        pub run_id_left: String,
        /// The right run.
        pub run_id_right: String,
        /// Whether the manifests differ in more than ids, times and digests.
        pub manifest_changed: bool,
        /// Paths that only one of them lists.
        pub files_changed: Vec<String> => omit,
        /// Whether intents differ.
        pub intents_changed: bool,
        /// Whether results differ.
        pub results_changed: bool,
        /// Whether references differ.
        pub refs_changed: bool,
        /// Ids of intents that only the left has.
        pub left_only_intents: Vec<String> => omit,
        /// Ids of intents that only the right has.
        pub right_only_intents: Vec<String> => omit,
        /// Ids of intents with results that only the left has.
        pub left_only_results: Vec<String> => omit,
        /// Ids of intents with results that only the right has.
        pub right_only_results: Vec<String> => omit,
        /// `none`, `runtime_only` or `semantic`.
        pub context_drift_classification: String => omit,
        /// Whether references differ only by when they were read.
        pub context_runtime_only_changes: bool => omit,
    }
}

impl DiffSummary {
    /// Whether anything differs.
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.manifest_changed || self.intents_changed || self.results_changed || self.refs_changed
    }
}

record! {
    /// A comparison as it is written to a file.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DiffResult {
        /// `full` or `metadata`.
        pub privacy: String,
        /// What differs.
        pub summary: DiffSummary,
    }
}

/// Compares two chains of checkpoints: what differs is told as changed files, and as a change of everything.
#[must_use]
pub fn diff_chains(left: &Chain, right: &Chain) -> DiffSummary {
    let diff = left.diff(right);
    let named = |prefix: &'static str, indexes: &[i64]| -> Vec<String> {
        indexes.iter().map(|index| format!("{prefix}checkpoint_{index}")).collect()
    };
    let mut files_changed =
        [named("", &diff.changed), named("left_only_", &diff.left_only), named("right_only_", &diff.right_only)]
            .concat();
    files_changed.sort();
    let changed = !diff.is_empty();
    DiffSummary {
        run_id_left: left.run_id.clone(),
        run_id_right: right.run_id.clone(),
        manifest_changed: changed,
        files_changed,
        intents_changed: changed,
        results_changed: changed,
        refs_changed: changed,
        ..DiffSummary::default()
    }
}

/// Compares two runs. Ids of runs, producers and creation times do not count, nor does the order of records.
///
/// # Errors
/// [`RunpackError`] for what cannot be written in canonical form.
pub fn diff(left: &Runpack, right: &Runpack, privacy: DiffPrivacy) -> Result<DiffSummary, RunpackError> {
    let metadata = privacy == DiffPrivacy::Metadata;
    let intents = |runpack: &Runpack| {
        digests(&runpack.intents, |intent: &IntentRecord| &intent.intent_id, |intent| bare_intent(intent, metadata))
    };
    let results = |runpack: &Runpack| {
        digests(&runpack.results, |result: &ResultRecord| &result.intent_id, |result| bare_result(result, metadata))
    };
    let intents = Keyed::compare(&intents(left)?, &intents(right)?);
    let results = Keyed::compare(&results(left)?, &results(right)?);
    let paths = |runpack: &Runpack| -> BTreeMap<String, ()> {
        runpack.manifest.listed().iter().map(|file| (file.path.clone(), ())).collect()
    };
    let files = Keyed::compare(&paths(left), &paths(right));
    let mut files_changed = [files.left_only, files.right_only].concat();
    files_changed.sort();
    let mut summary = DiffSummary {
        run_id_left: left.run.run_id.clone(),
        run_id_right: right.run.run_id.clone(),
        manifest_changed: bare_manifest(&left.manifest)? != bare_manifest(&right.manifest)?,
        files_changed,
        intents_changed: intents.changed,
        results_changed: results.changed,
        left_only_intents: intents.left_only,
        right_only_intents: intents.right_only,
        left_only_results: results.left_only,
        right_only_results: results.right_only,
        ..DiffSummary::default()
    };
    let drift = if metadata {
        summary.refs_changed = left.refs.receipts.len() != right.refs.receipts.len();
        ReferenceDrift::None
    } else {
        let drift = full_drift(&left.refs, &right.refs)?;
        summary.refs_changed = drift.changed();
        drift
    };
    drift.as_str().clone_into(&mut summary.context_drift_classification);
    summary.context_runtime_only_changes = drift == ReferenceDrift::RuntimeOnly;
    Ok(summary)
}

fn full_drift(left: &Refs, right: &Refs) -> Result<ReferenceDrift, RunpackError> {
    let bare = |refs: &Refs| {
        let bare = Refs {
            run_id: String::new(),
            producer_version: String::new(),
            created_at: Timestamp::ZERO,
            ..refs.clone()
        };
        jcs::digest_of(&bare)
    };
    if bare(left)? == bare(right)? {
        return Ok(ReferenceDrift::None);
    }
    Ok(reference_drift(left, right)?)
}

/// The digest of what of a manifest is compared.
fn bare_manifest(manifest: &Manifest) -> Result<Digest, EncodeError> {
    let without_digest = |file: &ManifestFile| ManifestFile { path: file.path.clone(), sha256: String::new() };
    let bare = Manifest {
        schema_id: manifest.schema_id.clone(),
        schema_version: manifest.schema_version.clone(),
        capture_mode: manifest.capture_mode.clone(),
        files: manifest.files.as_ref().map(|files| files.iter().map(without_digest).collect()),
        ..Manifest::default()
    };
    jcs::digest_of(&bare)
}

fn bare_intent(intent: &IntentRecord, metadata: bool) -> IntentRecord {
    IntentRecord {
        schema_id: intent.schema_id.clone(),
        schema_version: intent.schema_version.clone(),
        intent_id: intent.intent_id.clone(),
        tool_name: intent.tool_name.clone(),
        args_digest: intent.args_digest.clone(),
        args: if metadata { Payload::default() } else { intent.args.clone() },
        ..IntentRecord::default()
    }
}

fn bare_result(result: &ResultRecord, metadata: bool) -> ResultRecord {
    ResultRecord {
        schema_id: result.schema_id.clone(),
        schema_version: result.schema_version.clone(),
        intent_id: result.intent_id.clone(),
        status: result.status.clone(),
        result_digest: result.result_digest.clone(),
        result: if metadata { Payload::default() } else { result.result.clone() },
        ..ResultRecord::default()
    }
}

/// The digests of records by their key, of several with one key the last.
fn digests<'r, R, B: Encode>(
    records: &'r [R],
    key: impl Fn(&'r R) -> &'r String,
    bare: impl Fn(&R) -> B,
) -> Result<BTreeMap<String, Digest>, EncodeError> {
    records.iter().map(|record| Ok((key(record).clone(), jcs::digest_of(&bare(record))?))).collect()
}

/// Two maps compared.
struct Keyed {
    changed: bool,
    left_only: Vec<String>,
    right_only: Vec<String>,
}

impl Keyed {
    fn compare<V: PartialEq>(left: &BTreeMap<String, V>, right: &BTreeMap<String, V>) -> Self {
        let only = |one: &BTreeMap<String, V>, other: &BTreeMap<String, V>| -> Vec<String> {
            one.keys().filter(|key| !other.contains_key(*key)).cloned().collect()
        };
        Self { changed: left != right, left_only: only(left, right), right_only: only(right, left) }
    }
}
