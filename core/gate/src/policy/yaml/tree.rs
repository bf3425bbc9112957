//! The tree of a document: nodes in one arena, their children in another, the text of all scalars in a third; aliases
//! resolved to the node that they name.

use std::ops::Range;

use super::Position;

/// Names a node of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

/// How a scalar is written, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarStyle {
    /// Without quotes: may be a number, a bool or null. Nothing at all is an empty plain scalar.
    Plain,
    /// In quotes or as a block: text whatever it says.
    Text,
}

/// An explicit tag of a scalar, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarTag {
    /// None, or one that says what an untagged scalar would be.
    Implied,
    /// `!!str` or `!`.
    Str,
    /// `!!int`.
    Int,
}

/// A part of one of the arenas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    start: u32,
    end: u32,
}

impl Extent {
    fn new(start: usize, end: usize) -> Self {
        let bound = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self { start: bound(start), end: bound(end) }
    }

    const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NodeKind {
    /// A scalar.
    Scalar {
        /// Its text after unquoting and folding.
        text: Extent,
        /// How it is written.
        style: ScalarStyle,
        /// Its tag.
        tag: ScalarTag,
    },
    /// A list.
    Sequence(Extent),
    /// A mapping: keys and values in turn, merged ones in place of `<<`.
    Mapping(Extent),
}

#[derive(Debug)]
struct Node {
    kind: NodeKind,
    at: Position,
}

/// A document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    children: Vec<NodeId>,
    text: String,
    root: Option<NodeId>,
    shared: bool,
}

impl Tree {
    /// The root; nothing when the document is empty.
    pub(crate) const fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// Whether some node has more than one parent.
    pub(crate) const fn is_shared(&self) -> bool {
        self.shared
    }

    /// What a node is. An unknown id reads as an empty list, which no caller can get hold of.
    pub(crate) fn kind(&self, id: NodeId) -> NodeKind {
        self.nodes.get(id.0 as usize).map_or(NodeKind::Sequence(Extent::default()), |node| node.kind)
    }

    /// Where a node begins.
    pub(crate) fn position(&self, id: NodeId) -> Position {
        self.nodes.get(id.0 as usize).map_or_else(Position::default, |node| node.at)
    }

    /// The children of a container.
    pub(crate) fn children(&self, container: Extent) -> &[NodeId] {
        self.children.get(container.range()).unwrap_or_default()
    }

    /// The text of a scalar.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            NodeKind::Scalar { text, .. } => Some(self.text_at(text)),
            _ => None,
        }
    }

    /// The text of a scalar whose kind is known.
    pub(crate) fn text_at(&self, text: Extent) -> &str {
        self.text.get(text.range()).unwrap_or_default()
    }

    /// Names the root, once.
    pub(super) const fn set_root(&mut self, root: Option<NodeId>) {
        self.root = root;
    }

    /// Notes that a node got a second parent.
    pub(super) const fn set_shared(&mut self) {
        self.shared = true;
    }

    /// How many nodes or children there are.
    pub(super) fn size(&self) -> usize {
        self.nodes.len().max(self.children.len())
    }

    /// Adds a node.
    pub(super) fn add(&mut self, kind: NodeKind, at: Position) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { kind, at });
        id
    }

    /// Adds the text of a scalar.
    pub(super) fn add_text(&mut self, text: &str) -> Extent {
        let start = self.text.len();
        self.text.push_str(text);
        Extent::new(start, self.text.len())
    }

    /// Adds the children of a container.
    pub(super) fn add_children(&mut self, children: impl Iterator<Item = NodeId>) -> Extent {
        let start = self.children.len();
        self.children.extend(children);
        Extent::new(start, self.children.len())
    }

    /// Makes a node a container whose children are complete, or a scalar with less text.
    pub(super) fn set_kind(&mut self, id: NodeId, kind: NodeKind) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.kind = kind;
        }
    }

    /// The text before and after the first colon of a text.
    pub(super) fn split_at_colon(&self, text: Extent) -> Option<(Extent, Extent)> {
        let colon = text.range().start + self.text_at(text).find(':')?;
        Some((Extent::new(text.range().start, colon), Extent::new(colon + 1, text.range().end)))
    }

    /// Moves every position as `mapping` says.
    pub(super) fn map_positions(&mut self, mapping: impl Fn(Position) -> Position) {
        for node in &mut self.nodes {
            node.at = mapping(node.at);
        }
    }
}
