//! What a gate is made of.

use std::sync::Arc;

use gait_base::key::SigningKey;

use super::scripts::ApprovedScripts;
use super::source::{CredentialBroker, Current};
use super::{Gate, MemoryStore};
use crate::authority::approved_script::ScriptRegistry;
use crate::authority::inventory::Inventory;
use crate::authority::token::{RememberedSignatures, TrustedKeys};
use crate::policy::Policy;
use crate::state::StateStore;

impl Gate {
    /// A gate that does not sign, trusts nobody and keeps its state in memory.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            signing_key: None,
            store: Arc::new(MemoryStore::default()),
            approvers: Arc::default(),
            delegators: None,
            reuse_approvals: false,
            inventory: None,
            scripts: None,
            broker: None,
            simulate: false,
            signatures: Arc::new(RememberedSignatures::default()),
        }
    }

    /// Signs traces with this key.
    #[must_use]
    pub fn with_signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// Keeps counters, kill switch, used tokens and approvals in this store. A kill switch that it keeps is consulted for
    /// each decision.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn StateStore>) -> Self {
        self.store = store;
        self
    }

    /// Accepts approvals that these keys signed.
    #[must_use]
    pub fn with_approvers(mut self, keys: TrustedKeys) -> Self {
        self.approvers = Arc::new(keys);
        self
    }

    /// Accepts delegation tokens that these keys signed, instead of those of the approvers.
    #[must_use]
    pub fn with_delegators(mut self, keys: TrustedKeys) -> Self {
        self.delegators = Some(Arc::new(keys));
        self
    }

    /// Lets an approval serve as often as its intent is proposed, until it ends. A strict gate otherwise accepts each
    /// approval once; a compat gate always lets it serve again.
    #[must_use]
    pub fn with_reusable_approvals(mut self) -> Self {
        self.reuse_approvals = true;
        self
    }

    /// Looks tools up in this inventory, where a decision brings none of its own.
    #[must_use]
    pub fn with_inventory(mut self, inventory: impl Current<Inventory> + 'static) -> Self {
        self.inventory = Some(Arc::new(inventory));
        self
    }

    /// Lets scripts pass that this registry approves, when these keys signed all of its entries.
    #[must_use]
    pub fn with_approved_scripts(
        mut self,
        registry: impl Current<ScriptRegistry> + 'static,
        keys: TrustedKeys,
    ) -> Self {
        self.scripts = Some(Arc::new(ApprovedScripts::new(Box::new(registry), keys)));
        self
    }

    /// Asks this broker for the credentials that rules require.
    #[must_use]
    pub fn with_broker(mut self, broker: Arc<dyn CredentialBroker>) -> Self {
        self.broker = Some(broker);
        self
    }

    /// Lets everything pass and tells what would have happened (02 §11.3).
    #[must_use]
    pub fn simulating(mut self) -> Self {
        self.simulate = true;
        self
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The key, if it signs.
    #[must_use]
    pub const fn signing_key(&self) -> Option<&SigningKey> {
        self.signing_key.as_ref()
    }

    /// Where its state is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn StateStore> {
        &self.store
    }
}
