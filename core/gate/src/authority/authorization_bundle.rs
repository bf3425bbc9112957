//! Authorization bundles: what was decided about one call, with links to the files that prove it (03 §15).
//!
//! [`AuthorizationBundle::gather`] makes of a written bundle what goes into a pack of type `authorization`: the bundle in
//! normal form and the files that it links to. [`AuthorizationBundle::verify_packed`] is what such a pack must stand.
//! No decision reads a bundle.

mod error;
mod gather;
mod verify;

pub use error::{BundleError, BundleFault, GatherError};
pub use gather::{Evidence, GatheredBundle};

use gait_base::digest::{Digest, sha256};
use gait_base::jcs::{self, CanonicalError};
use gait_base::json::{self, EncodeError, JsonError, Reading};
use gait_base::record;
use gait_base::text::{is_lower_hex_digest, trim_fold};
use gait_base::time::Timestamp;

use crate::finding::{FreezeWindowDecision, KillSwitchDecision, SandboxDecision};
use crate::mode::Mode;
use crate::verdict::Verdict;

/// The only accepted `schema_id`.
pub const SCHEMA_ID: &str = "gait.gate.authorization_bundle";
/// The only accepted `schema_version`.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// Name of the bundle in a pack.
pub const BUNDLE_ENTRY: &str = "authorization_bundle.json";

record! {
    /// What was decided about one call, and where the proof lies.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AuthorizationBundle {
        /// [`SCHEMA_ID`].
        pub schema_id: String,
        /// [`SCHEMA_VERSION`].
        pub schema_version: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Version of the program that made it.
        pub producer_version: String,
        /// The trace of the decision.
        pub trace_id: String,
        /// The policy.
        pub policy_digest: String,
        /// The prepared intent.
        pub intent_digest: String,
        /// The trace's file.
        pub trace_path: String => omit,
        /// Its digest.
        pub trace_digest: String => omit,
        /// The approval audit's file.
        pub approval_audit_path: String => omit,
        /// Its digest.
        pub approval_audit_digest: String => omit,
        /// The file of the credential evidence.
        pub credential_evidence_path: String => omit,
        /// Its digest.
        pub credential_evidence_digest: String => omit,
        /// The delegation audit's file.
        pub delegation_audit_path: String => omit,
        /// Its digest.
        pub delegation_audit_digest: String => omit,
        /// The file of the context evidence.
        pub context_evidence_path: String => omit,
        /// Its digest.
        pub context_evidence_digest: String => omit,
        /// The file that tells what came of the call.
        pub outcome_path: String => omit,
        /// Its digest.
        pub outcome_digest: String => omit,
        /// A verdict, or empty.
        pub outcome_status: String => omit,
        /// What the freeze windows said.
        pub freeze_window: Option<FreezeWindowDecision> => omit,
        /// What the kill switch said.
        pub kill_switch: Option<KillSwitchDecision> => omit,
        /// What the sandbox check said.
        pub sandbox: Option<SandboxDecision> => omit,
    }
}

/// A kind of linked file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The signed trace of the decision.
    Trace,
    /// The audit of its approvals.
    ApprovalAudit,
    /// The evidence of its credential.
    CredentialEvidence,
    /// The audit of its delegation.
    DelegationAudit,
    /// The context that the agent had read.
    ContextEvidence,
    /// What came of the call.
    Outcome,
}

impl Link {
    /// Every kind, in the order of the document.
    pub const ALL: [Self; 6] = [
        Self::Trace,
        Self::ApprovalAudit,
        Self::CredentialEvidence,
        Self::DelegationAudit,
        Self::ContextEvidence,
        Self::Outcome,
    ];

