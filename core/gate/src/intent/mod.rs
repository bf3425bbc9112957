//! Intents: what an agent proposes to do. Decoded, normalized and digested once (02 §4, §5).
//!
//! [`decode_request`] reads a document as it is written; [`Intent`] is a request in normal form. Whoever has to know
//! something of a request that cannot be normalized (fail-closed rules look at its risk class) decodes it first and
//! keeps a copy.

mod args;
mod context;
mod delegation;
mod digest;
mod endpoint_class;
mod error;
mod field;
mod provenance;
mod request;
mod sandbox;
mod script;
mod target;
mod url_host;

pub(crate) use args::looks_like_material;
pub use error::IntentError;
pub use request::{
    AgentIdentity, ArgProvenance, Context, Delegation, DelegationLink, IntentRequest, Sandbox, Script, ScriptStep,
    SkillProvenance, Target,
};

use gait_base::digest::Digest;
use gait_base::json::{self, Decode as _, Notice, Reader, Reading, Source, Writer};

use crate::mode::Mode;
use args::Scan;

const SCHEMA_ID: &str = "gait.gate.intent_request";
const SCHEMA_VERSION: &str = "1.0.0";
/// The tool name of every script.
pub(crate) const SCRIPT_TOOL: &str = "script";

/// A proposed tool call, or a script of several, in normal form (02 §4).
///
/// It never changes once it exists. Equal requests in different spellings have equal digests:
///
/// ```
/// use gait_gate::intent::Intent;
/// use gait_gate::mode::Mode;
///
/// let intent = Intent::parse(
///     br#"{"tool_name": " Tool.Read ", "args": {"path": " /a "},
///          "context": {"identity": "alice", "workspace": "/repo", "risk_class": "LOW"}}"#,
///     Mode::Strict,
/// )?;
/// assert_eq!(intent.request().tool_name, "tool.read");
/// assert_eq!(intent.request().context.phase, "apply");
/// # Ok::<(), gait_gate::intent::IntentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    request: IntentRequest,
    script_hash: Option<Digest>,
    delegation_digest: Option<Digest>,
    notices: Vec<Notice>,
    mode: Mode,
}

impl Intent {
    /// Reads and normalizes a JSON document.
    ///
    /// # Errors
    /// [`IntentError`]; always invalid input.
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, IntentError> {
        // A request is large: it is filled where it stays.
        let mut intent = Self::empty(mode);
        let mut reader = Reader::new(bytes, reading(mode))?;
        intent.request.decode(&mut reader)?;
        reader.finish()?;
        intent.notices = reader.into_notices();
        intent.normalize()?;
        Ok(intent)
    }

    /// Reads one value from `source` and normalizes it. How closely members are looked at is the source's own
    /// [`Reading`]; `mode` governs what lies beyond reading. Notices stay with the source.
    ///
    /// # Errors
    /// [`IntentError`]; always invalid input.
    pub fn decode(source: &mut impl Source, mode: Mode) -> Result<Self, IntentError> {
        let mut intent = Self::empty(mode);
        intent.request.decode(source)?;
        intent.normalize()?;
        Ok(intent)
    }

    /// Normalizes a request.
    ///
    /// # Errors
    /// [`IntentError`]; always invalid input.
    pub fn from_request(request: IntentRequest, mode: Mode) -> Result<Self, IntentError> {
        Self::from_decoded((request, Vec::new()), mode)
    }

    /// As [`Intent::from_request`], for a request of [`decode_request`] together with its notices.
    ///
    /// # Errors
    /// [`IntentError`]; always invalid input.
    pub fn from_decoded(decoded: (IntentRequest, Vec<Notice>), mode: Mode) -> Result<Self, IntentError> {
        let (request, notices) = decoded;
        let mut intent = Self { request, script_hash: None, delegation_digest: None, notices, mode };
        intent.normalize()?;
        Ok(intent)
    }

    fn empty(mode: Mode) -> Self {
        Self {
            request: IntentRequest::default(),
            script_hash: None,
            delegation_digest: None,
            notices: Vec::new(),
            mode,
        }
    }

