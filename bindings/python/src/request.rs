//! `gait.ApprovalRequest`: what a held decision asks of approvers.

use std::path::PathBuf;

use gait_gate::authority::approval::{self};
use gait_gate::evaluate;
use gait_gate::intent;
use gait_gate::mode::Mode;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::document::{mode, read_document, read_file, to_object, write_private};
use crate::fault::{self, Subject};

/// What must be approved for a held decision to become an allow. A document that travels to approvers; it proves nothing.
#[pyclass(frozen, module = "gait")]
pub(crate) struct ApprovalRequest {
    pub(crate) record: approval::ApprovalRequest,
    /// Ids of the approvals that the decision refused because they were used before: waiting for them is in vain.
    pub(crate) spent: Vec<String>,
}

impl ApprovalRequest {
    /// What a decision asks for; nothing where no approval would help.
    pub(crate) fn of(intent: &intent::Intent, decision: &evaluate::Decision) -> Option<Self> {
        let record = approval::ApprovalRequest::of(intent, decision)?;
        let looked_at = decision.settlement.as_ref().and_then(|settlement| settlement.approvals.as_ref());
        Some(Self { record, spent: looked_at.map(|outcome| outcome.spent()).unwrap_or_default() })
    }

    /// The document in the form of a request, wherever it comes from.
    pub(crate) fn read(document: &Bound<'_, PyAny>, mode: Mode) -> PyResult<approval::ApprovalRequest> {
        if let Ok(request) = document.cast::<Self>() {
            return Ok(request.get().record.clone());
        }
        read_document(document, "request", mode, |text| approval::ApprovalRequest::parse(text, mode))
    }
}

#[pymethods]
impl ApprovalRequest {
    /// Reads a request from JSON text, bytes or a mapping.
    #[staticmethod]
    #[pyo3(signature = (document, *, strict = true))]
    fn parse(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        if let Ok(request) = document.cast::<Self>() {
            let request = request.get();
            return Ok(Self { record: request.record.clone(), spent: request.spent.clone() });
        }
        Ok(Self { record: Self::read(document, mode(strict))?, spent: Vec::new() })
    }

    /// Reads a request from JSON text, bytes or a mapping; the same as `parse`.
    #[staticmethod]
    #[pyo3(signature = (document, *, strict = true))]
    fn from_json(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        Self::parse(document, strict)
    }

    /// Reads a request from a file.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = true))]
    fn load(py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Self> {
        let text = read_file(py, &path)?;
        let record = approval::ApprovalRequest::parse(&text, mode(strict));
        let record = record.map_err(|error| fault::of_document(py, error, true))?;
        Ok(Self { record, spent: Vec::new() })
    }

    /// When the intent was made.
    #[getter]
    fn created_at(&self) -> String {
        self.record.created_at.to_string()
    }

    /// The tool that wants to run.
    #[getter]
    fn tool_name(&self) -> &str {
        &self.record.tool_name
    }

    /// On whose behalf.
    #[getter]
    fn identity(&self) -> &str {
        &self.record.identity
    }

    /// Where.
    #[getter]
    fn workspace(&self) -> &str {
        &self.record.workspace
    }

    /// How risky the caller says it is.
    #[getter]
    fn risk_class(&self) -> &str {
        &self.record.risk_class
    }

    /// Digest of the prepared intent, which approvals bind to.
    #[getter]
    fn intent_digest(&self) -> &str {
        &self.record.intent_digest
    }

    /// Digest of the policy, which approvals bind to.
    #[getter]
    fn policy_digest(&self) -> &str {
        &self.record.policy_digest
    }

    /// Digest of the intent's delegation; empty when it has none.
    #[getter]
    fn delegation_binding_digest(&self) -> &str {
        &self.record.delegation_binding_digest
    }

    /// What approvals must cover.
    #[getter]
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.record.scope)
    }

    /// How many targets the intent has.
    #[getter]
    const fn target_count(&self) -> i64 {
        self.record.target_count
    }

    /// How many operations it counts as.
    #[getter]
    const fn operation_count(&self) -> i64 {
        self.record.operation_count
    }

    /// How many approvals are needed.
    #[getter]
    const fn required_approvals(&self) -> i64 {
        self.record.required_approvals
    }

    /// Whether they must come from different people.
    #[getter]
    const fn distinct_approvers(&self) -> bool {
        self.record.distinct_approvers
    }

    /// The rule that asks.
    #[getter]
    fn matched_rule(&self) -> &str {
        &self.record.matched_rule
    }

    /// Why it asks, sorted.
    #[getter]
    fn reason_codes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.record.reason_codes)
    }

    /// The bytes of the request's file: indented JSON with a final line break.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let json = self.record.to_file().map_err(|error| fault::exception(py, &error, Subject::Document))?;
        Ok(PyBytes::new(py, &json))
    }

    /// The request as a new dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_object(py, &self.record)
    }

    /// Writes the request's file, readable for its owner only; returns the path.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<PathBuf> {
        write_private(py, path, self.to_json(py)?.as_bytes())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.record == other.record
    }

    fn __repr__(&self) -> String {
        let (tool, identity) = (&self.record.tool_name, &self.record.identity);
        format!("ApprovalRequest(tool_name={tool:?}, identity={identity:?}, intent={:.12}…)", self.record.intent_digest)
    }
}
