//! YAML as the policy file uses it (02 §2.1): text → events of `saphyr-parser` → a tree with bounds and positions.
//!
//! - [`reader`] builds the tree and refuses what the contract refuses: duplicate keys, recursive aliases, tabs as
//!   indentation, text beyond its limits.
//! - [`repair`] sets blanks where the contract accepts a form that the library's scanner does not.
//! - [`scalar`] says what a plain scalar is and how it becomes a string, an integer, a float or a bool.

mod anchor;
mod reader;
mod repair;
mod scalar;
mod source;
mod tree;
mod view;

pub(crate) use reader::read;
pub(crate) use scalar::{Plain, ScalarFault, bool_of, float_of, int_of, text_of};
pub(crate) use tree::{Extent, NodeId, NodeKind, ScalarStyle, ScalarTag, Tree};

pub use view::{YamlDocument, YamlNode, YamlTextError};

use std::fmt;

/// A place in the text, both counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// How much a text may cost. The limits lie far above what a policy needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of the text.
    pub(crate) bytes: usize,
    /// Containers within one another.
    pub(crate) depth: usize,
    /// Nodes of all documents, merged keys counted where they are merged.
    pub(crate) nodes: usize,
}

impl Limits {
    /// The limits for a policy.
    pub(crate) const POLICY: Self = Self { bytes: 64 << 20, depth: 512, nodes: 8_000_000 };
}

/// Why a text is no YAML that the contract accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum YamlFault {
    /// Not well-formed, in the words of whoever noticed.
    Syntax(String),
    /// The same key twice in one mapping.
    DuplicateKey(String),
    /// A mapping or list as a key.
    ComplexKey,
    /// More than the limits allow.
    TooLarge(&'static str),
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) at: Position,
    pub(crate) fault: YamlFault,
}

impl YamlError {
    fn syntax(at: Position, detail: impl Into<String>) -> Self {
        Self { at, fault: YamlFault::Syntax(detail.into()) }
    }
}
