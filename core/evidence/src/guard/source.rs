//! Evidence about a run as others wrote it, read before it goes into a pack (05 §11.5).
//!
//! Unknown members vanish, members of another type are an error. Which kind of document it says it is counts in strict
//! mode only; signatures are not looked at.

use gait_base::json::{self, Decode, Map, Reading};
use gait_base::record;
use gait_base::time::Timestamp;
use gait_gate::authority::audit::{ApprovalAuditRecord, BrokerCredentialRecord};
use gait_gate::mode::Mode;
use gait_gate::relationship::Relationship;
use gait_gate::trace::TraceRecord;

use super::document::SCHEMA_VERSION;
use super::error::GuardError;

/// The most bytes that one piece of evidence may have: as much as an entry of an archive.
pub const MAX_EVIDENCE_BYTES: usize = 100 << 20;

/// The most values in the free-form parts of one piece of evidence.
const MAX_VALUES: usize = 8 << 20;

record! {
    /// A snapshot of the tools, agents and servers of a workspace.
    #[derive(Clone, Debug, PartialEq)]
    pub struct InventorySnapshot {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it was taken.
        pub created_at: Timestamp,
        /// Version of the program that took it.
        pub producer_version: String,
        /// Its id.
        pub snapshot_id: String,
        /// The workspace.
        pub workspace: String => omit,
        /// What was found; `null` when the list is absent.
        pub items: Option<Vec<InventoryItem>>,
    }
}

record! {
    /// Something found in a workspace.
    #[derive(Clone, Debug, PartialEq)]
    pub struct InventoryItem {
        /// Its id.
        pub id: String,
        /// Its kind.
        pub kind: String,
        /// Its name.
        pub name: String,
        /// Where it stands.
        pub locator: String,
        /// How risky it is.
        pub risk_level: String => omit,
        /// Labels.
        pub tags: Vec<String> => omit,
        /// The last run that used it.
        pub last_seen_run: String => omit,
        /// How it relates to others.
        pub relationship: Option<Relationship> => omit,
    }
}

record! {
    /// The result of a regression run.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RegressResult {
        /// Kind of document.
        pub schema_id: String,
        /// Version of the document type.
        pub schema_version: String,
        /// When it ran.
        pub created_at: Timestamp,
        /// Version of the program that ran it.
        pub producer_version: String,
        /// The fixtures that ran.
        pub fixture_set: String,
        /// `pass` or `fail`.
        pub status: String,
        /// What each grader found.
        pub graders: Vec<GraderResult>,
    }
}

record! {
    /// What one grader found.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GraderResult {
        /// Its name.
        pub name: String,
        /// `pass` or `fail`.
        pub status: String,
        /// Why.
        pub reason_codes: Vec<String>,
        /// What it says about context.
        pub context_conformance: String => omit,
        /// More about it.
        pub details: Map => omit,
    }
}

/// A kind of evidence.
pub trait EvidenceDocument: Decode + Default {
    /// What it is called in errors.
    const NAME: &'static str;
    /// The `schema_id` that strict mode asks for.
    const SCHEMA_ID: &'static str;

    /// The `schema_id` and `schema_version` that it has.
    fn schema(&self) -> (&str, &str);

    /// When it says that it was made.
    fn created_at(&self) -> Timestamp;
}

macro_rules! evidence {
    ($($document:ident: $name:literal, $schema_id:literal;)*) => { $(
        impl EvidenceDocument for $document {
            const NAME: &'static str = $name;
            const SCHEMA_ID: &'static str = $schema_id;

            fn schema(&self) -> (&str, &str) {
                (&self.schema_id, &self.schema_version)
            }

            fn created_at(&self) -> Timestamp {
                self.created_at
            }
        }
    )* };
}

evidence! {
    InventorySnapshot: "inventory snapshot", "gait.scout.inventory_snapshot";
    TraceRecord: "trace", "gait.gate.trace";
    RegressResult: "regress result", "gait.regress.result";
    ApprovalAuditRecord: "approval audit", "gait.gate.approval_audit_record";
    BrokerCredentialRecord: "credential evidence", "gait.gate.broker_credential_record";
}

/// Reads a piece of evidence.
///
/// # Errors
/// [`GuardError::Evidence`] for what is no such document, in strict mode also [`GuardError::EvidenceKind`] for one that
/// says it is another.
///
/// ```
/// use gait_evidence::guard::{RegressResult, parse_evidence};
/// use gait_gate::mode::Mode;
///
/// let result: RegressResult = parse_evidence(br#"{"status": "pass", "more": 1}"#, Mode::Compat)?;
/// assert_eq!(result.status, "pass");
/// # Ok::<(), gait_evidence::guard::GuardError>(())
/// ```
pub fn parse_evidence<T: EvidenceDocument>(bytes: &[u8], mode: Mode) -> Result<T, GuardError> {
    let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
    let reading = Reading { max_bytes: MAX_EVIDENCE_BYTES, max_values: MAX_VALUES, ..reading };
    let document: T = json::decode(bytes, reading).map_err(|source| GuardError::Evidence { what: T::NAME, source })?;
    if mode.is_strict() {
        let (schema_id, version) = document.schema();
        if schema_id != T::SCHEMA_ID || version != SCHEMA_VERSION {
            let found = format!("{schema_id} {version}");
            return Err(GuardError::EvidenceKind { what: T::NAME, expected: T::SCHEMA_ID, found });
        }
    }
    Ok(document)
}
