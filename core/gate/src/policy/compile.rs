//! The compiled policy: parsed, validated and prepared once, then asked any number of times from any thread.

use std::fmt;
use std::sync::Arc;

use gait_base::digest::Digest;
use gait_base::text::fold;

use super::document::{Dataflow, PolicyDocument, Rule};
use super::index::RuleIndex;
use super::lint::{self, Lint};
use super::{PolicyError, document};
use crate::code::{Code, CodeSet};
use crate::evaluate::{CompiledEndpoint, CompiledFreeze};
use crate::mode::Mode;

/// A policy that is ready to decide.
///
/// Cloning is cheap; clones share everything. Evaluation never changes a policy.
///
/// ```
/// use gait_gate::mode::Mode;
/// use gait_gate::policy::Policy;
///
/// let policy = Policy::parse(b"default_verdict: block", Mode::Strict)?;
/// assert_eq!(policy.document().rules.len(), 0);
/// assert_eq!(policy.digest().to_hex().len(), 64);
/// # Ok::<(), gait_gate::policy::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Policy(Arc<Compiled>);

struct Compiled {
    document: PolicyDocument,
    digest: Digest,
    mode: Mode,
    rules: Vec<CompiledRule>,
    index: RuleIndex,
}

/// The name that stands for the zone of the machine in a freeze window.
const LOCAL_ZONE: &str = "Local";

/// What a rule needs at hand when it is evaluated.
pub(crate) struct CompiledRule {
    pub(crate) name: Arc<str>,
    /// The rule's reason codes, or the one derived from its name.
    pub(crate) reasons: CodeSet,
    pub(crate) violations: CodeSet,
    pub(crate) dataflow: Option<CompiledDataflow>,
    pub(crate) endpoint: Option<(CompiledEndpoint, Code, Code)>,
    pub(crate) freeze: Option<CompiledFreeze>,
}

/// A dataflow limit with its codes.
pub(crate) struct CompiledDataflow {
    pub(crate) reason: Code,
    pub(crate) violation: Code,
}

impl Policy {
    /// Reads and compiles a policy in YAML or JSON.
    ///
    /// # Errors
    /// [`PolicyError`] names the place, the rule and the value.
    pub fn parse(text: &[u8], mode: Mode) -> Result<Self, PolicyError> {
        PolicyDocument::parse(text, mode).map(|document| Self::compile(document, mode))
    }

    /// Compiles a policy that was read before.
    #[must_use]
    pub fn compile(document: PolicyDocument, mode: Mode) -> Self {
        Self::compile_with(document, mode, None)
    }

    /// The same policy on a machine in this time zone (an IANA name): what freeze windows mean by `Local` (03 §7).
    ///
    /// Nobody else can know: without it, or with an unknown name, a freeze window in zone `Local` is invalid and blocks.
    /// The digest does not change.
    #[must_use]
    pub fn with_local_zone(self, name: &str) -> Self {
        let is_local = |rule: &Rule| rule.freeze_window.as_ref().is_some_and(|window| window.timezone == LOCAL_ZONE);
        if !self.document().rules.iter().any(is_local) {
            return self;
        }
        let mode = self.mode();
        let document = match Arc::try_unwrap(self.0) {
            Ok(compiled) => compiled.document,
            Err(shared) => shared.document.clone(),
        };
        Self::compile_with(document, mode, Some(name))
    }

    fn compile_with(document: PolicyDocument, mode: Mode, local_zone: Option<&str>) -> Self {
        let digest = document.digest();
        let rules = document.rules.iter().map(|rule| CompiledRule::new(rule, local_zone)).collect();
        let index = RuleIndex::new(&document.rules);
        Self(Arc::new(Compiled { document, digest, mode, rules, index }))
    }

    /// The normalized policy.
    #[must_use]
    pub fn document(&self) -> &PolicyDocument {
        &self.0.document
    }

    /// The policy digest (02 §3).
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// How closely the policy and its intents are looked at.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// `schema_id`, which traces carry as the policy id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        document::SCHEMA_ID
    }

    /// `schema_version`, which traces carry as the policy version.
    #[must_use]
    pub fn version(&self) -> &'static str {
        document::SCHEMA_VERSION
    }

    /// What in the policy probably does not do what its author thinks.
    #[must_use]
    pub fn lint(&self) -> Vec<Lint> {
        lint::lint(&self.0.document)
    }

    /// Whether any rule or the fail-closed fields ask for context evidence (03 §11.4).
    #[must_use]
    pub fn requires_context_evidence(&self) -> bool {
        let document = self.document();
        document.rules.iter().any(|rule| rule.context_evidence.is_some())
            || document.fail_closed.enabled
                && document.fail_closed.required_fields.iter().any(|field| field == "context_evidence")
    }

    pub(crate) fn index(&self) -> &RuleIndex {
        &self.0.index
    }

    /// A rule and its compiled form.
    pub(crate) fn rule(&self, number: usize) -> Option<(&Rule, &CompiledRule)> {
        self.0.document.rules.get(number).zip(self.0.rules.get(number))
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("digest", &self.digest()).field("rules", &self.document().rules.len()).finish()
    }
}

impl CompiledRule {
    fn new(rule: &Rule, local_zone: Option<&str>) -> Self {
        let reasons = if rule.reason_codes.is_empty() {
            CodeSet::from_texts([matched_rule_code(&rule.name)])
        } else {
            CodeSet::from_texts(&rule.reason_codes)
        };
        let endpoint = rule.endpoint.as_deref().map(|endpoint| {
            let (reason, violation) = (Code::named(&endpoint.reason_code), Code::named(&endpoint.violation));
            (CompiledEndpoint::compile(endpoint), reason, violation)
        });
        Self {
            name: Arc::from(rule.name.as_str()),
            reasons,
            violations: CodeSet::from_texts(&rule.violations),
            dataflow: rule.dataflow.as_deref().map(CompiledDataflow::new),
            endpoint,
            freeze: rule.freeze_window.as_deref().map(|window| {
                let zone = if window.timezone == LOCAL_ZONE { local_zone } else { Some(window.timezone.as_str()) };
                CompiledFreeze::compile(window, zone)
            }),
        }
    }
}

impl CompiledDataflow {
    fn new(dataflow: &Dataflow) -> Self {
        Self { reason: Code::named(&dataflow.reason_code), violation: Code::named(&dataflow.violation) }
    }
}

/// `matched_rule_<n>`: the name as a JSON string literal without its quotes, blanks and hyphens replaced, folded
/// (02 §6.4).
fn matched_rule_code(name: &str) -> String {
    let literal = gait_base::json::to_compact(name).unwrap_or_default();
    let literal = String::from_utf8(literal).unwrap_or_default();
    let name = literal.trim_matches('"').replace([' ', '-'], "_");
    format!("matched_rule_{}", fold(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_codes() {
        assert_eq!(matched_rule_code("Say \"hi\""), "matched_rule_say_\\\"hi\\");
        assert_eq!(matched_rule_code("allow-Read <x>"), "matched_rule_allow_read_\\u003cx\\u003e");
    }
}
