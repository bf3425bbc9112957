//! `gait.SigningKey` and `gait.VerifyingKey`.

use std::path::Path;

use gait_base::error::Category;
use gait_base::json::{Decode as _, Reading};
use gait_base::key::config::KeySource as _;
use gait_base::key::{self, Half, KeyError};
use gait_base::signature::{Signature, SignatureError};
use gait_host::keys::MachineKeys;
use gait_host::random;
use pyo3::prelude::*;

use crate::document::{digest_of, require_bytes, to_object};
use crate::fault::{self, Subject};
use crate::source::{self, Fault};

fn invalid(py: Python<'_>, error: &KeyError) -> PyErr {
    fault::exception(py, error, Subject::Key)
}

/// Reads a key from a file; other threads run meanwhile.
fn load<T: Send>(py: Python<'_>, path: &Path, half: Half, parse: fn(&[u8]) -> Result<T, KeyError>) -> PyResult<T> {
    let read = py.detach(|| {
        let path = path.to_str().ok_or_else(|| "the path is not valid Unicode".to_owned());
        let content = path.and_then(|path| MachineKeys.read_file(path));
        content.map_err(|reason| KeyError::Read { half, reason }).and_then(|content| parse(&content))
    });
    read.map_err(|error| invalid(py, &error))
}

/// Reads a key from an environment variable.
fn from_env<T>(py: Python<'_>, name: &str, half: Half, parse: impl Fn(&str) -> Result<T, KeyError>) -> PyResult<T> {
    let value = MachineKeys.read_env(name).ok_or_else(|| KeyError::EnvNotSet { half, name: name.to_owned() });
    value.and_then(|value| parse(&value)).map_err(|error| invalid(py, &error))
}

/// A private key. Never shown, never pickled.
#[pyclass(frozen, module = "gait")]
pub(crate) struct SigningKey {
    pub(crate) inner: key::SigningKey,
}

#[pymethods]
impl SigningKey {
    /// Makes a fresh key from the operating system's randomness.
    #[staticmethod]
    fn generate(py: Python<'_>) -> PyResult<Self> {
        let seed = random::seed().map_err(|error| fault::exception(py, &error, Subject::Other))?;
        Ok(Self { inner: key::SigningKey::from_seed(&seed) })
    }

    /// Reads a key file.
    #[staticmethod]
    #[pyo3(name = "load")]
    fn from_file(py: Python<'_>, path: std::path::PathBuf) -> PyResult<Self> {
        load(py, &path, Half::Private, key::SigningKey::parse_file_text).map(|inner| Self { inner })
    }

    /// Reads base64 of the 64 bytes seed and public key.
    #[staticmethod]
    fn from_base64(py: Python<'_>, text: &str) -> PyResult<Self> {
        key::SigningKey::from_base64(text).map(|inner| Self { inner }).map_err(|error| invalid(py, &error))
    }

    /// Reads the key in an environment variable.
    #[staticmethod]
    #[pyo3(name = "from_env")]
    fn from_variable(py: Python<'_>, name: &str) -> PyResult<Self> {
        from_env(py, name, Half::Private, key::SigningKey::parse_env_text).map(|inner| Self { inner })
    }

    /// The public half.
    #[getter]
    fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey { inner: self.inner.verifying_key().clone() }
    }

    /// The id of the pair, 64 hex digits.
    #[getter]
    fn key_id(&self) -> &str {
        self.inner.key_id()
    }

    /// The secret as text for a key file or variable.
    fn to_base64(&self) -> String {
        self.inner.to_base64().to_string()
    }

    /// Signs bytes as they are.
    fn sign_bytes<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        to_object(data.py(), &self.inner.sign_bytes(&require_bytes(data, "data")?))
    }

    /// Signs the digest of the canonical form of JSON text.
    fn sign_json<'py>(&self, document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = document.py();
        let signature = self.inner.sign_json(&require_bytes(document, "document")?);
        to_object(py, &signature.map_err(|error| fault::of_canonical(py, &error))?)
    }

    /// Signs a digest of 64 hex digits.
    fn sign_digest<'py>(&self, py: Python<'py>, digest: &str) -> PyResult<Bound<'py, PyAny>> {
        to_object(py, &self.inner.sign_digest(&digest_of(py, digest)?))
    }

    fn __repr__(&self) -> String {
        format!("SigningKey(key_id={:.12}…)", self.key_id())
    }
}

