//! What the scan of a text refuses, and the limits that it keeps.

/// What the scan refuses, with the byte where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    ControlCharacter(usize),
    TooDeep(usize),
    /// Too many `- ` or `? ` on one line, each of which opens a level.
    DeepLine(usize),
    /// More keys in flow mappings than a text of this size may hold.
    TooDense(usize),
    Directives(usize),
    /// The second definition of an anchor, and the first.
    DuplicateAnchor(usize, usize),
}

/// Brackets that may be open at once.
pub(super) const MAX_OPEN: usize = super::super::tree::MAX_DEPTH as usize;

/// Lines that begin with `%`. YAML knows two kinds, and one of either is plenty.
pub(super) const MAX_DIRECTIVES: usize = 16;

/// Keys and values in brackets that a text may have. The reader keeps 104 bytes for each, so
/// that the two of `a,` in a mapping make a hundred times the text. A list of digits passes.
pub(super) const fn most_nodes(bytes: usize) -> usize {
    bytes / 4 * 3 + 10_000
}
