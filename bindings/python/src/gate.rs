//! `gait.Gate`: a policy with keys and state, ready to decide.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gait_base::error::Category;
use gait_gate::evaluate::{self, Inputs};
use gait_gate::intent::Intent;
use gait_gate::state::{StateError, StateStore};
use gait_gate::trace::Emission;
use gait_host::environment::{producer_version, variable};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::approval::ApprovalToken;
use crate::broker::deciding;
use crate::decision::Decision;
use crate::fault::{self, Subject};
use crate::inputs::Arguments;
use crate::intent::{self, Proposal};
use crate::key::SigningKey;
use crate::moment::{moment, nanos};
use crate::options::{Furnished, Options};
use crate::policy::{Policy, python_bool};
use crate::request::ApprovalRequest;
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

/// Decides about intents in process. Any number of threads may share one gate.
#[pyclass(frozen, subclass, module = "gait")]
pub(crate) struct Gate {
    policy: Py<Policy>,
    emitter: Arc<Emitter>,
    may_block: bool,
}

impl Gate {
    /// Makes one decision; other threads run meanwhile where it may wait for something.
    fn decide(&self, py: Python<'_>, intent: &Intent, inputs: &Inputs<'_>) -> PyResult<evaluate::Decision> {
        let gate = &self.emitter.gate;
        let decided = if self.may_block {
            deciding(|| py.detach(|| gate.evaluate(intent, inputs)))?
        } else {
            gate.evaluate(intent, inputs)
        };
        decided.map_err(|error| fault::of_evaluation(py, &error))
    }

    /// Asks the store; other threads run meanwhile.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&dyn StateStore) -> Result<T, StateError> + Send,
    ) -> PyResult<T> {
        let store = &**self.emitter.gate.store();
        py.detach(|| question(store)).map_err(|error| fault::exception(py, &error, Subject::Other))
    }
}

