//! The fast path of approved scripts: a registry, verified once for as long as it stays the same (03 §4.6).

use std::sync::{Arc, Mutex, PoisonError};

use gait_base::time::Timestamp;

use super::source::Current;
use crate::authority::approved_script::{ScriptEntryFault, ScriptMatch, ScriptRegistry, find};
use crate::authority::token::{SignatureCheck, TrustedKeys};
use crate::intent::Intent;
use crate::policy::Policy;
use crate::state::StateError;

/// A registry with the keys that its entries must be signed with.
pub(super) struct ApprovedScripts {
    source: Box<dyn Current<ScriptRegistry>>,
    trusted: TrustedKeys,
    /// The registry that verified last. Entries end, so the moment is checked at each use.
    verified: Mutex<Option<Arc<ScriptRegistry>>>,
}

/// Why the fast path cannot be taken.
pub(super) enum Unusable {
    /// The registry cannot be had.
    State(StateError),
    /// One of its entries does not verify; all of them are ignored then.
    Entry(ScriptEntryFault),
}

impl ApprovedScripts {
    pub(super) fn new(source: Box<dyn Current<ScriptRegistry>>, trusted: TrustedKeys) -> Self {
        Self { source, trusted, verified: Mutex::default() }
    }

    /// The registry, every entry of which verifies at `now`.
    pub(super) fn usable(&self, now: &Timestamp, check: &dyn SignatureCheck) -> Result<Arc<ScriptRegistry>, Unusable> {
        let registry = self.source.current().map_err(Unusable::State)?;
        let known = self.verified.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some_and(|known| Arc::ptr_eq(&known, &registry)) {
            if registry.entries.iter().all(|entry| now.is_before(&entry.expires_at)) {
                return Ok(registry);
            }
            return Err(Unusable::Entry(ScriptEntryFault::Expired));
        }
        for entry in &registry.entries {
            entry.verify_trusted(&self.trusted, now, check).map_err(Unusable::Entry)?;
        }
        *self.verified.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&registry));
        Ok(registry)
    }

    /// What the registry says about a script.
    pub(super) fn find<'a>(
        registry: &'a ScriptRegistry,
        policy: &Policy,
        intent: &Intent,
        now: &Timestamp,
    ) -> ScriptMatch<'a> {
        find(&registry.entries, intent.request(), intent.script_hash(), &policy.digest(), now)
    }
}
