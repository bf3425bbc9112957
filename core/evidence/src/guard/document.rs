//! The manifest of a guard pack (05 §11.4).

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{EncodeError, Except};
use gait_base::record;
use gait_base::signature::Signature;
use gait_base::time::Timestamp;

/// Kind of the manifest.
pub const MANIFEST_SCHEMA: &str = "gait.guard.pack_manifest";
/// Version of the manifest.
pub const SCHEMA_VERSION: &str = "1.0.0";

/// The manifest's place in the archive.
pub const MANIFEST_PATH: &str = "pack_manifest.json";
/// Which entry speaks for which control.
pub const CONTROL_INDEX_PATH: &str = "control_index.json";
/// The entries by number.
pub const EVIDENCE_POINTERS_PATH: &str = "evidence_pointers.json";
/// The page for a person.
pub const SUMMARY_PDF_PATH: &str = "summary.pdf";
pub(super) const RUNPACK_SUMMARY_PATH: &str = "runpack_summary.json";
pub(super) const REFERENCED_RUNPACKS_PATH: &str = "referenced_runpacks.json";
pub(super) const TRACE_SUMMARY_PATH: &str = "trace_summary.json";
pub(super) const REGRESS_SUMMARY_PATH: &str = "regress_summary.json";
pub(super) const POLICY_DIGESTS_PATH: &str = "policy_digests.json";

/// How many hex digits of a digest are a pack id.
const ID_DIGITS: usize = 16;

record! {
    /// `pack_manifest.json`: what belongs to the pack, and what it is about.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PackManifest {
        /// [`MANIFEST_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When the run began, in UTC.
        pub created_at: Timestamp,
        /// Version of the program that built the pack.
        pub producer_version: String,
        /// [`pack_id`] of run and contents.
        pub pack_id: String,
        /// The run.
        pub run_id: String,
        /// The case that the pack was built for.
        pub case_id: String => omit,
        /// Name of the [`Template`](super::Template).
        pub template_id: String => omit,
        /// As `created_at`.
        pub generated_at: Timestamp,
        /// The template's controls.
        pub control_index: Vec<Control> => omit,
        /// The entries by number.
        pub evidence_pointers: Vec<EvidencePointer> => omit,
        /// The time that an incident pack looks at.
        pub incident_window: Option<IncidentWindow> => omit,
        /// The entries that are made for people.
        pub rendered_artifacts: Vec<RenderedArtifact> => omit,
        /// All entries but this one, sorted by path.
        pub contents: Option<Vec<PackEntry>>,
        /// Signatures over the manifest without them.
        pub signatures: Vec<Signature> => omit,
    }
}

impl PackManifest {
    /// The entries that the manifest lists.
    #[must_use]
    pub fn listed(&self) -> &[PackEntry] {
        self.contents.as_deref().unwrap_or_default()
    }

    /// The digest that signatures are over: of the known members without `signatures`.
    ///
    /// # Errors
    /// [`EncodeError`] for a time that cannot be written.
    pub fn signable_digest(&self) -> Result<Digest, EncodeError> {
        jcs::digest_of(&Except(self, "signatures"))
    }
}

record! {
    /// An entry of a pack.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PackEntry {
        /// Its path in the archive.
        pub path: String,
        /// SHA-256 of its bytes, in hex.
        pub sha256: String,
        /// [`entry_type`] of the path.
        pub kind: String as "type",
    }
}

record! {
    /// A control of a template, and the entries that speak for it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Control {
        /// Its id in the framework.
        pub control_id: String,
        /// What it is about.
        pub title: String,
        /// Paths of entries, sorted; none at all differs from an empty list in the digest.
        pub evidence_paths: Option<Vec<String>>,
    }
}

record! {
    /// An entry by its number.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EvidencePointer {
        /// `ev_001` and so on, in path order.
        pub pointer_id: String,
        /// The entry's path.
        pub path: String,
        /// The entry's type.
        pub kind: String as "type",
        /// The entry's digest.
        pub sha256: String,
    }
}

record! {
    /// The time that an incident pack looks at, both ends included.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct IncidentWindow {
        /// The first instant, in UTC.
        pub from: Timestamp,
        /// The last instant, in UTC.
        pub to: Timestamp,
        /// How far it reaches to either side, in whole seconds.
        pub window_seconds: i64,
        /// The run in its middle.
        pub selection_anchor: String => omit,
    }
}

record! {
    /// An entry made for people.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RenderedArtifact {
        /// `pdf`.
        pub format: String,
        /// The entry's path.
        pub path: String,
        /// The entry's digest.
        pub sha256: String,
    }
}

/// The type of an entry, by its path alone (05 §11.3).
///
/// ```
/// assert_eq!(gait_evidence::guard::entry_type("summary.pdf"), "report");
/// assert_eq!(gait_evidence::guard::entry_type("approval_audit_01.json"), "evidence");
/// ```
#[must_use]
pub fn entry_type(path: &str) -> &'static str {
    match path {
        RUNPACK_SUMMARY_PATH => "runpack",
        TRACE_SUMMARY_PATH => "trace",
        REGRESS_SUMMARY_PATH | CONTROL_INDEX_PATH | EVIDENCE_POINTERS_PATH | POLICY_DIGESTS_PATH | SUMMARY_PDF_PATH => {
            "report"
        }
        _ => "evidence",
    }
}

/// The id of the pack of a run with these contents. Case, template, window and times do not enter it.
///
/// # Errors
/// [`EncodeError`] never happens for texts; it is passed on all the same.
pub fn pack_id(run_id: &str, contents: &[PackEntry]) -> Result<String, EncodeError> {
    let identity = Identity { run_id: run_id.to_owned(), contents: contents.to_vec() };
    Ok(format!("pack_{}", jcs::digest_of(&identity)?.short(ID_DIGITS)))
}

record! {
    /// What a pack id is over.
    #[derive(Clone, Debug)]
    struct Identity {
        run_id: String,
        contents: Vec<PackEntry>,
    }
}

/// The entries by number.
pub(super) fn pointers(entries: &[PackEntry]) -> Vec<EvidencePointer> {
    entries
        .iter()
        .zip(1_usize..)
        .map(|(entry, number)| EvidencePointer {
            pointer_id: format!("ev_{number:03}"),
            path: entry.path.clone(),
            kind: entry.kind.clone(),
            sha256: entry.sha256.clone(),
        })
        .collect()
}
