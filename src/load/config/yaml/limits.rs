//! The limits for the size of a document.

use super::super::tree::NodeBudget;

/// The maximum size of a document.
///
/// # Examples
///
/// ```
/// use model_aliases::{Config, Code, ReadLimits};
///
/// let limits = ReadLimits::new().max_bytes(10);
/// let error = Config::from_yaml_with("config.yaml", "model_aliases: {}", limits);
/// assert_eq!(error.map_err(|e| e.problems()[0].code()).err(), Some(Code::TooLarge));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    pub(super) max_bytes: usize,
    pub(super) max_nodes: u32,
}

impl ReadLimits {
    /// Returns the defaults: 16 MiB and four million nodes.
    pub const fn new() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_nodes: 4_000_000,
        }
    }

    /// Sets the maximum length of a text, in bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the maximum number of nodes (keys and values, YAML aliases expanded) in the sections
    /// that are read. Independently of this limit, YAML aliases cannot expand a text to more than
    /// 30,000 nodes plus one per byte.
    #[must_use]
    pub const fn max_nodes(mut self, nodes: u32) -> Self {
        self.max_nodes = nodes;
        self
    }

    /// Returns the budget for a document without text.
    pub(crate) fn budget(self) -> NodeBudget {
        NodeBudget {
            nodes: self.max_nodes,
            text: usize::MAX,
        }
    }

    /// Returns the budget for a text of this many bytes. Without YAML aliases it holds fewer nodes
    /// than bytes, usually a tenth, and its scalars take less than twice its bytes (`"\L"` becomes
    /// three). The rest is room for YAML aliases, in proportion to the text: fifty kilobytes cannot
    /// become gigabytes, but a thousand aliases can merge a mapping of ten fields.
    pub(super) fn budget_for(self, bytes: usize) -> NodeBudget {
        let nodes = u32::try_from(bytes).unwrap_or(u32::MAX);
        NodeBudget {
            nodes: self.max_nodes.min(nodes.saturating_add(ROOM)),
            text: bytes.saturating_mul(4).saturating_add(ROOM as usize),
        }
    }
}

/// Nodes, and bytes of scalars, that even the shortest text may have.
const ROOM: u32 = 30_000;

impl Default for ReadLimits {
    fn default() -> Self {
        Self::new()
    }
}