/// A public key.
#[pyclass(frozen, module = "gait")]
pub(crate) struct VerifyingKey {
    pub(crate) inner: key::VerifyingKey,
}

#[pymethods]
impl VerifyingKey {
    /// Reads a key file.
    #[staticmethod]
    #[pyo3(name = "load")]
    fn from_file(py: Python<'_>, path: std::path::PathBuf) -> PyResult<Self> {
        load(py, &path, Half::Public, key::VerifyingKey::parse_file_text).map(|inner| Self { inner })
    }

    /// Reads base64 of the 32 bytes.
    #[staticmethod]
    fn from_base64(py: Python<'_>, text: &str) -> PyResult<Self> {
        key::VerifyingKey::from_base64(text).map(|inner| Self { inner }).map_err(|error| invalid(py, &error))
    }

    /// Reads the key in an environment variable.
    #[staticmethod]
    #[pyo3(name = "from_env")]
    fn from_variable(py: Python<'_>, name: &str) -> PyResult<Self> {
        from_env(py, name, Half::Public, key::VerifyingKey::parse_env_text).map(|inner| Self { inner })
    }

    /// The id of the key, 64 hex digits.
    #[getter]
    fn key_id(&self) -> &str {
        self.inner.key_id()
    }

    /// The key as text for a key file or variable.
    fn to_base64(&self) -> String {
        self.inner.to_base64()
    }

    /// Checks a signature over bytes.
    fn verify_bytes(&self, data: &Bound<'_, PyAny>, signature: &Bound<'_, PyAny>) -> PyResult<()> {
        let data = require_bytes(data, "data")?;
        let signature = read_signature(signature)?;
        settle(signature.py, self.inner.verify_bytes(&signature.record, &data))
    }

    /// Checks a signature over the canonical form of JSON text.
    fn verify_json(&self, document: &Bound<'_, PyAny>, signature: &Bound<'_, PyAny>) -> PyResult<()> {
        let document = require_bytes(document, "document")?;
        let signature = read_signature(signature)?;
        settle(signature.py, self.inner.verify_json(&signature.record, &document))
    }

    /// Checks a signature over a digest that the caller computed.
    fn verify_digest(&self, digest: &str, signature: &Bound<'_, PyAny>) -> PyResult<()> {
        let signature = read_signature(signature)?;
        let digest = digest_of(signature.py, digest)?;
        settle(signature.py, self.inner.verify_computed(&signature.record, &digest))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __hash__(&self) -> u64 {
        self.inner.as_bytes().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    }

    fn __repr__(&self) -> String {
        format!("VerifyingKey(key_id={:.12}…)", self.key_id())
    }
}

struct GivenSignature<'py> {
    py: Python<'py>,
    record: Signature,
}

fn read_signature<'py>(signature: &Bound<'py, PyAny>) -> PyResult<GivenSignature<'py>> {
    let py = signature.py();
    let decode = |source: &mut source::ObjectSource<'_>| {
        let mut record = Signature::default();
        record.decode(source).map(|()| record)
    };
    match source::read(signature, Reading::STRICT, decode) {
        Ok((record, _)) => Ok(GivenSignature { py, record }),
        Err(Fault::Reader(error)) => Err(fault::exception(py, &error, Subject::Document)),
        Err(Fault::Python(error)) => Err(error),
    }
}

fn settle(py: Python<'_>, checked: Result<bool, SignatureError>) -> PyResult<()> {
    match checked {
        Ok(true) => Ok(()),
        Ok(false) => {
            Err(fault::plain(py, Category::VerificationFailed, "signature_invalid", "the signature does not hold"))
        }
        Err(SignatureError::Canonical(error)) => Err(fault::of_canonical(py, &error)),
        Err(error) => Err(fault::exception(py, &error, Subject::Document)),
    }
}
