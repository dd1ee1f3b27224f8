//! The place of a node, as the tree knows it.

use super::tree::NodeId;

/// The index of the document that an entry came from.
pub(crate) type DocumentId = usize;

/// A place as the tree knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) document: DocumentId,
    pub(crate) node: NodeId,
}
