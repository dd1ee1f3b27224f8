//! The reasons for which the scan refuses a text, and its limits.

/// Why the scan refuses a text, with the offset in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    ControlCharacter(usize),
    TooDeep(usize),
    /// Too many `- ` or `? ` on one line. Each of them opens a level.
    DeepLine(usize),
    /// More keys in flow mappings than a text of this size may hold.
    TooDense(usize),
    Directives(usize),
    /// The offsets of the second definition of an anchor and of the first.
    DuplicateAnchor(usize, usize),
}

/// The maximum number of open brackets.
pub(super) const MAX_OPEN: usize = super::super::tree::MAX_DEPTH as usize;

/// The maximum number of lines that begin with `%`. YAML has two kinds of directives, and a
/// document needs at most one of each.
pub(super) const MAX_DIRECTIVES: usize = 16;

/// The maximum number of keys and values in brackets, for a text of this many bytes. The YAML
/// crate keeps 104 bytes for each, so `a,` in a mapping, two bytes that make two nodes, takes
/// about a hundred times its size. A list such as `[1,1,1]` has one node for two bytes and stays
/// below the limit.
pub(super) const fn max_flow_nodes(bytes: usize) -> usize {
    bytes / 4 * 3 + 10_000
}
