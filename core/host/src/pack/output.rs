//! What the pack commands print (01c), and what bindings give back.

use gait_base::record;
use gait_evidence::pack::{ExportRecord, Inspection, PackDiff, Verification};
use gait_evidence::runpack::HashMismatch;

/// Kind of [`PackOutput`].
const OUTPUT_SCHEMA: &str = "gait.pack.output";

record! {
    /// The answer of any pack command.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PackOutput {
        /// `gait.pack.output`.
        pub schema_id: String,
        /// `1.0.0`.
        pub schema_version: String,
        /// Whether all is well.
        pub ok: bool,
        /// `build`, `verify`, `inspect`, `diff` or `export`.
        pub operation: String => omit,
        /// The pack's file; of a comparison the file that was written.
        pub path: String => omit,
        /// Its id.
        pub pack_id: String => omit,
        /// The name of its type.
        pub pack_type: String => omit,
        /// The id of what was packed.
        pub source_ref: String => omit,
        /// The file that telemetry was appended to.
        pub otel_path: String => omit,
        /// The file that statements were written to.
        pub postgres_sql_path: String => omit,
        /// How two packs differ.
        pub diff: Option<DiffRecord> => omit,
        /// What a pack tells.
        pub inspect: Option<Inspection> => omit,
        /// Whether a pack holds.
        pub verify: Option<VerifyRecord> => omit,
        /// What was exported.
        pub export: Option<ExportRecord> => omit,
        /// What the caller must be told.
        pub warnings: Vec<String> => omit,
    }
}

impl PackOutput {
    pub(super) fn new(operation: &str, ok: bool) -> Self {
        Self {
            schema_id: OUTPUT_SCHEMA.to_owned(),
            schema_version: "1.0.0".to_owned(),
            ok,
            operation: operation.to_owned(),
            ..Self::default()
        }
    }
}

record! {
    /// How two packs differ; the document stands one level down.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DiffRecord {
        /// The document.
        pub result: PackDiff as "Result",
    }
}

record! {
    /// What verification found.
    #[derive(Clone, Debug, PartialEq)]
    pub struct VerifyRecord {
        /// The pack's id.
        pub pack_id: String => omit,
        /// The name of its type.
        pub pack_type: String => omit,
        /// The id of what was packed.
        pub source_ref: String => omit,
        /// How many entries are declared.
        pub files_checked: i64,
        /// How many proof records there are.
        pub proof_records_verified: i64 => omit,
        /// Declared entries that are not there.
        pub missing_files: Vec<String> => omit,
        /// Entries with another digest than declared.
        pub hash_mismatches: Vec<HashMismatch> => omit,
        /// Entries that are not declared.
        pub undeclared_files: Vec<String> => omit,
        /// Strict, guard packs: where manifest and entries contradict one another.
        pub contradictions: Vec<String> => omit,
        /// `missing`, `skipped`, `verified` or `failed`.
        pub signature_status: String => omit,
        /// What is wrong with signatures.
        pub signature_errors: Vec<String> => omit,
        /// How many signatures there are.
        pub signatures_total: i64 => omit,
        /// How many of them hold.
        pub signatures_valid: i64 => omit,
        /// `runpack` or `guard` for what is older than packs.
        pub legacy_type: String => omit,
    }
}

impl From<Verification> for VerifyRecord {
    fn from(found: Verification) -> Self {
        let count = |items: usize| i64::try_from(items).unwrap_or(i64::MAX);
        Self {
            pack_id: found.pack_id,
            pack_type: found.pack_type,
            source_ref: found.source_ref,
            files_checked: count(found.files_checked),
            proof_records_verified: count(found.proof_records_verified),
            missing_files: found.missing_files,
            hash_mismatches: found.hash_mismatches,
            undeclared_files: found.undeclared_files,
            contradictions: found.contradictions,
            signature_status: found.signatures.status.as_str().to_owned(),
            signature_errors: found.signatures.errors,
            signatures_total: count(found.signatures.total),
            signatures_valid: count(found.signatures.valid),
            legacy_type: found.legacy_type.unwrap_or_default().to_owned(),
        }
    }
}
