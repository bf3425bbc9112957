//! `gait.approve` and `gait.ApprovalToken`.

use std::path::PathBuf;

use gait_base::text::set_fold;
use gait_gate::authority::approval::{self, ApprovalExpectation, ApprovalTerms};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::mode::Mode;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::document::{digest_of, mode, read_file, to_object, write_private};
use crate::fault::{self, Subject};
use crate::key::SigningKey;
use crate::moment::{moment, nanos};
use crate::request::ApprovalRequest;
use crate::token;
use crate::trust::trusted;

/// A signed approval of one intent under one policy.
#[pyclass(frozen, module = "gait")]
pub(crate) struct ApprovalToken {
    pub(crate) inner: Presented<approval::ApprovalToken>,
}

impl ApprovalToken {
    pub(crate) const fn new(inner: Presented<approval::ApprovalToken>) -> Self {
        Self { inner }
    }

    /// Reads a token, or takes one that was read.
    pub(crate) fn read(document: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Presented<approval::ApprovalToken>> {
        document.cast::<Self>().map_or_else(|_| token::read(document, mode), |token| Ok(token.get().inner.clone()))
    }

    fn record(&self) -> &approval::ApprovalToken {
        self.inner.token()
    }
}

#[pymethods]
impl ApprovalToken {
    /// Reads a token from JSON text, bytes or a mapping. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(signature = (document, *, strict = true))]
    fn parse(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        Self::read(document, mode(strict)).map(Self::new)
    }

    /// Reads a token from a file. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = true))]
    fn load(py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Self> {
        let read = Presented::parse(&read_file(py, &path)?, mode(strict));
        read.map(Self::new).map_err(|error| fault::of_document(py, error, true))
    }

    /// When it was made.
    #[getter]
    fn created_at(&self) -> String {
        self.record().created_at.to_string()
    }

    /// When it ends.
    #[getter]
    fn expires_at(&self) -> String {
        self.record().expires_at.to_string()
    }

    /// Version of the program that made it.
    #[getter]
    fn producer_version(&self) -> &str {
        &self.record().producer_version
    }

    /// Its id.
    #[getter]
    fn token_id(&self) -> &str {
        &self.record().token_id
    }

    /// Who approves.
    #[getter]
    fn approver_identity(&self) -> &str {
        &self.record().approver_identity
    }

    /// Why.
    #[getter]
    fn reason_code(&self) -> &str {
        &self.record().reason_code
    }

    /// Digest of the prepared intent it is for.
    #[getter]
    fn intent_digest(&self) -> &str {
        &self.record().intent_digest
    }

    /// Digest of the policy it is for.
    #[getter]
    fn policy_digest(&self) -> &str {
        &self.record().policy_digest
    }

    /// Digest of the delegation it is for; empty when it is for none.
    #[getter]
    fn delegation_binding_digest(&self) -> &str {
        &self.record().delegation_binding_digest
    }

    /// What it lets pass.
    #[getter]
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.record().scope)
    }

    /// The most targets; 0 is no limit.
    #[getter]
    fn max_targets(&self) -> i64 {
        self.record().max_targets
    }

    /// The most operations; 0 is no limit.
    #[getter]
    fn max_ops(&self) -> i64 {
        self.record().max_ops
    }

    /// The id of the key that the signature names; `None` for an unsigned token.
    #[getter]
    fn key_id(&self) -> Option<&str> {
        self.record().signature.as_ref().map(|signature| signature.key_id.as_str())
    }

    /// The bytes of the token's file: indented JSON with a final line break.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        token::file(py, self.record())
    }

    /// The token as a new dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_object(py, self.record())
    }

    /// Writes the token's file, readable for its owner only; returns the path.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<PathBuf> {
        write_private(py, path, self.to_json(py)?.as_bytes())
    }

    /// Checks form, signature, end, and whatever is named besides.
    #[pyo3(signature = (keys, *, now = None, intent_digest = None, policy_digest = None,
        delegation_binding_digest = None, scope = None, targets = 0, ops = 0))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn verify(
        &self,
        keys: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        intent_digest: Option<&str>,
        policy_digest: Option<&str>,
        delegation_binding_digest: Option<&str>,
        scope: Option<Vec<String>>,
        targets: usize,
        ops: usize,
    ) -> PyResult<()> {
        let py = keys.py();
        let digest = |given: Option<&str>| given.map(|given| digest_of(py, given)).transpose();
        let mut required_scope = scope.unwrap_or_default();
        set_fold(&mut required_scope);
        let expectation = ApprovalExpectation {
            now: moment(now)?,
            intent_digest: digest(intent_digest)?,
            policy_digest: digest(policy_digest)?,
            delegation_binding_digest: digest(delegation_binding_digest)?,
            required_scope,
            target_count: targets,
            operation_count: ops,
        };
        let checked = approval::validate(&self.inner, &trusted(keys, "keys")?, &expectation, &CheckEach);
        checked.map_err(|error| fault::exception(py, &error, Subject::Document))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.record() == other.record()
    }

    fn __repr__(&self) -> String {
        let record = self.record();
        format!(
            "ApprovalToken({}, approver_identity={:?}, expires_at={})",
            record.token_id, record.approver_identity, record.expires_at
        )
    }
}

/// Signs an approval of exactly what a request asks for.
#[pyfunction]
#[pyo3(signature = (request, key, *, approver, reason, ttl, max_targets = 0, max_ops = 0, now = None))]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub(crate) fn approve(
    request: &Bound<'_, PyAny>,
    key: &Bound<'_, SigningKey>,
    approver: String,
    reason: String,
    ttl: &Bound<'_, PyAny>,
    max_targets: i64,
    max_ops: i64,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<ApprovalToken> {
    let terms = ApprovalTerms {
        approver_identity: approver,
        reason_code: reason,
        ttl_nanos: nanos(ttl, "ttl")?,
        max_targets,
        max_ops,
        producer_version: token::producer(),
        ..ApprovalRequest::read(request, Mode::Strict)?.terms()
    };
    let minted = approval::ApprovalToken::mint(terms, &key.get().inner, &moment(now)?);
    let minted = minted.map_err(|error| fault::exception(request.py(), &error, Subject::Other))?;
    Ok(ApprovalToken::new(Presented::new(minted)))
}
