//! Reason and violation codes, and the sorted sets that decisions carry them in.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use gait_base::json::{Encode, Format, Sink, Writer};

/// A reason or violation code: one of libgait's own, or one that a policy gives. Cheap to copy.
#[derive(Clone)]
pub enum Code {
    /// One of the codes of 02 §9.2.
    Known(&'static str),
    /// A code written in a policy, or derived from a rule's name.
    Named(Arc<str>),
}

impl Code {
    /// A code from a policy.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self::Named(Arc::from(text))
    }
}

impl Deref for Code {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Known(text) => text,
            Self::Named(text) => text,
        }
    }
}

impl Borrow<str> for Code {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&'static str> for Code {
    fn from(text: &'static str) -> Self {
        Self::Known(text)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Encode for Code {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        writer.string(self);
    }
}

/// A set of codes, sorted by bytes. A set that a policy gives is shared until something is added.
///
/// ```
/// use gait_gate::code::CodeSet;
///
/// let mut codes = CodeSet::default();
/// codes.insert("b");
/// codes.insert("a");
/// codes.insert("b");
/// assert_eq!(codes.to_strings(), ["a", "b"]);
/// ```
#[derive(Clone)]
pub struct CodeSet(Codes);

#[derive(Clone)]
enum Codes {
    Shared(Arc<[Code]>),
    Own(Vec<Code>),
}

impl CodeSet {
    /// Takes texts in any order; blank ones and repeats go.
    #[must_use]
    pub fn from_texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let texts = texts.into_iter();
        let mut codes: Vec<Code> = texts
            .filter(|text| !text.as_ref().trim().is_empty())
            .map(|text| Code::named(text.as_ref().trim()))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        Self(Codes::Shared(codes.into()))
    }

    /// Adds a code.
    pub fn insert(&mut self, code: impl Into<Code>) {
        let code = code.into();
        if let Err(at) = self.binary_search(&code) {
            let mut codes = match std::mem::replace(&mut self.0, Codes::Own(Vec::new())) {
                Codes::Own(codes) => codes,
                Codes::Shared(codes) => codes.to_vec(),
            };
            codes.insert(at, code);
            self.0 = Codes::Own(codes);
        }
    }

    /// Adds all codes of another set.
    pub fn extend(&mut self, other: &Self) {
        if self.is_empty() {
            *self = other.clone();
        } else {
            other.iter().for_each(|code| self.insert(code.clone()));
        }
    }

    /// Whether the set holds that code.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.binary_search_by(|own| (**own).cmp(code)).is_ok()
    }

    /// The codes as strings.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.iter().map(|code| String::from(&**code)).collect()
    }

    /// The codes with a comma between.
    #[must_use]
    pub fn join(&self) -> String {
        self.to_strings().join(",")
    }
}

impl Deref for CodeSet {
    type Target = [Code];

    fn deref(&self) -> &[Code] {
        match &self.0 {
            Codes::Shared(codes) => codes,
            Codes::Own(codes) => codes,
        }
    }
}

impl Default for CodeSet {
    fn default() -> Self {
        Self(Codes::Own(Vec::new()))
    }
}

impl PartialEq for CodeSet {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for CodeSet {}

impl fmt::Debug for CodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Encode for CodeSet {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        (**self).encode(writer);
    }

    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}
