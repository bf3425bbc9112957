//! The tree of a document: nodes in one arena, children in another, aliases resolved to the node that they name.

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

/// What a node is.
#[derive(Debug)]
pub(crate) enum NodeKind {
    /// A scalar.
    Scalar {
        /// Its text after unquoting and folding.
        text: String,
        /// How it is written.
        style: ScalarStyle,
        /// Its tag.
        tag: ScalarTag,
    },
    /// A list.
    Sequence(Range<u32>),
    /// A mapping: keys and values in turn, merged ones in place of `<<`.
    Mapping(Range<u32>),
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
    pub(crate) fn kind(&self, id: NodeId) -> &NodeKind {
        const NOTHING: &NodeKind = &NodeKind::Sequence(0..0);
        self.nodes.get(id.0 as usize).map_or(NOTHING, |node| &node.kind)
    }

    /// Where a node begins.
    pub(crate) fn position(&self, id: NodeId) -> Position {
        self.nodes.get(id.0 as usize).map_or_else(Position::default, |node| node.at)
    }

    /// One child out of the range of a container.
    pub(crate) fn child(&self, index: u32) -> Option<NodeId> {
        self.children.get(index as usize).copied()
    }

    /// The text of a scalar, without a copy where the tree needs it no more.
    pub(crate) fn take_text(&mut self, id: NodeId) -> String {
        let shared = self.shared;
        match self.nodes.get_mut(id.0 as usize).map(|node| &mut node.kind) {
            Some(NodeKind::Scalar { text, .. }) if shared => text.clone(),
            Some(NodeKind::Scalar { text, .. }) => std::mem::take(text),
            _ => String::new(),
        }
    }

    /// Names the root, once.
    pub(super) fn set_root(&mut self, root: Option<NodeId>) {
        self.root = root;
    }

    /// Notes that a node got a second parent.
    pub(super) const fn set_shared(&mut self) {
        self.shared = true;
    }

    /// How many nodes and children there are.
    pub(super) fn size(&self) -> usize {
        self.nodes.len().max(self.children.len())
    }

    /// Adds a node.
    pub(super) fn add(&mut self, kind: NodeKind, at: Position) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { kind, at });
        id
    }

    /// Adds the children of a container and returns their range.
    pub(super) fn add_children(&mut self, children: impl Iterator<Item = NodeId>) -> Range<u32> {
        let start = self.children.len();
        self.children.extend(children);
        let bound = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        bound(start)..bound(self.children.len())
    }

    /// Makes a node a container whose children are complete.
    pub(super) fn set_kind(&mut self, id: NodeId, kind: NodeKind) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.kind = kind;
        }
    }

    /// Moves every position as `mapping` says.
    pub(super) fn map_positions(&mut self, mapping: impl Fn(Position) -> Position) {
        for node in &mut self.nodes {
            node.at = mapping(node.at);
        }
    }

    /// The text of a plain or quoted scalar, for a look at it.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
