//! The gate: a policy, keys and what they are used with, ready to decide. What agents hold for their whole life.

mod approvals;
mod options;
mod scripts;
mod source;

pub use approvals::AwaitedApprovals;
pub use source::{CredentialBroker, Current};

use std::borrow::Cow;
use std::sync::Arc;

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_base::key::SigningKey;
use gait_base::time::TimeError;
use thiserror::Error;

use crate::authority::approved_script::ScriptMatch;
use crate::authority::inventory::Inventory;
use crate::authority::kill_switch::KillSwitchState;
use crate::authority::token::{Presented, RememberedSignatures, TrustedKeys};
use crate::evaluate::{Decision, EvaluateError, Inputs, KillSwitchInput};
use crate::intent::{Intent, IntentRequest};
use crate::policy::Policy;
use crate::settle::{Settling, is_settled, pre_approved};
use crate::state::{Claim, Ledger, MemoryStore, StateStore, TokenUse};
use crate::trace::{Emission, TraceRecord};
use scripts::{ApprovedScripts, Unusable};

/// Decides like `gait gate eval`, in process. Cloning is cheap; clones share policy, keys, store and everything else, and
/// all methods may be called from any thread.
///
/// Without further options limits are counted in memory, and a decision that needs an approval, a delegation token or a
/// broker's credential is held or blocked: nobody is trusted to approve until the gate is told whose signatures count.
///
/// ```
/// use gait_base::key::SigningKey;
/// use gait_base::time::Timestamp;
/// use gait_gate::evaluate::Inputs;
/// use gait_gate::gate::Gate;
/// use gait_gate::intent::Intent;
/// use gait_gate::mode::Mode;
/// use gait_gate::policy::Policy;
/// use gait_gate::trace::{Emission, Verification, verify};
///
/// let key = SigningKey::from_seed(&[7; 32]);
/// let gate = Gate::new(Policy::parse(b"default_verdict: allow", Mode::Strict)?).with_signing_key(key.clone());
/// let intent = Intent::parse(
///     br#"{"tool_name": "t", "args": {}, "targets": [], "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}"#,
///     Mode::Strict,
/// )?;
/// let now = Timestamp::EPOCH_1980;
/// let decision = gate.evaluate(&intent, &Inputs::at(now))?;
/// let trace = gate.trace(&intent, &decision, &Emission::at(now))?;
/// assert_eq!(verify(&trace, key.verifying_key())?, Verification::Verified);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An approval turns a hold into an allow, once:
///
/// ```
/// use gait_base::key::SigningKey;
/// use gait_base::time::Timestamp;
/// use gait_gate::authority::approval::{ApprovalRequest, ApprovalTerms, ApprovalToken};
/// use gait_gate::authority::token::Presented;
/// use gait_gate::evaluate::Inputs;
/// use gait_gate::gate::Gate;
/// use gait_gate::intent::Intent;
/// use gait_gate::mode::Mode;
/// use gait_gate::policy::Policy;
/// use gait_gate::verdict::Verdict;
///
/// let alice = SigningKey::from_seed(&[1; 32]);
/// let gate = Gate::new(Policy::parse(b"default_verdict: require_approval", Mode::Strict)?)
///     .with_approvers(alice.verifying_key().clone().into());
/// let intent = Intent::parse(
///     br#"{"tool_name": "t", "args": {}, "targets": [], "context": {"identity": "a", "workspace": "/w", "risk_class": "low"}}"#,
///     Mode::Strict,
/// )?;
/// let inputs = Inputs::at(Timestamp::EPOCH_1980);
/// let held = gate.evaluate(&intent, &inputs)?;
///
/// let request = ApprovalRequest::of(&intent, &held).ok_or("nothing to approve")?;
/// let terms = ApprovalTerms {
///     approver_identity: "alice".to_owned(),
///     reason_code: "ticket-7".to_owned(),
///     ttl_nanos: 60_000_000_000,
///     ..request.terms()
/// };
/// let approvals = [Presented::new(ApprovalToken::mint(terms, &alice, &inputs.now)?)];
///
/// let granted = gate.evaluate(&intent, &Inputs { approvals: &approvals, ..inputs })?;
/// assert_eq!(granted.verdict, Verdict::Allow);
/// let again = gate.evaluate(&intent, &Inputs { approvals: &approvals, ..inputs })?;
/// assert_eq!(again.verdict, Verdict::RequireApproval);
/// assert!(again.reason_codes.contains("approval_token_replayed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Gate {
    policy: Policy,
    signing_key: Option<SigningKey>,
    store: Arc<dyn StateStore>,
    approvers: Arc<TrustedKeys>,
    delegators: Option<Arc<TrustedKeys>>,
    reuse_approvals: bool,
    inventory: Option<Arc<dyn Current<Inventory>>>,
    scripts: Option<Arc<ApprovedScripts>>,
    broker: Option<Arc<dyn CredentialBroker>>,
    simulate: bool,
    signatures: Arc<RememberedSignatures>,
}

