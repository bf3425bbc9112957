//! Building a guard pack: a runpack and evidence in, one archive out (05 §11.2).

use gait_base::digest::sha256;
use gait_base::jcs::to_canonical;
use gait_base::json::Encode;
use gait_base::key::SigningKey;
use gait_base::time::Timestamp;
use gait_gate::authority::audit::{ApprovalAuditRecord, BrokerCredentialRecord};

use super::document::{
    CONTROL_INDEX_PATH, EVIDENCE_POINTERS_PATH, IncidentWindow, MANIFEST_PATH, MANIFEST_SCHEMA, POLICY_DIGESTS_PATH,
    PackEntry, PackManifest, REFERENCED_RUNPACKS_PATH, REGRESS_SUMMARY_PATH, RUNPACK_SUMMARY_PATH, RenderedArtifact,
    SCHEMA_VERSION, SUMMARY_PDF_PATH, TRACE_SUMMARY_PATH, entry_type, pack_id, pointers,
};
use super::error::GuardError;
use super::pdf;
use super::source::InventorySnapshot;
use super::summary::{
    PolicyDigests, ReferencedRunpacks, RegressLine, RegressSummary, RunpackSummary, TraceLine, TraceSummary,
};
use super::template::Template;
use crate::archive::{Entry, Limits, write_archive};
use crate::error::EvidenceError;
use crate::runpack::{DEFAULT_PRODUCER_VERSION, Runpack};

/// How many entries the page for people names.
const PAGE_ENTRIES: usize = 8;

/// What stands beside a run, each list in the order of the files it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Snapshots of inventories.
    pub inventories: Vec<InventorySnapshot>,
    /// Traces of decisions.
    pub traces: Vec<TraceLine>,
    /// Results of regression runs.
    pub regressions: Vec<RegressLine>,
    /// Audits of approvals.
    pub approval_audits: Vec<ApprovalAuditRecord>,
    /// Records of brokered credentials.
    pub credentials: Vec<BrokerCredentialRecord>,
}

/// What an incident pack says on top.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentScope {
    /// The time it looks at.
    pub window: IncidentWindow,
    /// The policies in force at that time.
    pub policy_digests: Vec<String>,
}

/// How a pack is built.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuildOptions<'a> {
    /// The case that it is for; trimmed, blank for none.
    pub case_id: &'a str,
    /// The controls that it is indexed by.
    pub template: Template,
    /// Version of the program that builds it; blank for that of the run.
    pub producer_version: &'a str,
    /// Whether it has a page for people.
    pub render_pdf: bool,
    /// Signs it.
    pub key: Option<&'a SigningKey>,
    /// Makes it an incident pack.
    pub incident: Option<&'a IncidentScope>,
    /// When it is built; counts only for a run that does not say when it began.
    pub now: Timestamp,
}

/// A pack that was built.
#[derive(Clone, Debug)]
pub struct GuardPack {
    /// Its manifest.
    pub manifest: PackManifest,
    /// The archive.
    pub bytes: Vec<u8>,
}

/// Builds a pack. The same run, evidence and options give the same bytes.
///
/// # Errors
/// [`GuardError`]: a time that cannot be written, or more than a reader of the pack would accept.
pub fn build(runpack: &Runpack, evidence: &Evidence, options: &BuildOptions<'_>) -> Result<GuardPack, GuardError> {
    let run = &runpack.run;
    let case_id = options.case_id.trim();
    let mut entries = Entries::default();
    entries.gather(runpack, evidence, options)?;
    if options.render_pdf {
        let lines = page_lines(&run.run_id, case_id, options.template, &run.created_at, &entries)?;
        entries.put(SUMMARY_PDF_PATH.to_owned(), pdf::page(&lines))?;
    }
    let listed = entries.listed();
    let control_index = options.template.controls(&listed);
    let evidence_pointers = pointers(&listed);
    entries.put_json(CONTROL_INDEX_PATH.to_owned(), &control_index)?;
    entries.put_json(EVIDENCE_POINTERS_PATH.to_owned(), &evidence_pointers)?;

    let contents = entries.listed();
    let created_at = if run.created_at.is_zero() { options.now } else { run.created_at }.to_utc()?;
    let producers = [options.producer_version.trim(), run.producer_version.trim(), DEFAULT_PRODUCER_VERSION];
    let producer_version = producers.into_iter().find(|version| !version.is_empty()).unwrap_or_default();
    let rendered = listed.iter().filter(|entry| entry.path == SUMMARY_PDF_PATH);
    let mut manifest = PackManifest {
        schema_id: MANIFEST_SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION.to_owned(),
        created_at,
        producer_version: producer_version.to_owned(),
        pack_id: pack_id(&run.run_id, &contents)?,
        run_id: run.run_id.clone(),
        case_id: case_id.to_owned(),
        template_id: options.template.as_str().to_owned(),
        generated_at: created_at,
        control_index,
        evidence_pointers,
        incident_window: options.incident.map(|incident| incident.window.clone()),
        rendered_artifacts: rendered
            .map(|entry| RenderedArtifact {
                format: "pdf".to_owned(),
                path: entry.path.clone(),
                sha256: entry.sha256.clone(),
            })
            .collect(),
        contents: Some(contents),
        signatures: Vec::new(),
    };
    if let Some(key) = options.key {
        manifest.signatures.push(key.sign_digest(&manifest.signable_digest()?));
    }
    entries.put_json(MANIFEST_PATH.to_owned(), &manifest)?;
    Ok(GuardPack { bytes: entries.archive()?, manifest })
}

