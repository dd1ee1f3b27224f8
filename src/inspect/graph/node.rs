//! What a picture consists of, whichever language it is written in.

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Alias,
    /// An alias that balances.
    Balancer,
    Target,
    Provider,
}

/// A node. Its lines are the user's words, not escaped yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
}

/// What an arrow stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Requests go there.
    Member,
    /// A member of weight 0.
    Drained,
    Fallback,
    /// From a target to its provider.
    Belongs,
}

/// An arrow between two nodes, by their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) line: Line,
    pub(super) label: Vec<String>,
}
