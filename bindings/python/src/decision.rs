//! `gait.Decision`: the answer, its grounds and its trace. Nothing but the decision itself is computed before it is
//! asked for.

use std::sync::Arc;

use gait_base::error::Category;
use gait_base::time::Timestamp;
use gait_gate::authority::limit::LimitDecision;
use gait_gate::policy::document::Limit;
use gait_gate::settle::{Settlement, Simulation};
use gait_gate::verdict::Verdict;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

use crate::columns::COLUMNS;
use crate::document::{to_object, value_of};
use crate::fault;
use crate::gate::Emitter;
use crate::intent::Proposal;
use crate::request::ApprovalRequest;
use crate::settled;
use crate::trace::Trace;

/// The answer about one intent. True only if the tool may run.
#[pyclass(frozen, module = "gait")]
pub(crate) struct Decision {
    pub(crate) inner: gait_gate::evaluate::Decision,
    pub(crate) now: Timestamp,
    proposal: Option<Proposal>,
    emitter: Arc<Emitter>,
    trace: PyOnceLock<Py<Trace>>,
}

impl Decision {
    pub(crate) const fn new(
        inner: gait_gate::evaluate::Decision,
        proposal: Option<Proposal>,
        emitter: Arc<Emitter>,
        now: Timestamp,
    ) -> Self {
        Self { inner, now, proposal, emitter, trace: PyOnceLock::new() }
    }

    /// What it asks of approvers; nothing where no approval would help.
    pub(crate) fn request(&self) -> Option<ApprovalRequest> {
        ApprovalRequest::of(&self.proposal.as_ref()?.intent, &self.inner)
    }

    fn settlement(&self) -> Option<&Settlement> {
        self.inner.settlement.as_deref()
    }

    fn rate_limit_taken(&self) -> Option<&LimitDecision> {
        self.settlement()?.rate_limit.as_ref()
    }

    fn destructive_budget_taken(&self) -> Option<&LimitDecision> {
        self.settlement()?.destructive_budget.as_ref()
    }

    fn simulation(&self) -> Option<&Simulation> {
        self.settlement()?.simulation.as_ref()
    }
}

/// A limit as `gait.Limit`.
fn limit<'py>(py: Python<'py>, limit: Option<Limit>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static LIMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(limit) = limit else { return Ok(None) };
    value_of(py, &LIMIT, "Limit", (limit.requests, limit.window.as_str(), limit.scope.as_str())).map(Some)
}

