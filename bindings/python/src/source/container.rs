//! Mappings and sequences of every kind: telling them apart, walking them, copying them.

use pyo3::prelude::*;
use pyo3::types::dict::BoundDictIterator;
use pyo3::types::list::BoundListIterator;
use pyo3::types::tuple::BoundTupleIterator;
use pyo3::types::{
    PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyMemoryView, PySequence, PyString,
};

/// The members of an object.
pub(super) enum Members<'py> {
    Live(BoundDictIterator<'py>),
    Copied(BoundListIterator<'py>),
}

impl<'py> Members<'py> {
    pub(super) fn next(&mut self) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        match self {
            Self::Live(members) => members.next(),
            Self::Copied(members) => members.next()?.extract().ok(),
        }
    }
}

/// The items of a list.
pub(super) enum Items<'py> {
    List(BoundListIterator<'py>),
    Tuple(BoundTupleIterator<'py>),
}

impl<'py> Items<'py> {
    pub(super) fn next(&mut self) -> Option<Bound<'py, PyAny>> {
        match self {
            Self::List(items) => items.next(),
            Self::Tuple(items) => items.next(),
        }
    }
}

pub(super) fn is_mapping(value: &Bound<'_, PyAny>) -> bool {
    !is_plain_scalar(value) && (value.is_instance_of::<PyDict>() || value.cast::<PyMapping>().is_ok())
}

pub(super) fn is_sequence(value: &Bound<'_, PyAny>) -> bool {
    let bytes = value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>();
    !is_plain_scalar(value) && !bytes && value.cast::<PySequence>().is_ok()
}

/// Spares the common values the question whether they are registered with an abstract class.
fn is_plain_scalar(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
}

/// The members of any mapping as a list of pairs of its own.
pub(super) fn copy_items<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let pairs = PyList::empty(mapping.py());
    for pair in mapping.call_method0("items")?.try_iter()? {
        let (key, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair?.extract()?;
        pairs.append((key, value))?;
    }
    Ok(pairs)
}

pub(super) fn copy_sequence<'py>(sequence: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    let items = PyList::empty(sequence.py());
    for item in sequence.try_iter()? {
        items.append(item?)?;
    }
    Ok(items)
}

pub(super) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}
