//! Writing records: what is absent, what is `null`, in which order.

use std::collections::BTreeMap;

use super::error::EncodeError;
use super::map::Map;
use super::value::Value;
use super::writer::{Compact, Format, Indented, Sink, Writer};
use crate::time::Timestamp;

/// What can be written as JSON.
pub trait Encode {
    /// Writes the value.
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>);

    /// Whether a member marked "absent when empty" is left out with this value. Times never are.
    fn is_empty_value(&self) -> bool {
        false
    }
}

/// Compact struct JSON (01 §3.1).
///
/// # Errors
/// [`EncodeError`] when something has no written form.
pub fn to_compact<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let mut writer: Writer<'_, _, Compact> = Writer::new(&mut bytes);
    value.encode(&mut writer);
    writer.finish()?;
    Ok(bytes)
}

/// Struct JSON with two spaces a level and a newline at the end (01 §3.1).
///
/// # Errors
/// [`EncodeError`] when something has no written form.
pub fn to_indented<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let mut writer: Writer<'_, _, Indented> = Writer::new(&mut bytes);
    value.encode(&mut writer);
    writer.finish()?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl Encode for str {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.string(self);
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl Encode for String {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.string(self);
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl Encode for bool {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.bool(*self);
    }

    fn is_empty_value(&self) -> bool {
        !*self
    }
}

impl Encode for i64 {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.int(*self);
    }

    fn is_empty_value(&self) -> bool {
        *self == 0
    }
}

impl Encode for f64 {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.float(*self);
    }

    fn is_empty_value(&self) -> bool {
        *self == 0.0
    }
}

impl Encode for Timestamp {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.time(self);
    }
}

impl Encode for Value {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.value(self);
    }

    fn is_empty_value(&self) -> bool {
        self.is_null()
    }
}

impl Encode for Map {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.map(self);
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        match self {
            Some(value) => value.encode(writer),
            None => writer.null(),
        }
    }

    fn is_empty_value(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode> Encode for [T] {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.begin_array();
        for item in self {
            writer.item();
            item.encode(writer);
        }
        writer.end_array();
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        self.as_slice().encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        let mut members: Vec<_> = self.iter().collect();
        if F::CANONICAL {
            members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
        }
        writer.begin_object();
        for (name, value) in members {
            writer.name(name);
            value.encode(writer);
        }
        writer.end_object();
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        (**self).encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        (**self).is_empty_value()
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        (**self).encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        (**self).is_empty_value()
    }
}

impl<T: Encode + ?Sized + ToOwned> Encode for std::borrow::Cow<'_, T> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        (**self).encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        (**self).is_empty_value()
    }
}

impl Encode for crate::digest::Digest {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.string(&self.hex());
    }
}