#[pymethods]
impl Gate {
    #[new]
    #[pyo3(signature = (policy, *, signing_key = None, strict = None, producer_version = None, correlation_id = None,
        approvers = None, delegators = None, reusable_approvals = false, state_dir = None, rate_limit_state = None,
        kill_switch_state = None, used_tokens = None, approvals_dir = None, inventory = None, approved_scripts = None,
        script_keys = None, broker = None, broker_env_prefix = "", broker_command = "",
        broker_args = None, simulate = false))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn new(
        policy: &Bound<'_, Policy>,
        signing_key: Option<&Bound<'_, SigningKey>>,
        strict: Option<bool>,
        producer_version: Option<String>,
        correlation_id: Option<String>,
        approvers: Option<&Bound<'_, PyAny>>,
        delegators: Option<&Bound<'_, PyAny>>,
        reusable_approvals: bool,
        state_dir: Option<PathBuf>,
        rate_limit_state: Option<PathBuf>,
        kill_switch_state: Option<PathBuf>,
        used_tokens: Option<PathBuf>,
        approvals_dir: Option<PathBuf>,
        inventory: Option<PathBuf>,
        approved_scripts: Option<PathBuf>,
        script_keys: Option<&Bound<'_, PyAny>>,
        broker: Option<&Bound<'_, PyAny>>,
        broker_env_prefix: &str,
        broker_command: &str,
        broker_args: Option<Vec<String>>,
        simulate: bool,
    ) -> PyResult<Self> {
        let py = policy.py();
        let compiled = policy.get().inner.clone();
        let is_strict = compiled.mode().is_strict();
        if strict.is_some_and(|strict| strict != is_strict) {
            let message = format!("the policy was parsed with strict={}", python_bool(is_strict));
            return Err(fault::plain(py, Category::InvalidInput, "strict_mismatch", &message));
        }
        let options = Options {
            approvers,
            delegators,
            reusable_approvals,
            state_dir,
            rate_limit_state,
            kill_switch_state,
            used_tokens,
            approvals_dir,
            inventory,
            approved_scripts,
            script_keys,
            broker,
            broker_env_prefix,
            broker_command,
            broker_args: broker_args.unwrap_or_default(),
            simulate,
        };
        let mut emitter = Emitter::unsigned(compiled);
        if let Some(key) = signing_key {
            emitter.gate = emitter.gate.with_signing_key(key.get().inner.clone());
        }
        let Furnished { gate, may_block } = options.furnish(py, emitter.gate)?;
        emitter.gate = gate;
        emitter.producer_version = producer_version.unwrap_or(emitter.producer_version);
        emitter.correlation_id = correlation_id.unwrap_or_default();
        Ok(Self { policy: policy.clone().unbind(), emitter: Arc::new(emitter), may_block })
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

    /// Whether a decision may wait for a file, a program or Python code.
    #[getter]
    const fn may_block(&self) -> bool {
        self.may_block
    }

    /// Decides about one intent and counts it against its limits.
    #[pyo3(signature = (intent, *, now = None, approvals = None, delegations = None, context_envelope = None,
        kill_switch = None, inventory = None, credential_ref = "", credential_scopes = None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn evaluate(
        &self,
        intent: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        approvals: Option<&Bound<'_, PyAny>>,
        delegations: Option<&Bound<'_, PyAny>>,
        context_envelope: Option<&Bound<'_, PyAny>>,
        kill_switch: Option<&Bound<'_, PyAny>>,
        inventory: Option<&Bound<'_, PyAny>>,
        credential_ref: &str,
        credential_scopes: Option<Vec<String>>,
    ) -> PyResult<Decision> {
        let now = moment(now)?;
        let mode = self.emitter.gate.policy().mode();
        let arguments = Arguments {
            approvals,
            delegations,
            context_envelope,
            kill_switch,
            inventory,
            credential_ref,
            credential_scopes,
        };
        let given = arguments.read(mode)?;
        let proposal = Proposal::read(intent, mode)?;
        let inner = self.decide(intent.py(), &proposal.intent, &given.at(now))?;
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
        let detached = self.may_block || decide_detached(intents);
        let decided = if detached { deciding(|| py.detach(decide))? } else { decide() };
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

    /// Leaves what a held decision asks for where approvers find it; gives the request, or nothing where no approval
    /// would help.
    fn request_approval(&self, decision: &Bound<'_, Decision>) -> PyResult<Option<ApprovalRequest>> {
        let py = decision.py();
        let Some(request) = decision.get().request() else { return Ok(None) };
        self.ask(py, |store| store.request_approval(&request.record))?;
        Ok(Some(request))
    }

    /// The requests that wait, oldest first.
    fn approval_requests(&self, py: Python<'_>) -> PyResult<Vec<ApprovalRequest>> {
        let waiting = self.ask(py, |store| store.approval_requests())?;
        Ok(waiting.into_iter().map(|record| ApprovalRequest { record, spent: Vec::new() }).collect())
    }

    /// Leaves an approval where the gate finds it.
    fn add_approval(&self, token: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = token.py();
        let token = ApprovalToken::read(token, self.emitter.gate.policy().mode())?;
        self.ask(py, |store| store.add_approval(token.token()))
    }

    /// The approvals that are there for a request, and whether they are enough; waits for a change at most that long.
    #[pyo3(signature = (request, patience, *, now = None))]
    fn _await_approvals(
        &self,
        request: &Bound<'_, ApprovalRequest>,
        patience: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Vec<ApprovalToken>, bool)> {
        let py = request.py();
        let request = request.get();
        let now = moment(now)?;
        let patience = Duration::from_nanos(u64::try_from(nanos(patience, "patience")?).unwrap_or(0));
        let awaited =
            self.ask(py, |_| self.emitter.gate.await_approvals(&request.record, &request.spent, now, patience))?;
        Ok((awaited.tokens.into_iter().map(ApprovalToken::new).collect(), awaited.suffice))
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
