//! The members of JSON objects.

use super::value::{Value, drop_nested};

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
pub struct Map(pub(super) Vec<(String, Value)>);

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
