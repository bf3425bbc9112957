//! Generic JSON values: objects with sorted members, numbers as doubles.

use std::ops::{Deref, DerefMut};

use super::map::Map;

/// Any JSON value as the contract holds it in memory (01 §3.2 rule 5). Deep nests are copied and dropped without
/// recursion.
#[derive(Debug, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, always a double.
    Number(f64),
    /// A string.
    String(String),
    /// A list.
    Array(List),
    /// An object.
    Object(Map),
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(map) => Some(map),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(list) => Some(list),
            _ => None,
        }
    }

    /// A member of an object, by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// Whether this is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) const fn is_container(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    #[expect(clippy::cast_precision_loss, reason = "generic numbers are doubles by contract")]
    fn from(value: i64) -> Self {
        Self::Number(value as f64)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Self::Object(value)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(value: Vec<T>) -> Self {
        Self::Array(value.into_iter().map(Into::into).collect())
    }
}

/// The items of a JSON list; used like the `Vec` it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List(Vec<Value>);

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.0
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.0.iter().any(Value::is_container) {
            drop_nested(std::mem::take(&mut self.0));
        }
    }
}

/// Takes nested containers apart level by level, so that depth costs heap and not stack.
pub(super) fn drop_nested(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(mut list) => pending.append(&mut list.0),
            Value::Object(mut map) => pending.extend(map.0.drain(..).map(|(_, value)| value)),
            _ => {}
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        let mut current = match Copying::open(self) {
            Ok(container) => container,
            Err(scalar) => return scalar,
        };
        let mut outer = Vec::new();
        loop {
            let Some(next) = current.next() else {
                let copied = current.finish();
                let Some(enclosing) = outer.pop() else { return copied };
                current = enclosing;
                current.attach(copied);
                continue;
            };
            match Copying::open(next) {
                Ok(inner) => outer.push(std::mem::replace(&mut current, inner)),
                Err(scalar) => current.attach(scalar),
            }
        }
    }
}

/// A container being copied: what is still to copy, and the copy so far.
enum Copying<'a> {
    Items(std::slice::Iter<'a, Value>, Vec<Value>),
    Members(std::slice::Iter<'a, (String, Value)>, Vec<(String, Value)>, &'a str),
}

impl<'a> Copying<'a> {
    /// Begins with a container, or copies a scalar.
    fn open(value: &'a Value) -> Result<Self, Value> {
        match value {
            Value::Null => Err(Value::Null),
            Value::Bool(value) => Err(Value::Bool(*value)),
            Value::Number(number) => Err(Value::Number(*number)),
            Value::String(text) => Err(Value::String(text.clone())),
            Value::Array(list) => Ok(Self::Items(list.0.iter(), Vec::with_capacity(list.0.len()))),
            Value::Object(map) => Ok(Self::Members(map.0.iter(), Vec::with_capacity(map.0.len()), "")),
        }
    }

    fn next(&mut self) -> Option<&'a Value> {
        match self {
            Self::Items(rest, _) => rest.next(),
            Self::Members(rest, _, name) => rest.next().map(|(next, value)| {
                *name = next;
                value
            }),
        }
    }

    fn attach(&mut self, value: Value) {
        match self {
            Self::Items(_, items) => items.push(value),
            Self::Members(_, members, name) => members.push(((*name).to_owned(), value)),
        }
    }

    fn finish(self) -> Value {
        match self {
            Self::Items(_, items) => Value::Array(List(items)),
            Self::Members(_, members, _) => Value::Object(Map(members)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_of_equal_names_counts() {
        let member = |name: &str, n: f64| (name.to_owned(), Value::Number(n));
        let map = Map::from_members(vec![member("b", 1.0), member("a", 2.0), member("b", 3.0)]);
        assert_eq!(map.get("b"), Some(&Value::Number(3.0)));
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn copies_are_equal() {
        let text = br#"{"a":[1,"x",null,{"b":[],"c":{}}],"d":true}"#;
        let value = crate::json::parse(text, crate::json::Reading::COMPAT).unwrap();
        assert_eq!(value.clone(), value);
        assert_eq!(value.as_object().unwrap().clone(), *value.as_object().unwrap());
    }

    #[test]
    fn deep_nests_copy_and_drop_on_a_small_stack() {
        let deep = || {
            (0..1_000_000).fold(Value::Null, |inner, n| {
                if n % 2 == 0 {
                    Value::Array(vec![inner].into())
                } else {
                    Value::Object(Map::from_members(vec![("k".to_owned(), inner)]))
                }
            })
        };
        std::thread::Builder::new().stack_size(128 * 1024).spawn(move || drop(deep().clone())).unwrap().join().unwrap();
    }
}
