//! `pack_manifest.json`: what a pack holds, and its id (05 §2.1).

use std::fmt;

use gait_base::digest::Digest;
use gait_base::jcs;
use gait_base::json::{self, EncodeError, Except, JsonError, Reading};
use gait_base::record;
use gait_base::signature::Signature;
use gait_base::time::Timestamp;
use gait_gate::mode::Mode;

use super::digest_text::is_digest;

/// The manifest's place in the archive.
pub const MANIFEST_PATH: &str = "pack_manifest.json";
/// The proof records' place in the archive.
pub const PROOF_RECORDS_PATH: &str = "proof_records.jsonl";
/// The embedded runpack's place in the archive.
pub const SOURCE_PATH: &str = "source/runpack.zip";

/// Kind of the manifest.
pub const MANIFEST_SCHEMA: &str = "gait.pack.manifest";
/// Version of every document of a pack.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// The producer version of packs whose maker tells none.
pub const DEFAULT_PRODUCER_VERSION: &str = "0.0.0-dev";

/// The largest manifest that is read, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 64 << 20;

/// What a pack is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackType {
    /// A run: its runpack.
    Run,
    /// A durable job: its state and journal.
    Job,
    /// A call of a voice agent.
    Call,
    /// What was decided about one tool call, with the evidence for it.
    Authorization,
}

impl PackType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Run, Self::Job, Self::Call, Self::Authorization];
    /// Their names.
    pub const NAMES: &'static [&'static str] = &["run", "job", "call", "authorization"];

    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Job => "job",
            Self::Call => "call",
            Self::Authorization => "authorization",
        }
    }

    /// The type of that name, letter for letter.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for PackType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

record! {
    /// What a pack holds.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Manifest {
        /// [`MANIFEST_SCHEMA`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// Always 1980-01-01 in packs made here, so that equal packs have equal bytes.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// [`Manifest::computed_id`], in hex.
        pub pack_id: String,
        /// The name of a [`PackType`].
        pub pack_type: String,
        /// The id of the run, job or call, or of the trace of an authorization.
        pub source_ref: String,
        /// Every entry but the manifest itself, sorted by path. A manifest without the member is none.
        pub contents: Option<Vec<PackEntry>>,
        /// Signatures over the manifest without this member.
        pub signatures: Vec<Signature> => omit,
    }
}

record! {
    /// An entry that a manifest declares.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PackEntry {
        /// Its path in the archive.
        pub path: String,
        /// SHA-256 of its bytes, in hex.
        pub sha256: String,
        /// What [`entry_type`] says of the path.
        pub kind: String as "type",
    }
}

impl Manifest {
    /// Reads and checks a manifest. That the id is the right one is not checked.
    ///
    /// # Errors
    /// [`ManifestFault`] for the first thing wrong.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, ManifestFault> {
        let manifest: Self = json::decode(bytes, reading(mode, MAX_MANIFEST_BYTES))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestFault> {
        for (member, value, expected) in
            [("schema_id", &self.schema_id, MANIFEST_SCHEMA), ("schema_version", &self.schema_version, SCHEMA_VERSION)]
        {
            if value != expected {
                return Err(ManifestFault::Member { member, expected });
            }
        }
        let filled = |member, holds: bool| if holds { Ok(()) } else { Err(ManifestFault::Missing(member)) };
        filled("created_at", !self.created_at.is_zero())?;
        filled("producer_version", !is_blank(&self.producer_version))?;
        if !is_digest(&self.pack_id) {
            return Err(ManifestFault::Member { member: "pack_id", expected: "64 hex digits" });
        }
        if self.pack_type().is_none() {
            let expected = "run, job, call or authorization";
            return Err(ManifestFault::Member { member: "pack_type", expected });
        }
        filled("source_ref", !is_blank(&self.source_ref))?;
        filled("contents", self.contents.is_some())?;
        for (index, entry) in self.contents().iter().enumerate() {
            for (member, holds) in [
                ("path", !is_blank(&entry.path)),
                ("sha256", is_digest(&entry.sha256)),
                ("type", !is_blank(&entry.kind)),
            ] {
                if !holds {
                    return Err(ManifestFault::Item { list: "contents", index, member });
                }
            }
        }
        for (index, signature) in self.signatures.iter().enumerate() {
            for (member, holds) in [
                ("alg", !is_blank(&signature.alg)),
                ("key_id", !is_blank(&signature.key_id)),
                ("sig", !is_blank(&signature.sig)),
                ("signed_digest", signature.signed_digest.is_empty() || is_digest(&signature.signed_digest)),
            ] {
                if !holds {
                    return Err(ManifestFault::Item { list: "signatures", index, member });
                }
            }
        }
        Ok(())
    }

