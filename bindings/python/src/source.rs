//! Python objects as a [`Source`]: what `json.dumps` would write and the JSON reader would read, without the text.
//!
//! Exact `dict`, `list`, `tuple`, `str`, `int`, `float`, `bool` and `None` are walked as they stand; no Python code runs
//! meanwhile, so that nothing can change under the walk. Whatever else there is (subclasses, other mappings and
//! sequences) makes the walk stop and start again on copies of every container, see [`read`].

mod container;

use std::borrow::Cow;

use gait_base::json::{JsonError, JsonErrorKind, Map, Notice, NoticeKind, Reading, Source, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::document::utf16_of;
use container::{Items, Members, copy_items, copy_sequence, is_mapping, is_sequence, type_name};

type Result<T> = std::result::Result<T, JsonError>;

/// The largest integer up to which every integer has a double of its own: 2^53.
const MAX_EXACT_INTEGER: u64 = 1 << 53;
/// How many notices are kept.
const MAX_NOTICES: usize = 16;
/// How many levels of a deep value an error's path names.
const MAX_PATH_LEVELS: usize = 16;

/// A fault of reading: what the reader says, or what Python code of a mapping or sequence raised.
pub(crate) enum Fault<E> {
    Reader(E),
    Python(PyErr),
}

/// Reads one Python object through `decode`; also tells what was not kept exactly.
pub(crate) fn read<'py, T, E>(
    object: &Bound<'py, PyAny>,
    reading: Reading,
    decode: impl Fn(&mut ObjectSource<'py>) -> std::result::Result<T, E>,
) -> std::result::Result<(T, Vec<Notice>), Fault<E>> {
    let mut source = ObjectSource::new(object, reading, false);
    let mut outcome = decode(&mut source);
    if source.foreign {
        source = ObjectSource::new(object, reading, true);
        outcome = decode(&mut source);
    }
    match (outcome, source.raised) {
        (_, Some(raised)) => Err(Fault::Python(raised)),
        (Ok(value), None) => Ok((value, source.notices)),
        (Err(error), None) => Err(Fault::Reader(error)),
    }
}

/// A [`Source`] over a Python object.
pub(crate) struct ObjectSource<'py> {
    current: Bound<'py, PyAny>,
    reading: Reading,
    /// Whether containers are copied before they are walked, because Python code may run in between.
    copying: bool,
    /// Whether something was met that can only be read while copying.
    foreign: bool,
    raised: Option<PyErr>,
    depth: usize,
    values: usize,
    bytes: usize,
    notices: Vec<Notice>,
}

