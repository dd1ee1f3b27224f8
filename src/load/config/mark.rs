//! A place as document and node, before it is located.

use super::tree::NodeId;

/// The index of the document that an entry came from.
pub(crate) type DocumentId = usize;

/// A place as document and node. `problems` turns it into a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) document: DocumentId,
    pub(crate) node: NodeId,
}
