//! The documents of a runpack (04 §2.1–2.4).

use gait_base::digest::Digest;
use gait_base::json::{Decode, Encode, EncodeError, Except, Format, JsonError, Map, Sink, Source, Writer};
use gait_base::signature::Signature;
use gait_base::time::Timestamp;
use gait_base::{jcs, platform, record};
use gait_gate::relationship::Relationship;

/// Kind of the manifest.
pub const MANIFEST_SCHEMA: &str = "gait.runpack.manifest";
/// Kind of `run.json`.
pub const RUN_SCHEMA: &str = "gait.runpack.run";
/// Kind of a line of `intents.jsonl`.
pub const INTENT_SCHEMA: &str = "gait.runpack.intent";
/// Kind of a line of `results.jsonl`.
pub const RESULT_SCHEMA: &str = "gait.runpack.result";
/// Kind of `refs.json`.
pub const REFS_SCHEMA: &str = "gait.runpack.refs";
/// Version of all of these documents.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// The producer version of documents that name none.
pub const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";

/// The manifest's place in the archive.
pub const MANIFEST_PATH: &str = "manifest.json";
/// The run's place in the archive.
pub const RUN_PATH: &str = "run.json";
/// The intents' place in the archive.
pub const INTENTS_PATH: &str = "intents.jsonl";
/// The results' place in the archive.
pub const RESULTS_PATH: &str = "results.jsonl";
/// The references' place in the archive.
pub const REFS_PATH: &str = "refs.json";

/// What every manifest lists.
pub(super) const REQUIRED_PATHS: [&str; 4] = [RUN_PATH, INTENTS_PATH, RESULTS_PATH, REFS_PATH];

record! {
    /// `manifest.json`: what belongs to the runpack.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Manifest {
        /// [`MANIFEST_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When the run was recorded.
        pub created_at: Timestamp,
        /// Version of the program that recorded it.
        pub producer_version: String,
        /// The run.
        pub run_id: String,
        /// `reference` or `raw`: whether args and results are in the runpack.
        pub capture_mode: String,
        /// The other entries, sorted by path; none at all differs from an empty list in the digest.
        pub files: Option<Vec<ManifestFile>>,
        /// [`Manifest::digest`] of this manifest, in hex.
        pub manifest_digest: String,
        /// Signatures over the manifest with its digest and without signatures.
        pub signatures: Vec<Signature> => omit,
    }
}

impl Manifest {
    /// The digest that stands in `manifest_digest`: over the known members, that one blank, without signatures (04 §4.1).
    ///
    /// # Errors
    /// [`EncodeError`] for a time that cannot be written.
    pub fn digest(&self) -> Result<Digest, EncodeError> {
        let bare = Self {
            schema_id: self.schema_id.clone(),
            schema_version: self.schema_version.clone(),
            created_at: self.created_at,
            producer_version: self.producer_version.clone(),
            run_id: self.run_id.clone(),
            capture_mode: self.capture_mode.clone(),
            files: self.files.clone(),
            manifest_digest: String::new(),
            signatures: Vec::new(),
        };
        jcs::digest_of(&bare)
    }

    /// The digest that signatures made by this library are over (04 §4.2).
    ///
    /// # Errors
    /// [`EncodeError`] for a time that cannot be written.
    pub fn signable_digest(&self) -> Result<Digest, EncodeError> {
        jcs::digest_of(&Except(self, "signatures"))
    }

    /// The entries that the manifest lists.
    #[must_use]
    pub fn listed(&self) -> &[ManifestFile] {
        self.files.as_deref().unwrap_or_default()
    }
}

record! {
    /// An entry that a manifest lists.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct ManifestFile {
        /// Its path in the archive.
        pub path: String,
        /// SHA-256 of its bytes, in hex.
        pub sha256: String,
    }
}

record! {
    /// `run.json`: the run itself.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Run {
        /// [`RUN_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it began.
        pub created_at: Timestamp,
        /// Version of the program that recorded it.
        pub producer_version: String,
        /// Its id.
        pub run_id: String,
        /// Where it ran.
        pub env: RunEnvironment,
        /// What happened when; absent differs from empty.
        pub timeline: Option<Vec<TimelineEvent>>,
    }
}

record! {
    /// Where a run took place.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RunEnvironment {
        /// Operating system: `linux`, `darwin`, `windows`…
        pub os: String,
        /// Processor: `amd64`, `arm64`, `386`…
        pub arch: String,
        /// Always `go`, whatever wrote the document: readers compare it.
        pub runtime: String,
    }
}

impl RunEnvironment {
    /// Fills what is empty with what this program was built for.
    pub fn fill(&mut self) {
        fill(&mut self.os, platform::operating_system());
        fill(&mut self.arch, platform::architecture());
        fill(&mut self.runtime, "go");
    }
}

record! {
    /// Something that happened in a run.
    #[derive(Clone, Debug, PartialEq)]
    pub struct TimelineEvent {
        /// What.
        pub event: String,
        /// When.
        pub ts: Timestamp,
        /// The intent it concerns.
        pub ref_id: String as "ref" => omit,
        /// How it relates to other records.
        pub relationship: Option<Relationship> => omit,
    }
}

record! {
    /// A line of `intents.jsonl`: a tool call that an agent proposed.
    #[derive(Clone, Debug, PartialEq)]
    pub struct IntentRecord {
        /// [`INTENT_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it was proposed.
        pub created_at: Timestamp,
        /// Version of the program that recorded it.
        pub producer_version: String,
        /// The run.
        pub run_id: String,
        /// Its id, free text.
        pub intent_id: String,
        /// The tool.
        pub tool_name: String,
        /// Digest of the args.
        pub args_digest: String,
        /// The args; only in raw captures. An empty object is written as if absent.
        pub args: Payload => omit,
    }
}

record! {
    /// A line of `results.jsonl`: what came of an intent.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ResultRecord {
        /// [`RESULT_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it was there.
        pub created_at: Timestamp,
        /// Version of the program that recorded it.
        pub producer_version: String,
        /// The run.
        pub run_id: String,
        /// The intent it belongs to.
        pub intent_id: String,
        /// `ok`, `error` or any other text.
        pub status: String,
        /// Digest of the result.
        pub result_digest: String,
        /// The result; only in raw captures. An empty object is written as if absent.
        pub result: Payload => omit,
    }
}

/// A free-form object that may be absent. An empty one has a digest of its own, but is never written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload(pub Option<Map>);

impl Payload {
    /// The object, if there is one.
    #[must_use]
    pub const fn as_map(&self) -> Option<&Map> {
        self.0.as_ref()
    }

    /// Whether there is an object with members.
    #[must_use]
    pub fn has_members(&self) -> bool {
        self.0.as_ref().is_some_and(|map| !map.is_empty())
    }
}

impl Decode for Payload {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<(), JsonError> {
        self.0.decode(source)
    }
}

impl Encode for Payload {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        self.0.encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        !self.has_members()
    }
}

/// Sets a text that is empty.
pub(super) fn fill(text: &mut String, default: &str) {
    if text.is_empty() {
        default.clone_into(text);
    }
}