enum Frame<'py> {
    Array { items: Items<'py>, done: Vec<Value> },
    Object { members: Members<'py>, name: String, done: Vec<(String, Value)> },
}

impl<'py> ObjectSource<'py> {
    fn new(object: &Bound<'py, PyAny>, reading: Reading, copying: bool) -> Self {
        Self {
            current: object.clone(),
            reading,
            copying,
            foreign: false,
            raised: None,
            depth: 0,
            values: 0,
            bytes: 0,
            notices: Vec::new(),
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > self.reading.max_depth {
            return Err(JsonError::new(JsonErrorKind::TooDeep));
        }
        Ok(())
    }

    fn count(&mut self) -> Result<()> {
        self.values += 1;
        if self.values > self.reading.max_values {
            return Err(JsonError::new(JsonErrorKind::TooLarge));
        }
        Ok(())
    }

    /// What cannot be kept exactly is refused or noted.
    fn note(&mut self, kind: NoticeKind, refused_as: JsonErrorKind) -> Result<()> {
        if self.reading.strict {
            return Err(JsonError::new(refused_as));
        }
        if self.notices.len() < MAX_NOTICES {
            self.notices.push(Notice { kind, offset: 0 });
        }
        Ok(())
    }

    #[cold]
    fn wrong_type(&self, expected: &'static str) -> JsonError {
        JsonError::new(match self.unsupported() {
            Some(what) => JsonErrorKind::Unsupported(what),
            None => JsonErrorKind::WrongType { expected },
        })
    }

    /// The description of a value that has no JSON form.
    #[cold]
    fn unsupported(&self) -> Option<String> {
        let value = &self.current;
        let plain = value.is_none()
            || value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyInt>()
            || value.is_instance_of::<PyFloat>()
            || value.is_instance_of::<PyDict>()
            || value.is_instance_of::<PyList>()
            || value.is_instance_of::<PyTuple>();
        (!plain).then(|| format!("an object of type {}", type_name(value)))
    }

    #[cold]
    fn stop(&mut self) -> JsonError {
        self.foreign = true;
        JsonError::new(JsonErrorKind::Unsupported(format!("an object of type {}", type_name(&self.current))))
    }

    #[cold]
    fn raise(&mut self, error: PyErr) -> JsonError {
        self.raised = Some(error);
        self.wrong_type("a mapping or sequence that can be read")
    }

    /// The members of the current value, if it is a mapping.
    fn members(&mut self) -> Result<Option<Members<'py>>> {
        let value = &self.current;
        if !self.copying {
            if let Ok(dict) = value.cast_exact::<PyDict>() {
                return Ok(Some(Members::Live(dict.iter())));
            }
            return if is_mapping(value) { Err(self.stop()) } else { Ok(None) };
        }
        let copied = if let Ok(dict) = value.cast_exact::<PyDict>() {
            dict.items()
        } else if is_mapping(value) {
            match copy_items(value) {
                Ok(items) => items,
                Err(error) => return Err(self.raise(error)),
            }
        } else {
            return Ok(None);
        };
        Ok(Some(Members::Copied(copied.iter())))
    }

    /// The items of the current value, if it is a sequence other than text and bytes.
    fn items(&mut self) -> Result<Option<Items<'py>>> {
        let value = &self.current;
        if let Ok(tuple) = value.cast_exact::<PyTuple>() {
            return Ok(Some(Items::Tuple(tuple.iter())));
        }
        if !self.copying {
            if let Ok(list) = value.cast_exact::<PyList>() {
                return Ok(Some(Items::List(list.iter())));
            }
            return if is_sequence(value) { Err(self.stop()) } else { Ok(None) };
        }
        if !is_sequence(value) {
            return Ok(None);
        }
        match copy_sequence(value) {
            Ok(items) => Ok(Some(Items::List(items.iter()))),
            Err(error) => Err(self.raise(error)),
        }
    }

    /// The characters of a string; half surrogate pairs are replaced where that is allowed.
    fn text<'a>(&mut self, string: &'a Bound<'py, PyString>) -> Result<Cow<'a, str>> {
        let text = match string.to_str() {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.note(NoticeKind::TextReplaced, JsonErrorKind::LossyText)?;
                match utf16_of(string) {
                    Ok(units) => {
                        Cow::Owned(units.into_iter().map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
                    }
                    Err(error) => return Err(self.raise(error)),
                }
            }
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > self.reading.max_bytes {
            return Err(JsonError::new(JsonErrorKind::TooLarge));
        }
        Ok(text)
    }

    fn member_name<'a>(&mut self, key: &'a Bound<'py, PyAny>) -> Result<Cow<'a, str>> {
        match key.cast::<PyString>() {
            Ok(name) => self.text(name),
            Err(_) => Err(JsonError::new(JsonErrorKind::Unsupported(format!("a key of type {}", type_name(key))))),
        }
    }

    /// The current value as a double, if it is a number.
    fn double(&mut self, exact: bool) -> Result<Option<f64>> {
        if let Ok(float) = self.current.cast::<PyFloat>() {
            let number = float.value();
            if !number.is_finite() {
                return Err(JsonError::new(JsonErrorKind::Unsupported(format!("the number {number}"))));
            }
            return Ok(Some(number));
        }
        let Ok(int) = self.current.cast::<PyInt>() else { return Ok(None) };
        if int.is_instance_of::<PyBool>() {
            return Ok(None);
        }
        let (number, magnitude) = match int.extract::<i64>() {
            #[expect(clippy::cast_precision_loss, reason = "generic numbers are doubles by contract")]
            Ok(small) => (small as f64, small.unsigned_abs()),
            Err(_) => match int.extract::<f64>() {
                Ok(number) => (number, u64::MAX),
                Err(_) => return Err(JsonError::new(JsonErrorKind::NumberOutOfRange)),
            },
        };
        if exact && magnitude > MAX_EXACT_INTEGER {
            self.note(NoticeKind::IntegerRounded, JsonErrorKind::LossyInteger)?;
        }
        Ok(Some(number))
    }

    /// A value that is neither object nor list.
    fn scalar(&mut self) -> Result<Value> {
        if let Ok(string) = self.current.cast::<PyString>() {
            let string = string.clone();
            return Ok(Value::String(self.text(&string)?.into_owned()));
        }
        if self.current.is_none() {
            return Ok(Value::Null);
        }
        if let Ok(value) = self.current.cast::<PyBool>() {
            return Ok(Value::Bool(value.is_true()));
        }
        match self.double(true)? {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.wrong_type("a value")),
        }
    }

    /// Reads one value with an explicit stack: depth, and cycles until the limit ends them, cost heap, not stack.
    fn value(&mut self, frames: &mut Vec<Frame<'py>>) -> Result<Value> {
        loop {
            self.count()?;
            let mut value = if self.current.is_exact_instance_of::<PyString>() {
                Some(self.scalar()?)
            } else if let Some(members) = self.members()? {
                self.enter()?;
                frames.push(Frame::Object { members, name: String::new(), done: Vec::new() });
                None
            } else if let Some(items) = self.items()? {
                self.enter()?;
                frames.push(Frame::Array { items, done: Vec::new() });
                None
            } else {
                Some(self.scalar()?)
            };
            loop {
                let whole = match frames.last_mut() {
                    None => return Ok(value.unwrap_or_default()),
                    Some(Frame::Array { items, done }) => {
                        done.extend(value.take());
                        match items.next() {
                            Some(item) => {
                                self.current = item;
                                break;
                            }
                            None => Value::Array(std::mem::take(done).into()),
                        }
                    }
                    Some(Frame::Object { members, name, done }) => {
                        if let Some(value) = value.take() {
                            done.push((std::mem::take(name), value));
                        }
                        match members.next() {
                            Some((key, item)) => {
                                *name = self.member_name(&key)?.into_owned();
                                self.current = item;
                                break;
                            }
                            None => Value::Object(self.object(std::mem::take(done))?),
                        }
                    }
                };
                value = Some(whole);
                frames.pop();
                self.depth -= 1;
            }
        }
    }

    /// A mapping may hold names twice once surrogates are replaced, or if its own `items` says so.
    fn object(&self, members: Vec<(String, Value)>) -> Result<Map> {
        if self.reading.strict {
            return Map::from_unique_members(members)
                .map_err(|name| JsonError::new(JsonErrorKind::DuplicateMember(name)));
        }
        Ok(Map::from_members(members))
    }
}

