//! From the YAML tree to the records of [`super::source`]: unknown keys, wrong types and numbers out of range are
//! refused with their path and place (02 §2.1, §2.2).

use std::borrow::Cow;

use super::document::Rule;
use super::error::PolicyError;
use super::normalize::normalize_rule;
use super::source::{RuleSource, WindowSource};
use super::yaml::{
    Extent, NodeId, NodeKind, Plain, Position, ScalarFault, ScalarStyle, ScalarTag, Tree, bool_of, float_of, int_of,
    text_of,
};
use crate::mode::Mode;

/// Integers that a double holds without doubt; larger ones are refused in strict mode (spec 00 D8).
const EXACT: u64 = 1 << 53;
/// What aliases may make of a text: bytes read through them, each node counted as 32.
const EXPANSION: u64 = 128 << 20;

/// What can be read from a node.
pub(super) trait Decode: Sized {
    /// Reads it.
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError>;
}

/// A fault and the way to it, the innermost key first.
#[derive(Debug)]
pub(super) struct DecodeError {
    at: Position,
    path: Vec<Step>,
    fault: Fault,
}

#[derive(Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

#[derive(Debug)]
enum Fault {
    UnknownField(String),
    NonStringKey(String),
    WrongType { expected: &'static str, found: String },
    OutOfRange(String),
    TooLarge,
}

impl DecodeError {
    /// The same error, seen from the mapping that holds `key`.
    pub(super) fn under(mut self: DecodeError, key: &'static str) -> Self {
        self.path.push(Step::Key(key));
        self
    }

    fn within(mut self, index: usize) -> Self {
        self.path.push(Step::Index(index));
        self
    }
}

impl From<DecodeError> for PolicyError {
    fn from(error: DecodeError) -> Self {
        let mut path = String::new();
        for step in error.path.iter().rev() {
            match step {
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        let at = error.at;
        match error.fault {
            Fault::UnknownField(field) => Self::UnknownField { at, path, field },
            Fault::NonStringKey(key) => Self::NonStringKey { at, path, key },
            Fault::WrongType { expected, found } => Self::WrongType { at, path, expected, found },
            Fault::OutOfRange(value) => Self::OutOfRange { at, path, value },
            Fault::TooLarge => Self::TooLarge { at, what: "text after the expansion of aliases" },
        }
    }
}

/// Hands out the nodes of a tree.
pub(super) struct Reader<'t> {
    tree: &'t Tree,
    mode: Mode,
    expansion: u64,
    invalid_rule: Option<PolicyError>,
}

impl<'t> Reader<'t> {
    pub(super) const fn new(tree: &'t Tree, mode: Mode) -> Self {
        Self { tree, mode, expansion: EXPANSION, invalid_rule: None }
    }

    /// Reads the root as `T`, and what is wrong with the first rule that has no normal form: the root's own settings
    /// are looked at before the rules'.
    pub(super) fn read<T: Decode>(mut self, root: NodeId) -> Result<(T, Option<PolicyError>), DecodeError> {
        // Unlike an object further in, the root itself may not be null.
        if !matches!(self.tree.kind(root), NodeKind::Mapping(_)) {
            return Err(self.wrong_type(root, "a mapping"));
        }
        let record = T::decode(&mut self, root)?;
        Ok((record, self.invalid_rule))
    }

    fn fail(&self, node: NodeId, fault: Fault) -> DecodeError {
        DecodeError { at: self.tree.position(node), path: Vec::new(), fault }
    }

    /// Only aliases make a small text large: without them the text's own limits are enough.
    fn spend(&mut self, node: NodeId, bytes: usize) -> Result<(), DecodeError> {
        if !self.tree.is_shared() {
            return Ok(());
        }
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(32);
        match self.expansion.checked_sub(cost) {
            Some(left) => {
                self.expansion = left;
                Ok(())
            }
            None => Err(self.fail(node, Fault::TooLarge)),
        }
    }

    fn plain(&self, node: NodeId) -> Option<(Plain, &'t str)> {
        match self.tree.kind(node) {
            NodeKind::Scalar { text, style, tag } => {
                let text = self.tree.text_at(text);
                Some((Plain::of_scalar(text, style, tag), text))
            }
            _ => None,
        }
    }

    fn is_null(&self, node: NodeId) -> bool {
        matches!(self.plain(node), Some((Plain::Null, _)))
    }

    fn wrong_type(&self, node: NodeId, expected: &'static str) -> DecodeError {
        let found = match self.tree.kind(node) {
            NodeKind::Sequence(_) => "a list".to_owned(),
            NodeKind::Mapping(_) => "a mapping".to_owned(),
            NodeKind::Scalar { text, style, .. } => match (self.tree.text_at(text), style) {
                (text, ScalarStyle::Text) => format!("the text {}", quoted(text)),
                ("", ScalarStyle::Plain) => "nothing".to_owned(),
                (text, ScalarStyle::Plain) => quoted(text),
            },
        };
        self.fail(node, Fault::WrongType { expected, found })
    }