    /// The type, if it is one that is known.
    #[must_use]
    pub fn pack_type(&self) -> Option<PackType> {
        PackType::parse(&self.pack_type)
    }

    /// What is declared.
    #[must_use]
    pub fn contents(&self) -> &[PackEntry] {
        self.contents.as_deref().unwrap_or_default()
    }

    /// The id that the manifest must have: its digest without id and signatures.
    ///
    /// # Errors
    /// [`EncodeError`] for a time that cannot be written.
    pub fn computed_id(&self) -> Result<Digest, EncodeError> {
        jcs::digest_of(&Self { pack_id: String::new(), signatures: Vec::new(), ..self.clone() })
    }

    /// The digest that signatures are over: of the manifest without them.
    ///
    /// # Errors
    /// [`EncodeError`] for a time that cannot be written.
    pub fn signable_digest(&self) -> Result<Digest, EncodeError> {
        // Absent and empty are the same here, as the member is left out when empty.
        jcs::digest_of(&Except(self, "signatures"))
    }
}

/// The type of an entry with this path, by its ending.
///
/// ```
/// use gait_evidence::pack::entry_type;
///
/// assert_eq!(["a.JSON", " b.jsonl ", "c.zip", "d"].map(entry_type), ["json", "jsonl", "zip", "blob"]);
/// ```
#[must_use]
pub fn entry_type(path: &str) -> &'static str {
    let path = path.trim().as_bytes();
    let ends = |ending: &[u8]| {
        path.len()
            .checked_sub(ending.len())
            .and_then(|at| path.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    if ends(b".json") {
        "json"
    } else if ends(b".jsonl") {
        "jsonl"
    } else if ends(b".zip") {
        "zip"
    } else {
        "blob"
    }
}

/// Why a manifest is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestFault {
    /// No JSON document of this type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member has another value than it may have.
    #[error("{member} must be {expected}")]
    Member {
        /// Which.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A member that must be set is not.
    #[error("{0} is required")]
    Missing(&'static str),
    /// A member of an item of a list is blank or malformed.
    #[error("{list}[{index}].{member} is blank or malformed")]
    Item {
        /// Which list.
        list: &'static str,
        /// Which item, from 0.
        index: usize,
        /// Which member.
        member: &'static str,
    },
    /// The manifest is larger than any reader takes.
    #[error("larger than {MAX_MANIFEST_BYTES} bytes")]
    TooLarge,
}

/// How a document of a pack is read: unknown members are refused in every mode.
pub(super) const fn reading(mode: Mode, max_bytes: usize) -> Reading {
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::CLOSED };
    Reading { max_bytes, ..reading }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            schema_id: MANIFEST_SCHEMA.into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: Timestamp::EPOCH_1980,
            producer_version: "1".into(),
            pack_id: "A".repeat(64),
            pack_type: "job".into(),
            source_ref: "j".into(),
            contents: Some(vec![PackEntry { path: "a".into(), sha256: "b".repeat(64), kind: "blob".into() }]),
            signatures: Vec::new(),
        }
    }

    #[test]
    fn neither_id_nor_signatures_count_for_the_id() {
        let mut other = manifest();
        let id = other.computed_id().unwrap();
        other.pack_id.clear();
        other.signatures.push(Signature { alg: "a".into(), ..Signature::default() });
        assert_eq!(other.computed_id().unwrap(), id);
        other.source_ref.push(' ');
        assert_ne!(other.computed_id().unwrap(), id);
    }

    #[test]
    fn every_member_is_checked() {
        type Change = fn(&mut Manifest);
        let changes: &[(&str, Change)] = &[
            ("schema_id", |m| m.schema_id.push(' ')),
            ("schema_version", |m| m.schema_version = "1.0.1".into()),
            ("created_at", |m| m.created_at = Timestamp::ZERO),
            ("producer_version", |m| m.producer_version = " ".into()),
            ("pack_id", |m| m.pack_id.truncate(63)),
            ("pack_type", |m| m.pack_type = "Run".into()),
            ("source_ref", |m| m.source_ref = "\t".into()),
            ("contents", |m| m.contents = None),
            ("contents[0].path", |m| m.contents.as_mut().unwrap()[0].path = " ".into()),
            ("contents[0].sha256", |m| m.contents.as_mut().unwrap()[0].sha256 = "x".repeat(64)),
            ("contents[0].type", |m| m.contents.as_mut().unwrap()[0].kind.clear()),
            ("signatures[0].alg", |m| m.signatures.push(Signature::default())),
        ];
        assert_eq!(manifest().check(), Ok(()));
        for (told, change) in changes {
            let mut manifest = manifest();
            change(&mut manifest);
            let fault = manifest.check().unwrap_err().to_string();
            assert!(fault.contains(told), "{told}: {fault}");
        }
    }
}
