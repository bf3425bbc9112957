//! The gate: a policy, a key and counters, ready to decide. What agents hold for their whole life.

use std::sync::{Arc, Mutex, PoisonError};

use gait_base::error::{Category, Classify};
use gait_base::json::EncodeError;
use gait_base::key::SigningKey;
use gait_base::time::TimeError;
use thiserror::Error;

use crate::authority::limit::CounterState;
use crate::evaluate::{Decision, EvaluateError, Inputs};
use crate::intent::{Intent, IntentRequest};
use crate::policy::Policy;
use crate::settle::{Settling, is_settled};
use crate::trace::{Emission, TraceRecord};

/// Decides like `gait gate eval`, in process. Cloning is cheap; clones share policy, key and counters, and all methods may
/// be called from any thread.
///
/// Limits are counted in memory. A decision that needs an approval, a delegation token or a broker's credential is held
/// or blocked.
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
#[derive(Clone)]
pub struct Gate {
    policy: Policy,
    signing_key: Option<SigningKey>,
    counters: Arc<Mutex<CounterState>>,
}

impl Gate {
    /// A gate that does not sign.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, signing_key: None, counters: Arc::default() }
    }

    /// Signs traces with this key.
    #[must_use]
    pub fn with_signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(key);
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

    /// Decides about an intent and counts it against its limits.
    ///
    /// # Errors
    /// As [`Policy::evaluate`]. An error is never an allow.
    pub fn evaluate(&self, intent: &Intent, inputs: &Inputs<'_>) -> Result<Decision, EvaluateError> {
        let decision = self.policy.evaluate(intent, inputs)?;
        self.settle(intent, decision, inputs)
    }

    /// As [`Gate::evaluate`], for a request that is not normalized yet. A request that cannot be normalized is a block
    /// where the policy fails closed for its risk class, and an error elsewhere.
    ///
    /// # Errors
    /// As [`Policy::evaluate_request`]. An error is never an allow.
    pub fn evaluate_request(
        &self,
        request: IntentRequest,
        inputs: &Inputs<'_>,
    ) -> Result<(Decision, Option<Intent>), EvaluateError> {
        match self.policy.evaluate_request(request, inputs)? {
            (decision, Some(intent)) => Ok((self.settle(&intent, decision, inputs)?, Some(intent))),
            invalid => Ok(invalid),
        }
    }

    /// Counts a decision against its limits and holds it for what it lacks.
    fn settle(&self, intent: &Intent, decision: Decision, inputs: &Inputs<'_>) -> Result<Decision, EvaluateError> {
        if is_settled(&decision) {
            return Ok(decision);
        }
        let mut settling = Settling::new(&self.policy, intent, decision);
        let counted: Result<(), EvaluateError> = settling.count(|limit, tool, identity| {
            // A thread that died while it counted leaves whole counters behind: nothing there can be half done.
            let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(counters.take(limit, tool, identity, &inputs.now))
        });
        counted?;
        Ok(settling.finish())
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
