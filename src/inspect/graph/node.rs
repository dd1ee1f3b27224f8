//! Nodes and edges of a graph, independent of the output language.

/// Kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    Alias,
    /// An alias with a balancer.
    Balancer,
    Target,
    Provider,
}

/// A node. Its label lines are not escaped yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphNode {
    pub(super) kind: NodeKind,
    pub(super) lines: Vec<String>,
}

/// Kind of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// A member that gets requests.
    Member,
    /// A member of weight 0.
    ZeroWeight,
    Fallback,
    /// From a target to its provider.
    Belongs,
}

/// An edge between two nodes, given by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: EdgeKind,
    pub(super) label: Vec<String>,
}
