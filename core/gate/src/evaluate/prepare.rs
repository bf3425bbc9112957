//! Preparing an intent: context claims are bound to verified evidence or removed, for claims prove nothing (02 §6.2).

use gait_base::json::Value;

use super::error::EvaluateError;
use super::inputs::Inputs;
use crate::authority::inventory::CLAIMS;
use crate::intent::{Context, Intent};
use crate::policy::Policy;

/// Where the age of the context evidence stands.
const AGE_CLAIM: &str = "context_age_seconds";

/// An intent's context as evaluation sees it. It is borrowed from the intent as long as nothing differs.
pub(super) struct Prepared<'a> {
    given: &'a Context,
    changed: Option<Box<Context>>,
    /// Age of the verified evidence.
    pub(super) age_seconds: Option<i64>,
    has_envelope: bool,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(policy: &Policy, intent: &'a Intent, inputs: &Inputs<'_>) -> Result<Self, EvaluateError> {
        let given = &intent.request().context;
        if policy.mode().is_strict()
            && let Some(claim) = CLAIMS.into_iter().find(|claim| given.auth_context.contains_key(claim))
            && !inventory_knows_all(intent, inputs)
        {
            return Err(EvaluateError::UnprovenClaim { claim });
        }
        let has_envelope = inputs.context_envelope.is_some();
        let mut prepared = Self { given, changed: None, age_seconds: None, has_envelope };
        if let Some(envelope) = inputs.context_envelope {
            let (digest, mode) = (envelope.digest_hex(), envelope.mode());
            if !given.context_set_digest.is_empty() && !given.context_set_digest.eq_ignore_ascii_case(digest) {
                return Err(EvaluateError::ContextMismatch { claim: "context_set_digest" });
            }
            if !given.context_evidence_mode.is_empty() && !given.context_evidence_mode.eq_ignore_ascii_case(mode) {
                return Err(EvaluateError::ContextMismatch { claim: "context_evidence_mode" });
            }
            let age = envelope.age_seconds(&inputs.now);
            prepared.age_seconds = Some(age);
            let bound = prepared.context_mut();
            bound.context_set_digest = digest.to_owned();
            bound.context_evidence_mode = mode.to_owned();
            bound.context_refs = envelope.ref_ids();
            bound.auth_context.insert(AGE_CLAIM.to_owned(), Value::from(age));
        } else if has_context_claims(given) {
            let stripped = prepared.context_mut();
            stripped.context_set_digest.clear();
            stripped.context_evidence_mode.clear();
            stripped.context_refs.clear();
            stripped.auth_context.remove(AGE_CLAIM);
        }
        Ok(prepared)
    }

    /// The context as evaluation sees it.
    pub(super) fn context(&self) -> &Context {
        self.changed.as_deref().unwrap_or(self.given)
    }

    fn context_mut(&mut self) -> &mut Context {
        self.changed.get_or_insert_with(|| Box::new(self.given.clone()))
    }

    /// Adds what the inventory knows about a tool; tells whether it knew something.
    pub(super) fn add_inventory(&mut self, tool_name: &str, inputs: &Inputs<'_>) -> bool {
        let Some(entry) = inputs.inventory.and_then(|inventory| inventory.get(tool_name)) else {
            return false;
        };
        let claims = &mut self.context_mut().auth_context;
        for (name, value) in entry.claims(tool_name) {
            claims.insert(name.to_owned(), Value::from(value));
        }
        true
    }

    /// A copy for one step of a script, which may gain inventory entries of its own.
    pub(super) fn for_step(&self) -> Prepared<'_> {
        Prepared {
            given: self.context(),
            changed: None,
            age_seconds: self.age_seconds,
            has_envelope: self.has_envelope,
        }
    }

    /// The context, if it is no longer the intent's own.
    pub(super) fn into_changed(self) -> Option<Box<Context>> {
        self.changed
    }

    /// Where context came from: the envelope, the inventory, or both.
    pub(super) fn context_source(&self, inputs: &Inputs<'_>, inventory_used: bool) -> String {
        let envelope = self.has_envelope.then_some("context_envelope");
        let inventory = inputs.inventory.filter(|_| inventory_used).map(|inventory| inventory.source());
        match (envelope, inventory) {
            (None, None) => String::new(),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (Some(a), Some(b)) if a == b => a.to_owned(),
            (Some(a), Some(b)) => format!("{},{}", a.min(b), a.max(b)),
        }
    }
}

/// Whether the inventory has its own word on every tool of the intent, so that no claim of the request's stays.
fn inventory_knows_all(intent: &Intent, inputs: &Inputs<'_>) -> bool {
    let request = intent.request();
    let Some(inventory) = inputs.inventory else { return false };
    match &request.script {
        Some(script) => script.steps.iter().all(|step| inventory.get(&step.tool_name).is_some()),
        None => inventory.get(&request.tool_name).is_some(),
    }
}

fn has_context_claims(context: &Context) -> bool {
    !context.context_set_digest.is_empty()
        || !context.context_evidence_mode.is_empty()
        || !context.context_refs.is_empty()
        || context.auth_context.contains_key(AGE_CLAIM)
}
