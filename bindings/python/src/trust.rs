//! Whose signatures count: what `approvers`, `delegators`, `script_keys` and the keys of `verify` may be.

use gait_base::error::Category;
use gait_gate::authority::token::TrustedKeys;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::fault;
use crate::key::VerifyingKey;

/// One key, several keys, or a mapping of identities to the keys of which each may sign in that name alone.
pub(crate) fn trusted(keys: &Bound<'_, PyAny>, argument: &str) -> PyResult<TrustedKeys> {
    let Ok(holders) = keys.cast::<PyMapping>() else {
        return Ok(several(keys, argument)?.into_iter().fold(TrustedKeys::default(), TrustedKeys::with_key));
    };
    let mut trusted = TrustedKeys::default();
    for holder in holders.items()?.iter() {
        let (identity, own): (Bound<'_, PyAny>, Bound<'_, PyAny>) = holder.extract()?;
        let Ok(identity) = identity.cast::<PyString>() else { return Err(unfit(argument)) };
        let identity = identity.to_str()?;
        if identity.trim().is_empty() {
            let message = format!("{argument} binds a key to a blank identity");
            return Err(fault::plain(keys.py(), Category::InvalidInput, "identity_blank", &message));
        }
        for key in several(&own, argument)? {
            trusted = trusted.with_holder(key, [identity]);
        }
    }
    Ok(trusted)
}

/// As [`trusted`]; nothing for `None`.
pub(crate) fn trusted_if_given(keys: Option<&Bound<'_, PyAny>>, argument: &str) -> PyResult<Option<TrustedKeys>> {
    keys.map(|keys| trusted(keys, argument)).transpose()
}

fn several(keys: &Bound<'_, PyAny>, argument: &str) -> PyResult<Vec<gait_base::key::VerifyingKey>> {
    if let Ok(key) = keys.cast::<VerifyingKey>() {
        return Ok(vec![key.get().inner.clone()]);
    }
    let mut several = Vec::new();
    for key in keys.try_iter().map_err(|_| unfit(argument))? {
        let key = key?;
        let key = key.cast::<VerifyingKey>().map_err(|_| unfit(argument))?;
        several.push(key.get().inner.clone());
    }
    Ok(several)
}

fn unfit(argument: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{argument} must be a gait.VerifyingKey, several of them, or a mapping of identities to them"
    ))
}
