//! `gait.delegate` and `gait.DelegationToken`.

use std::path::PathBuf;

use gait_gate::authority::delegation::{self, DelegationExpectation, DelegationTerms};
use gait_gate::authority::token::{CheckEach, Presented};
use gait_gate::mode::Mode;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::document::{digest_of, mode, read_file, to_object, write_private};
use crate::fault::{self, Subject};
use crate::key::SigningKey;
use crate::moment::{moment, nanos};
use crate::token;
use crate::trust::trusted;

/// A signed hand-over of authority from one identity to another.
#[pyclass(frozen, module = "gait")]
pub(crate) struct DelegationToken {
    inner: Presented<delegation::DelegationToken>,
}

impl DelegationToken {
    /// Reads a token, or takes one that was read.
    pub(crate) fn read(document: &Bound<'_, PyAny>, mode: Mode) -> PyResult<Presented<delegation::DelegationToken>> {
        document.cast::<Self>().map_or_else(|_| token::read(document, mode), |token| Ok(token.get().inner.clone()))
    }

    fn record(&self) -> &delegation::DelegationToken {
        self.inner.token()
    }
}

#[pymethods]
impl DelegationToken {
    /// Reads a token from JSON text, bytes or a mapping. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(signature = (document, *, strict = true))]
    fn parse(document: &Bound<'_, PyAny>, strict: bool) -> PyResult<Self> {
        Self::read(document, mode(strict)).map(|inner| Self { inner })
    }

    /// Reads a token from a file. Says nothing about its signature.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = true))]
    fn load(py: Python<'_>, path: PathBuf, strict: bool) -> PyResult<Self> {
        let read = Presented::parse(&read_file(py, &path)?, mode(strict));
        read.map(|inner| Self { inner }).map_err(|error| fault::of_document(py, error, true))
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

    /// Who delegates.
    #[getter]
    fn delegator_identity(&self) -> &str {
        &self.record().delegator_identity
    }

    /// To whom.
    #[getter]
    fn delegate_identity(&self) -> &str {
        &self.record().delegate_identity
    }

    /// What is delegated.
    #[getter]
    fn scope<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.record().scope)
    }

    /// Class of what is delegated; may be empty.
    #[getter]
    fn scope_class(&self) -> &str {
        &self.record().scope_class
    }

    /// Digest of the prepared intent it is for; empty when it is bound to none.
    #[getter]
    fn intent_digest(&self) -> &str {
        &self.record().intent_digest
    }

    /// Digest of the policy it is for; empty when it is bound to none.
    #[getter]
    fn policy_digest(&self) -> &str {
        &self.record().policy_digest
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
    #[pyo3(signature = (keys, *, now = None, delegator = "", delegate = "", scope = None, intent_digest = None,
        policy_digest = None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn verify(
        &self,
        keys: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
        delegator: &str,
        delegate: &str,
        scope: Option<Vec<String>>,
        intent_digest: Option<&str>,
        policy_digest: Option<&str>,
    ) -> PyResult<()> {
        let py = keys.py();
        for digest in [intent_digest, policy_digest].into_iter().flatten() {
            digest_of(py, digest)?;
        }
        let expectation = DelegationExpectation::new()
            .identities(delegator, delegate)
            .any_scope(scope.unwrap_or_default())
            .digests(intent_digest.unwrap_or_default(), policy_digest.unwrap_or_default());
        let (keys, now) = (trusted(keys, "keys")?, moment(now)?);
        let checked = delegation::validate(&self.inner, &keys, &now, &expectation, &CheckEach);
        checked.map_err(|error| fault::exception(py, &error, Subject::Document))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.record() == other.record()
    }

    fn __repr__(&self) -> String {
        let record = self.record();
        format!(
            "DelegationToken({}, {:?} to {:?}, expires_at={})",
            record.token_id, record.delegator_identity, record.delegate_identity, record.expires_at
        )
    }
}

/// Signs a hand-over of authority.
#[pyfunction]
#[pyo3(signature = (key, *, delegator, delegate, scope, ttl, scope_class = "",
    intent_digest = "", policy_digest = "", now = None))]
#[expect(clippy::too_many_arguments, reason = "Python names them")]
pub(crate) fn delegate(
    key: &Bound<'_, SigningKey>,
    delegator: String,
    delegate: String,
    scope: Vec<String>,
    ttl: &Bound<'_, PyAny>,
    scope_class: &str,
    intent_digest: &str,
    policy_digest: &str,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<DelegationToken> {
    let terms = DelegationTerms {
        delegator_identity: delegator,
        delegate_identity: delegate,
        scope,
        scope_class: scope_class.to_owned(),
        intent_digest: intent_digest.to_owned(),
        policy_digest: policy_digest.to_owned(),
        ttl_nanos: nanos(ttl, "ttl")?,
        producer_version: token::producer(),
    };
    let minted = delegation::DelegationToken::mint(terms, &key.get().inner, &moment(now)?);
    let minted = minted.map_err(|error| fault::exception(key.py(), &error, Subject::Other))?;
    Ok(DelegationToken { inner: Presented::new(minted) })
}