    /// The order of the steps is that of 02 §4.2: of several faults the first counts.
    fn normalize(&mut self) -> Result<(), IntentError> {
        let mode = self.mode;
        let request = &mut self.request;
        match &mut request.script {
            Some(script) => {
                script::normalize(script, mode).map_err(|error| error.in_member("script"))?;
                script::complete(script, &mut request.targets, &mut request.arg_provenance);
                SCRIPT_TOOL.clone_into(&mut request.tool_name);
                self.script_hash = Some(digest::of_part(script));
            }
            None => field::required_fold(&mut request.tool_name, "tool_name")?,
        }
        args::normalize(&mut request.args, Scan::Secrets).map_err(|error| error.in_member("args"))?;
        target::normalize(&mut request.targets, &request.tool_name)?;
        provenance::normalize_args(&mut request.arg_provenance)?;
        if let Some(skill) = &mut request.skill_provenance {
            provenance::normalize_skill(skill).map_err(|error| error.in_member("skill_provenance"))?;
        }
        context::normalize(&mut request.context).map_err(|error| error.in_member("context"))?;
        if let Some(delegation) = &mut request.delegation {
            delegation::normalize(delegation).map_err(|error| error.in_member("delegation"))?;
            self.delegation_digest = Some(digest::of_part(delegation));
        }
        if let Some(relationship) = &mut request.relationship {
            relationship.normalize();
            if relationship.is_empty() {
                request.relationship = None;
            }
        }
        let defaults = [(&mut request.schema_id, SCHEMA_ID), (&mut request.schema_version, SCHEMA_VERSION)];
        for (value, default) in defaults.into_iter().filter(|(value, _)| value.is_empty()) {
            default.clone_into(value);
        }
        for claim in [&mut request.args_digest, &mut request.intent_digest, &mut request.script_hash] {
            claim.clear();
        }
        Ok(())
    }

    /// The request in normal form. Its own digest members are empty: what a request says about its digests is not
    /// believed, see [`Intent::digest`] and its siblings. `created_at` stands as it was read.
    #[must_use]
    pub const fn request(&self) -> &IntentRequest {
        &self.request
    }

    /// How closely it was read. A strict policy decides about strictly read intents alone.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The request by value.
    #[must_use]
    pub fn into_request(self) -> IntentRequest {
        self.request
    }

    /// What was not kept exactly as it was written (00 D11); empty in strict mode, which refuses it.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// SHA-256 of the canonical arguments. Computed on each call, as the other digests but the script's are.
    #[must_use]
    pub fn args_digest(&self) -> Digest {
        digest::of_part(&self.request.args)
    }

    /// The request digest: SHA-256 of [`Intent::canonical`] (02 §5).
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest_with(&self.request.context)
    }

    /// The digest of this intent in another context: the prepared digest, when `context` is this intent's own with
    /// unproven claims removed and proven ones added (02 §6.2). It must be in normal form as this intent's is.
    #[must_use]
    pub fn digest_with(&self, context: &Context) -> Digest {
        self.digests_with(context).0
    }

    /// The digest of this intent in another context, and that of its arguments, which are written once for both.
    pub(crate) fn digests_with(&self, context: &Context) -> (Digest, Digest) {
        let args = digest::canonical_args(&self.request);
        let intent = digest::of(|writer| {
            digest::write_intent(&self.request, &args, context, self.script_hash.as_ref(), writer);
        });
        (intent, gait_base::digest::sha256(&args))
    }

    /// SHA-256 of the canonical steps; nothing for a single tool call.
    #[must_use]
    pub const fn script_hash(&self) -> Option<Digest> {
        self.script_hash
    }

    /// The digest that binds approvals to the delegation (03 §3.5); nothing where there is none.
    #[must_use]
    pub const fn delegation_digest(&self) -> Option<Digest> {
        self.delegation_digest
    }

    /// SHA-256 of the canonical targets: what credentials are bound to (02 §7.5).
    #[must_use]
    pub fn targets_digest(&self) -> Digest {
        targets_digest(&self.request.targets)
    }

    /// The canonical text that [`Intent::digest`] hashes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        let args = digest::canonical_args(&self.request);
        digest::write_intent(&self.request, &args, &self.request.context, self.script_hash.as_ref(), &mut writer);
        bytes
    }
}

/// Reads a document without normalizing it, and tells what was not kept exactly.
///
/// # Errors
/// [`IntentError::Malformed`].
pub fn decode_request(bytes: &[u8], mode: Mode) -> Result<(IntentRequest, Vec<Notice>), IntentError> {
    Ok(json::decode_with_notices(bytes, reading(mode))?)
}

const fn reading(mode: Mode) -> Reading {
    match mode {
        Mode::Strict => Reading::STRICT,
        Mode::Compat => Reading::COMPAT,
    }
}

/// SHA-256 of the canonical form of normalized targets: what credentials are bound to (02 §7.5).
#[must_use]
pub fn targets_digest(targets: &[Target]) -> Digest {
    digest::of_part(targets)
}
