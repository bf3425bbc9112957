//! Filling records from a source, by the merging rules of 01 §3.2.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::error::{JsonError, JsonErrorKind};
use super::map::Map;
use super::reading::Reading;
use super::value::Value;
use crate::time::Timestamp;

type Result<T> = std::result::Result<T, JsonError>;

/// Where values come from, one after another: JSON text, or native objects of another language.
///
/// Each `read_*` consumes exactly one value.
pub trait Source: Sized {
    /// The rules in force.
    fn reading(&self) -> Reading;

    /// Consumes the next value if it is `null`.
    ///
    /// # Errors
    /// When there is no value.
    fn read_null(&mut self) -> Result<bool>;

    /// Reads a boolean.
    ///
    /// # Errors
    /// When the value is something else.
    fn read_bool(&mut self) -> Result<bool>;

    /// Reads an integer, written without fraction or exponent.
    ///
    /// # Errors
    /// When the value is something else or leaves 64 bits.
    fn read_int(&mut self) -> Result<i64>;

    /// Reads a number.
    ///
    /// # Errors
    /// When the value is something else or leaves the range of a double.
    fn read_float(&mut self) -> Result<f64>;

    /// Reads a string in place of what `into` holds.
    ///
    /// # Errors
    /// When the value is something else.
    fn read_string(&mut self, into: &mut String) -> Result<()>;

    /// Reads any value.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    fn read_value(&mut self) -> Result<Value>;

    /// Passes over any value.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    fn skip(&mut self) -> Result<()>;

    /// Reads an object: `member` is called for each member and must consume its value.
    ///
    /// # Errors
    /// When the value is something else, or `member` fails.
    fn read_object<F>(&mut self, member: F) -> Result<()>
    where
        F: FnMut(&str, &mut Self) -> Result<()>;

    /// Reads a list: `item` is called with each index and must consume the item.
    ///
    /// # Errors
    /// When the value is something else, or `item` fails.
    fn read_array<F>(&mut self, item: F) -> Result<()>
    where
        F: FnMut(usize, &mut Self) -> Result<()>;

    /// Deals with a member that the record does not have.
    ///
    /// # Errors
    /// When unknown members are refused, or the value is malformed.
    fn unknown_member(&mut self, name: &str) -> Result<()> {
        if self.reading().refuse_unknown {
            return Err(JsonError::new(JsonErrorKind::UnknownMember(name.to_owned())));
        }
        self.skip()
    }
}

/// What can be filled from a [`Source`]. The value is read *on top of* what is there: that is how repeated members merge.
pub trait Decode {
    /// Reads one value into `self`.
    ///
    /// # Errors
    /// When the value does not fit.
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()>;
}

impl Decode for String {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? { Ok(()) } else { source.read_string(self) }
    }
}

/// For members that mostly hold one of a few known words: those need no allocation.
impl Decode for Cow<'static, str> {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? {
            return Ok(());
        }
        let mut text = std::mem::take(self).into_owned();
        source.read_string(&mut text)?;
        *self = Cow::Owned(text);
        Ok(())
    }
}

impl Decode for bool {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if !source.read_null()? {
            *self = source.read_bool()?;
        }
        Ok(())
    }
}

impl Decode for i64 {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if !source.read_null()? {
            *self = source.read_int()?;
        }
        Ok(())
    }
}

impl Decode for f64 {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if !source.read_null()? {
            *self = source.read_float()?;
        }
        Ok(())
    }
}

impl Decode for Timestamp {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if !source.read_null()? {
            let mut text = String::new();
            source.read_string(&mut text)?;
            *self = Self::parse(&text).map_err(|_| JsonError::new(JsonErrorKind::Time))?;
        }
        Ok(())
    }
}

impl Decode for Value {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        *self = source.read_value()?;
        Ok(())
    }
}

impl<T: Decode + Default> Decode for Option<T> {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? {
            *self = None;
            return Ok(());
        }
        self.get_or_insert_default().decode(source)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        (**self).decode(source)
    }
}

/// A repeated list has the later one's length; its items are read on top of the earlier ones.
impl<T: Decode + Default> Decode for Vec<T> {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? {
            self.clear();
            return Ok(());
        }
        let mut count = 0;
        source.read_array(|index, source| {
            count = index + 1;
            if let Some(item) = self.get_mut(index) {
                return item.decode(source);
            }
            let mut item = T::default();
            item.decode(source)?;
            self.push(item);
            Ok(())
        })?;
        self.truncate(count);
        Ok(())
    }
}

/// A repeated map is united with the earlier one; a member of both takes the later value whole.
impl Decode for Map {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? {
            *self = Self::new();
            return Ok(());
        }
        let mut members = std::mem::take(self).into_members();
        source.read_object(|name, source| {
            members.push((name.to_owned(), source.read_value()?));
            Ok(())
        })?;
        *self = if source.reading().strict {
            Self::from_unique_members(members).map_err(|name| JsonError::new(JsonErrorKind::DuplicateMember(name)))?
        } else {
            Self::from_members(members)
        };
        Ok(())
    }
}

impl<T: Decode + Default> Decode for BTreeMap<String, T> {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<()> {
        if source.read_null()? {
            self.clear();
            return Ok(());
        }
        let strict = source.reading().strict;
        source.read_object(|name, source| {
            let mut value = T::default();
            value.decode(source)?;
            if self.insert(name.to_owned(), value).is_some() && strict {
                return Err(JsonError::new(JsonErrorKind::DuplicateMember(name.to_owned())));
            }
            Ok(())
        })
    }
}
