//! A pack as a row of an index and as telemetry (05 §8).

mod metrics;
mod otel;
mod postgres;

pub use metrics::{ExportMetrics, ResultVerdict, counts_as_regress_failure, result_verdict};
pub use otel::{OtelIds, otel_ids, otel_lines};
pub use postgres::{DEFAULT_TABLE, Table, TableNameError, upsert_sql};

use std::io::{Read, Seek};

use gait_base::record;
use gait_base::time::Timestamp;

use super::PackError;
use super::open::{Opened, manifest_digest, open};
use super::payload::count;
use super::run::utc_or_epoch;
use super::verify::{Verification, VerifyOptions, verify_with};
use super::workspace::Workspace;

record! {
    /// What an index keeps of a pack.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ExportRecord {
        /// Its id.
        pub pack_id: String => omit,
        /// The name of its type.
        pub pack_type: String => omit,
        /// The id of what was packed.
        pub source_ref: String => omit,
        /// Digest of its manifest, signatures included.
        pub manifest_digest: String => omit,
        /// How many entries are declared.
        pub files_checked: i64,
        /// How many have another digest than declared.
        pub hash_mismatches: i64,
        /// How many are not there.
        pub missing_files: i64,
        /// How many are there and not declared.
        pub undeclared_files: i64,
        /// What is known about the signatures; always without a key.
        pub signature_status: String => omit,
        /// How many signatures there are.
        pub signatures_total: i64,
        /// How many of them hold.
        pub signatures_valid: i64,
        /// When it was made, in UTC.
        pub created_at: Timestamp,
        /// What the run did.
        pub metrics: ExportMetrics,
    }
}

impl ExportRecord {
    /// Whether the entries are what the manifest says. Signatures do not matter.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.hash_mismatches == 0 && self.missing_files == 0 && self.undeclared_files == 0
    }
}

/// Verifies a pack without a key and tells what an index keeps of it. Entries that do not hold are counted.
///
/// # Errors
/// [`PackError`], as [`verify`](super::verify()) and [`inspect`](super::inspect()).
pub fn export_record<R: Read + Seek, W: Workspace>(
    mut source: R,
    options: &VerifyOptions<'_>,
    workspace: &W,
) -> Result<ExportRecord, PackError> {
    let options = VerifyOptions { key: None, require_signature: false, ..*options };
    let verification = verify_with(&mut source, &options, workspace)?;
    let (raw, created_at, runpack) = match open(source, options.mode)? {
        Opened::Runpack(runpack, raw) => (raw, runpack.run.created_at, Some(*runpack)),
        Opened::Pack(mut pack) => {
            // A manifest without a time is none, so that payloads need not be asked for theirs.
            let runpack = pack.runpack();
            (pack.raw, pack.manifest.created_at, runpack)
        }
    };
    let digest = manifest_digest(&raw).map_or_else(|| verification.pack_id.clone(), |digest| digest.to_hex());
    Ok(ExportRecord {
        manifest_digest: digest,
        created_at: utc_or_epoch(&created_at)?,
        metrics: runpack.as_ref().map(ExportMetrics::of).unwrap_or_default(),
        ..counted(verification)
    })
}

fn counted(verification: Verification) -> ExportRecord {
    ExportRecord {
        pack_id: verification.pack_id,
        pack_type: verification.pack_type,
        source_ref: verification.source_ref,
        files_checked: count(verification.files_checked),
        hash_mismatches: count(verification.hash_mismatches.len()),
        missing_files: count(verification.missing_files.len()),
        undeclared_files: count(verification.undeclared_files.len()),
        signature_status: verification.signatures.status.as_str().to_owned(),
        signatures_total: count(verification.signatures.total),
        signatures_valid: count(verification.signatures.valid),
        ..ExportRecord::default()
    }
}
