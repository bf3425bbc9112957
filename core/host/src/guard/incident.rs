//! Incident packs in files: what lies beside a runpack and happened around it (05 §12).

use std::path::Path;

use gait_base::error::Classify as _;
use gait_evidence::guard::{
    BuildOptions, Evidence, EvidenceDocument, PackManifest, RegressLine, RegressResult, Template, TraceLine, build,
};
use gait_evidence::incident::Selection;
use gait_gate::mode::Mode;
use gait_gate::trace::TraceRecord;

use super::GuardFileError;
use super::evidence::{APPROVAL_AUDITS, CREDENTIALS, all_beside, found, matching};
use super::pack::{folder_of, read_runpack, write};
use crate::clock::Clock;

/// What to build an incident pack of, and how.
#[derive(Clone, Copy, Debug)]
pub struct IncidentRequest<'a> {
    /// The runpack: a path or the id of a run.
    pub run: &'a str,
    /// How far the window reaches to either side of the run's beginning, in nanoseconds; a day when not positive.
    pub window_nanos: i64,
    /// Where the pack goes; blank for `evidence_pack_<pack id>.zip` beside the runpack.
    pub out: &'a str,
    /// The case that it is for.
    pub case_id: &'a str,
    /// The controls that it is indexed by.
    pub template: Template,
    /// Whether it has a page for people.
    pub render_pdf: bool,
    /// Version of the program that builds it.
    pub producer_version: &'a str,
    /// How closely runpack and evidence are looked at. Strict mode takes in nothing from outside of the window.
    pub mode: Mode,
}

/// A pack that was written.
#[derive(Clone, Debug)]
pub struct IncidentPacked {
    /// Where it is.
    pub path: String,
    /// Its manifest.
    pub manifest: PackManifest,
    /// How many traces were in the window.
    pub trace_count: usize,
    /// How many results of regression runs were in the window.
    pub regress_count: usize,
    /// How many approval audits were selected.
    pub approval_audit_count: usize,
    /// How many credential records were selected.
    pub credential_evidence_count: usize,
    /// The policies in force in the window, sorted.
    pub policy_digests: Vec<String>,
    /// Files that look like evidence and could not be read, and what was taken in without being selected.
    pub warnings: Vec<String>,
}

/// Builds an incident pack and writes it: whole or not at all, 0600. It is not signed.
///
/// When neither an approval nor a credential is selected, all of both kinds that lie beside the runpack are taken in,
/// whenever they were made; strict mode does not do that.
///
/// # Errors
/// [`GuardFileError`]: a runpack that cannot be read, a window beyond the calendar, a file that cannot be written.
pub fn pack_incident(request: &IncidentRequest<'_>, clock: &dyn Clock) -> Result<IncidentPacked, GuardFileError> {
    let mode = request.mode;
    let (runpack_path, runpack) = read_runpack(request.run, mode)?;
    let folder = folder_of(&runpack_path);
    let run = &runpack.run;
    let mut selection = Selection::around(&run.run_id, &run.created_at, request.window_nanos)?;
    let mut warnings = Vec::new();
    let mut evidence = Evidence::default();
    each::<TraceRecord>(folder, "trace_", mode, &mut warnings, |trace| {
        if selection.takes_trace(&trace) {
            evidence.traces.push(TraceLine::from(&trace));
        }
    })?;
    each::<RegressResult>(folder, "regress", mode, &mut warnings, |result| {
        if selection.takes_regression(&result) {
            evidence.regressions.push(RegressLine::from(&result));
        }
    })?;
    each(folder, APPROVAL_AUDITS, mode, &mut warnings, |audit| {
        if selection.takes_approval(&audit) {
            evidence.approval_audits.push(audit);
        }
    })?;
    each(folder, CREDENTIALS, mode, &mut warnings, |credential| {
        if selection.takes_credential(&credential) {
            evidence.credentials.push(credential);
        }
    })?;
    let (approval_audit_count, credential_evidence_count) =
        (evidence.approval_audits.len(), evidence.credentials.len());
    if approval_audit_count == 0 && credential_evidence_count == 0 && !mode.is_strict() {
        evidence.approval_audits = all_beside(folder, APPROVAL_AUDITS, mode)?;
        evidence.credentials = all_beside(folder, CREDENTIALS, mode)?;
        let taken = evidence.approval_audits.len().saturating_add(evidence.credentials.len());
        if taken > 0 {
            warnings.push(format!("{taken} approval audits and credential records from outside of the window"));
        }
    }

    let scope = selection.scope();
    let options = BuildOptions {
        case_id: request.case_id,
        template: request.template,
        producer_version: request.producer_version,
        render_pdf: request.render_pdf,
        key: None,
        incident: Some(&scope),
        now: clock.now(),
    };
    let pack = build(&runpack, &evidence, &options)?;
    Ok(IncidentPacked {
        path: write(request.out, &runpack_path, &pack)?,
        manifest: pack.manifest,
        trace_count: evidence.traces.len(),
        regress_count: evidence.regressions.len(),
        approval_audit_count,
        credential_evidence_count,
        policy_digests: scope.policy_digests,
        warnings,
    })
}

/// Hands over each readable piece of evidence with such a name; of the others only a warning stays.
fn each<T: EvidenceDocument>(
    folder: &Path,
    prefix: &str,
    mode: Mode,
    warnings: &mut Vec<String>,
    mut take: impl FnMut(T),
) -> Result<(), GuardFileError> {
    for path in matching(folder, prefix)? {
        match found(&path, mode) {
            Ok(document) => take(document),
            Err(error) => warnings.push(format!("skipped {} ({})", path.display(), error.code())),
        }
    }
    Ok(())
}