    /// The members of a mapping, keys and values in turn; none for `null`.
    pub(super) fn members(&mut self, node: NodeId) -> Result<&'t [NodeId], DecodeError> {
        self.container(node, "a mapping", |kind| match kind {
            NodeKind::Mapping(members) => Some(members),
            _ => None,
        })
    }

    fn items(&mut self, node: NodeId) -> Result<&'t [NodeId], DecodeError> {
        self.container(node, "a list", |kind| match kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        })
    }

    fn container(
        &mut self,
        node: NodeId,
        expected: &'static str,
        extent: impl Fn(NodeKind) -> Option<Extent>,
    ) -> Result<&'t [NodeId], DecodeError> {
        match extent(self.tree.kind(node)) {
            Some(extent) => {
                let children = self.tree.children(extent);
                self.spend(node, children.len().saturating_mul(32))?;
                Ok(children)
            }
            None if self.is_null(node) => Ok(&[]),
            None => Err(self.wrong_type(node, expected)),
        }
    }

    /// A key, which must be a string (spec 00 D6).
    pub(super) fn key(&self, node: NodeId) -> Result<&'t str, DecodeError> {
        match self.plain(node) {
            Some((Plain::Text, text)) => Ok(text),
            other => {
                let key = other.map_or("", |(_, text)| text).to_owned();
                Err(self.fail(node, Fault::NonStringKey(key)))
            }
        }
    }

    /// The error for a key that no field has.
    pub(super) fn unknown(&self, node: NodeId) -> DecodeError {
        self.fail(node, Fault::UnknownField(self.tree.text(node).unwrap_or_default().to_owned()))
    }

    fn number<T>(
        &self,
        node: NodeId,
        expected: &'static str,
        convert: impl Fn(Plain, &str) -> Result<T, ScalarFault>,
    ) -> Result<T, DecodeError> {
        let Some((plain, text)) = self.plain(node) else { return Err(self.wrong_type(node, expected)) };
        convert(plain, text).map_err(|fault| match fault {
            ScalarFault::WrongType => self.wrong_type(node, expected),
            ScalarFault::OutOfRange => self.fail(node, Fault::OutOfRange(text.to_owned())),
        })
    }
}

/// Enough of a text for a message.
fn quoted(text: &str) -> String {
    const ENOUGH: usize = 80;
    if text.chars().nth(ENOUGH).is_none() {
        return format!("`{text}`");
    }
    let head: String = text.chars().take(ENOUGH).collect();
    format!("`{head}…`")
}

impl Decode for String {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        let Some((plain, text)) = reader.plain(node) else { return Err(reader.wrong_type(node, "a string")) };
        reader.spend(node, text.len())?;
        Ok(text_of(plain).map_or_else(|| text.to_owned(), Cow::into_owned))
    }
}

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        const EXPECTED: &str = "an integer";
        if matches!(reader.tree.kind(node), NodeKind::Scalar { tag: ScalarTag::Int, .. }) {
            return Err(reader.wrong_type(node, EXPECTED));
        }
        let value = reader.number(node, EXPECTED, int_of)?;
        if reader.mode.is_strict() && value.unsigned_abs() > EXACT {
            return Err(reader.fail(node, Fault::OutOfRange(value.to_string())));
        }
        Ok(value)
    }
}

impl Decode for f64 {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        reader.number(node, "a number", float_of)
    }
}

impl Decode for bool {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        Option::<Self>::decode(reader, node).map(Option::unwrap_or_default)
    }
}

impl Decode for Option<bool> {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        reader.number(node, "true or false", |plain, _| bool_of(plain))
    }
}

impl Decode for Option<i64> {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        if reader.is_null(node) { Ok(None) } else { i64::decode(reader, node).map(Some) }
    }
}

impl Decode for Vec<String> {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        let items = reader.items(node)?;
        let mut list = Self::with_capacity(items.len());
        for (index, &item) in items.iter().enumerate() {
            if !reader.is_null(item) {
                list.push(String::decode(reader, item).map_err(|error| error.within(index))?);
            }
        }
        Ok(list)
    }
}

/// In a list of objects `null` is an empty one.
impl Decode for Vec<WindowSource> {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        let items = reader.items(node)?.iter().enumerate();
        items.map(|(index, &item)| WindowSource::decode(reader, item).map_err(|error| error.within(index))).collect()
    }
}

impl Decode for Vec<Rule> {
    fn decode(reader: &mut Reader<'_>, node: NodeId) -> Result<Self, DecodeError> {
        let items = reader.items(node)?;
        let mut rules = Self::with_capacity(items.len());
        for (index, &item) in items.iter().enumerate() {
            let source = RuleSource::decode(reader, item).map_err(|error| error.within(index))?;
            match normalize_rule(source, index, reader.mode) {
                Ok(rule) => rules.push(rule),
                Err(error) => {
                    reader.invalid_rule.get_or_insert(error);
                }
            }
        }
        Ok(rules)
    }
}
