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

/// Lines longer than this are cut.
const LONGEST: usize = 64;

/// A line as both languages can show it: control characters escaped, cut.
pub(super) fn printable(line: &str) -> String {
    let mut text = String::new();
    for (count, c) in line.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        if crate::text::is_unprintable(c) {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}
