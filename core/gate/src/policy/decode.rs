//! From the YAML tree to the records of [`super::source`]: unknown keys, wrong types and numbers out of range are
//! refused with their path and place (02 §2.1, §2.2).

use super::error::PolicyError;
use super::yaml::{
    NodeId, NodeKind, Plain, Position, ScalarFault, ScalarStyle, ScalarTag, Tree, bool_of, float_of, int_of, text_of,
};
use crate::mode::Mode;

/// Integers that a double holds without doubt; larger ones are refused in strict mode (spec 00 D8).
const EXACT: u64 = 1 << 53;
/// What aliases may make of a text: bytes read through them, each node counted as 32.
const EXPANSION: u64 = 128 << 20;

/// What can be read from a node.
pub(super) trait Decode: Sized {
    /// Reads it.
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError>;
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
pub(super) struct Reader {
    tree: Tree,
    strict: bool,
    expansion: u64,
}

/// The members of a mapping that are yet to be read.
pub(super) struct Members {
    left: std::ops::Range<u32>,
}

impl Members {
    /// The next key and its value.
    pub(super) fn next(&mut self, reader: &mut Reader) -> Result<Option<(NodeId, NodeId)>, DecodeError> {
        let pair = self.left.next().zip(self.left.next());
        let Some((key, value)) = pair.and_then(|(k, v)| reader.tree.child(k).zip(reader.tree.child(v))) else {
            return Ok(None);
        };
        reader.spend(key, 0)?;
        Ok(Some((key, value)))
    }
}

impl Reader {
    pub(super) const fn new(tree: Tree, mode: Mode) -> Self {
        Self { tree, strict: mode.is_strict(), expansion: EXPANSION }
    }

    /// Reads the root as `T`.
    pub(super) fn read<T: Decode>(mut self, root: NodeId) -> Result<T, DecodeError> {
        if matches!(self.tree.kind(root), NodeKind::Mapping(_)) {
            return T::decode(&mut self, root);
        }
        // Unlike an object further in, the root itself may not be null.
        Err(self.wrong_type(root, "a mapping"))
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

    fn plain(&self, node: NodeId) -> Option<(Plain, ScalarTag)> {
        match self.tree.kind(node) {
            NodeKind::Scalar { text, style, tag } => Some((Plain::of_scalar(text, *style, *tag), *tag)),
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
            NodeKind::Scalar { style: ScalarStyle::Text, text, .. } => format!("the text {}", quoted(text)),
            NodeKind::Scalar { text, .. } if text.is_empty() => "nothing".to_owned(),
            NodeKind::Scalar { text, .. } => quoted(text),
        };
        self.fail(node, Fault::WrongType { expected, found })
    }

    /// The members of a mapping; none for `null`.
    pub(super) fn members(&mut self, node: NodeId) -> Result<Members, DecodeError> {
        self.spend(node, 0)?;
        match self.tree.kind(node) {
            NodeKind::Mapping(range) => Ok(Members { left: range.clone() }),
            _ if self.is_null(node) => Ok(Members { left: 0..0 }),
            _ => Err(self.wrong_type(node, "a mapping")),
        }
    }

    /// A key, which must be a string (spec 00 D6).
    pub(super) fn key(&mut self, node: NodeId) -> Result<String, DecodeError> {
        match self.plain(node) {
            Some((Plain::Text, _)) => Ok(self.tree.take_text(node)),
            _ => {
                let key = self.tree.text(node).unwrap_or_default().to_owned();
                Err(self.fail(node, Fault::NonStringKey(key)))
            }
        }
    }

    /// The error for a key that no field has.
    pub(super) fn unknown(&self, node: NodeId, field: String) -> DecodeError {
        self.fail(node, Fault::UnknownField(field))
    }

    fn list<T>(
        &mut self,
        node: NodeId,
        mut item: impl FnMut(&mut Self, NodeId, &mut Vec<T>) -> Result<(), DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.spend(node, 0)?;
        let range = match self.tree.kind(node) {
            NodeKind::Sequence(range) => range.clone(),
            _ if self.is_null(node) => 0..0,
            _ => return Err(self.wrong_type(node, "a list")),
        };
        let mut items = Vec::with_capacity(range.len());
        for (index, child) in range.enumerate() {
            if let Some(child) = self.tree.child(child) {
                item(self, child, &mut items).map_err(|error| error.within(index))?;
            }
        }
        Ok(items)
    }

    fn number<T>(
        &self,
        node: NodeId,
        expected: &'static str,
        convert: impl Fn(Plain, &str) -> Result<T, ScalarFault>,
    ) -> Result<T, DecodeError> {
        let Some((plain, _)) = self.plain(node) else { return Err(self.wrong_type(node, expected)) };
        let text = self.tree.text(node).unwrap_or_default();
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
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        let Some((plain, _)) = reader.plain(node) else { return Err(reader.wrong_type(node, "a string")) };
        let length = reader.tree.text(node).map_or(0, str::len);
        reader.spend(node, length)?;
        match text_of(plain) {
            None => Ok(reader.tree.take_text(node)),
            Some(text) => Ok(text.into_owned()),
        }
    }
}

impl Decode for i64 {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        const EXPECTED: &str = "an integer";
        if matches!(reader.plain(node), Some((_, ScalarTag::Int))) {
            return Err(reader.wrong_type(node, EXPECTED));
        }
        let value = reader.number(node, EXPECTED, int_of)?;
        if reader.strict && value.unsigned_abs() > EXACT {
            return Err(reader.fail(node, Fault::OutOfRange(value.to_string())));
        }
        Ok(value)
    }
}

impl Decode for f64 {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        reader.number(node, "a number", float_of)
    }
}

impl Decode for bool {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        Option::<Self>::decode(reader, node).map(Option::unwrap_or_default)
    }
}

impl Decode for Option<bool> {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        reader.number(node, "true or false", |plain, _| bool_of(plain))
    }
}

impl Decode for Option<i64> {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        if reader.is_null(node) { Ok(None) } else { i64::decode(reader, node).map(Some) }
    }
}

impl Decode for Vec<String> {
    fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
        reader.list(node, |reader, child, items| {
            if !reader.is_null(child) {
                items.push(String::decode(reader, child)?);
            }
            Ok(())
        })
    }
}

/// A list of records, in which `null` is an empty record.
macro_rules! decode_list {
    ($($record:ty),*) => {$(
        impl Decode for Vec<$record> {
            fn decode(reader: &mut Reader, node: NodeId) -> Result<Self, DecodeError> {
                reader.list(node, |reader, child, items| {
                    items.push(<$record>::decode(reader, child)?);
                    Ok(())
                })
            }
        }
    )*};
}

decode_list!(super::source::RuleSource, super::source::WindowSource);