impl Gate {
    /// Decides about an intent, counts it against its limits and settles what it asks for.
    ///
    /// # Errors
    /// As [`Policy::evaluate`], and when the store or a document that the gate consults cannot be had. An error is never
    /// an allow.
    pub fn evaluate(&self, intent: &Intent, inputs: &Inputs<'_>) -> Result<Decision, EvaluateError> {
        let kill_switch = self.kill_switch(intent, inputs)?;
        let inventory = self.inventory.as_ref().filter(|_| inputs.inventory.is_none());
        let inventory = inventory.map(|source| source.current()).transpose()?;
        let inputs = Inputs {
            kill_switch: kill_switch.input(inputs.kill_switch),
            inventory: inputs.inventory.or(inventory.as_deref()),
            ..*inputs
        };
        if let Some(scripts) = &self.scripts
            && intent.request().script.is_some()
        {
            return self.evaluate_script(scripts, intent, &inputs);
        }
        let decision = self.policy.evaluate(intent, &inputs)?;
        self.settle(intent, decision, &inputs, "")
    }

    /// As [`Gate::evaluate`], for a request that is not normalized yet. A request that cannot be normalized is a block
    /// where the policy fails closed for its risk class, and an error elsewhere.
    ///
    /// # Errors
    /// As [`Gate::evaluate`]. An error is never an allow.
    pub fn evaluate_request(
        &self,
        request: IntentRequest,
        inputs: &Inputs<'_>,
    ) -> Result<(Decision, Option<Intent>), EvaluateError> {
        let risk_class = gait_base::text::trim_fold(&request.context.risk_class);
        if !self.policy.fails_closed_for(&risk_class) {
            let intent = Intent::from_request(request, self.policy.mode())?;
            return self.evaluate(&intent, inputs).map(|decision| (decision, Some(intent)));
        }
        match Intent::from_request(request.clone(), self.policy.mode()) {
            Ok(intent) => self.evaluate(&intent, inputs).map(|decision| (decision, Some(intent))),
            Err(_) => self.policy.evaluate_request(request, inputs),
        }
    }

    /// The kill switch that counts: the caller's, else the store's. One that cannot be read blocks what is risky and is
    /// an error elsewhere (03 §5.4).
    fn kill_switch(&self, intent: &Intent, inputs: &Inputs<'_>) -> Result<KillSwitchFound, EvaluateError> {
        if !matches!(inputs.kill_switch, KillSwitchInput::Off) {
            return Ok(KillSwitchFound::Given);
        }
        match self.store.kill_switch() {
            Ok(None) => Ok(KillSwitchFound::Given),
            Ok(Some(found)) => Ok(KillSwitchFound::State(found.document)),
            Err(_) if is_risky(intent) => Ok(KillSwitchFound::Unavailable),
            Err(error) => Err(error.into()),
        }
    }

    /// The fast path of approved scripts, else the policy (03 §4.6).
    fn evaluate_script(
        &self,
        scripts: &ApprovedScripts,
        intent: &Intent,
        inputs: &Inputs<'_>,
    ) -> Result<Decision, EvaluateError> {
        let registry = if self.policy.requires_context_evidence() {
            None
        } else {
            match scripts.usable(&inputs.now, &*self.signatures) {
                Ok(registry) => Some(registry),
                Err(Unusable::State(error)) if is_risky(intent) => return Err(error.into()),
                Err(Unusable::Entry(fault)) if is_risky(intent) => return Err(fault.into()),
                Err(_) => None,
            }
        };
        let mut registry_reason = "";
        if let Some(registry) = registry.filter(|registry| !registry.entries.is_empty()) {
            let found = ApprovedScripts::find(&registry, &self.policy, intent, &inputs.now);
            registry_reason = found.reason();
            if let ScriptMatch::Found(entry) = found
                && !inputs.kill_switch.forbids(intent, &inputs.now, self.policy.mode())
            {
                self.policy.refuse_lenient(intent)?;
                let decision = pre_approved(&self.policy, intent, entry, &inputs.now)?;
                return Ok(if self.simulate { self.disarm(intent, decision) } else { decision });
            }
        }
        let decision = self.policy.evaluate(intent, inputs)?;
        self.settle(intent, decision, inputs, registry_reason)
    }

