//! What limits, tokens and brokers said about a decision, as Python objects.

use gait_gate::authority::broker::BrokerResponse;
use gait_gate::settle::Settlement;
use pyo3::prelude::*;

use crate::document::to_object;

/// What became of each approval: one entry a token.
pub(crate) fn approvals<'py>(py: Python<'py>, settlement: Option<&Settlement>) -> PyResult<Bound<'py, PyAny>> {
    let outcome = settlement.and_then(|settlement| settlement.approvals.as_ref());
    to_object(py, &outcome.map(|outcome| outcome.entries()).unwrap_or_default())
}

/// What became of each link and each delegation token.
pub(crate) fn delegations<'py>(py: Python<'py>, settlement: Option<&Settlement>) -> PyResult<Bound<'py, PyAny>> {
    let outcome = settlement.and_then(|settlement| settlement.delegation.as_ref());
    to_object(py, &outcome.map(|outcome| outcome.entries()).unwrap_or_default())
}

/// What a broker said of the credential that it issued, accepted or not: references, never the secret.
pub(crate) fn credential<'py>(py: Python<'py>, settlement: Option<&Settlement>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let issued = settlement.and_then(|settlement| settlement.credential.as_ref());
    let Some(issued) = issued else { return Ok(None) };
    let response = BrokerResponse { issuer: issued.response.issuer_shown().to_owned(), ..issued.response.clone() };
    to_object(py, &response).map(Some)
}
