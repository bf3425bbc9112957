//! `gait.Gate`: a policy with a key and counters, ready to decide.

use std::sync::Arc;

use gait_gate::evaluate::Inputs;
use gait_gate::trace::Emission;
use gait_host::environment::{producer_version, variable};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::decision::Decision;
use crate::fault::{self, Subject};
use crate::intent::{self, Proposal};
use crate::key::SigningKey;
use crate::moment::moment;
use crate::policy::{Policy, python_bool};
use crate::trace::Trace;

/// Batches from this size on are decided while other threads run; below it, handing over costs more than it gives.
const DETACH_FROM_INTENTS: usize = 16;

/// What makes traces of decisions.
pub(crate) struct Emitter {
    gate: gait_gate::gate::Gate,
    producer_version: String,
    correlation_id: String,
}

impl Emitter {
    /// For decisions of a policy alone.
    pub(crate) fn unsigned(policy: gait_gate::policy::Policy) -> Self {
        let producer_version = producer_version(variable, env!("CARGO_PKG_VERSION"));
        Self { gate: gait_gate::gate::Gate::new(policy), producer_version, correlation_id: String::new() }
    }

    /// The trace of a decision, observed when it was made.
    pub(crate) fn trace(&self, py: Python<'_>, decision: &Decision, proposal: &Proposal) -> PyResult<Trace> {
        let emission = Emission {
            producer_version: &self.producer_version,
            correlation_id: &self.correlation_id,
            ..Emission::at(decision.now)
        };
        let record = self.gate.trace(&proposal.intent, &decision.inner, &emission);
        record.map(Trace::new).map_err(|error| fault::exception(py, &error, Subject::Other))
    }
}

/// Decides about intents in process. Any number of threads may share one gate; limits are counted in memory.
#[pyclass(frozen, subclass, module = "gait")]
pub(crate) struct Gate {
    policy: Py<Policy>,
    emitter: Arc<Emitter>,
}

#[pymethods]
impl Gate {
    #[new]
    #[pyo3(signature = (policy, *, signing_key = None, strict = None, producer_version = None, correlation_id = None))]
    fn new(
        policy: &Bound<'_, Policy>,
        signing_key: Option<&Bound<'_, SigningKey>>,
        strict: Option<bool>,
        producer_version: Option<String>,
        correlation_id: Option<String>,
    ) -> PyResult<Self> {
        let compiled = policy.get().inner.clone();
        let is_strict = compiled.mode().is_strict();
        if strict.is_some_and(|strict| strict != is_strict) {
            let message = format!("the policy was parsed with strict={}", python_bool(is_strict));
            let invalid = gait_base::error::Category::InvalidInput;
            return Err(fault::plain(policy.py(), invalid, "strict_mismatch", &message));
        }
        let mut emitter = Emitter::unsigned(compiled);
        if let Some(key) = signing_key {
            emitter.gate = emitter.gate.with_signing_key(key.get().inner.clone());
        }
        emitter.producer_version = producer_version.unwrap_or(emitter.producer_version);
        emitter.correlation_id = correlation_id.unwrap_or_default();
        Ok(Self { policy: policy.clone().unbind(), emitter: Arc::new(emitter) })
    }

    /// The policy.
    #[getter]
    fn policy(&self, py: Python<'_>) -> Py<Policy> {
        self.policy.clone_ref(py)
    }

    /// Whether intents are read strictly; follows the policy.
    #[getter]
    fn strict(&self) -> bool {
        self.emitter.gate.policy().mode().is_strict()
    }

    /// The id of the signing key; `None` without one.
    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.emitter.gate.signing_key().map(|key| key.key_id())
    }

    /// Decides about one intent and counts it against its limits.
    #[pyo3(signature = (intent, *, now = None))]
    fn evaluate(&self, intent: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Decision> {
        let now = moment(now)?;
        let gate = &self.emitter.gate;
        let proposal = Proposal::read(intent, gate.policy().mode())?;
        let decided = gate.evaluate(&proposal.intent, &Inputs::at(now));
        let inner = decided.map_err(|error| fault::of_evaluation(intent.py(), &error))?;
        Ok(Decision::new(inner, Some(proposal), self.emitter.clone(), now))
    }

    /// Decides about many intents in their order.
    #[pyo3(signature = (intents, *, now = None, errors = "raise"))]
    fn evaluate_many<'py>(
        &self,
        intents: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
        errors: &str,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = intents.py();
        let raise = match errors {
            "raise" => true,
            "return" => false,
            _ => return Err(PyValueError::new_err("errors must be 'raise' or 'return'")),
        };
        let now = moment(now)?;
        let gate = &self.emitter.gate;
        let read = intent::read_all(intents, gate.policy().mode())?;
        let mut proposals = Vec::with_capacity(read.len());
        for proposal in read {
            match proposal {
                // Nothing is counted for a batch that fails as a whole.
                Err(error) if raise => return Err(error),
                proposal => proposals.push(proposal),
            }
        }
        let decide = || {
            let decided = proposals
                .into_iter()
                .map(|proposal| proposal.map(|proposal| (gate.evaluate(&proposal.intent, &Inputs::at(now)), proposal)));
            decided.collect::<Vec<_>>()
        };
        let decided = if decide_detached(intents) { py.detach(decide) } else { decide() };
        let answers = PyList::empty(py);
        for decided in decided {
            let answer = decided.and_then(|(inner, proposal)| match inner {
                Ok(inner) => Bound::new(py, Decision::new(inner, Some(proposal), self.emitter.clone(), now)),
                Err(error) => Err(fault::of_evaluation(py, &error)),
            });
            match answer {
                Ok(decision) => answers.append(decision)?,
                Err(error) if raise => return Err(error),
                Err(error) => answers.append(error.into_value(py))?,
            }
        }
        Ok(answers)
    }

    fn __repr__(&self) -> String {
        let gate = &self.emitter.gate;
        let key = gate.signing_key().map_or_else(|| "None".to_owned(), |key| format!("{:.12}…", key.key_id()));
        format!("Gate(policy={}…, signing_key={key})", gate.policy().digest().short(12))
    }
}

/// Whether a batch is worth letting other threads run. One without a length is taken for a large one.
fn decide_detached(intents: &Bound<'_, PyAny>) -> bool {
    intents.len().map_or(true, |count| count >= DETACH_FROM_INTENTS)
}