    /// Its name: the first part of its two members.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::ApprovalAudit => "approval_audit",
            Self::CredentialEvidence => "credential_evidence",
            Self::DelegationAudit => "delegation_audit",
            Self::ContextEvidence => "context_evidence",
            Self::Outcome => "outcome",
        }
    }
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl AuthorizationBundle {
    /// Reads a bundle without normalizing it. Unknown members are refused in every mode.
    ///
    /// # Errors
    /// Not JSON of this type; in strict mode also re-cased and repeated members.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        json::decode(bytes, if mode.is_strict() { Reading::STRICT } else { Reading::CLOSED })
    }

    /// Path and digest of a linked file, as they stand; both empty where nothing is linked.
    #[must_use]
    pub fn link(&self, link: Link) -> (&str, &str) {
        match link {
            Link::Trace => (&self.trace_path, &self.trace_digest),
            Link::ApprovalAudit => (&self.approval_audit_path, &self.approval_audit_digest),
            Link::CredentialEvidence => (&self.credential_evidence_path, &self.credential_evidence_digest),
            Link::DelegationAudit => (&self.delegation_audit_path, &self.delegation_audit_digest),
            Link::ContextEvidence => (&self.context_evidence_path, &self.context_evidence_digest),
            Link::Outcome => (&self.outcome_path, &self.outcome_digest),
        }
    }

    fn link_mut(&mut self, link: Link) -> (&mut String, &mut String) {
        match link {
            Link::Trace => (&mut self.trace_path, &mut self.trace_digest),
            Link::ApprovalAudit => (&mut self.approval_audit_path, &mut self.approval_audit_digest),
            Link::CredentialEvidence => (&mut self.credential_evidence_path, &mut self.credential_evidence_digest),
            Link::DelegationAudit => (&mut self.delegation_audit_path, &mut self.delegation_audit_digest),
            Link::ContextEvidence => (&mut self.context_evidence_path, &mut self.context_evidence_digest),
            Link::Outcome => (&mut self.outcome_path, &mut self.outcome_digest),
        }
    }

    /// How many kinds of files it links to.
    #[must_use]
    pub fn linked_evidence_count(&self) -> usize {
        Link::ALL.into_iter().filter(|&link| !is_blank(self.link(link).0)).count()
    }

    /// How many of the two that matter most, trace and outcome, it links to with their digests.
    #[must_use]
    pub fn required_evidence_count(&self) -> usize {
        [Link::Trace, Link::Outcome].into_iter().filter(|&link| self.is_proven(link)).count()
    }

    /// Whether a file of that kind is linked together with its digest.
    fn is_proven(&self, link: Link) -> bool {
        let (path, digest) = self.link(link);
        !is_blank(path) && !is_blank(digest)
    }

    /// The bundle as it stands in a pack: canonical JSON.
    ///
    /// # Errors
    /// When a time in it cannot be written.
    pub fn to_entry(&self) -> Result<Vec<u8>, EncodeError> {
        jcs::to_canonical(self)
    }

    /// What both a bundle that is written and one in a pack must say of themselves.
    fn check_status(&self) -> Result<(), BundleError> {
        let known = self.outcome_status.is_empty() || Verdict::parse(&self.outcome_status).is_some();
        if known { Ok(()) } else { Err(BundleError::OutcomeStatus(self.outcome_status.clone())) }
    }
}

/// The form that a link's path takes: trimmed, with `/` between its parts, cleaned by its letters. A blank path stays
/// empty. Whether the path may be read is another question, see [`evidence_entry`].
///
/// ```
/// use gait_gate::authority::authorization_bundle::clean_link_path;
///
/// assert_eq!(clean_link_path(" a\\.\\b "), "a/b");
/// assert_eq!(clean_link_path("a/.."), ".");
/// assert_eq!(clean_link_path(" "), "");
/// ```
#[must_use]
pub fn clean_link_path(path: &str) -> String {
    match path.trim() {
        "" => String::new(),
        path => gait_base::path::clean(&path.replace('\\', "/")),
    }
}

/// The name in a pack of the file with this cleaned path; nothing for a path that is absolute, names a folder of its own
/// or leads out of the bundle's folder.
///
/// ```
/// use gait_gate::authority::authorization_bundle::evidence_entry;
///
/// assert_eq!(evidence_entry("ev/trace.json").as_deref(), Some("evidence/ev/trace.json"));
/// assert_eq!(evidence_entry("../trace.json"), None);
/// ```
#[must_use]
pub fn evidence_entry(cleaned: &str) -> Option<String> {
    let stays =
        !matches!(cleaned, "" | ".") && !cleaned.starts_with('/') && !gait_base::path::leaves_working_folder(cleaned);
    stays.then(|| format!("evidence/{cleaned}"))
}

/// The digest of a linked file: of its canonical form if it calls itself JSON, so that its layout does not count, else
/// of its bytes.
///
/// # Errors
/// When it calls itself JSON and is none.
pub fn evidence_digest(path: &str, bytes: &[u8]) -> Result<Digest, CanonicalError> {
    const JSON: &[u8] = b".json";
    let name = path.as_bytes();
    let end = name.len().saturating_sub(JSON.len());
    if name.get(end..).is_some_and(|end| end.eq_ignore_ascii_case(JSON)) {
        jcs::digest(bytes)
    } else {
        Ok(sha256(bytes))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The trimmed and folded digest; nothing for what is none.
fn folded_digest(text: &str) -> Option<String> {
    Some(trim_fold(text)).filter(|digest| is_lower_hex_digest(digest))
}

#[cfg(test)]
mod tests;