    fn disarm(&self, intent: &Intent, decision: Decision) -> Decision {
        let mut settling = Settling::new(&self.policy, intent, decision);
        settling.simulate();
        settling.finish()
    }

    /// Counts a decision against its limits and settles what it asks for, in the order of 02 §11.3.
    fn settle(
        &self,
        intent: &Intent,
        decision: Decision,
        inputs: &Inputs<'_>,
        registry_reason: &str,
    ) -> Result<Decision, EvaluateError> {
        if !self.simulate && registry_reason.is_empty() && is_settled(&decision) {
            return Ok(decision);
        }
        let now = &inputs.now;
        let mut settling = Settling::new(&self.policy, intent, decision);
        settling.registry_reason(registry_reason);
        settling
            .count(|limit, tool, identity| self.store.take(limit, tool, identity, now).map_err(EvaluateError::from))?;
        if settling.needs_delegation() {
            let delegators = self.delegators.as_ref().unwrap_or(&self.approvers);
            settling.delegate(inputs.delegations, delegators, now, &*self.signatures);
        }
        if settling.needs_approval() {
            self.approve(&mut settling, inputs)?;
        }
        if settling.needs_credential()
            && let Some(broker) = &self.broker
        {
            let asked = settling.credential_request(inputs.credential_reference, inputs.credential_scopes);
            let issued = asked.and_then(|(request, scope)| Ok((request.clone(), scope, broker.issue(request, now)?)));
            match issued {
                Ok((request, scope, response)) => settling.credential(request, scope, response)?,
                Err(_) => settling.broker_failed(),
            }
        }
        if self.simulate {
            settling.simulate();
        }
        Ok(settling.finish())
    }

    /// Holds the approvals at hand against the decision: those of the caller and those that the store keeps for it.
    fn approve(&self, settling: &mut Settling<'_>, inputs: &Inputs<'_>) -> Result<(), EvaluateError> {
        let awaited = settling.awaited();
        let mut tokens = Cow::Borrowed(inputs.approvals);
        for token in self.store.approvals(&awaited.0, &awaited.1)? {
            let token = Presented::new(token);
            if tokens.iter().all(|own| own.content_digest() != token.content_digest()) {
                tokens.to_mut().push(token);
            }
        }
        if tokens.is_empty() {
            return Ok(());
        }
        let mut claim = |uses: &[TokenUse]| -> Result<Claim, EvaluateError> {
            self.store.claim(uses, &inputs.now).map_err(EvaluateError::from)
        };
        // A simulated call does not run, so it uses nothing up.
        let once = self.policy.mode().is_strict() && !self.reuse_approvals && !self.simulate;
        let ledger: Option<Ledger<'_, EvaluateError>> = if once { Some(&mut claim) } else { None };
        settling.approve(&tokens, &self.approvers, &inputs.now, &*self.signatures, ledger)?;
        if !settling.needs_approval() && !self.simulate {
            self.store.withdraw_request(&awaited.0, &awaited.1)?;
        }
        Ok(())
    }

    /// The trace of a decision that this gate made, signed if the gate signs.
    ///
    /// # Errors
    /// [`EmitError`] when a time cannot be written.
    pub fn trace(
        &self,
        intent: &Intent,
        decision: &Decision,
        emission: &Emission<'_>,
    ) -> Result<TraceRecord, EmitError> {
        let mut trace = TraceRecord::new(&self.policy, intent, decision, emission)?;
        if let Some(key) = &self.signing_key {
            trace.sign(key)?;
        }
        Ok(trace)
    }
}

/// The kill switch that a decision consults.
enum KillSwitchFound {
    /// What the caller gave, which may be none.
    Given,
    Unavailable,
    State(Arc<KillSwitchState>),
}

impl KillSwitchFound {
    fn input<'a>(&'a self, given: KillSwitchInput<'a>) -> KillSwitchInput<'a> {
        match self {
            Self::Given => given,
            Self::Unavailable => KillSwitchInput::Unavailable,
            Self::State(state) => KillSwitchInput::State(state),
        }
    }
}

/// Whether what is missing must block, by the intent's own risk class.
fn is_risky(intent: &Intent) -> bool {
    matches!(intent.request().context.risk_class.as_str(), "high" | "critical")
}

/// Why a trace could not be made.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// The clock's reading cannot be written.
    #[error("observed_at: {0}")]
    Time(#[from] TimeError),
    /// Something in the trace cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Classify for EmitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Time(error) => error.code(),
            Self::Encode(error) => error.code(),
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}
