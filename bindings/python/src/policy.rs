//! `gait.Policy`.

use std::path::PathBuf;
use std::sync::Arc;

use gait_gate::evaluate::Inputs;
use gait_gate::policy::PolicyError;
use gait_host::timezone::local_zone;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::decision::Decision;
use crate::document::{mode, read_file, require_bytes, value_of};
use crate::fault;
use crate::gate::Emitter;
use crate::intent::{Proposal, request_of};
use crate::moment::moment;

/// A policy, parsed and compiled once. Immutable; any number of threads may use it at the same time.
#[pyclass(frozen, subclass, module = "gait")]
pub(crate) struct Policy {
    pub(crate) inner: gait_gate::policy::Policy,
    emitter: Arc<Emitter>,
}

#[pymethods]
impl Policy {
    #[new]
    #[pyo3(signature = (text, *, strict = true))]
    fn new(py: Python<'_>, text: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        let text = require_bytes(text, "text")?;
        let parsed = py.detach(|| {
            let policy = gait_gate::policy::Policy::parse(&text, mode(strict))?;
            // A freeze window in the zone `Local` means the machine's; where that has no name it stays unknown, and holds.
            Ok(match local_zone() {
                Some(zone) => policy.with_local_zone(&zone),
                None => policy,
            })
        });
        let inner = parsed.map_err(|error: PolicyError| fault::of_policy(py, &error))?;
        let emitter = Arc::new(Emitter::unsigned(inner.clone()));
        Ok(Self { inner, emitter })
    }

    /// Reads a policy from YAML or JSON text.
    #[classmethod]
    #[pyo3(signature = (text, **options))]
    fn parse<'py>(
        cls: &Bound<'py, PyType>,
        text: &Bound<'py, PyAny>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        cls.call((text,), options)
    }

    /// Reads a policy from a file.
    #[classmethod]
    #[pyo3(signature = (path, **options))]
    fn load<'py>(
        cls: &Bound<'py, PyType>,
        path: PathBuf,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = read_file(cls.py(), &path)?;
        cls.call((pyo3::types::PyBytes::new(cls.py(), &text),), options)
    }

    /// The policy digest, 64 hex digits.
    #[getter]
    fn digest(&self) -> String {
        self.inner.digest().to_hex()
    }

    /// Whether this policy and its intents are read strictly.
    #[getter]
    fn strict(&self) -> bool {
        self.inner.mode().is_strict()
    }

    /// The names of the rules, in the order in which they are evaluated.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.document().rules.iter().map(|rule| rule.name.as_str()))
    }

    /// What in the policy probably does not do what its author thinks.
    fn lint<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        static LINT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let found = self.inner.lint().into_iter();
        found.map(|lint| value_of(py, &LINT, "Lint", (lint.code, lint.rule, lint.message))).collect()
    }

    /// The policy as YAML in the form of `gait policy fmt`; reading it gives the same digest.
    fn format(&self) -> String {
        self.inner.document().format()
    }

    /// Decides about an intent; nothing is counted, nothing is asked for.
    #[pyo3(signature = (intent, *, now = None))]
    fn evaluate(&self, intent: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Decision> {
        let now = moment(now)?;
        let proposal = Proposal::read(intent, self.inner.mode())?;
        let decided = self.inner.evaluate(&proposal.intent, &Inputs::at(now));
        let inner = decided.map_err(|error| fault::of_evaluation(intent.py(), &error))?;
        Ok(Decision::new(inner, Some(proposal), self.emitter.clone(), now))
    }

    /// As `evaluate`, but an intent that cannot be normalized is a block where the policy fails closed.
    #[pyo3(signature = (intent, *, now = None))]
    fn evaluate_request(&self, intent: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Decision> {
        let Some((request, notices)) = request_of(intent, self.inner.mode())? else {
            return self.evaluate(intent, now);
        };
        let now = moment(now)?;
        let (inner, intent_read) = self
            .inner
            .evaluate_request(request, &Inputs::at(now))
            .map_err(|error| fault::of_evaluation(intent.py(), &error))?;
        let proposal = intent_read.map(|intent| Proposal { intent: Arc::new(intent), notices });
        Ok(Decision::new(inner, proposal, self.emitter.clone(), now))
    }

    fn __repr__(&self) -> String {
        let digest = self.inner.digest().short(12);
        format!(
            "Policy(rules={}, strict={}, digest={digest}…)",
            self.inner.document().rules.len(),
            python_bool(self.strict())
        )
    }
}

/// `True` or `False`.
pub(crate) const fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