impl Source for ObjectSource<'_> {
    fn reading(&self) -> Reading {
        self.reading
    }

    fn read_null(&mut self) -> Result<bool> {
        Ok(self.current.is_none())
    }

    fn read_bool(&mut self) -> Result<bool> {
        match self.current.cast::<PyBool>() {
            Ok(value) => Ok(value.is_true()),
            Err(_) => Err(self.wrong_type("a boolean")),
        }
    }

    fn read_int(&mut self) -> Result<i64> {
        let int = self.current.cast::<PyInt>().ok().filter(|int| !int.is_instance_of::<PyBool>());
        let Some(int) = int else { return Err(self.wrong_type("an integer")) };
        let value: i64 = int.extract().map_err(|_| JsonError::new(JsonErrorKind::NumberOutOfRange))?;
        if self.reading.strict && value.unsigned_abs() > MAX_EXACT_INTEGER {
            return Err(JsonError::new(JsonErrorKind::LossyInteger));
        }
        Ok(value)
    }

    fn read_float(&mut self) -> Result<f64> {
        match self.double(false)? {
            Some(number) => Ok(number),
            None => Err(self.wrong_type("a number")),
        }
    }

    fn read_string(&mut self, into: &mut String) -> Result<()> {
        let Ok(string) = self.current.cast::<PyString>() else { return Err(self.wrong_type("a string")) };
        let string = string.clone();
        match self.text(&string)? {
            Cow::Borrowed(text) => {
                into.clear();
                into.push_str(text);
            }
            Cow::Owned(text) => *into = text,
        }
        Ok(())
    }

    fn read_value(&mut self) -> Result<Value> {
        let mut frames = Vec::new();
        self.value(&mut frames).map_err(|error| {
            frames.truncate(MAX_PATH_LEVELS);
            frames.iter().rev().fold(error, |error, frame| match frame {
                Frame::Array { done, .. } => error.in_item(done.len()),
                Frame::Object { name, .. } => error.in_member(name),
            })
        })
    }

    fn skip(&mut self) -> Result<()> {
        self.read_value().map(drop)
    }

    fn read_object<F>(&mut self, mut member: F) -> Result<()>
    where
        F: FnMut(&str, &mut Self) -> Result<()>,
    {
        let Some(mut members) = self.members()? else { return Err(self.wrong_type("an object")) };
        self.enter()?;
        while let Some((key, value)) = members.next() {
            let name = self.member_name(&key)?;
            self.current = value;
            member(&name, self).map_err(|error| error.in_member(&name))?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn read_array<F>(&mut self, mut item: F) -> Result<()>
    where
        F: FnMut(usize, &mut Self) -> Result<()>,
    {
        let Some(mut items) = self.items()? else { return Err(self.wrong_type("a list")) };
        self.enter()?;
        let mut index = 0;
        while let Some(value) = items.next() {
            self.count()?;
            self.current = value;
            item(index, self).map_err(|error| error.in_item(index))?;
            index += 1;
        }
        self.depth -= 1;
        Ok(())
    }
}
