//! Anchors: what an alias stands for, and which aliases stand for nothing.

use super::tree::NodeId;

/// What is known of an anchor.
#[derive(Clone, Copy, Debug)]
enum Anchored {
    /// Its node is still being read.
    Open,
    /// Its node is complete.
    Complete(NodeId),
}

/// The anchors of a stream, by the parser's numbers. They hold within one document only.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    known: Vec<Option<Anchored>>,
    /// The first number of this document.
    first: usize,
}

impl Anchors {
    /// Forgets the anchors of the document before.
    pub(super) fn next_document(&mut self) {
        self.first = self.known.len();
    }

    fn set(&mut self, anchor: usize, state: Anchored) {
        // The parser numbers from 1 and uses 0 for "none".
        if anchor == 0 {
            return;
        }
        if self.known.len() <= anchor {
            self.known.resize(anchor + 1, None);
        }
        if let Some(slot) = self.known.get_mut(anchor) {
            *slot = Some(state);
        }
    }

    /// A container with this anchor begins.
    pub(super) fn open(&mut self, anchor: usize) {
        self.set(anchor, Anchored::Open);
    }

    /// The node of this anchor is complete.
    pub(super) fn complete(&mut self, anchor: usize, node: NodeId) {
        self.set(anchor, Anchored::Complete(node));
    }

    /// The node that an alias stands for.
    pub(super) fn resolve(&self, anchor: usize) -> Result<NodeId, &'static str> {
        match self.known.get(anchor).copied().flatten() {
            Some(Anchored::Complete(node)) if anchor >= self.first => Ok(node),
            Some(Anchored::Open) if anchor >= self.first => Err("an alias within the node that it names"),
            _ => Err("an alias without an anchor in this document"),
        }
    }
}
