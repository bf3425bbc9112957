//! Texts, documents and paths as Python gives them, records as Python takes them.

use std::borrow::Cow;
use std::char::DecodeUtf16Error;
use std::path::{Path, PathBuf};

use gait_base::digest::Digest;
use gait_base::error::Category;
use gait_base::json::{Encode, Reading, Source as _, to_compact};
use gait_gate::mode::Mode;
use gait_host::fs::{PRIVATE, read_limited, write_artifact};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyMapping, PyMemoryView, PyString};

use crate::fault::{self, JsonCause, Subject};
use crate::source::{self, Fault};

/// The largest file that is read whole.
const FILE_LIMIT: u64 = 64 << 20;

/// What the `strict` argument means.
pub(crate) const fn mode(strict: bool) -> Mode {
    if strict { Mode::Strict } else { Mode::Compat }
}

/// The bytes of a document given as text or bytes; `None` for anything else.
///
/// Half a surrogate pair in text has no bytes: it becomes one byte that no UTF-8 has, so that the reader refuses or
/// replaces it by its own rules.
pub(crate) fn bytes_of<'a>(document: &'a Bound<'_, PyAny>) -> PyResult<Option<Cow<'a, [u8]>>> {
    if let Ok(bytes) = document.cast::<PyBytes>() {
        return Ok(Some(Cow::Borrowed(bytes.as_bytes())));
    }
    if let Ok(text) = document.cast::<PyString>() {
        if let Ok(text) = text.to_str() {
            return Ok(Some(Cow::Borrowed(text.as_bytes())));
        }
        let mut bytes = Vec::new();
        for unit in utf16_of(text)? {
            match unit {
                Ok(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(_) => bytes.push(0xFF),
            }
        }
        return Ok(Some(Cow::Owned(bytes)));
    }
    if document.is_instance_of::<PyByteArray>() || document.is_instance_of::<PyMemoryView>() {
        let copied = document.py().get_type::<PyBytes>().call1((document,))?;
        return Ok(Some(Cow::Owned(copied.cast::<PyBytes>()?.as_bytes().to_vec())));
    }
    Ok(None)
}

/// The characters of text that holds half surrogate pairs; halves that stand side by side make a character.
pub(crate) fn utf16_of(text: &Bound<'_, PyString>) -> PyResult<Vec<Result<char, DecodeUtf16Error>>> {
    let str_type = text.py().get_type::<PyString>();
    let encoded = str_type.call_method1("encode", (text, "utf-16-le", "surrogatepass"))?;
    let units =
        encoded.cast::<PyBytes>()?.as_bytes().chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    Ok(char::decode_utf16(units).collect())
}

/// As [`bytes_of`], for arguments that can be nothing else.
pub(crate) fn require_bytes<'a>(document: &'a Bound<'_, PyAny>, argument: &str) -> PyResult<Cow<'a, [u8]>> {
    bytes_of(document)?.ok_or_else(|| PyTypeError::new_err(format!("{argument} must be str or bytes")))
}

/// How documents are read that are no intents.
pub(crate) const fn reading(mode: Mode) -> Reading {
    if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT }
}

/// Reads a document given as text, bytes, a mapping or a list. What is given as objects is handed to `parse` as the text
/// that it stands for; errors then name members, and no place in a text that nobody wrote.
pub(crate) fn read_document<T, E: JsonCause>(
    document: &Bound<'_, PyAny>,
    argument: &str,
    mode: Mode,
    parse: impl FnOnce(&[u8]) -> Result<T, E>,
) -> PyResult<T> {
    let py = document.py();
    if let Some(text) = bytes_of(document)? {
        return parse(&text).map_err(|error| fault::of_document(py, error, true));
    }
    let text = json_of(document, argument, mode)?;
    parse(&text).map_err(|error| fault::of_document(py, error, false))
}

/// The JSON text that a mapping or a list stands for.
pub(crate) fn json_of(document: &Bound<'_, PyAny>, argument: &str, mode: Mode) -> PyResult<Vec<u8>> {
    let py = document.py();
    if document.cast::<PyMapping>().is_err() && !document.is_instance_of::<PyList>() {
        let found = document.get_type().name()?;
        return Err(PyTypeError::new_err(format!("{argument} must be a mapping, JSON text or bytes, not {found}")));
    }
    match source::read(document, reading(mode), |source| source.read_value()) {
        Ok((value, _)) => to_compact(&value).map_err(|error| fault::exception(py, &error, Subject::Document)),
        Err(Fault::Reader(error)) => Err(fault::of_document(py, error, false)),
        Err(Fault::Python(error)) => Err(error),
    }
}

/// A digest given as 64 hex digits.
pub(crate) fn digest_of(py: Python<'_>, digest: &str) -> PyResult<Digest> {
    Digest::parse_hex(digest).ok_or_else(|| {
        fault::plain(py, Category::InvalidInput, "digest_malformed", "a digest is 64 lower-case hex digits")
    })
}

/// Writes a document, readable for its owner only; returns the path. Other threads run meanwhile.
pub(crate) fn write_private(py: Python<'_>, path: PathBuf, content: &[u8]) -> PyResult<PathBuf> {
    let Some(typed) = path.to_str() else {
        let message = "the path of a document must be valid Unicode";
        return Err(fault::plain(py, Category::InvalidInput, "path_not_local", message));
    };
    py.detach(|| write_artifact(typed, content, PRIVATE)).map_err(|error| fault::exception(py, &error, Subject::Other))
}

/// A whole file; other threads run meanwhile.
pub(crate) fn read_file(py: Python<'_>, path: &Path) -> PyResult<Vec<u8>> {
    py.detach(|| read_limited(path, FILE_LIMIT)).map_err(|error| fault::exception(py, &error, Subject::Other))
}

/// A record as plain Python objects.
pub(crate) fn to_object<'py>(py: Python<'py>, record: &(impl Encode + ?Sized)) -> PyResult<Bound<'py, PyAny>> {
    let json = to_compact(record).map_err(|error| fault::exception(py, &error, Subject::Document))?;
    load_json(py, &json)
}

/// JSON text as plain Python objects.
pub(crate) fn load_json<'py>(py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((PyBytes::new(py, json),))
}

/// A value of `gait._values`, by its class and parts.
pub(crate) fn value_of<'py, A: PyCallArgs<'py>>(
    py: Python<'py>,
    class: &'static PyOnceLock<Py<PyAny>>,
    name: &str,
    parts: A,
) -> PyResult<Bound<'py, PyAny>> {
    class.import(py, "gait._values", name)?.call1(parts)
}
