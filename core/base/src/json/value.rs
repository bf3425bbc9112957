//! Generic JSON values: objects with sorted members, numbers as doubles.

use std::ops::{Deref, DerefMut};

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

    const fn is_container(&self) -> bool {
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

/// The members of a JSON object, sorted by the bytes of their names, each name once.
///
/// ```
/// use gait_base::json::{Map, Value};
///
/// let mut map = Map::new();
/// map.insert("b".to_owned(), Value::from(1.0));
/// map.insert("a".to_owned(), Value::Null);
/// assert_eq!(map.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Value)>);

impl Map {
    /// An object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes members in any order; of equal names the last counts.
    #[must_use]
    pub fn from_members(mut members: Vec<(String, Value)>) -> Self {
        if !members.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            members.reverse();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.dedup_by(|a, b| a.0 == b.0);
        }
        Self(members)
    }

    /// Takes members in any order, each name once.
    ///
    /// # Errors
    /// A name that stands twice.
    pub fn from_unique_members(mut members: Vec<(String, Value)>) -> Result<Self, String> {
        members.sort_by(|a, b| a.0.cmp(&b.0));
        match members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(pair[0].0.clone()),
            None => Ok(Self(members)),
        }
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| key.as_str().cmp(name))
    }

    /// The member with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// The member with that name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.position(name).ok().and_then(|at| self.0.get_mut(at)).map(|(_, value)| value)
    }

    /// Whether there is a member with that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Sets a member; returns what it replaced.
    pub fn insert(&mut self, name: String, value: Value) -> Option<Value> {
        match self.position(&name) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Removes a member and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.position(name).ok().map(|at| self.0.remove(at).1)
    }

    /// The members, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The members, sorted by name, their values to change.
    pub fn iter_mut(&mut self) -> MapIterMut<'_> {
        MapIterMut(self.0.iter_mut())
    }

    /// The values, to change, in the order of their names.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Number of members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members by value, sorted by name.
    #[must_use]
    pub fn into_members(mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn members(&self) -> &[(String, Value)] {
        &self.0
    }
}

/// What [`Map::iter_mut`] gives: a type with a name, so that walks over nests can keep it on a stack of their own.
#[derive(Debug)]
pub struct MapIterMut<'a>(std::slice::IterMut<'a, (String, Value)>);

impl<'a> Iterator for MapIterMut<'a> {
    type Item = (&'a str, &'a mut Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_str(), value))
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self::from_members(members.into_iter().collect())
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.0.iter().any(|(_, value)| value.is_container()) {
            drop_nested(std::mem::take(&mut self.0).into_iter().map(|(_, value)| value).collect());
        }
    }
}

/// Takes nested containers apart level by level, so that depth costs heap and not stack.
fn drop_nested(mut pending: Vec<Value>) {
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