/// The lines of the page for people, about the entries so far.
fn page_lines(
    run_id: &str,
    case_id: &str,
    template: Template,
    created_at: &Timestamp,
    entries: &Entries,
) -> Result<Vec<String>, GuardError> {
    let generated = if created_at.is_zero() { &Timestamp::EPOCH_1980 } else { created_at };
    let mut lines = vec![
        "Gait Evidence Pack Summary".to_owned(),
        format!("Run ID: {run_id}"),
        format!("Case ID: {case_id}"),
        format!("Template: {}", template.as_str()),
        format!("Generated: {}", generated.format_seconds()?),
        format!("Evidence Files: {}", entries.0.len()),
    ];
    lines.extend(entries.listed().iter().take(PAGE_ENTRIES).map(|entry| format!("- {}", entry.path)));
    Ok(lines)
}

/// The entries of a pack that is being built, with their digests.
#[derive(Default)]
struct Entries(Vec<(PackEntry, Vec<u8>)>);

impl Entries {
    fn gather(&mut self, runpack: &Runpack, evidence: &Evidence, options: &BuildOptions<'_>) -> Result<(), GuardError> {
        self.put_json(RUNPACK_SUMMARY_PATH.to_owned(), &RunpackSummary::of(runpack))?;
        self.put_json(REFERENCED_RUNPACKS_PATH.to_owned(), &ReferencedRunpacks::of(runpack)?)?;
        self.put_numbered("inventory_snapshot", &evidence.inventories)?;
        if !evidence.traces.is_empty() {
            self.put_json(TRACE_SUMMARY_PATH.to_owned(), &TraceSummary::of(&evidence.traces))?;
        }
        if !evidence.regressions.is_empty() {
            self.put_json(REGRESS_SUMMARY_PATH.to_owned(), &RegressSummary::of(&evidence.regressions))?;
        }
        self.put_numbered("approval_audit", &evidence.approval_audits)?;
        self.put_numbered("credential_evidence", &evidence.credentials)?;
        if let Some(incident) = options.incident {
            let mut policy_digests = incident.policy_digests.clone();
            gait_base::text::set(&mut policy_digests);
            let document = PolicyDigests {
                run_id: runpack.run.run_id.clone(),
                window_from: incident.window.from,
                window_to: incident.window.to,
                policy_digests,
            };
            self.put_json(POLICY_DIGESTS_PATH.to_owned(), &document)?;
        }
        Ok(())
    }

    fn put_numbered<T: Encode>(&mut self, name: &str, documents: &[T]) -> Result<(), GuardError> {
        for (document, number) in documents.iter().zip(1_usize..) {
            self.put_json(format!("{name}_{number:02}.json"), document)?;
        }
        Ok(())
    }

    fn put_json<T: Encode + ?Sized>(&mut self, path: String, document: &T) -> Result<(), GuardError> {
        self.put(path, to_canonical(document)?)
    }

    fn put(&mut self, path: String, bytes: Vec<u8>) -> Result<(), GuardError> {
        let size = bytes.len() as u64;
        if size > Limits::default().entry_bytes {
            return Err(EvidenceError::EntryTooLarge { path, size }.into());
        }
        let entry = PackEntry { sha256: sha256(&bytes).to_hex(), kind: entry_type(&path).to_owned(), path };
        self.0.push((entry, bytes));
        Ok(())
    }

    /// What is there, by path.
    fn listed(&self) -> Vec<PackEntry> {
        let mut listed: Vec<_> = self.0.iter().map(|(entry, _)| entry.clone()).collect();
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        listed
    }

    fn archive(&self) -> Result<Vec<u8>, GuardError> {
        let limits = Limits::default();
        if self.0.len() > limits.entries {
            return Err(GuardError::TooManyEntries { limit: limits.entries });
        }
        let total = self.0.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(bytes.len() as u64));
        if total > limits.total_bytes {
            return Err(GuardError::TooManyBytes { limit: limits.total_bytes });
        }
        let entries: Vec<_> = self.0.iter().map(|(entry, bytes)| Entry::new(&entry.path, bytes)).collect();
        let mut archive = Vec::new();
        write_archive(&entries, &mut archive)?;
        Ok(archive)
    }
}