fn non_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[pymethods]
impl Decision {
    /// `allow`, `block`, `require_approval` or `dry_run`.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.inner.verdict.as_str()
    }

    /// Whether the tool may run.
    #[getter]
    fn allowed(&self) -> bool {
        self.inner.verdict == Verdict::Allow
    }

    /// The exit code of `gait policy test` for this verdict.
    #[getter]
    fn exit_code(&self) -> u8 {
        match self.inner.verdict {
            Verdict::Allow | Verdict::DryRun => 0,
            Verdict::Block => Category::PolicyBlocked.exit_code().code(),
            Verdict::RequireApproval => Category::ApprovalRequired.exit_code().code(),
        }
    }

    /// Why, sorted.
    #[getter]
    fn reason_codes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.reason_codes.iter().map(|code| &**code))
    }

    /// What was violated, sorted.
    #[getter]
    fn violations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.violations.iter().map(|code| &**code))
    }

    /// Names of the rules that matched, joined by commas; empty when the default verdict decided.
    #[getter]
    fn matched_rule(&self) -> &str {
        &self.inner.matched_rule
    }

    /// The normalized name of the tool; `None` when the intent could not be normalized.
    #[getter]
    fn tool_name(&self) -> Option<&str> {
        self.proposal.as_ref().map(|proposal| proposal.intent.request().tool_name.as_str())
    }

    /// Digest of the request.
    #[getter]
    fn intent_digest(&self) -> Option<String> {
        self.proposal.as_ref().map(|proposal| proposal.intent.digest().to_hex())
    }

    /// Digest of the intent as it was evaluated: unproven context claims removed, proven ones added.
    #[getter]
    fn prepared_intent_digest(&self) -> Option<String> {
        self.inner.intent_digest.map(|digest| digest.to_hex())
    }

    /// Digest of the arguments.
    #[getter]
    fn args_digest(&self) -> Option<String> {
        self.inner.args_digest.map(|digest| digest.to_hex())
    }

    /// Digest of the policy.
    #[getter]
    fn policy_digest(&self) -> String {
        self.inner.policy_digest.to_hex()
    }

    /// Digest of the steps of a script.
    #[getter]
    fn script_hash(&self) -> Option<String> {
        self.proposal.as_ref().and_then(|proposal| proposal.intent.script_hash()).map(|hash| hash.to_hex())
    }

    /// The intent's creation time in UTC, or 1980 when it has none.
    #[getter]
    fn created_at(&self) -> String {
        self.inner.created_at.to_string()
    }

    /// The moment that was decided for.
    #[getter]
    fn evaluated_at(&self) -> String {
        self.now.to_string()
    }

    /// How many approvals the matched rules ask for.
    #[getter]
    fn min_approvals(&self) -> i64 {
        self.inner.min_approvals
    }

    /// Whether they must come from different people.
    #[getter]
    fn require_distinct_approvers(&self) -> bool {
        self.inner.require_distinct_approvers
    }

    /// Whether a broker must issue a credential.
    #[getter]
    fn require_broker_credential(&self) -> bool {
        self.inner.require_broker_credential
    }

    /// The reference for the broker.
    #[getter]
    fn broker_reference(&self) -> &str {
        &self.inner.broker_reference
    }

    /// The scopes to ask of the broker.
    #[getter]
    fn broker_scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.inner.broker_scopes)
    }

    /// Whether delegation tokens must cover the intent's delegation.
    #[getter]
    fn require_delegation(&self) -> bool {
        self.inner.require_delegation
    }

    /// The scopes of which a delegation token must hold one.
    #[getter]
    fn required_delegation_scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.inner.delegation_scopes)
    }

    /// The rate limit that counts, as `Limit(requests, window, scope)`.
    #[getter]
    fn rate_limit<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        limit(py, self.inner.rate_limit)
    }

    /// The budget of destructive calls that counts, as `Limit(requests, window, scope)`.
    #[getter]
    fn destructive_budget<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        limit(py, self.inner.destructive_budget)
    }

    /// How many requests the rate limit has admitted in its window.
    #[getter]
    fn rate_limit_used(&self) -> Option<i64> {
        self.rate_limit_taken().map(|taken| taken.used)
    }

    /// How many more the rate limit admits in its window.
    #[getter]
    fn rate_limit_remaining(&self) -> Option<i64> {
        self.rate_limit_taken().map(|taken| taken.remaining)
    }

    /// What the rate limit counts together.
    #[getter]
    fn rate_limit_scope(&self) -> Option<&'static str> {
        self.rate_limit_taken().map(|taken| taken.scope.as_str())
    }

    /// Whose requests the rate limit counts together.
    #[getter]
    fn rate_limit_key(&self) -> Option<&str> {
        self.rate_limit_taken().map(|taken| taken.scope_key.as_str())
    }

    /// How many requests the destructive budget has admitted in its window.
    #[getter]
    fn destructive_budget_used(&self) -> Option<i64> {
        self.destructive_budget_taken().map(|taken| taken.used)
    }

    /// How many more the destructive budget admits in its window.
    #[getter]
    fn destructive_budget_remaining(&self) -> Option<i64> {
        self.destructive_budget_taken().map(|taken| taken.remaining)
    }

    /// What the destructive budget counts together.
    #[getter]
    fn destructive_budget_scope(&self) -> Option<&'static str> {
        self.destructive_budget_taken().map(|taken| taken.scope.as_str())
    }

    /// Whose requests the destructive budget counts together.
    #[getter]
    fn destructive_budget_key(&self) -> Option<&str> {
        self.destructive_budget_taken().map(|taken| taken.scope_key.as_str())
    }

    /// How many approvals are needed.
    #[getter]
    fn required_approvals(&self) -> i64 {
        self.settlement().map_or(0, |settlement| settlement.required_approvals)
    }

    /// How many of the approvals at hand are valid.
    #[getter]
    fn valid_approvals(&self) -> i64 {
        self.settlement().and_then(|settlement| settlement.approvals.as_ref()).map_or(0, |outcome| outcome.valid)
    }

    /// Ids of the approvals that let it pass, joined by commas.
    #[getter]
    fn approval_ref(&self) -> &str {
        self.settlement().map_or("", |settlement| &settlement.approval_ref)
    }

    /// What became of each approval at hand.
    #[getter]
    fn approvals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        settled::approvals(py, self.settlement())
    }

    /// How many links of the delegation are covered.
    #[getter]
    fn valid_delegations(&self) -> i64 {
        self.settlement().and_then(|settlement| settlement.delegation.as_ref()).map_or(0, |outcome| outcome.valid)
    }

    /// Ids of the delegation tokens that cover the delegation, joined by commas.
    #[getter]
    fn delegation_ref(&self) -> &str {
        self.settlement().map_or("", |settlement| &settlement.delegation_ref)
    }

    /// What became of each link and each delegation token.
    #[getter]
    fn delegations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        settled::delegations(py, self.settlement())
    }

    /// What a broker said of the credential that it issued: references, never the secret.
    #[getter]
    fn credential<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        settled::credential(py, self.settlement())
    }

    /// Whether an approved script let it pass.
    #[getter]
    fn pre_approved(&self) -> bool {
        self.settlement().is_some_and(|settlement| settlement.pre_approved)
    }

    /// Which approved script.
    #[getter]
    fn pattern_id(&self) -> &str {
        self.settlement().map_or("", |settlement| &settlement.pattern_id)
    }

    /// What the registry of approved scripts said.
    #[getter]
    fn registry_reason(&self) -> &str {
        self.settlement().map_or("", |settlement| &settlement.registry_reason)
    }

    /// The verdict without simulation.
    #[getter]
    fn simulated_verdict(&self) -> Option<&'static str> {
        self.simulation().map(|simulation| simulation.verdict.as_str())
    }

    /// The reasons without simulation, sorted.
    #[getter]
    fn simulated_reason_codes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let codes = self.simulation().map(|simulation| simulation.reason_codes.to_strings());
        PyTuple::new(py, codes.unwrap_or_default())
    }

    /// Whether the tool would not have run without simulation.
    #[getter]
    fn would_have_blocked(&self) -> bool {
        self.simulation().is_some_and(|simulation| simulation.would_have_blocked)
    }

    /// Whether tainted data would have reached a destination.
    #[getter]
    fn dataflow_triggered(&self) -> bool {
        self.inner.dataflow_triggered
    }

    /// `low`, `medium` or `high` for a script.
    #[getter]
    fn composite_risk_class(&self) -> Option<&'static str> {
        self.inner.script.as_ref().map(|facts| facts.composite_risk_class)
    }

    /// The answer for each step of a script.
    #[getter]
    fn step_verdicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let steps = self.inner.script.as_ref().map(|facts| facts.step_verdicts.as_slice()).unwrap_or_default();
        to_object(py, steps)
    }

    /// Where context came from; empty for the intent alone.
    #[getter]
    fn context_source(&self) -> &str {
        &self.inner.context_source
    }

    /// What the freeze windows said.
    #[getter]
    fn freeze_window<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner.freeze_window.as_ref().map(|found| to_object(py, found)).transpose()
    }

    /// The outcome of the freeze windows.
    #[getter]
    fn freeze_window_status(&self) -> Option<&str> {
        self.inner.freeze_window.as_ref().and_then(|found| non_empty(&found.status))
    }

    /// What the sandbox check said.
    #[getter]
    fn sandbox<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner.sandbox.as_ref().map(|found| to_object(py, found)).transpose()
    }

    /// The outcome of the sandbox check.
    #[getter]
    fn sandbox_status(&self) -> Option<&str> {
        self.inner.sandbox.as_ref().and_then(|found| non_empty(&found.status))
    }

    /// What the kill switch said.
    #[getter]
    fn kill_switch<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner.kill_switch.as_ref().map(|found| to_object(py, found)).transpose()
    }

    /// Whether the intent could be evaluated at all.
    #[getter]
    fn evaluable(&self) -> bool {
        self.inner.evaluable
    }

    /// What of the intent was not kept exactly (compat only), as pairs of name and byte offset.
    #[getter]
    fn notices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        match &self.proposal {
            Some(proposal) => proposal.notices(py),
            None => Ok(PyTuple::empty(py)),
        }
    }

    /// The trace, made and signed when it is first asked for.
    #[getter]
    fn trace(&self, py: Python<'_>) -> PyResult<Py<Trace>> {
        let trace = self.trace.get_or_try_init(py, || {
            let Some(proposal) = &self.proposal else {
                let message = "an intent that cannot be normalized has no trace";
                return Err(fault::plain(py, Category::InvalidInput, "intent_not_evaluable", message));
            };
            Py::new(py, self.emitter.trace(py, self, proposal)?)
        })?;
        Ok(trace.clone_ref(py))
    }

    /// What it asks of approvers; nothing where no approval would help.
    fn approval_request(&self) -> Option<ApprovalRequest> {
        self.request()
    }

    /// Returns the decision if the tool may run, else raises what the verdict asks for.
    fn raise_for_verdict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        static REFUSAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        if slf.get().allowed() {
            return Ok(slf.clone());
        }
        Err(PyErr::from_value(REFUSAL.import(slf.py(), "gait._errors", "refusal")?.call1((slf,))?))
    }

    /// All columns as a new dict; the trace is not among them.
    fn to_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(slf.py());
        for name in COLUMNS {
            columns.set_item(name, slf.getattr(*name)?)?;
        }
        Ok(columns)
    }

    fn __bool__(&self) -> bool {
        self.allowed()
    }

    fn __repr__(&self) -> String {
        let reasons = self.inner.reason_codes.to_strings();
        let rule = &self.inner.matched_rule;
        format!("Decision({}, reason_codes={reasons:?}, matched_rule={rule:?})", self.verdict())
    }
}
